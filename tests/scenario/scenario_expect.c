/* SPDX-License-Identifier: Apache-2.0 */

#include "expectation.h"
#include "scenario.h"
#include "script.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* What "expect KIND at TIME stamped TIME" asks for. */
struct expect {
	enum event_kind kind;
	bool has_at;
	uint64_t at_us;
	bool has_stamp;
	uint64_t stamp_us;
};

static int
expect_read(const struct scenario *scenario, struct cursor *cursor, struct expect *expect)
{
	if (cursor_skip(cursor, "connection"))
		expect->kind = EVENT_CONNECTION;
	else if (cursor_skip(cursor, "incomplete_handshake"))
		expect->kind = EVENT_INCOMPLETE_HANDSHAKE;
	else if (cursor_skip(cursor, "rst"))
		expect->kind = EVENT_RST;
	else
		return cursor_fail(cursor, "connection, incomplete_handshake or rst");
	expect->has_at = cursor_skip(cursor, " at ");
	if (expect->has_at && script_time(scenario, cursor, &expect->at_us) < 0)
		return -EINVAL;
	expect->has_stamp = cursor_skip(cursor, " stamped ");
	if (expect->has_stamp && script_time(scenario, cursor, &expect->stamp_us) < 0)
		return -EINVAL;
	if (expect->has_at && !expect->has_stamp)
		expect->stamp_us = expect->at_us;
	return cursor_at_end(cursor) ? 0 : cursor_fail(cursor, "\" at TIME\" or \" stamped TIME\"");
}

static int
check_times(const struct scenario *scenario, const struct expect *expect,
		const struct emitted *line, struct err *err)
{
	if (expect->has_at && line->now_us != expect->at_us)
		return scenario_fail(scenario, err,
				"expected the event at this time, got it %lld us later",
				(long long)(line->now_us - expect->at_us));
	if ((expect->has_at || expect->has_stamp) && line->event_us != expect->stamp_us)
		return scenario_fail(scenario, err,
				"expected this time in the event, got one %lld us later",
				(long long)(line->event_us - expect->stamp_us));
	return 0;
}

/* The line's text says the event's time, too. */
static int
check_envelope(const struct scenario *scenario, const struct emitted *line, const json_t *object,
		struct err *err)
{
	struct timestamp_cache dates = { 0 };
	char expected[TIMESTAMP_LEN + 1] = { 0 };
	const char *got = json_string_value(json_object_get(object, "timestamp"));
	const char *type = json_string_value(json_object_get(object, "event_type"));

	timestamp_write(&dates, line->event_us, expected);
	if (got == NULL || strcmp(got, expected) != 0)
		return scenario_fail(scenario, err, "timestamp: expected %s, got %s", expected,
				got == NULL ? "none" : got);
	if (type == NULL || strcmp(type, event_json_type(line->kind)) != 0)
		return scenario_fail(scenario, err, "event_type: expected %s, got %s",
				event_json_type(line->kind), type == NULL ? "none" : type);
	return 0;
}

/* The indented lines below; the first that does not hold is kept, all are printed. */
static int
check_block(struct scenario *scenario, struct script *script, const json_t *object)
{
	struct err first = { { 0 } };

	while (script->at < script->end && (*script->at == ' ' || *script->at == '\t')) {
		struct cursor cursor = script_next(scenario, script);

		cursor_skip_blanks(&cursor);
		if (cursor_at_end(&cursor) || cursor_sees(&cursor, "#"))
			continue;
		scenario->expectations++;
		if (expectation_check(&cursor, object) == 0)
			continue;
		if (first.text[0] == '\0')
			first = *script->err;
		else
			fprintf(stderr, "%s\n", script->err->text);
	}
	*script->err = first;
	return first.text[0] == '\0' ? 0 : -EINVAL;
}

static int
check_line(struct scenario *scenario, struct script *script, const struct expect *expect,
		const struct emitted *line)
{
	json_t *object = json_loads(line->json, 0, NULL);
	int rc;

	if (object == NULL)
		rc = scenario_fail(scenario, script->err, "expected JSON");
	else if (line->kind != expect->kind)
		rc = scenario_fail(scenario, script->err, "expected %s, got %s",
				event_json_type(expect->kind), event_json_type(line->kind));
	else
		rc = check_times(scenario, expect, line, script->err);
	if (rc == 0)
		rc = check_envelope(scenario, line, object, script->err);
	if (rc == 0)
		rc = check_block(scenario, script, object);
	if (rc < 0)
		fprintf(stderr, "%s\n", line->json);
	json_decref(object);
	return rc;
}

int
script_expect(struct scenario *scenario, struct cursor *cursor, struct script *script)
{
	struct expect expect = { 0 };
	const struct emitted *line;
	int rc;

	if (expect_read(scenario, cursor, &expect) < 0)
		return -EINVAL;
	if (expect.has_at && expect.at_us != scenario->now_us &&
			(script_advance_in_silence(scenario, expect.at_us, script->err) < 0 ||
					scenario_advance(scenario, expect.at_us, script->err) < 0))
		return -EINVAL;
	line = emitted_head(&scenario->queue);
	if (line == NULL)
		return scenario_fail(scenario, script->err, "expected %s, got nothing",
				event_json_type(expect.kind));
	scenario->expectations++;
	rc = check_line(scenario, script, &expect, line);
	emitted_pop(&scenario->queue);
	return rc;
}

/* "counter NAME VALUE" */
int
script_counter(struct scenario *scenario, struct cursor *cursor)
{
	const struct counters *counters = pipeline_counters(scenario->pipeline);
	struct word name = cursor_word(cursor, " ");
	uint64_t expected, got = UINT64_MAX;

	if (cursor_expect(cursor, " ") < 0 ||
			cursor_number(cursor, UINT32_MAX, &expected, "a number") < 0)
		return -EINVAL;
#define X(field, metric, help) \
	if (word_is(name, #field)) \
		got = counter_read(&counters->field);
	COUNTERS(X)
#undef X
#define X(id, word, help) \
	if (word_is(name, "packets." word)) \
		got = counter_read(&counters->packets[id]);
	PACKET_KINDS(X)
#undef X
	if (got == UINT64_MAX)
		return scenario_fail(scenario, cursor->err, "expected the name of a counter");
	scenario->expectations++;
	return got == expected
			? 0
			: scenario_fail(scenario, cursor->err, "%.*s: expected %llu, got %llu",
					  (int)name.len, name.text, (unsigned long long)expected,
					  (unsigned long long)got);
}
