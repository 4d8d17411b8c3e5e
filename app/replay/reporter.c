/* SPDX-License-Identifier: Apache-2.0 */

#include "app/replay/reporter.h"

#include "io/line_writer.h"
#include "observe/event_json.h"
#include "pipeline/event.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include <rte_ring.h>
#include <rte_ring_elem.h>

#define DRAIN_BURST 32
#define DRAIN_TURNS 32

struct reporter {
	struct rte_ring *events;
	struct line_writer *json; /* NULL: none is written */
	struct event_json writer;
	struct summary *summary;
};

static int
open_parts(struct reporter *reporter, const char *json_path, struct err *err)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) < 0)
		return err_set(err, errno, "the kernel gives no random numbers");
	reporter->summary = summary_create(seed);
	if (reporter->summary == NULL)
		return err_set(err, ENOMEM, "no memory left for the summary");
	if (json_path == NULL)
		return 0;
	return line_writer_open(json_path, &reporter->json, err);
}

int
reporter_create(const char *json_path, struct rte_ring *events, struct reporter **reporter,
		struct err *err)
{
	struct reporter *made = calloc(1, sizeof(*made));
	int rc;

	*reporter = NULL;
	if (made == NULL)
		return err_set(err, ENOMEM, "no memory left for the events");
	made->events = events;
	rc = open_parts(made, json_path, err);
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

uint32_t
reporter_drain(struct reporter *reporter)
{
	struct event events[DRAIN_BURST];
	uint32_t taken = 0;

	for (int turn = 0; turn < DRAIN_TURNS; turn++) {
		const uint32_t count = rte_ring_sc_dequeue_burst_elem(
				reporter->events, events, sizeof(events[0]), DRAIN_BURST, NULL);

		for (uint32_t i = 0; i < count; i++)
			take(reporter, &events[i]);
		taken += count;
		if (count < DRAIN_BURST)
			break;
	}
	return taken;
}

int
reporter_error(const struct reporter *reporter)
{
	return reporter->json != NULL ? line_writer_error(reporter->json) : 0;
}

void
reporter_print_summary(const struct reporter *reporter, const struct summary_run *run, FILE *out)
{
	summary_print(reporter->summary, run, out);
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
	summary_destroy(reporter->summary);
	free(reporter);
}
