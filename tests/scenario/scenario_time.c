/* SPDX-License-Identifier: Apache-2.0 */

#include "base/usec.h"
#include "scenario.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A pipeline that is never done would hang the test: no case needs a hundredth of this. */
#define STEPS_MAX 10000000

int
scenario_fail(const struct scenario *scenario, struct err *err, const char *format, ...)
{
	char text[384];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return err_set(err, EINVAL, "%s:%u: %s", scenario->file, scenario->line, text);
}

int
scenario_nothing_left(const struct scenario *scenario, struct err *err)
{
	const struct emitted *line = emitted_head(&scenario->queue);

	if (line == NULL)
		return 0;
	fprintf(stderr, "%s\n", line->json);
	return scenario_fail(scenario, err,
			"before this line: expected nothing, got %s %llu us before the time that "
			"had been reached",
			event_json_type(line->kind),
			(unsigned long long)usec_since(line->event_us, line->now_us));
}

static int
take(struct scenario *scenario, struct err *err)
{
	if (emitted_take(&scenario->queue, scenario->pipeline, scenario->now_us))
		return 0;
	return scenario_fail(scenario, err, "expected at most %d events that nobody expects",
			EMITTED_MAX);
}

static int
pipeline_ensure(struct scenario *scenario, struct err *err)
{
	size_t size = pipeline_memory_size(&scenario->params);

	if (scenario->pipeline != NULL)
		return 0;
	size = (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	scenario->memory = aligned_alloc(CACHE_LINE, size);
	if (scenario->memory == NULL)
		return err_set(err, ENOMEM, "%s: no memory for the flow table", scenario->file);
	memset(scenario->memory, 0, size);
	scenario->pipeline = pipeline_init(scenario->memory, &scenario->params);
	return 0;
}

int
scenario_advance(struct scenario *scenario, uint64_t to_us, struct err *err)
{
	bool done = false;

	if (pipeline_ensure(scenario, err) < 0)
		return -ENOMEM;
	if (to_us > scenario->now_us)
		scenario->now_us = to_us;
	for (unsigned steps = 0; !done; steps++) {
		if (steps == STEPS_MAX)
			return scenario_fail(scenario, err, "expected pipeline_tick() to be done");
		done = pipeline_tick(scenario->pipeline, scenario->now_us);
		if (take(scenario, err) < 0)
			return -EINVAL;
	}
	return 0;
}

int
scenario_finish(struct scenario *scenario, struct err *err)
{
	bool done = false;

	if (pipeline_ensure(scenario, err) < 0)
		return -ENOMEM;
	for (unsigned steps = 0; !done; steps++) {
		if (steps == STEPS_MAX)
			return scenario_fail(
					scenario, err, "expected pipeline_finish() to be done");
		done = pipeline_finish(scenario->pipeline, scenario->now_us);
		if (take(scenario, err) < 0)
			return -EINVAL;
	}
	scenario->finished = true;
	return 0;
}

/* The frame in memory of its own size, so that a sanitizer sees a read behind its end. */
static int
burst(struct scenario *scenario, size_t len, size_t wire_len, struct err *err)
{
	struct frame frame = {
		.data = malloc(len),
		.len = (uint32_t)len,
		.wire_len = (uint32_t)wire_len,
		.time_us = scenario->now_us,
	};
	uint8_t verdict = UINT8_MAX;
	int rc = 0;

	if (frame.data == NULL)
		return err_set(err, ENOMEM, "%s: no memory for a frame", scenario->file);
	memcpy(frame.data, scenario->frame, len);
	pipeline_burst(scenario->pipeline, &frame, 1, &verdict);
	if (verdict != PIPELINE_FORWARD)
		rc = scenario_fail(scenario, err, "expected the frame to be forwarded");
	else if (memcmp(frame.data, scenario->frame, len) != 0)
		rc = scenario_fail(scenario, err, "expected the frame to be left as it was");
	free(frame.data);
	return rc < 0 ? rc : take(scenario, err);
}

int
scenario_packet(struct scenario *scenario, const struct tcpdump_line *line, struct err *err)
{
	size_t wire_len = 0;
	size_t len = tcpdump_line_frame(line, scenario->frame, sizeof(scenario->frame), &wire_len);

	if (len == 0)
		return scenario_fail(scenario, err, "expected a segment that fits a frame");
	if (line->time_us < scenario->now_us)
		return scenario_fail(scenario, err, "expected a time that is not past");
	if (scenario_advance(scenario, line->time_us, err) < 0 ||
			scenario_nothing_left(scenario, err) < 0)
		return -EINVAL;
	return burst(scenario, len, wire_len, err);
}
