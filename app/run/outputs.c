/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/outputs.h"

#include "app/run/output_thread.h"
#include "base/usec.h"
#include "log/log.h"
#include "observe/stats_json.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A configuration's events are in the order of the bits of enum event_kind, and more. */
static_assert((int)CONFIG_EVENT_INCOMPLETE_HANDSHAKE == (int)EVENT_INCOMPLETE_HANDSHAKE, "as is");
static_assert((int)CONFIG_EVENT_RST == (int)EVENT_RST, "as is");
static_assert((int)CONFIG_EVENT_CONNECTION == (int)EVENT_CONNECTION, "as is");

/* What takes nothing for so long has failed; a reader may just be slow. */
#define FAILURE_US USEC_PER_SEC

struct one_output {
	struct config_outputs config;
	struct output_thread *thread;
	uint64_t ready_us; /* when it was last found ready; 0: it never was */
	bool is_failed; /* as told last */
};

struct outputs {
	uint32_t count;
	struct one_output all[STATUS_OUTPUTS_MAX];
	uint64_t wanted; /* what any of them wants */
	uint64_t now_us; /* of the last flush */
	struct event_json writer;
	char line[STATS_JSON_LINE_MAX]; /* the longest there is */
};

static bool
is_same(const struct config_outputs *a, const struct config_outputs *b)
{
	return a->type == b->type && strcmp(a->path, b->path) == 0 &&
			a->rotate_size == b->rotate_size && a->rotate_keep == b->rotate_keep;
}

/* One that is listed again as it was goes on as it is; which events it gets may have changed. */
static const struct one_output *
find_before(const struct outputs *before, const struct config_outputs *config)
{
	for (uint32_t i = 0; before != NULL && i < before->count; i++)
		if (is_same(&before->all[i].config, config))
			return &before->all[i];
	return NULL;
}

static int
open_one(const struct config_outputs *config, const struct outputs *before,
		struct one_output *output, struct err *err)
{
	const struct line_output_params params = {
		.kind = (enum line_output_kind)config->type,
		.path = config->path,
		.rotate_size = config->rotate_size,
		.rotate_keep = (uint32_t)config->rotate_keep,
	};
	const struct one_output *same = find_before(before, config);

	static_assert((int)CONFIG_OUTPUT_FILE == (int)LINE_OUTPUT_FILE &&
					(int)CONFIG_OUTPUT_STDOUT == (int)LINE_OUTPUT_STDOUT &&
					(int)CONFIG_OUTPUT_UNIX_STREAM ==
							(int)LINE_OUTPUT_UNIX_STREAM &&
					(int)CONFIG_OUTPUT_UNIX_DGRAM ==
							(int)LINE_OUTPUT_UNIX_DGRAM,
			"in the same order");
	if (same != NULL)
		*output = *same;
	output->config = *config;
	if (same != NULL)
		return 0;
	return output_thread_open(&params, before != NULL, &output->thread, err);
}

static bool
has(const struct outputs *outputs, const struct output_thread *thread)
{
	for (uint32_t i = 0; i < outputs->count; i++)
		if (outputs->all[i].thread == thread)
			return true;
	return false;
}

/* Close those of @p outputs that @p kept has not taken over. */
static void
close_rest(struct outputs *outputs, const struct outputs *kept)
{
	struct err err;

	for (uint32_t i = 0; i < outputs->count; i++) {
		struct output_thread *thread = outputs->all[i].thread;

		if (kept != NULL && has(kept, thread))
			continue;
		if (output_thread_close(thread, &err) < 0)
			log_line(LOG_WEIGHT_WARNING, "%s", err.text);
	}
	free(outputs);
}

int
outputs_open(const struct config *config, struct outputs *before, struct outputs **outputs,
		struct err_list *errors)
{
	struct outputs *made = calloc(1, sizeof(*made));
	const size_t errors_before = err_list_total(errors);
	struct err err;

	*outputs = NULL;
	if (made == NULL)
		return err_list_add(errors, ENOMEM, "no memory left for the outputs");
	for (size_t i = 0; i < config->output_count; i++) {
		struct one_output *output = &made->all[made->count];

		if (open_one(&config->outputs[i], before, output, &err) < 0) {
			err_list_add(errors, EIO, "outputs[%zu]: %s", i, err.text);
			continue;
		}
		made->count++;
		made->wanted |= output->config.events;
	}
	if (err_list_total(errors) != errors_before) {
		close_rest(made, before);
		return -EIO;
	}
	if (before != NULL) {
		made->writer = before->writer;
		close_rest(before, made);
	}
	*outputs = made;
	return 0;
}

static void
put(struct outputs *outputs, uint64_t kind, const char *line, size_t len)
{
	if (len == 0)
		return; /* there was no memory to write it */
	for (uint32_t i = 0; i < outputs->count; i++) {
		struct one_output *output = &outputs->all[i];

		if ((output->config.events & kind) == 0)
			continue;
		output_thread_put(output->thread, line, len);
		if (output_thread_is_half_full(output->thread))
			output_thread_flush(output->thread, outputs->now_us);
	}
}

