/* SPDX-License-Identifier: Apache-2.0 */

#include "app/replay/reporter.h"

#include "detect/tick.h"
#include "io/line_writer.h"
#include "observe/alarm_json.h"
#include "observe/event_json.h"
#include "pipeline/event.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include <rte_ring.h>
#include <rte_ring_elem.h>

#define DRAIN_BURST 32
#define DRAIN_TURNS 32

/* One worker; and always the same hash, for the same alarms in the same order. */
#define WORKERS 1
#define SEED UINT64_C(0x5eed)

struct reporter {
	struct rte_ring *events;
	struct line_writer *json; /* NULL: none is written */
	struct event_json writer;
	struct summary *summary;
	struct report_rings reports;
	struct detector *detector; /* NULL: nothing is detected */
	struct evidence *evidence; /* NULL: attacks are not captured */
	struct rte_ring *mail;
	const struct report_sink *sink; /* NULL: reports are judged here */
	const char *program;
};

static bool
post(void *context, uint32_t worker, struct mail *mail)
{
	const struct reporter *reporter = context;

	(void)worker;
	return rte_ring_sp_enqueue(reporter->mail, mail) == 0;
}

static void
note_capture(void *context, uint32_t alarm_id, const char *path)
{
	const struct reporter *reporter = context;

	detector_note_capture(reporter->detector, alarm_id, path);
}

static void
tell(void *context, const struct wire_event *event)
{
	const struct reporter *reporter = context;

	if (event->what == WIRE_CAPTURE_FAILED)
		fprintf(stderr, "%s: no captures of floods: %s\n", reporter->program,
				event->detail);
}

static int
make_evidence(struct reporter *reporter, const struct reporter_params *from)
{
	struct evidence_params params = *from->evidence;

	if (reporter->detector == NULL || params.folder[0] == '\0')
		return 0;
	params.workers = WORKERS;
	params.post = post;
	params.written = note_capture;
	params.tell = tell;
	params.context = reporter;
	reporter->mail = from->mail;
	reporter->evidence = evidence_create(&params);
	evidence_check(reporter->evidence);
	return reporter->evidence != NULL ? 0 : -ENOMEM;
}

static int
open_parts(struct reporter *reporter, const struct reporter_params *params, struct err *err)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) < 0)
		return err_set(err, errno, "the kernel gives no random numbers");
	reporter->summary = summary_create(seed);
	if (reporter->summary == NULL)
		return err_set(err, ENOMEM, "no memory left for the summary");
	if (params->reports->full != NULL) {
		reporter->detector = detector_create(params->detector, SEED);
		if (reporter->detector == NULL)
			return err_set(err, ENOMEM, "no memory left for the detector of floods");
	}
	if (make_evidence(reporter, params) < 0)
		return err_set(err, ENOMEM, "no memory left for captures of floods");
	if (params->json_path == NULL)
		return 0;
	return line_writer_open(params->json_path, &reporter->json, err);
}

int
reporter_create(const struct reporter_params *params, struct reporter **reporter, struct err *err)
{
	struct reporter *made = calloc(1, sizeof(*made));
	int rc;

	*reporter = NULL;
	if (made == NULL)
		return err_set(err, ENOMEM, "no memory left for the events");
	made->events = params->events;
	made->reports = *params->reports;
	made->sink = params->sink;
	made->program = params->program;
	rc = made->sink == NULL ? open_parts(made, params, err) : 0;
	if (rc < 0) {
		reporter_destroy(made);
		return rc;
	}
	*reporter = made;
	return 0;
}

static void
take(struct reporter *reporter, const struct event *event)
{
	struct record record;

	event_to_record(event, &record);
	for (uint32_t kinds = event->kinds; kinds != 0; kinds &= kinds - 1) {
		const enum event_kind kind = kinds & -kinds;

		summary_add(reporter->summary, &record, kind);
		if (reporter->json != NULL)
			line_writer_commit(reporter->json,
					event_json_write(&reporter->writer, &record, kind,
							event->time_us,
							line_writer_reserve(reporter->json,
									EVENT_JSON_LINE_MAX)));
	}
}

static uint32_t
drain_events(struct reporter *reporter)
{
	struct event events[DRAIN_BURST];
	uint32_t taken = 0;

	for (int turn = 0; turn < DRAIN_TURNS; turn++) {
		const uint32_t count = rte_ring_sc_dequeue_burst_elem(
				reporter->events, events, sizeof(events[0]), DRAIN_BURST, NULL);

		for (uint32_t i = 0; i < count && reporter->sink == NULL; i++)
			take(reporter, &events[i]);
		taken += count;
		if (count < DRAIN_BURST)
			break;
	}
	return taken;
}

static void
write_alarms(struct reporter *reporter)
{
	struct alarm alarm;

	while (detector_next(reporter->detector, &alarm)) {
		evidence_notice(reporter->evidence, &alarm);
		if (reporter->json != NULL)
			line_writer_commit(reporter->json,
					alarm_json_write(&reporter->writer, &alarm,
							line_writer_reserve(reporter->json,
									ALARM_JSON_LINE_MAX)));
	}
}

static void
judge(struct reporter *reporter, const struct detect_report *report)
{
	detector_take(reporter->detector, report);
	evidence_collect(reporter->evidence, tick_end_us(report->tick));
	detector_judge(reporter->detector, report->tick);
	write_alarms(reporter);
}

/* The events first: those from before the end of the tick are all in the ring by now. */
static void
take_report(struct reporter *reporter, struct detect_report *report)
{
	while (drain_events(reporter) != 0)
		;
	if (reporter->sink != NULL)
		reporter->sink->take(reporter->sink->context, report);
	else
		judge(reporter, report);
	report_rings_give_back(&reporter->reports, report);
}

uint32_t
reporter_drain(struct reporter *reporter)
{
	struct detect_report *report = report_rings_take(&reporter->reports);

	if (report == NULL)
		return drain_events(reporter);
	take_report(reporter, report);
	return 1;
}

void
reporter_end_alarms(struct reporter *reporter)
{
	if (reporter->detector == NULL)
		return;
	evidence_finish(reporter->evidence);
	detector_finish(reporter->detector);
	write_alarms(reporter);
}

const struct detector *
reporter_detector(const struct reporter *reporter)
{
	return reporter->detector;
}

int
reporter_error(const struct reporter *reporter)
{
	return reporter->json != NULL ? line_writer_error(reporter->json) : 0;
}

/* All are over when this is printed; the summary shows the earliest first. */
void
reporter_print_summary(const struct reporter *reporter, const struct summary_run *run, FILE *out)
{
	const struct alarm *latest[DETECTOR_ENDED], *ordered[DETECTOR_ENDED];
	struct summary_run with_alarms = *run;

	if (reporter->detector != NULL) {
		const uint32_t count = detector_ended(reporter->detector, latest, DETECTOR_ENDED);

		for (uint32_t i = 0; i < count; i++)
			ordered[i] = latest[count - 1 - i];
		with_alarms.alarms = ordered;
		with_alarms.alarm_count = count;
		with_alarms.more_alarms = detector_counters(reporter->detector)->alarms - count;
	}
	summary_print(reporter->summary, &with_alarms, out);
}

int
reporter_finish(struct reporter *reporter, struct err *err)
{
	const int rc = line_writer_close(reporter->json, err);

	reporter->json = NULL;
	return rc;
}

void
reporter_destroy(struct reporter *reporter)
{
	if (reporter == NULL)
		return;
	reporter_finish(reporter, NULL);
	evidence_destroy(reporter->evidence);
	detector_destroy(reporter->detector);
	summary_destroy(reporter->summary);
	free(reporter);
}
