/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/wire_json.h"

#include "observe/json_value.h"

#include <stdio.h>

const char *
wire_json_what_word(enum wire_what what)
{
	static const char *const words[] = {
#define X(id, word) [id] = word,
		WIRE_WHATS(X)
#undef X
	};

	return (unsigned)what < WIRE_WHAT_COUNT ? words[what] : "?";
}

const char *
wire_json_reason_word(enum wire_reason reason)
{
	static const char *const words[] = {
#define X(id, word) [id] = word,
		WIRE_REASONS(X)
#undef X
	};

	return (unsigned)reason < WIRE_REASON_COUNT ? words[reason] : NULL;
}

static void
set_text(json_t *object, const char *key, const char *text)
{
	char cut[WIRE_TEXT_MAX + 1];

	if (text == NULL)
		return;
	snprintf(cut, sizeof(cut), "%s", text);
	json_object_set_new(object, key, json_value_text(cut));
}

static json_t *
wire_object(const struct wire_event *event)
{
	json_t *wire = json_object();

	set_text(wire, "what", wire_json_what_word(event->what));
	set_text(wire, "wire", event->wire);
	set_text(wire, "port", event->port);
	set_text(wire, "output", event->output);
	if (event->worker != WIRE_NO_WORKER)
		json_object_set_new(wire, "worker", json_integer(event->worker));
	if (event->since_us != 0)
		json_object_set_new(wire, "since", json_value_time(event->since_us));
	set_text(wire, "reason", wire_json_reason_word(event->reason));
	set_text(wire, "detail", event->detail);
	return wire;
}

size_t
wire_json_write(const struct wire_event *event, uint64_t time_us, char *out)
{
	json_t *line = json_object();
	size_t len;

	json_object_set_new(line, "timestamp", json_value_time(time_us));
	json_object_set_new(line, "event_type", json_string("wire"));
	json_object_set_new(line, "wire", wire_object(event));
	len = json_value_line(line, out, WIRE_JSON_LINE_MAX);
	json_decref(line);
	return len;
}
