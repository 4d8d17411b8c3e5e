/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/evidence.h"

#include "app/run/evidence_gather.h"
#include "base/usec.h"
#include "detect/detector.h"
#include "io/capture_folder_room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For so long frames are gathered at most. */
#define GATHER_US (5 * USEC_PER_SEC)

static_assert(EVIDENCE_FOLDER_MAX + 1 + CAPTURE_FOLDER_ROOM_NAME <=
				sizeof(((struct alarm *)NULL)->capture),
		"the detector can keep a whole path");

struct evidence {
	struct evidence_params params;
	uint64_t shift_us;
	uint64_t now_us; /* the latest time that was heard of */
	bool is_failed; /* as told last */
	uint64_t failed_us; /* since when */
	struct evidence_gather *gathers[MAIL_EVIDENCE_MAX]; /* under way; NULL: a free place */
	struct evidence_target waiting[DETECTOR_ALARMS]; /* the first is the next */
	uint32_t waiting_count;
	struct evidence_counters counters;
};

struct evidence *
evidence_create(const struct evidence_params *params)
{
	struct evidence *evidence = calloc(1, sizeof(*evidence));

	if (evidence == NULL)
		return NULL;
	evidence->params = *params;
	return evidence;
}

static void
tell_failure(struct evidence *evidence, const struct err *err)
{
	if (evidence->is_failed)
		return;
	evidence->is_failed = true;
	evidence->failed_us = evidence->now_us;
	evidence->params.tell(evidence->params.context,
			&(struct wire_event){ .what = WIRE_CAPTURE_FAILED,
					.output = evidence->params.folder,
					.worker = WIRE_NO_WORKER,
					.detail = err->text });
}

static void
tell_recovery(struct evidence *evidence)
{
	if (!evidence->is_failed)
		return;
	evidence->is_failed = false;
	evidence->params.tell(evidence->params.context,
			&(struct wire_event){ .what = WIRE_CAPTURE_RECOVERED,
					.output = evidence->params.folder,
					.worker = WIRE_NO_WORKER,
					.since_us = evidence->failed_us });
}

void
evidence_check(struct evidence *evidence)
{
	struct err err;

	if (evidence != NULL && capture_folder_check(evidence->params.folder, &err) < 0)
		tell_failure(evidence, &err);
}

void
evidence_retune(struct evidence *evidence, const struct evidence_params *params)
{
	if (evidence == NULL)
		return;
	evidence->params.packets = params->packets;
	evidence->params.bytes = params->bytes;
	evidence->params.hold_us = params->hold_us;
}

void
evidence_set_clock(struct evidence *evidence, uint64_t shift_us)
{
	if (evidence != NULL)
		evidence->shift_us = shift_us;
}

/* An end that is told names the file, so gathering is over before. */
static uint64_t
until_us(const struct evidence *evidence, uint64_t now_us)
{
	const uint64_t half_us = evidence->params.hold_us / 2;

	return now_us + (half_us < GATHER_US ? half_us : GATHER_US);
}

static struct evidence_gather **
find_place(struct evidence *evidence)
{
	for (uint32_t i = 0; i < MAIL_EVIDENCE_MAX; i++)
		if (evidence->gathers[i] == NULL)
			return &evidence->gathers[i];
	return NULL;
}

static void
begin(struct evidence *evidence, struct evidence_gather **place,
		const struct evidence_target *target, uint64_t now_us)
{
	const struct evidence_params *params = &evidence->params;

	*place = evidence_gather_create(target, &params->prefixes, params->workers, params->packets,
			until_us(evidence, now_us));
	if (*place != NULL)
		evidence_gather_post(*place, params->post, params->context);
	else
		evidence->counters.missed++;
}

static void
start(struct evidence *evidence, const struct alarm *alarm)
{
	struct evidence_gather **place = find_place(evidence);
	const struct evidence_target target = {
		.id = alarm->id, .time_us = alarm->time_us, .victim = alarm->victim
	};

	if (alarm->type == ALARM_SCAN)
		return; /* where scans are daily, they would drive the floods out of the folder */
	if (place != NULL && evidence->waiting_count == 0)
		begin(evidence, place, &target, alarm->time_us);
	else if (evidence->waiting_count < DETECTOR_ALARMS)
		evidence->waiting[evidence->waiting_count++] = target;
	else
		evidence->counters.missed++;
}

