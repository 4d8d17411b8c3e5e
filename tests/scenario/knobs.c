/* SPDX-License-Identifier: Apache-2.0 */

#include "knobs.h"

#include "base/compiler.h"
#include "base/usec.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define SLOTS_DEFAULT 1024
#define SLOTS_MAX 65536

enum knob_type {
	KNOB_NUMBER, /* uint32_t */
	KNOB_BYTE, /* uint8_t */
	KNOB_TIME, /* uint64_t, microseconds */
	KNOB_SWITCH, /* bool */
	KNOB_ALL, /* bool: "all" or "default" */
};

#define PARAM(field) offsetof(struct pipeline_params, field)

static const struct {
	const char *key; /* with its blank: one key may begin another */
	enum knob_type type;
	size_t offset;
	uint32_t max;
} knobs[] = {
	{ "tcp.syn_retries ", KNOB_NUMBER, PARAM(tracker.syn_retries), 127 },
	{ "tcp.syn_linear_timeouts ", KNOB_NUMBER, PARAM(tracker.syn_linear_timeouts), 127 },
	{ "tcp.synack_retries ", KNOB_NUMBER, PARAM(tracker.synack_retries), 127 },
	{ "tcp.initial_rto ", KNOB_TIME, PARAM(tracker.initial_rto_us), 0 },
	{ "timeouts ", KNOB_SWITCH, PARAM(tracker.timeouts), 0 },
	{ "timeouts.established ", KNOB_TIME, PARAM(tracker.established_us), 0 },
	{ "timeouts.closing ", KNOB_TIME, PARAM(tracker.closing_us), 0 },
	{ "timeouts.time_wait ", KNOB_TIME, PARAM(tracker.time_wait_us), 0 },
	{ "timeouts.reset ", KNOB_TIME, PARAM(tracker.reset_us), 0 },
	{ "rst.confirm ", KNOB_TIME, PARAM(tracker.rst_confirm_us), 0 },
	{ "rst.ttl_tolerance ", KNOB_BYTE, PARAM(tracker.rst_ttl_tolerance), UINT8_MAX },
	{ "events.rst ", KNOB_ALL, PARAM(tracker.rst_events_all), 0 },
	{ "flow.slots ", KNOB_NUMBER, PARAM(flow_slots), SLOTS_MAX },
	{ "flow.vlan_in_key ", KNOB_SWITCH, PARAM(vlan_in_key), 0 },
	{ "tracker.verify_checksum ", KNOB_SWITCH, PARAM(verify_checksum), 0 },
};

static const struct {
	const char *word;
	uint64_t usec;
} units[] = {
	{ "us", 1 },
	{ "ms", USEC_PER_MSEC },
	{ "s", USEC_PER_SEC },
	{ "min", 60 * USEC_PER_SEC },
	{ "h", 3600 * USEC_PER_SEC },
};

void
knobs_default(struct pipeline_params *params)
{
	memset(params, 0, sizeof(*params));
	tracker_params_default(&params->tracker);
	params->flow_slots = SLOTS_DEFAULT;
	/* A fixed key: the same case takes the same way through the table each time. */
	memset(params->hash_key, 0x5a, sizeof(params->hash_key));
}

static int
time_value(struct cursor *cursor, uint64_t *usec)
{
	uint64_t number;
	struct word unit;

	if (cursor_number(cursor, UINT32_MAX, &number, "a time as 127 s") < 0)
		return -EINVAL;
	cursor_skip_blanks(cursor);
	unit = cursor_word(cursor, " \t");
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (word_is(unit, units[i].word)) {
			*usec = number * units[i].usec;
			return 0;
		}
	return cursor_fail(cursor, "a unit, one of us, ms, s, min and h, before this");
}

static int
switch_value(struct cursor *cursor, const char *on, const char *off, bool *value)
{
	*value = cursor_skip(cursor, on);
	return *value || cursor_skip(cursor, off) ? 0 : cursor_fail(cursor, on);
}

static int
knob_value(struct cursor *cursor, enum knob_type type, uint32_t max, void *field)
{
	uint64_t number;

	switch (type) {
	case KNOB_TIME:
		return time_value(cursor, field);
	case KNOB_SWITCH:
		return switch_value(cursor, "on", "off", field);
	case KNOB_ALL:
		return switch_value(cursor, "all", "default", field);
	case KNOB_NUMBER:
	case KNOB_BYTE:
		break;
	}
	if (cursor_number(cursor, max, &number, "a number this key can take") < 0)
		return -EINVAL;
	if (type == KNOB_BYTE)
		*(uint8_t *)field = (uint8_t)number;
	else
		*(uint32_t *)field = (uint32_t)number;
	return 0;
}

int
knobs_set(struct cursor *cursor, struct pipeline_params *params)
{
	for (size_t i = 0; i < ARRAY_LEN(knobs); i++)
		if (cursor_skip(cursor, knobs[i].key)) {
			void *field = (uint8_t *)params + knobs[i].offset;

			if (knob_value(cursor, knobs[i].type, knobs[i].max, field) < 0)
				return -EINVAL;
			return cursor_at_end(cursor) ? 0
						     : cursor_fail(cursor, "the end of the line");
		}
	return cursor_fail(cursor, "a key that README.md lists");
}
