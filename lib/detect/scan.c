/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/scan.h"

#include "base/compiler.h"
#include "detect/tick.h"

#include <math.h>
#include <string.h>

#define RING 16
#define WAYS 8 /* places that a source may have */

/* In so many ticks in a row it must look like one: by then a real client has been answered. */
#define SUSPICIOUS_TICKS 5

/* Of a scanner's attempts fewer than one in so many complete. */
#define COMPLETED_DIVISOR 10

#define BITS_PER_WORD 64

/* Nothing is known of it any more after so long. */
#define FORGOTTEN_TICKS (2 * SCAN_STRETCH_TICKS)

/* Its place, or that of the one not heard of for longest, if it has no alarm. */
static struct scan_source *
place_for(struct scan *scan, const struct report_scanner *scanner)
{
	const uint64_t first = address_hash(scan->key, scanner->addr, scanner->ipv6) % SCAN_SOURCES;
	struct scan_source *best = NULL;

	for (uint64_t i = 0; i < WAYS; i++) {
		struct scan_source *source = &scan->sources[(first + i) % SCAN_SOURCES];

		if (source->is_used && source->ipv6 == scanner->ipv6 &&
				source->addr[0] == scanner->addr[0] &&
				source->addr[1] == scanner->addr[1])
			return source;
		if (source->entry == NULL &&
				(best == NULL || !source->is_used ||
						(best->is_used && source->tick < best->tick)))
			best = source;
	}
	if (best != NULL)
		best->is_used = false;
	return best;
}

static void
merge_maps(uint64_t *map, const uint64_t *more, uint32_t words)
{
	for (uint32_t i = 0; i < words; i++)
		map[i] |= more[i];
}

static void
turn_stretch(struct scan_source *source, uint64_t tick)
{
	const uint64_t stretch = tick / SCAN_STRETCH_TICKS;

	if (stretch == source->stretch)
		return;
	source->before = stretch == source->stretch + 1 ? source->now : (struct scan_stretch){ 0 };
	source->now = (struct scan_stretch){ 0 };
	source->stretch = stretch;
}

void
scan_take(struct scan *scan, const struct report_scanner *scanner, uint64_t tick)
{
	struct scan_source *source = place_for(scan, scanner);

	if (source == NULL)
		return;
	if (!source->is_used) {
		memset(source, 0, sizeof(*source));
		source->is_used = true;
		source->addr[0] = scanner->addr[0];
		source->addr[1] = scanner->addr[1];
		source->ipv6 = scanner->ipv6;
		source->first_tick = tick;
		source->stretch = tick / SCAN_STRETCH_TICKS;
	}
	turn_stretch(source, tick);
	merge_maps(source->now.targets, scanner->targets, SCAN_MAP_WORDS);
	merge_maps(source->now.addresses, scanner->addresses, SCAN_MAP_WORDS / 4);
	source->now.attempts += scanner->attempts;
	source->now.completed += scanner->completed;
	source->tick_attempts += scanner->attempts;
	source->tick_refused += scanner->refused;
	if (scanner->attempts > 0) {
		source->has_many_ports |= source->tick != 0 &&
				source->last.port != scanner->last.port;
		source->tick = tick;
		source->last = scanner->last;
	}
}

/* Linear counting: of m bits z are still zero, so there were m ln(m / z). */
static uint32_t
count_map(const uint64_t *now, const uint64_t *before, uint32_t words, uint32_t most)
{
	const double bits = (double)words * BITS_PER_WORD;
	uint32_t set = 0;
	double count;

	for (uint32_t i = 0; i < words; i++)
		set += (uint32_t)__builtin_popcountll(now[i] | before[i]);
	if (set == words * BITS_PER_WORD)
		return most;
	count = bits * log(bits / (bits - set)) + 0.5;
	return count < most ? (uint32_t)count : most;
}

static uint32_t
attempts_of(const struct scan_source *source)
{
	return source->now.attempts + source->before.attempts;
}

static uint32_t
targets_of(const struct scan_source *source)
{
	return count_map(source->now.targets, source->before.targets, SCAN_MAP_WORDS,
			attempts_of(source));
}

static uint32_t
addresses_of(const struct scan_source *source)
{
	return count_map(source->now.addresses, source->before.addresses, SCAN_MAP_WORDS / 4,
			attempts_of(source));
}

