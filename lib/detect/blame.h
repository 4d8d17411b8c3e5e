/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Whom to name: one attack shows at a service, at its address and at its prefix, and carpet
 * bombing at hundreds of addresses. Each attack is to be one alarm, at the level that says
 * most: a service, if most of its address's trouble is there; an address, where many ports are
 * hit; a prefix, where many addresses do badly at once.
 */

#ifndef DETECT_BLAME_H
#define DETECT_BLAME_H

#include "detect/alarm_book.h"
#include "detect/followed_table.h"
#include "detect/suspects.h"

/* So many addresses of a prefix at once are no longer that many attacks. */
#define BLAME_CARPET 32

/** Begin the floods that this tick's findings (followed.finding) amount to. */
void blame(struct alarm_book *book, const struct detector_params *params,
		struct followed_table *table, const struct suspects *suspects, uint64_t tick);

#endif /* DETECT_BLAME_H */
