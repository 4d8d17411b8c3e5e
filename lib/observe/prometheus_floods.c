/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/prometheus_floods.h"

#include "observe/alarm_text.h"

#include <string.h>

/* The heaviest first; of one type and victim there is one. */
struct heaviest {
	uint32_t count;
	const struct alarm *alarms[PROMETHEUS_FLOODS];
};

static void
write_words(struct exposition *text, const char *name, const char *label, const char *const *words,
		const uint64_t *counts, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		exposition_begin(text, name);
		exposition_label(text, label, words[i]);
		exposition_count(text, counts[i]);
	}
}

static void
write_counts(struct exposition *text, const struct status_alarms *alarms)
{
	const struct status_alarms_active active = status_alarms_count(alarms);
#define X(id, word, ...) word,
	static const char *const types[] = { ALARM_TYPES(X) };
#undef X
#define X(id, word) word,
	static const char *const kinds[] = { FLOOD_KINDS(X) };
#undef X

	exposition_family(text, "alarms_active", "gauge", "Alarms under way");
	write_words(text, "alarms_active", "type", types, active.types, ALARM_TYPE_COUNT);
	exposition_family(text, "alarms_total", "counter", "Alarms that were raised");
	write_words(text, "alarms_total", "type", types, alarms->counters->started,
			ALARM_TYPE_COUNT);
	exposition_family(text, "floods_active", "gauge", "SYN floods under way");
	write_words(text, "floods_active", "kind", kinds, active.kinds, FLOOD_KIND_COUNT);
}

static void
write_detector(struct exposition *text, const struct detector_counters *counters)
{
#define X(field, help) \
	if (strcmp(#field, "victims") == 0) { \
		exposition_family(text, "detector_" #field, "gauge", help); \
		exposition_begin(text, "detector_" #field); \
	} else { \
		exposition_family(text, "detector_" #field "_total", "counter", help); \
		exposition_begin(text, "detector_" #field "_total"); \
	} \
	exposition_count(text, counters->field);
	DETECTOR_COUNTERS(X)
#undef X
}

static bool
is_same(const struct alarm *a, const struct alarm *b)
{
	return a->type == b->type && victim_key_equal(&a->victim, &b->victim);
}

/* Insert where it belongs by its rate; the lightest falls off. */
static void
add(struct heaviest *heaviest, const struct alarm *alarm)
{
	uint32_t at = heaviest->count;

	for (uint32_t i = 0; i < heaviest->count; i++)
		if (is_same(heaviest->alarms[i], alarm))
			return;
	while (at > 0 && heaviest->alarms[at - 1]->pps < alarm->pps)
		at--;
	if (at == PROMETHEUS_FLOODS)
		return;
	heaviest->count += heaviest->count < PROMETHEUS_FLOODS;
	memmove(&heaviest->alarms[at + 1], &heaviest->alarms[at],
			/* pointers move: NOLINTNEXTLINE(bugprone-sizeof-expression) */
			(heaviest->count - 1 - at) * sizeof(heaviest->alarms[0]));
	heaviest->alarms[at] = alarm;
}

static struct heaviest
choose(const struct status_alarms *alarms, bool floods)
{
	struct heaviest heaviest = { .count = 0 };

	for (uint32_t i = 0; i < alarms->active_count; i++) {
		const struct alarm *alarm = alarms->active[i];

		if (alarm->type != ALARM_SCAN && (alarm->type == ALARM_SYN_FLOOD) == floods)
			add(&heaviest, alarm);
	}
	return heaviest;
}

static void
begin(struct exposition *text, const char *name, const struct alarm *alarm)
{
	exposition_begin(text, name);
	if (alarm->type != ALARM_SYN_FLOOD)
		exposition_label(text, "type", alarm_type_word(alarm->type));
	exposition_label(text, "victim", alarm_text_victim(alarm).text);
}

static void
write_ratio(struct exposition *text, const char *name, const struct alarm *alarm, float ratio)
{
	if (!(ratio >= 0 && ratio <= 1))
		return; /* it is not known */
	begin(text, name, alarm);
	exposition_ratio(text, ratio);
}

/* X(field, name, help): of struct alarm. */
#define FLOOD_METRICS(X) \
	X(pps, "flood_syn_pps", "New handshakes with the victim over the last second") \
	X(half_open, "flood_half_open", "Handshakes with the victim that are open now")

static void
write_floods(struct exposition *text, const struct heaviest *floods)
{
#define X(field, name, help) \
	exposition_family(text, name, "gauge", help); \
	for (uint32_t i = 0; i < floods->count; i++) { \
		begin(text, name, floods->alarms[i]); \
		exposition_count(text, floods->alarms[i]->field); \
	}
	FLOOD_METRICS(X)
#undef X
	exposition_family(text, "flood_completion_ratio", "gauge",
			"Handshakes with the victim that completed, of those that could have");
	for (uint32_t i = 0; i < floods->count; i++)
		write_ratio(text, "flood_completion_ratio", floods->alarms[i],
				floods->alarms[i]->completion_ratio);
	exposition_family(text, "flood_spoofed_ratio", "gauge",
			"SYNs to the victim whose sender address is not the sender's own");
	for (uint32_t i = 0; i < floods->count; i++)
		if (floods->alarms[i]->has_spoofed_share)
			write_ratio(text, "flood_spoofed_ratio", floods->alarms[i],
					floods->alarms[i]->spoofed_share);
	exposition_family(text, "flood_sources", "gauge", "Sources of the flood, estimated");
	for (uint32_t i = 0; i < floods->count; i++) {
		if (!floods->alarms[i]->has_sources)
			continue;
		begin(text, "flood_sources", floods->alarms[i]);
		exposition_count(text, floods->alarms[i]->sources_estimate);
	}
}

static void
write_storms(struct exposition *text, const struct heaviest *storms)
{
	exposition_family(text, "storm_pps", "gauge",
			"Segments of no connection to the victim over the last second");
	for (uint32_t i = 0; i < storms->count; i++) {
		begin(text, "storm_pps", storms->alarms[i]);
		exposition_count(text, storms->alarms[i]->pps);
	}
}

void
prometheus_floods_write(struct exposition *text, const struct status_alarms *alarms)
{
	struct heaviest floods, storms;

	if (alarms->counters == NULL)
		return;
	floods = choose(alarms, true);
	storms = choose(alarms, false);
	write_counts(text, alarms);
	write_detector(text, alarms->counters);
	write_floods(text, &floods);
	write_storms(text, &storms);
}
