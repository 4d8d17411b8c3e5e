/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A closer look at some victims: those under suspicion, as more handshakes stay
 * unresolved than usual, get a block in which their sources are counted; those that nobody is known
 * to answer at give away who scans.
 *
 * There are few blocks. A victim whose unresolved handshakes are explained by those of its
 * parts that have blocks gets none; a block is given up when its victim has been calm for a
 * while, and it may be taken from one that hardly anything happens to.
 */

#ifndef DETECT_METER_WATCH_H
#define DETECT_METER_WATCH_H

#include "detect/meter_state.h"

/** NULL: the block is another's by now, or there was none. */
static inline struct sources *
meter_watch_sources(struct meter *meter, const struct victim_sources *sources)
{
	if (sources->index == REPORT_NO_SOURCES ||
			meter->watched[sources->index].serial != sources->serial)
		return NULL;
	return &meter->sources[sources->index];
}

/** A victim was given a place. */
void meter_watch_begin(struct meter *meter, struct victim_entry *entry);

/** Something is counted of it, for the first time since its counts were taken. */
void meter_watch_list(struct meter *meter, struct victim_entry *entry);

/** What is counted of a victim, to be added to. */
static inline struct victim_counts *
meter_watch_counts(struct meter *meter, struct victim_entry *entry)
{
	if (!entry->listed)
		meter_watch_list(meter, entry);
	return &entry->counts;
}

/**
 * A SYN to a service that has watch_at unresolved, or more. The blocks of sources that it then
 * has are the caller's to add to.
 */
void meter_watch_syn(struct meter *meter, struct victim_entry *entry, const uint8_t *client);

/** A SYN to a service that has no place, and what scanner_table_admits() says of its source. */
void meter_watch_attempt(struct meter *meter, const struct victim_key *service,
		const uint8_t *client, uint32_t place);

/** How a handshake ended tells of sources, and may tell of a scan; @p entry is NULL where the service has no place. */
void meter_watch_end(struct meter *meter, const struct victim_entry *entry,
		const struct victim_key *service, const uint8_t *client,
		enum handshake_result result);

/** Its counts are taken, for a tick, and have been added to @p parent, if there is one. */
void meter_watch_take(
		struct meter *meter, struct victim_entry *entry, const struct victim_entry *parent);

/** Ticks have passed: blocks of those who have been calm for long are free again. */
void meter_watch_pass(struct meter *meter, uint32_t ticks);

#endif /* DETECT_METER_WATCH_H */
