/* SPDX-License-Identifier: Apache-2.0 */

#include "app/advise/advice.h"

#include "detect/tick.h"

#include <stdarg.h>
#include <string.h>

#define TICK_MS (TICK_US / USEC_PER_MSEC)

/* Printed behind what is there; what has no room is cut off. */
static size_t PRINTF_LIKE(4, 5) append(char *out, size_t room, size_t len, const char *format, ...)
{
	va_list args;
	int more;

	va_start(args, format);
	more = vsnprintf(out + len, room - len, format, args);
	va_end(args);
	if (more < 0)
		return len;
	return (size_t)more < room - len ? len + (size_t)more : room - 1;
}

void
advice_judge(struct advice *advice, struct sightings *sightings)
{
	if (advice->floods.are_voted) {
		clusters_make(&advice->clusters, sightings, advice->count, SIGHTING_UNJUDGED);
		true_floods_voted(&advice->floods, &advice->clusters, advice->count);
	}
	for (uint32_t i = 0; i < advice->count; i++)
		score_make(&advice->scores[i], &sightings[i], &advice->floods);
	clusters_make(&advice->clusters, sightings, advice->count, SIGHTING_FALSE);
	advice->sightings = sightings;
	advice->best = choice_make(advice->settings, advice->scores, advice->count);
}

struct alarm_text
advice_value(const struct setting *setting, enum grid_key key)
{
	const uint32_t value = setting->value[key];
	struct alarm_text text;

	switch (grid_key_unit(key)) {
	case GRID_PERCENT:
		snprintf(text.text, sizeof(text.text), "%u%%", value);
		break;
	case GRID_TICKS:
		snprintf(text.text, sizeof(text.text), "%llums",
				(unsigned long long)(value * TICK_MS));
		break;
	default:
		snprintf(text.text, sizeof(text.text), "%u", value);
	}
	return text;
}

size_t
advice_yaml(const struct advice *advice, char *out, size_t room)
{
	const struct setting *present = &advice->settings[0];
	const struct setting *best = &advice->settings[advice->best];
	size_t len = 0;

	out[0] = '\0';
	for (enum grid_key key = 0; key < GRID_KEY_COUNT; key++) {
		struct alarm_text value = advice_value(best, key);

		if (best->value[key] == present->value[key])
			continue;
		value.text[strcspn(value.text, "%")] = '\0';
		len = append(out, room, len, "%s  %s: %s\n", len == 0 ? "flood:\n" : "",
				grid_key_word(key), value.text);
	}
	return len;
}

const char *
advice_truth(const struct advice *advice)
{
	if (advice->floods.are_voted)
		return "Nobody said what is in these captures (--flood, --no-flood), so what more "
		       "than half of the settings tell is taken for a flood.";
	return advice->floods.count == 0
			? "There is no flood in these captures, as was said."
			: "The floods in these captures are those that were named.";
}

static size_t
append_outcome(const struct advice *advice, const struct score *score, char *out, size_t room,
		size_t len)
{
	if (advice->floods.count != 0)
		len = append(out, room, len, "finds %u of %u floods with", score->found,
				advice->floods.count);
	else
		len = append(out, room, len, "raises");
	len = score->false_alarms == 0
			? append(out, room, len, " no false alarm")
			: append(out, room, len, " %u false alarm%s", score->false_alarms,
					  score->false_alarms == 1 ? "" : "s");
	if (score->found != 0)
		len = append(out, room, len, ", after %llu ms in the median, %llu ms at most",
				(unsigned long long)(score->median_us / USEC_PER_MSEC),
				(unsigned long long)(score->longest_us / USEC_PER_MSEC));
	return len;
}

size_t
advice_reason(const struct advice *advice, char *out, size_t room)
{
	const struct score *best = &advice->scores[advice->best];
	const char *present = advice->is_default ? "default" : "present";
	size_t len;

	if (advice->best == 0) {
		len = append(out, room, 0, "The %s setting ", present);
		len = append_outcome(advice, best, out, room, len);
		len = append(out, room, len,
				"; no other errs less, or is sooner by more than a tenth of a second.");
	} else {
		len = append(out, room, 0, "This setting ");
		len = append_outcome(advice, best, out, room, len);
		len = append(out, room, len, "; the %s one ", present);
		len = append_outcome(advice, &advice->scores[0], out, room, len);
		len = append(out, room, len, ".");
	}
	if (choice_errors(best) != 0)
		len = append(out, room, len, " Every setting tried makes mistakes here.");
	if (advice->floods.count == 0)
		len = append(out, room, len,
				" Nothing here shows that it would find a flood: try captures with one, too.");
	return len;
}