void
outputs_event(struct outputs *outputs, const struct record *record, enum event_kind kind,
		uint64_t time_us)
{
	char line[EVENT_JSON_LINE_MAX];

	if ((outputs->wanted & (uint64_t)kind) == 0 || kind == EVENT_HANDSHAKE)
		return;
	put(outputs, (uint64_t)kind, line,
			event_json_write(&outputs->writer, record, kind, time_us, line));
}

static uint64_t
event_of(enum alarm_type type)
{
	switch (type) {
	case ALARM_SYN_FLOOD:
		return CONFIG_EVENT_SYN_FLOOD;
	case ALARM_SCAN:
		return CONFIG_EVENT_SCAN;
	default:
		return CONFIG_EVENT_STORM;
	}
}

size_t
outputs_alarm(struct outputs *outputs, const struct alarm *alarm, char *line)
{
	const size_t len = alarm_json_write(&outputs->writer, alarm, line);

	put(outputs, event_of(alarm->type), line, len);
	return len;
}

void
outputs_wire_event(struct outputs *outputs, const struct wire_event *event, uint64_t time_us)
{
	static_assert((int)STATS_JSON_LINE_MAX >= (int)WIRE_JSON_LINE_MAX, "there is room");
	if ((outputs->wanted & CONFIG_EVENT_WIRE) != 0)
		put(outputs, CONFIG_EVENT_WIRE, outputs->line,
				wire_json_write(event, time_us + outputs->writer.shift_us,
						outputs->line));
}

void
outputs_stats(struct outputs *outputs, const struct status *status)
{
	if ((outputs->wanted & CONFIG_EVENT_STATS) != 0)
		put(outputs, CONFIG_EVENT_STATS, outputs->line,
				stats_json_write(status, outputs->line));
}

void
outputs_set_clock(struct outputs *outputs, uint64_t shift_us)
{
	outputs->writer.shift_us = shift_us;
}

void
outputs_flush(struct outputs *outputs, uint64_t now_us)
{
	outputs->now_us = now_us;
	for (uint32_t i = 0; i < outputs->count; i++)
		output_thread_flush(outputs->all[i].thread, now_us);
}

void
outputs_reopen(struct outputs *outputs)
{
	for (uint32_t i = 0; i < outputs->count; i++)
		output_thread_reopen(outputs->all[i].thread);
}

void
outputs_describe(const struct outputs *outputs, struct status *status)
{
	static const char *const types[] = { "file", "stdout", "unix_stream", "unix_dgram" };

	status->output_count = outputs->count;
	for (uint32_t i = 0; i < outputs->count; i++) {
		const struct one_output *output = &outputs->all[i];
		struct status_output *to = &status->outputs[i];
		struct line_output_state state;

		output_thread_state(output->thread, &state);
		*to = (struct status_output){
			.is_ready = state.is_ready,
			.lines = state.lines,
			.lines_lost = state.lines_lost,
			.rotations = state.rotations,
		};
		strcpy(to->type, types[output->config.type]);
		strcpy(to->path, output->config.path);
		strcpy(to->trouble, state.trouble);
	}
}

/* Whether it is to be told. */
static bool
has_changed(const struct one_output *output, bool is_ready, uint64_t now_us)
{
	if (is_ready)
		return output->is_failed;
	return !output->is_failed && usec_since(output->ready_us, now_us) >= FAILURE_US;
}

bool
outputs_next_change(struct outputs *outputs, struct outputs_change *change)
{
	for (uint32_t i = 0; i < outputs->count; i++) {
		struct one_output *output = &outputs->all[i];
		struct line_output_state state;
		bool is_well;

		output_thread_state(output->thread, &state);
		/* A file that takes lines, but is not rotated or opened anew, has failed as well. */
		is_well = state.is_ready && state.trouble[0] == '\0';
		change->since_us = output->ready_us;
		if (is_well)
			output->ready_us = outputs->now_us;
		if (!has_changed(output, is_well, outputs->now_us))
			continue;
		output->is_failed = !is_well;
		change->is_ready = is_well;
		change->name = output->config.type == CONFIG_OUTPUT_STDOUT ? "stdout"
									   : output->config.path;
		strcpy(change->trouble, state.trouble);
		return true;
	}
	return false;
}

static bool
any_waits(const struct outputs *outputs, bool only_ready)
{
	for (uint32_t i = 0; i < outputs->count; i++) {
		struct line_output_state state;

		output_thread_state(outputs->all[i].thread, &state);
		if (state.lines_waiting > 0 && (state.is_ready || !only_ready))
			return true;
	}
	return false;
}

bool
outputs_are_waiting(const struct outputs *outputs)
{
	return any_waits(outputs, false);
}

bool
outputs_are_writing(const struct outputs *outputs)
{
	return any_waits(outputs, true);
}

void
outputs_close(struct outputs *outputs)
{
	if (outputs != NULL)
		close_rest(outputs, NULL);
}
