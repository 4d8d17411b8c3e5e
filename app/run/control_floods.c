/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/control_floods.h"

#include "app/params.h"
#include "app/run/control.h"
#include "base/usec.h"
#include "log/log.h"
#include "observe/alarm_json.h"
#include "observe/alarm_text.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/random.h>
#include <time.h>

/* Ticks that are judged in a turn, where this thread was behind. */
#define TICKS_A_TURN 4

/* For programs that still run at the end. */
#define HOOK_PATIENCE_US (2 * USEC_PER_SEC)

static int
make_detector(struct control *control)
{
	struct detector_params params;
	uint64_t seed;

	params_map_detector(&control->config, &params);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return -EIO;
	control->detector = detector_create(&params, seed);
	return control->detector != NULL ? 0 : -ENOMEM;
}

static int
make_hook(struct control *control, struct err *err)
{
	const struct config_words *command = &control->config.flood.on_flood;
	const int rc = hook_check(command, err);

	if (rc < 0 || command->count == 0)
		return rc;
	control->hook = hook_create(command);
	return control->hook != NULL
			? 0
			: err_set(err, ENOMEM, "no memory left for flood.on_flood's program");
}

static bool
post(void *context, uint32_t worker, struct mail *mail)
{
	const struct control *control = context;

	return appliance_post(control->appliance, worker, mail);
}

static void
note_capture(void *context, uint32_t alarm_id, const char *path)
{
	const struct control *control = context;

	detector_note_capture(control->detector, alarm_id, path);
}

static void
tell(void *context, const struct wire_event *event)
{
	control_tell(context, event);
}

static int
make_evidence(struct control *control)
{
	struct evidence_params params;

	if (control->config.flood.capture[0] == '\0')
		return 0;
	params_map_evidence(&control->config, &params);
	params.workers = (uint32_t)control->config.workers.count;
	params.post = post;
	params.written = note_capture;
	params.tell = tell;
	params.context = control;
	control->evidence = evidence_create(&params);
	return control->evidence != NULL ? 0 : -ENOMEM;
}

void
control_floods_open(struct control *control, struct err_list *errors)
{
	struct err err;

	if (!control->config.flood.detect)
		return;
	if (make_detector(control) < 0)
		err_list_add(errors, ENOMEM, "no memory left for the detector of floods");
	if (make_evidence(control) < 0)
		err_list_add(errors, ENOMEM, "no memory left for captures of floods");
	if (make_hook(control, &err) < 0)
		err_list_add(errors, EINVAL, "%s", err.text);
}

void
control_floods_begin(struct control *control)
{
	report_round_init(&control->round, control->appliance->layout.worker_count,
			appliance_now_us(control->appliance));
	evidence_check(control->evidence);
}

static void
log_alarm(const struct alarm *alarm)
{
	const struct alarm_text whom = alarm_text_whom(alarm);
	const char *type = alarm_type_word(alarm->type);

	if (alarm->phase == ALARM_START)
		log_line(LOG_WEIGHT_WARNING, "%s %" PRIu32 " begins: %s, %" PRIu32 " a second%s%s",
				type, alarm->id, whom.text, alarm->pps,
				alarm->type == ALARM_SYN_FLOOD ? ", " : "",
				alarm->type == ALARM_SYN_FLOOD ? alarm_flood_kind_word(alarm->kind)
							       : "");
	else if (alarm->phase == ALARM_END)
		log_line(LOG_WEIGHT_INFO,
				"%s %" PRIu32 " is over: %s, %" PRIu64 " in all, at most %" PRIu32
				" a second",
				type, alarm->id, whom.text, alarm->total, alarm->peak_pps);
}

static void
tell_alarms(struct control *control)
{
	char line[ALARM_JSON_LINE_MAX];
	struct alarm alarm;

	while (detector_next(control->detector, &alarm)) {
		const size_t len = outputs_alarm(control->outputs, &alarm, line);

		log_alarm(&alarm);
		evidence_notice(control->evidence, &alarm);
		hook_tell(control->hook, &alarm, line, len);
	}
}

static void
take_reports(struct control *control)
{
	const struct appliance *appliance = control->appliance;

	for (uint32_t w = 0; w < appliance->layout.worker_count; w++)
		report_round_take(&control->round, w, &appliance->threads[w].reports,
				control->detector);
}

static bool
can_judge(const struct control *control, uint64_t now_us)
{
	bool is_stalled[STATUS_WORKERS_MAX];

	for (uint32_t w = 0; w < control->round.workers; w++)
		is_stalled[w] = control->watch.threads[w].is_stalled;
	return report_round_is_complete(&control->round, is_stalled, now_us);
}

static void
judge(struct control *control, uint64_t now_us)
{
	evidence_collect(control->evidence, now_us);
	detector_judge(control->detector, control->round.tick);
	report_round_advance(&control->round, now_us);
	tell_alarms(control);
	take_reports(control);
}

static void
turn_hook(struct control *control)
{
	hook_turn(control->hook, control->config.flood.on_flood_timeout_us,
			appliance_now_us(control->appliance));
}

void
control_floods_turn(struct control *control)
{
	const uint64_t now_us = appliance_now_us(control->appliance);

	if (control->detector == NULL)
		return;
	take_reports(control);
	for (int i = 0; i < TICKS_A_TURN && can_judge(control, now_us); i++)
		judge(control, now_us);
	turn_hook(control);
}

void
control_floods_retune(struct control *control)
{
	struct evidence_params evidence;
	struct detector_params params;

	if (control->detector == NULL)
		return;
	params_map_detector(&control->config, &params);
	detector_retune(control->detector, &params);
	params_map_evidence(&control->config, &evidence);
	evidence_retune(control->evidence, &evidence);
}

static void
wait_for_hook(struct control *control)
{
	const uint64_t until_us = appliance_now_us(control->appliance) + HOOK_PATIENCE_US;
	const struct timespec moment = { .tv_nsec = 5000000 };

	turn_hook(control);
	while (hook_is_busy(control->hook) && appliance_now_us(control->appliance) < until_us) {
		nanosleep(&moment, NULL);
		turn_hook(control);
	}
	hook_end(control->hook);
}

void
control_floods_end(struct control *control)
{
	const uint64_t now_us = appliance_now_us(control->appliance);

	if (control->detector == NULL)
		return;
	take_reports(control);
	while (report_round_has_more(&control->round))
		judge(control, now_us);
	evidence_finish(control->evidence);
	detector_finish(control->detector);
	tell_alarms(control);
	wait_for_hook(control);
}

void
control_floods_close(struct control *control)
{
	evidence_destroy(control->evidence);
	hook_destroy(control->hook);
	detector_destroy(control->detector);
}
