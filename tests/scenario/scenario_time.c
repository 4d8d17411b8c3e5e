/* SPDX-License-Identifier: Apache-2.0 */

#include "base/usec.h"
#include "packet/checksum.h"
#include "pipeline/invariant.h"
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
check_invariants(const struct scenario *scenario, struct err *err)
{
	struct invariant_breach breach;
	char text[INVARIANT_TEXT_MAX];

	if (invariant_all_hold(scenario->pipeline, &breach))
		return 0;
	invariant_text(&breach, text);
	return scenario_fail(scenario, err, "does not hold: %s", text);
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
	return check_invariants(scenario, err);
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
	return check_invariants(scenario, err);
}

/* In memory of its own size, so that a sanitizer sees a read behind its end. */
static int
keep_frame(struct scenario *scenario, size_t len, size_t wire_len, uint64_t time_us,
		struct err *err)
{
	struct frame *frame = &scenario->waiting[scenario->waiting_count];

	frame->data = malloc(len);
	if (frame->data == NULL)
		return err_set(err, ENOMEM, "%s: no memory for a frame", scenario->file);
	memcpy(frame->data, scenario->frame, len);
	frame->len = (uint32_t)len;
	frame->wire_len = (uint32_t)wire_len;
	frame->time_us = time_us;
	scenario->waiting_sums[scenario->waiting_count++] = checksum_add(
			0, frame->data, frame->len);
	return 0;
}

static int
check_verdict(const struct scenario *scenario, uint32_t n, uint8_t verdict, struct err *err)
{
	const struct frame *frame = &scenario->waiting[n];

	if (verdict != PIPELINE_FORWARD)
		return scenario_fail(scenario, err, "expected the frame to be forwarded");
	if (checksum_add(0, frame->data, frame->len) != scenario->waiting_sums[n])
		return scenario_fail(scenario, err, "expected the frame to be left as it was");
	return 0;
}

int
scenario_flush(struct scenario *scenario, struct err *err)
{
	uint8_t verdicts[PIPELINE_BURST_MAX];
	uint32_t count = scenario->waiting_count;
	int rc = 0;

	if (count == 0)
		return 0;
	memset(verdicts, UINT8_MAX, sizeof(verdicts));
	pipeline_burst(scenario->pipeline, scenario->waiting, count, verdicts);
	for (uint32_t n = 0; n < count; n++) {
		if (rc == 0)
			rc = check_verdict(scenario, n, verdicts[n], err);
		free(scenario->waiting[n].data);
	}
	scenario->now_us = scenario->waiting_us;
	scenario->waiting_count = 0;
	if (rc == 0)
		rc = take(scenario, err);
	return rc < 0 ? rc : check_invariants(scenario, err);
}

int
scenario_packet(struct scenario *scenario, const struct tcpdump_line *line, struct err *err)
{
	size_t wire_len = 0;
	size_t len = tcpdump_line_frame(line, scenario->frame, sizeof(scenario->frame), &wire_len);

	if (len == 0)
		return scenario_fail(scenario, err, "expected a segment that fits a frame");
	if (line->time_us < scenario->now_us || line->time_us < scenario->waiting_us)
		return scenario_fail(scenario, err, "expected a time that is not past");
	if (scenario->waiting_count == 0 &&
			(scenario_advance(scenario, line->time_us, err) < 0 ||
					scenario_nothing_left(scenario, err) < 0))
		return -EINVAL;
	scenario->waiting_us = line->time_us;
	if (keep_frame(scenario, len, wire_len, line->time_us, err) < 0)
		return -ENOMEM;
	return scenario->waiting_count == scenario->burst ? scenario_flush(scenario, err) : 0;
}
