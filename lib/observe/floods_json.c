/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/floods_json.h"

#include "base/usec.h"
#include "observe/alarm_json.h"
#include "observe/json_value.h"

#define SET(object, key, value) json_object_set_new(object, key, value)
#define SET_COUNT(object, key, count) SET(object, key, json_value_count(count))

static json_t *
counts_array(const uint32_t *counts, uint32_t count)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < count && i < ALARM_SERIES; i++)
		json_array_append_new(array, json_value_count(counts[i]));
	return array;
}

static json_t *
series_object(const struct alarm *alarm)
{
	const bool is_storm = alarm->type != ALARM_SYN_FLOOD && alarm->type != ALARM_SCAN;
	json_t *series = json_object();

	SET(series, is_storm ? "pps" : "syn_pps",
			counts_array(alarm->series_pps, alarm->series_count));
	if (alarm->type == ALARM_SYN_FLOOD)
		SET(series, "completed",
				counts_array(alarm->series_completed, alarm->series_count));
	return series;
}

/* As in its events; of one that lasts also how long it has by now. */
static json_t *
flood_object(const struct status *status, const struct alarm *alarm,
		const struct floods_json_wish *wish)
{
	json_t *flood = alarm_json_object(alarm, 0);

	if (alarm->phase != ALARM_END)
		SET_COUNT(json_object_get(flood, alarm_json_key(alarm->type)), "duration_ms",
				usec_since(alarm->onset_us, status->now_us) / USEC_PER_MSEC);
	else
		SET(flood, "ended", json_value_time(alarm->ended_us));
	if (!wish->without_series && alarm->series_count > 0)
		SET(flood, "series", series_object(alarm));
	return flood;
}

json_t *
floods_json_reply(const struct status *status, const struct floods_json_wish *wish)
{
	const struct status_alarms *alarms = &status->alarms;
	const uint32_t ended = wish->only_active ? 0 : alarms->ended_count;
	json_t *reply = json_object(), *list = json_array();

	for (uint32_t i = 0; i < alarms->active_count + ended && i < wish->limit; i++) {
		const bool is_active = i < alarms->active_count;
		const struct alarm *alarm = is_active ? alarms->active[i]
						      : alarms->ended[i - alarms->active_count];

		json_array_append_new(list, flood_object(status, alarm, wish));
	}
	SET(reply, "timestamp", json_value_time(status->now_us));
	SET(reply, "detect", json_boolean(alarms->counters != NULL));
	SET_COUNT(reply, "active", alarms->active_count);
	SET_COUNT(reply, "ended", alarms->ended_count);
	SET(reply, "floods", list);
	if (alarms->active_count + ended > wish->limit)
		SET(reply, "more", json_true());
	return reply;
}

static json_t *
types_object(const uint64_t counts[ALARM_TYPE_COUNT])
{
	json_t *object = json_object();

#define X(id, word, help) SET_COUNT(object, word, counts[id]);
	ALARM_TYPES(X)
#undef X
	return object;
}

static json_t *
kinds_object(const uint64_t counts[FLOOD_KIND_COUNT])
{
	json_t *object = json_object();

#define X(id, word) SET_COUNT(object, word, counts[id]);
	FLOOD_KINDS(X)
#undef X
	return object;
}

static json_t *
detector_object(const struct detector_counters *counters)
{
	json_t *object = json_object();

#define X(field, help) SET_COUNT(object, #field, counters->field);
	DETECTOR_COUNTERS(X)
#undef X
	return object;
}

json_t *
floods_json_stats(const struct status_alarms *alarms)
{
	const struct status_alarms_active active = status_alarms_count(alarms);
	json_t *object = json_object();

	SET(object, "active", types_object(active.types));
	SET(object, "active_floods", kinds_object(active.kinds));
	SET(object, "raised", types_object(alarms->counters->started));
	SET(object, "floods", kinds_object(alarms->counters->floods));
	SET(object, "detector", detector_object(alarms->counters));
	return object;
}