static void
forget_waiting(struct evidence *evidence, uint32_t place)
{
	evidence->waiting_count--;
	memmove(&evidence->waiting[place], &evidence->waiting[place + 1],
			(evidence->waiting_count - place) * sizeof(evidence->waiting[0]));
}

static void
stop(struct evidence *evidence, uint32_t id)
{
	for (uint32_t i = 0; i < MAIL_EVIDENCE_MAX; i++)
		if (evidence->gathers[i] != NULL &&
				evidence_gather_of(evidence->gathers[i])->id == id)
			evidence_gather_stop(evidence->gathers[i]);
	for (uint32_t i = 0; i < evidence->waiting_count; i++)
		if (evidence->waiting[i].id == id) {
			forget_waiting(evidence, i);
			evidence->counters.missed++;
			return;
		}
}

void
evidence_notice(struct evidence *evidence, const struct alarm *alarm)
{
	if (evidence == NULL)
		return;
	evidence->now_us = alarm->time_us;
	if (alarm->phase == ALARM_START)
		start(evidence, alarm);
	else if (alarm->phase == ALARM_END)
		stop(evidence, alarm->id);
}

/* Of what would never fit into the folder, the beginning. */
static uint32_t
cut(const struct capture_folder_frame *frames, uint32_t count, uint64_t bytes_max)
{
	while (count > 0 && capture_folder_bytes(frames, count) > bytes_max)
		count--;
	return count;
}

static void
write_file(struct evidence *evidence, const struct evidence_target *target,
		const struct capture_folder_frame *frames, uint32_t count)
{
	char name[CAPTURE_FOLDER_ROOM_NAME];
	char path[sizeof(((struct alarm *)NULL)->capture)];
	struct err err;

	capture_folder_room_name(target->id, target->time_us + evidence->shift_us, name);
	if (capture_folder_write(evidence->params.folder, name, evidence->params.bytes, frames,
			    cut(frames, count, evidence->params.bytes), &err) < 0) {
		evidence->counters.failed++;
		tell_failure(evidence, &err);
		return;
	}
	evidence->counters.written++;
	tell_recovery(evidence);
	snprintf(path, sizeof(path), "%s/%s", evidence->params.folder, name);
	evidence->params.written(evidence->params.context, target->id, path);
}

static void
finish(struct evidence *evidence, struct evidence_gather *gather)
{
	uint32_t count;
	struct capture_folder_frame *frames = evidence_gather_frames(
			gather, evidence->shift_us, &count);

	evidence->counters.frames_missed += evidence_gather_missed(gather);
	if (count > 0)
		write_file(evidence, evidence_gather_of(gather), frames, count);
	else
		evidence->counters.empty++;
	free(frames);
	evidence_gather_destroy(gather);
}

void
evidence_collect(struct evidence *evidence, uint64_t now_us)
{
	if (evidence == NULL)
		return;
	evidence->now_us = now_us;
	for (uint32_t i = 0; i < MAIL_EVIDENCE_MAX; i++) {
		struct evidence_gather **place = &evidence->gathers[i];

		if (*place != NULL && evidence_gather_is_over(*place)) {
			finish(evidence, *place);
			*place = NULL;
		}
		if (*place == NULL && evidence->waiting_count > 0) {
			const struct evidence_target next = evidence->waiting[0];

			forget_waiting(evidence, 0);
			begin(evidence, place, &next, now_us);
		}
	}
}

void
evidence_finish(struct evidence *evidence)
{
	if (evidence == NULL)
		return;
	for (uint32_t i = 0; i < MAIL_EVIDENCE_MAX; i++)
		if (evidence->gathers[i] != NULL) {
			finish(evidence, evidence->gathers[i]);
			evidence->gathers[i] = NULL;
		}
	evidence->counters.missed += evidence->waiting_count;
	evidence->waiting_count = 0;
}

const struct evidence_counters *
evidence_counters(const struct evidence *evidence)
{
	return evidence != NULL ? &evidence->counters : NULL;
}

void
evidence_destroy(struct evidence *evidence)
{
	free(evidence);
}
