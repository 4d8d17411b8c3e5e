/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/meter_watch.h"

#include "detect/tick.h"

/* Unresolved, beside twice the usual: what even a small server has now and then. */
#define SUSPECT_MIN 8

/* The usual follows the unresolved handshakes slowly, and more so once they are suspicious. */
#define USUAL_SHIFT 8
#define USUAL_SHIFT_SUSPECT 12

/* A service with less weight is quiet: nobody visits it but a scan, perhaps. */
#define QUIET_WEIGHT 8

/* So many times the weight takes a block from who has it. */
#define STEAL_FACTOR 4

/* No attack is over sooner, so a block is never that of the one before. */
#define CALM_TICKS TICKS_PER_SEC

/* What was not resolved counts less by a quarter each tick. */
#define FADE_SHIFT 2

static const struct victim_sources no_sources = { .index = REPORT_NO_SOURCES };

static bool
has_own(const struct victim_entry *entry)
{
	return entry->own.index != REPORT_NO_SOURCES;
}

static uint32_t
suspect_at(const struct victim_entry *entry)
{
	uint64_t at = SUSPECT_MIN + 2 * (uint64_t)entry->usual / VICTIM_USUAL_ONE;

	return at < UINT32_MAX ? (uint32_t)at : UINT32_MAX;
}

static struct victim_entry *
owner_of(struct meter *meter, uint32_t block)
{
	const struct meter_watched *watched = &meter->watched[block];

	return &meter->victims[watched->level].entries[watched->place];
}

static void
release(struct meter *meter, uint32_t block)
{
	struct meter_watched *watched = &meter->watched[block];

	owner_of(meter, block)->own = no_sources;
	heavy_set_hold(&meter->victims[watched->level].set, watched->place, false);
	watched->used = false;
	watched->serial++;
	meter->watched_count--;
}

/* A free block, or that of the lightest if it is light against @p weight; -1: none. */
static int
block_for(struct meter *meter, uint32_t weight)
{
	uint32_t least = UINT32_MAX;
	int lightest = -1;

	for (int block = 0; block < METER_SOURCES; block++) {
		struct victim_entry *owner = owner_of(meter, (uint32_t)block);
		uint32_t its_weight;

		if (!meter->watched[block].used)
			return block;
		heavy_set_refresh(&meter_table_of(meter, owner)->set, meter->watched[block].place);
		its_weight = victim_table_weight(meter_table_of(meter, owner), owner);
		if (its_weight < least) {
			least = its_weight;
			lightest = block;
		}
	}
	if ((uint64_t)least * STEAL_FACTOR > weight)
		return -1;
	release(meter, (uint32_t)lightest);
	return lightest;
}

static void
attach(struct meter *meter, struct victim_entry *entry)
{
	struct victim_table *table = meter_table_of(meter, entry);
	int block = block_for(meter, victim_table_weight(table, entry));
	struct meter_watched *watched;

	if (block < 0) {
		/* Not for each SYN: when it has grown, or when the tick is over. */
		entry->attach_at = entry->unresolved < UINT32_MAX / 2 ? 2 * entry->unresolved
								      : UINT32_MAX;
		return;
	}
	watched = &meter->watched[block];
	watched->used = true;
	watched->level = entry->key.level;
	watched->place = entry->place;
	watched->calm_ticks = 0;
	entry->own = (struct victim_sources){ (uint8_t)block, watched->serial };
	heavy_set_hold(&table->set, watched->place, true);
	sources_reset(&meter->sources[block]);
	meter->watched_count++;
}

/* Nobody is known to answer there, and few come. */
static bool
is_quiet(const struct meter *meter, const struct victim_entry *entry)
{
	const struct victim_table *table = &meter->victims[VICTIM_SERVICE];

	return victim_table_weight(table, entry) < QUIET_WEIGHT;
}

static bool
is_unknown(const struct meter *meter, const struct victim_entry *entry)
{
	const struct victim_table *table = &meter->victims[VICTIM_SERVICE];

	return is_quiet(meter, entry) && !heavy_set_is_proven(&table->set, entry->place);
}

static void
set_watch(struct meter *meter, struct victim_entry *entry)
{
	if (is_unknown(meter, entry))
		entry->watch_at = 0;
	else
		entry->watch_at = has_own(entry) ? UINT32_MAX : entry->attach_at;
}

static struct victim_sources
sources_of(struct meter *meter, const struct victim_entry *parent)
{
	if (parent == NULL)
		return no_sources;
	if (has_own(parent))
		return parent->own;
	return meter_watch_sources(meter, &parent->inherited) != NULL ? parent->inherited
								      : no_sources;
}

void
meter_watch_begin(struct meter *meter, struct victim_entry *entry)
{
	entry->attach_at = SUSPECT_MIN;
	/* Without blocks in use nothing can be inherited. */
	if (meter->watched_count != 0 && entry->key.level != VICTIM_PREFIX) {
		struct victim_key parent;

		victim_parent(&entry->key, &meter->prefixes, &parent);
		entry->inherited = sources_of(
				meter, victim_table_find(&meter->victims[parent.level], &parent));
	}
	meter_watch_counts(meter, entry);
}

static void
fade(struct victim_entry *entry, uint32_t beat)
{
	for (; entry->beat != beat && entry->unresolved != 0; entry->beat++)
		entry->unresolved -= (entry->unresolved + (1 << FADE_SHIFT) - 1) >> FADE_SHIFT;
	entry->beat = beat;
}