static uint32_t
sum(const uint32_t ring[RING], uint64_t tick)
{
	uint32_t all = 0;

	for (uint64_t ago = 0; ago < TICKS_PER_SEC; ago++)
		all += ring[(tick - ago) % RING];
	return all;
}

static void
describe(struct scan_source *source, uint64_t tick)
{
	struct alarm *alarm = &source->entry->alarm;
	const uint32_t targets = targets_of(source), addresses = addresses_of(source);

	alarm->victim = source->last;
	if (source->has_many_ports || targets > 2 * addresses) {
		alarm->victim.level = VICTIM_ADDRESS;
		alarm->victim.port = 0;
	}
	alarm->scanner = (struct alarm_source){ .addr = { source->addr[0], source->addr[1] },
		.ipv6 = source->ipv6,
		.pps = alarm->pps };
	/* The most there were: when it slows down, no fewer have been knocked at. */
	if (targets > alarm->scan_targets)
		alarm->scan_targets = targets;
	if (addresses > alarm->scan_addresses)
		alarm->scan_addresses = addresses;
	alarm->refused_pps = sum(source->refused, tick);
}

static bool
is_suspicious(const struct detector_params *params, const struct scan_source *source)
{
	const uint32_t completed = source->now.completed + source->before.completed;

	return attempts_of(source) >= params->scan_min_targets &&
			completed * COMPLETED_DIVISOR <= attempts_of(source) &&
			targets_of(source) >= params->scan_min_targets;
}

static void
begin(struct scan_source *source, struct alarm_book *book, uint64_t tick)
{
	source->entry = alarm_book_begin(
			book, ALARM_SCAN, NULL, tick_start_us(source->first_tick), tick);
	if (source->entry == NULL) {
		book->counters->alarms_missed += !source->is_missed;
		source->is_missed = true;
		return;
	}
	/* Those before are counted as one tick's: when each came is not kept. */
	alarm_book_count(source->entry, attempts_of(source), 0, sum(source->attempts, tick), tick);
	describe(source, tick);
	alarm_book_tell(book, source->entry, ALARM_START, tick);
}

static void
go_on(struct scan_source *source, struct alarm_book *book, const struct detector_params *params,
		uint32_t attempts, uint64_t tick)
{
	struct alarm_entry *entry = source->entry;

	alarm_book_count(entry, attempts, 0, sum(source->attempts, tick), tick);
	describe(source, tick);
	if (source->tick == tick)
		entry->true_tick = tick;
	if (tick >= entry->true_tick + params->hold_ticks) {
		alarm_book_end(book, entry, tick);
		source->entry = NULL;
		source->is_used = false;
	} else if (tick >= entry->told_tick + params->update_ticks) {
		alarm_book_tell(book, entry, ALARM_UPDATE, tick);
	}
}

static void
step_source(struct scan_source *source, struct alarm_book *book,
		const struct detector_params *params, uint64_t tick)
{
	const uint32_t attempts = source->tick_attempts;

	source->attempts[tick % RING] = attempts;
	source->refused[tick % RING] = source->tick_refused;
	source->tick_attempts = source->tick_refused = 0;
	turn_stretch(source, tick);
	if (source->entry != NULL) {
		go_on(source, book, params, attempts, tick);
		return;
	}
	if (source->tick + FORGOTTEN_TICKS < tick) {
		source->is_used = false;
		return;
	}
	source->suspicious_ticks = is_suspicious(params, source) ? source->suspicious_ticks + 1 : 0;
	if (source->suspicious_ticks >= SUSPICIOUS_TICKS)
		begin(source, book, tick);
}

void
scan_step(struct scan *scan, struct alarm_book *book, const struct detector_params *params,
		uint64_t tick)
{
	for (uint32_t i = 0; i < SCAN_SOURCES; i++)
		if (scan->sources[i].is_used)
			step_source(&scan->sources[i], book, params, tick);
}

void
scan_finish(struct scan *scan, struct alarm_book *book, uint64_t tick)
{
	for (uint32_t i = 0; i < SCAN_SOURCES; i++)
		if (scan->sources[i].entry != NULL) {
			alarm_book_end(book, scan->sources[i].entry, tick);
			scan->sources[i].entry = NULL;
		}
}
