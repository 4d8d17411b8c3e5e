/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Where something is counted: at the lowest level at which there is a place for it.
 */

#ifndef DETECT_METER_PLACE_H
#define DETECT_METER_PLACE_H

#include "detect/meter_state.h"

/** A victim was given that place: its entry. Whoever gave way for it has its counts rolled up. */
struct victim_entry *meter_place_settle(
		struct meter *meter, const struct victim_key *victim, uint32_t place);

/**
 * The victim's entry, if need be a new one; whoever gives way for it has its counts rolled up.
 *
 * @param weight
 *   What it weighs more from now on; it may not be 0.
 * @return
 *   NULL: it gets no place.
 */
struct victim_entry *meter_place_take(
		struct meter *meter, const struct victim_key *victim, uint32_t weight, bool proven);

/** The counts of what a victim is part of, at the lowest level that follows it. */
struct victim_counts *meter_place_above(struct meter *meter, const struct victim_key *victim);

/**
 * Add counts of a victim to what it is part of.
 *
 * @return
 *   The entry that they were added to, not always of the next level; NULL: unfollowed.
 */
struct victim_entry *meter_place_roll_up(struct meter *meter, const struct victim_key *victim,
		const struct victim_counts *counts);

#endif /* DETECT_METER_PLACE_H */
