/* SPDX-License-Identifier: Apache-2.0 */

#include "scenario.h"

#include "cursor.h"
#include "knobs.h"
#include "script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_LEN 1024

static const char *
line_end(const struct script *script)
{
	const char *newline = memchr(script->at, '\n', (size_t)(script->end - script->at));

	return newline == NULL ? script->end : newline;
}

struct cursor
script_next(struct scenario *scenario, struct script *script)
{
	const char *end = line_end(script);
	struct cursor cursor = { .file = scenario->file,
		.line = ++scenario->line,
		.start = script->at,
		.at = script->at,
		.end = end,
		.err = script->err };

	script->at = end == script->end ? end : end + 1;
	while (cursor.end > cursor.start && (cursor.end[-1] == ' ' || cursor.end[-1] == '\t'))
		cursor.end--;
	return cursor;
}

/* To just before a moment, in silence; then to it. */
int
script_advance_in_silence(struct scenario *scenario, uint64_t time_us, struct err *err)
{
	if (scenario_nothing_left(scenario, err) < 0)
		return -EINVAL;
	if (time_us <= scenario->now_us)
		return scenario_fail(scenario, err, "expected a time that is still to come");
	if (scenario_advance(scenario, time_us - 1, err) < 0)
		return -EINVAL;
	return scenario_nothing_left(scenario, err);
}

int
script_time(const struct scenario *scenario, struct cursor *cursor, uint64_t *time_us)
{
	const char *from = cursor->at;

	/* A date and its time are two words. */
	cursor_word(cursor, " ");
	if (cursor->at - from == 10 && cursor_skip(cursor, " "))
		cursor_word(cursor, " ");
	return tcpdump_time_read(&scenario->reader, from, (size_t)(cursor->at - from), cursor->line,
			time_us, cursor->err);
}

static int
quiet_line(struct scenario *scenario, struct cursor *cursor)
{
	uint64_t time_us;

	if (script_time(scenario, cursor, &time_us) < 0)
		return -EINVAL;
	return script_advance_in_silence(scenario, time_us, cursor->err);
}

static bool
is_indented(const struct cursor *cursor)
{
	return cursor_sees(cursor, " ") || cursor_sees(cursor, "\t");
}

static int
packet_line(struct scenario *scenario, const struct cursor *cursor, struct script *script)
{
	char text[LINE_MAX_LEN];
	size_t len = (size_t)(cursor->end - cursor->at);
	unsigned number = cursor->line;
	struct tcpdump_line line;
	struct cursor rest;

	if (len > sizeof(text))
		return cursor_fail(cursor, "a shorter line");
	memcpy(text, cursor->at, len);
	if (tcpdump_line_goes_on(text, len)) {
		rest = script_next(scenario, script);
		if ((size_t)(rest.end - rest.at) > sizeof(text) - len)
			return cursor_fail(&rest, "a shorter line");
		memcpy(text + len, rest.at, (size_t)(rest.end - rest.at));
		len += (size_t)(rest.end - rest.at);
	}
	if (tcpdump_line_read(&scenario->reader, text, len, number, &line, script->err) < 0)
		return -EINVAL;
	return scenario_packet(scenario, &line, script->err);
}

static int
setting_line(struct scenario *scenario, struct cursor *cursor)
{
	if (scenario->pipeline != NULL)
		return cursor_fail(cursor, "settings before the first packet only");
	return knobs_set(cursor, &scenario->params);
}

static int
base_line(struct scenario *scenario, const struct cursor *cursor)
{
	return tcpdump_base_read(&scenario->reader, cursor->at, (size_t)(cursor->end - cursor->at),
			cursor->line, cursor->err);
}

static int
finish_line(struct scenario *scenario, struct err *err)
{
	return scenario_nothing_left(scenario, err) < 0 ? -EINVAL : scenario_finish(scenario, err);
}

static int
statement(struct scenario *scenario, struct cursor *cursor, struct script *script)
{
	size_t len = (size_t)(cursor->end - cursor->at);

	if (is_indented(cursor))
		return cursor_fail(cursor, "an indented line below an expect only");
	if (!tcpdump_line_starts(cursor->at, len) && scenario_flush(scenario, cursor->err) < 0)
		return -EINVAL;
	if (cursor_skip(cursor, "expect "))
		return script_expect(scenario, cursor, script);
	if (cursor_skip(cursor, "counter ") && scenario->pipeline != NULL)
		return script_counter(scenario, cursor);
	if (scenario->finished)
		return cursor_fail(cursor, "\"expect\" or \"counter\" behind \"finish\"");
	if (tcpdump_line_starts(cursor->at, len))
		return packet_line(scenario, cursor, script);
	if (cursor_skip(cursor, "set "))
		return setting_line(scenario, cursor);
	if (cursor_skip(cursor, "base "))
		return base_line(scenario, cursor);
	if (cursor_skip(cursor, "quiet until "))
		return quiet_line(scenario, cursor);
	if (cursor_skip(cursor, "finish") && cursor_at_end(cursor))
		return finish_line(scenario, script->err);
	if (cursor_skip(cursor, "numbers absolute") && cursor_at_end(cursor)) {
		scenario->reader.absolute = true;
		return 0;
	}
	return cursor_fail(cursor, "a packet as tcpdump prints it, or one of README.md's words");
}

int
scenario_run(struct scenario *scenario, const char *text, size_t len, struct err *err)
{
	struct script script = { .at = text, .end = text + len, .err = err };

	while (script.at < script.end) {
		struct cursor cursor = script_next(scenario, &script);

		if (cursor_at_end(&cursor) || cursor_sees(&cursor, "#"))
			continue;
		if (statement(scenario, &cursor, &script) < 0)
			return -EINVAL;
	}
	scenario->line++;
	if (scenario_flush(scenario, err) < 0)
		return -EINVAL;
	if (scenario->expectations == 0)
		return scenario_fail(scenario, err, "expected a case that expects something");
	if (scenario_nothing_left(scenario, err) < 0)
		return -EINVAL;
	if (!scenario->finished && scenario_finish(scenario, err) < 0)
		return -EINVAL;
	return scenario_nothing_left(scenario, err);
}

struct scenario *
scenario_create(const char *file, uint32_t burst)
{
	struct scenario *scenario = calloc(1, sizeof(*scenario));

	if (scenario == NULL)
		return NULL;
	scenario->file = file;
	scenario->burst = burst;
	tcpdump_reader_init(&scenario->reader, file);
	knobs_default(&scenario->params);
	return scenario;
}

void
scenario_destroy(struct scenario *scenario)
{
	if (scenario == NULL)
		return;
	for (uint32_t n = 0; n < scenario->waiting_count; n++)
		free(scenario->waiting[n].data);
	free(scenario->memory);
	free(scenario);
}
