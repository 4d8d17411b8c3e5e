/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Those who knock at many doors: for each source that is followed, what came of its
 * handshakes, and a map of bits in which each target sets one.
 *
 * Bounded as heavy_set.h says: a flood from sources that send once each leaves those alone
 * that knock often.
 */

#ifndef DETECT_SCANNER_TABLE_H
#define DETECT_SCANNER_TABLE_H

#include "detect/heavy_set.h"
#include "detect/report.h"

struct scanner_table {
	struct heavy_set set;
	struct report_scanner *entries;
	bool *listed;
	uint16_t *touched; /* places, since scanner_table_begin_take() */
	uint16_t *taking; /* those from before, still to be taken */
	uint32_t touched_count;
	uint32_t taking_count;
	uint64_t key[4];
};

/** Bytes that scanner_table_init() needs: a multiple of CACHE_LINE. */
size_t scanner_table_memory_size(void);

/** @p memory: zeroed, aligned to CACHE_LINE. */
void scanner_table_init(struct scanner_table *table, void *memory, const uint64_t key[4]);

/** Who, and at which door: a service. */
struct scanner_knock {
	uint64_t addr[2];
	uint64_t hash; /* of the address, keyed; all 64 bits good */
	bool ipv6;
	const struct victim_key *target;
};

/**
 * The first half of scanner_table_attempt(), which for nearly all of a flood is the whole.
 *
 * @param place
 *   For scanner_table_attempt_at().
 * @return
 *   False: who has this hash is not followed, and gets no place.
 */
static inline bool
scanner_table_admits(struct scanner_table *table, uint64_t hash, uint32_t *place)
{
	*place = HEAVY_SET_NONE;
	if (heavy_set_ways(&table->set, hash) != 0)
		return true;
	*place = heavy_set_admit(&table->set, hash, 1, false);
	return *place != HEAVY_SET_NONE;
}

void scanner_table_attempt_at(
		struct scanner_table *table, const struct scanner_knock *knock, uint32_t place);

/** A SYN to a service that is not known to answer. */
static inline void
scanner_table_attempt(struct scanner_table *table, const struct scanner_knock *knock)
{
	uint32_t place;

	if (scanner_table_admits(table, knock->hash, &place))
		scanner_table_attempt_at(table, knock, place);
}

/** A RST answered the SYN. */
void scanner_table_refused(struct scanner_table *table, const struct scanner_knock *knock);

/** The source itself reset the handshake, as half-open scanners do at an open door. */
void scanner_table_reset(struct scanner_table *table, const struct scanner_knock *knock);

/** The handshake completed; this alone makes nobody followed. */
void scanner_table_completed(struct scanner_table *table, const struct scanner_knock *knock);

/** As those of victim_table.h; scanner_table_take() copies the counts, and clears them. */
void scanner_table_begin_take(struct scanner_table *table);
bool scanner_table_take(struct scanner_table *table, struct report_scanner *scanner);

#endif /* DETECT_SCANNER_TABLE_H */
