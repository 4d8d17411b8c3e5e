/* SPDX-License-Identifier: Apache-2.0 */

/* The same advice for programs. Where there is no memory jansson takes NULL, and a field is missing. */

#include "app/advise/advice.h"
#include "detect/tick.h"
#include "observe/json_value.h"

static json_t *
span_json(const struct target *target, uint64_t from_us, uint64_t to_us)
{
	json_t *object = json_object();

	json_object_set_new(object, "dest", json_value_text(target_text(target).text));
	json_object_set_new(object, "from", json_value_time(from_us));
	json_object_set_new(object, "to", json_value_time(to_us));
	return object;
}

static json_t *
floods_json(const struct advice *advice)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < advice->floods.count; i++) {
		const struct true_flood *flood = &advice->floods.list[i];
		json_t *object = span_json(&flood->target, flood->from_us, flood->to_us);

		if (advice->floods.are_voted)
			json_object_set_new(object, "settings", json_integer(flood->votes));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *
false_alarms_json(const struct sightings *sightings)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < sightings->count; i++) {
		const struct sighting *sighting = &sightings->list[i];
		json_t *object;

		if (sighting->is_down || sighting->verdict != SIGHTING_FALSE)
			continue;
		object = span_json(&sighting->target, sighting->onset_us, sighting->ended_us);
		json_object_set_new(object, "told", json_value_time(sighting->told_us));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *
delay_json(const struct score *score, uint64_t delay_us)
{
	return score->found != 0 ? json_real((double)delay_us / (double)USEC_PER_MSEC)
				 : json_null();
}

/* Under the names that configure them, durations in milliseconds. */
static json_t *
values_json(const struct setting *setting)
{
	json_t *object = json_object();

	for (enum grid_key key = 0; key < GRID_KEY_COUNT; key++) {
		const bool is_time = grid_key_unit(key) == GRID_TICKS;

		json_object_set_new(object, is_time ? "window_ms" : grid_key_word(key),
				json_integer((json_int_t)setting->value[key] *
						(is_time ? (json_int_t)(TICK_US / USEC_PER_MSEC)
							 : 1)));
	}
	return object;
}

static json_t *
setting_json(const struct advice *advice, uint32_t i)
{
	const struct score *score = &advice->scores[i];
	json_t *object = json_object();

	json_object_set_new(object, "flood", values_json(&advice->settings[i]));
	json_object_set_new(object, "present", json_boolean(i == 0));
	json_object_set_new(object, "recommended", json_boolean(i == advice->best));
	json_object_set_new(object, "found", json_integer(score->found));
	json_object_set_new(object, "missed", json_integer(score->missed));
	json_object_set_new(object, "median_delay_ms", delay_json(score, score->median_us));
	json_object_set_new(object, "longest_delay_ms", delay_json(score, score->longest_us));
	json_object_set_new(object, "false_alarm_count", json_integer(score->false_alarms));
	json_object_set_new(object, "false_alarms", false_alarms_json(&advice->sightings[i]));
	json_object_set_new(object, "server_down", json_integer(score->down));
	return object;
}

static json_t *
recommendation_json(const struct advice *advice)
{
	char text[ADVICE_TEXT_MAX];
	json_t *object = json_object();

	json_object_set_new(object, "change", json_boolean(advice->best != 0));
	json_object_set_new(object, "flood", values_json(&advice->settings[advice->best]));
	advice_yaml(advice, text, sizeof(text));
	json_object_set_new(object, "yaml", json_value_text(text));
	advice_reason(advice, text, sizeof(text));
	json_object_set_new(object, "reason", json_value_text(text));
	return object;
}

json_t *
advice_json(const struct advice *advice)
{
	json_t *object = json_object(), *settings = json_array();

	for (uint32_t i = 0; i < advice->count; i++)
		json_array_append_new(settings, setting_json(advice, i));
	json_object_set_new(object, "truth",
			json_string(advice->floods.are_voted ? "voted" : "claimed"));
	json_object_set_new(object, "floods", floods_json(advice));
	json_object_set_new(object, "settings", settings);
	json_object_set_new(object, "recommended", recommendation_json(advice));
	return object;
}
