/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/alarm_json.h"

#include "base/usec.h"
#include "observe/alarm_text.h"
#include "observe/json_value.h"

#define SET(object, key, value) json_object_set_new(object, key, value)
#define SET_COUNT(object, key, count) SET(object, key, json_value_count(count))

#define RATIO_STEPS 10000 /* more digits than that would be noise */

const char *
alarm_json_key(enum alarm_type type)
{
	switch (type) {
	case ALARM_SYN_FLOOD:
		return "flood";
	case ALARM_SCAN:
		return "scan";
	case ALARM_BACKSCATTER:
	case ALARM_RST_STORM:
	case ALARM_ACK_STORM:
	case ALARM_TYPE_COUNT:
		break;
	}
	return "storm";
}

static json_t *
address_value(const uint64_t addr[2], bool ipv6)
{
	return json_value_address((const uint8_t *)addr, ipv6 ? 6 : 4);
}

/* What is no share, such as one of nothing, is not known. */
static void
set_ratio(json_t *object, const char *key, float ratio)
{
	if (ratio >= 0 && ratio <= 1)
		SET(object, key,
				json_real((double)(uint32_t)(ratio * RATIO_STEPS + 0.5f) /
						RATIO_STEPS));
}

/* The port that all is sent to; null: there are many. A victim may well be port 0. */
static json_t *
port_value(const struct alarm *alarm)
{
	const struct victim_key *victim = &alarm->victim;
	const bool is_one = victim->level == VICTIM_SERVICE &&
			(alarm->type != ALARM_SCAN || victim->port != 0);

	return is_one ? json_integer(victim->port) : json_null();
}

/* Of a scan the address only if there is one. */
static void
set_victim(json_t *line, const struct alarm *alarm)
{
	const struct victim_key *victim = &alarm->victim;

	if (alarm->type == ALARM_SCAN)
		SET(line, "src_ip", address_value(alarm->scanner.addr, alarm->scanner.ipv6));
	if (victim->level == VICTIM_PREFIX)
		SET(line, "dest_prefix", json_string(alarm_text_prefix(alarm).text));
	else if (alarm->type != ALARM_SCAN || alarm->scan_addresses == 1)
		SET(line, "dest_ip", address_value(victim->addr, victim->ipv6));
	SET(line, "dest_port", port_value(alarm));
	SET(line, "proto", json_string("TCP"));
}

static void
set_sources(json_t *flood, const struct alarm *alarm)
{
	json_t *top = json_array();

	if (alarm->has_sources)
		SET_COUNT(flood, "sources_estimate", alarm->sources_estimate);
	for (uint32_t i = 0; i < alarm->top_count && i < ALARM_TOP_SOURCES; i++) {
		json_t *source = json_object();

		SET(source, "ip", address_value(alarm->top[i].addr, alarm->top[i].ipv6));
		SET_COUNT(source, "syn_pps", alarm->top[i].pps);
		json_array_append_new(top, source);
	}
	if (alarm->top_count > 0)
		json_object_set(flood, "top_sources", top);
	json_decref(top);
}

static void
set_times(json_t *object, const struct alarm *alarm, uint64_t shift_us)
{
	SET(object, "onset", json_value_time(alarm->onset_us + shift_us));
	SET_COUNT(object, "detected_after_ms",
			usec_since(alarm->onset_us, alarm->detected_us) / USEC_PER_MSEC);
}

static void
set_flood(json_t *flood, const struct alarm *alarm)
{
	SET_COUNT(flood, "syn_pps", alarm->pps);
	SET_COUNT(flood, "peak_syn_pps", alarm->peak_pps);
	SET_COUNT(flood, "baseline_syn_pps", alarm->baseline_pps);
	set_ratio(flood, "completion_ratio", alarm->completion_ratio);
	SET_COUNT(flood, "half_open", alarm->half_open);
	if (alarm->has_spoofed_share)
		set_ratio(flood, "spoofed_share", alarm->spoofed_share);
	SET(flood, "kind", json_string(alarm_flood_kind_word(alarm->kind)));
	set_sources(flood, alarm);
}

static void
set_scan(json_t *scan, const struct alarm *alarm)
{
	SET_COUNT(scan, "syn_pps", alarm->pps);
	SET_COUNT(scan, "peak_syn_pps", alarm->peak_pps);
	SET_COUNT(scan, "targets", alarm->scan_targets);
	SET_COUNT(scan, "addresses", alarm->scan_addresses);
	SET_COUNT(scan, "refused_pps", alarm->refused_pps);
}

static void
set_storm(json_t *storm, const struct alarm *alarm)
{
	SET_COUNT(storm, "pps", alarm->pps);
	SET_COUNT(storm, "peak_pps", alarm->peak_pps);
	SET_COUNT(storm, "baseline_pps", alarm->baseline_pps);
}

static json_t *
numbers_object(const struct alarm *alarm, uint64_t shift_us)
{
	json_t *object = json_object();

	set_times(object, alarm, shift_us);
	if (alarm->type == ALARM_SYN_FLOOD)
		set_flood(object, alarm);
	else if (alarm->type == ALARM_SCAN)
		set_scan(object, alarm);
	else
		set_storm(object, alarm);
	SET_COUNT(object, "total", alarm->total);
	if (alarm->phase == ALARM_END)
		SET_COUNT(object, "duration_ms",
				usec_since(alarm->onset_us, alarm->ended_us) / USEC_PER_MSEC);
	SET(object, "action", json_string("none"));
	if (alarm->capture[0] != '\0')
		SET(object, "capture", json_value_text(alarm->capture));
	return object;
}

static void
set_alarm(json_t *line, const struct alarm *alarm, uint64_t shift_us)
{
	SET(line, "event_type", json_string(alarm_type_word(alarm->type)));
	SET_COUNT(line, "flood_id", alarm->id);
	SET(line, "phase", json_string(alarm_phase_word(alarm->phase)));
	set_victim(line, alarm);
	SET(line, alarm_json_key(alarm->type), numbers_object(alarm, shift_us));
}

json_t *
alarm_json_object(const struct alarm *alarm, uint64_t shift_us)
{
	json_t *object = json_object();

	set_alarm(object, alarm, shift_us);
	return object;
}

size_t
alarm_json_write(struct event_json *json, const struct alarm *alarm, char *out)
{
	json_t *line = json_object();
	size_t len;

	SET(line, "timestamp", json_value_time(alarm->time_us + json->shift_us));
	set_alarm(line, alarm, json->shift_us);
	len = json_value_line(line, out, ALARM_JSON_LINE_MAX);
	json_decref(line);
	return len;
}
