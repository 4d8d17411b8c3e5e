/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Segments that belong to no connection, in numbers: SYN-ACKs to SYNs that were never sent
 * (backscatter: somebody attacks a third party in the name of these addresses), RSTs, and
 * ACKs or data. Connections that began before the wire did look alike at first: they do not
 * count once both sides were heard, and nothing is told in the first seconds.
 */

#ifndef DETECT_STORM_H
#define DETECT_STORM_H

#include "detect/alarm_book.h"
#include "detect/followed_table.h"

/** Begin the storms that this tick shows; @p age: ticks since the first. */
void storm_begin_all(struct alarm_book *book, const struct detector_params *params,
		struct followed_table *table, uint64_t age, uint64_t tick);

/** Another tick of one, after its victim's followed_step(). */
void storm_step(struct alarm_book *book, const struct detector_params *params,
		struct alarm_entry *entry, uint64_t tick);

#endif /* DETECT_STORM_H */