void
meter_watch_list(struct meter *meter, struct victim_entry *entry)
{
	victim_table_list(meter_table_of(meter, entry), entry);
	fade(entry, meter_table_of(meter, entry)->set.beat);
	if (entry->key.level == VICTIM_SERVICE)
		set_watch(meter, entry);
}

static struct scanner_knock
knock_of(const struct meter *meter, const uint8_t *client, const struct victim_key *service)
{
	struct scanner_knock knock = { .hash = meter_hash_source(meter, client, service->ipv6),
		.ipv6 = service->ipv6,
		.target = service };

	memcpy(knock.addr, client, sizeof(knock.addr));
	return knock;
}

void
meter_watch_syn(struct meter *meter, struct victim_entry *entry, const uint8_t *client)
{
	if (is_unknown(meter, entry)) {
		struct scanner_knock knock = knock_of(meter, client, &entry->key);

		scanner_table_attempt(&meter->scanners, &knock);
	}
	if (!has_own(entry) && entry->unresolved >= entry->attach_at)
		attach(meter, entry);
	set_watch(meter, entry);
}

void
meter_watch_attempt(struct meter *meter, const struct victim_key *service, const uint8_t *client,
		uint32_t place)
{
	struct scanner_knock knock = knock_of(meter, client, service);

	scanner_table_attempt_at(&meter->scanners, &knock, place);
}

/* Those whose handshakes complete are told from those that leave them open. */
static void
note_completed(struct meter *meter, const struct victim_entry *entry, const uint8_t *client)
{
	struct sources *own = meter_own_sources(meter, entry);
	struct sources *inherited = meter_watch_sources(meter, &entry->inherited);
	uint64_t hash;

	if (own == NULL && inherited == NULL)
		return;
	hash = meter_hash_source(meter, client, entry->key.ipv6);
	if (own != NULL)
		sources_complete(own, hash);
	if (inherited != NULL)
		sources_complete(inherited, hash);
}

void
meter_watch_end(struct meter *meter, const struct victim_entry *entry,
		const struct victim_key *service, const uint8_t *client,
		enum handshake_result result)
{
	struct scanner_knock knock = knock_of(meter, client, service);

	if (result == HANDSHAKE_COMPLETE || result == HANDSHAKE_SIMULTANEOUS) {
		if (entry != NULL && meter->watched_count != 0)
			note_completed(meter, entry, client);
		scanner_table_completed(&meter->scanners, &knock);
	} else if (entry != NULL && !is_quiet(meter, entry)) {
		return; /* one of many that come there: no scan */
	} else if (result == HANDSHAKE_CLIENT_RESET) {
		scanner_table_reset(&meter->scanners, &knock);
	} else {
		scanner_table_refused(&meter->scanners, &knock);
	}
}

/* Unresolved at those parts of it that have blocks of their own; a tick's share has faded. */
static uint64_t
explained(struct meter *meter, const struct victim_entry *entry)
{
	uint64_t unresolved = 0;

	for (uint32_t block = 0; block < METER_SOURCES; block++) {
		const struct victim_entry *owner = owner_of(meter, block);

		if (meter->watched[block].used && owner->key.level < entry->key.level &&
				victim_covers(&entry->key, &owner->key, &meter->prefixes))
			unresolved += owner->unresolved;
	}
	return unresolved + unresolved / ((1 << FADE_SHIFT) - 1);
}

static void
add_unresolved(struct victim_entry *entry)
{
	const struct victim_counts *counts = &entry->counts;
	uint64_t with_new = (uint64_t)entry->unresolved + counts->syn;
	uint64_t resolved = (uint64_t)counts->completed + counts->refused + counts->broken_off;

	with_new = with_new > resolved ? with_new - resolved : 0;
	entry->unresolved = with_new < UINT32_MAX ? (uint32_t)with_new : UINT32_MAX;
}

static void
note_suspicion(struct meter *meter, const struct victim_entry *entry)
{
	if (has_own(entry) && entry->unresolved >= suspect_at(entry) / 2)
		meter->watched[entry->own.index].calm_ticks = 0;
}

static void
learn_usual(struct victim_entry *entry)
{
	int64_t seen = (int64_t)entry->unresolved * VICTIM_USUAL_ONE;
	int64_t shift = has_own(entry) ? USUAL_SHIFT_SUSPECT : USUAL_SHIFT;
	int64_t usual = entry->usual + (seen - entry->usual) / (INT64_C(1) << shift);

	entry->usual = usual < UINT32_MAX ? (uint32_t)usual : UINT32_MAX;
}

void
meter_watch_take(struct meter *meter, struct victim_entry *entry, const struct victim_entry *parent)
{
	bool is_service = entry->key.level == VICTIM_SERVICE;

	/* A service's are counted as they come. */
	if (!is_service)
		add_unresolved(entry);
	learn_usual(entry);
	entry->attach_at = suspect_at(entry);
	if (!is_service && !has_own(entry) && entry->unresolved >= entry->attach_at &&
			entry->unresolved >= explained(meter, entry) + entry->attach_at)
		attach(meter, entry);
	entry->inherited = sources_of(meter, parent);
	note_suspicion(meter, entry);
	if (is_service)
		set_watch(meter, entry);
}

void
meter_watch_pass(struct meter *meter, uint32_t ticks)
{
	for (uint32_t block = 0; block < METER_SOURCES; block++) {
		struct meter_watched *watched = &meter->watched[block];

		if (!watched->used)
			continue;
		watched->calm_ticks += ticks; /* none of them, if it is still suspicious */
		if (watched->calm_ticks >= CALM_TICKS)
			release(meter, block);
	}
}
