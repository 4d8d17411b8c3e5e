/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The victims that the detector follows.
 *
 * Bounded: when all places are taken, the one that has been quiet for longest gives way.
 * Only those that something happened to lately are awake, and looked at each tick.
 */

#ifndef DETECT_FOLLOWED_TABLE_H
#define DETECT_FOLLOWED_TABLE_H

#include "detect/followed.h"

#include <stdint.h>

#define FOLLOWED_MAX 16384
#define FOLLOWED_NONE UINT32_MAX

struct followed_table;

struct followed_table *followed_table_create(uint64_t seed);
void followed_table_destroy(struct followed_table *table);

/** Begin anew, as if nobody had been followed. */
void followed_table_forget_all(struct followed_table *table);

/** NULL: it is not followed. */
struct followed *followed_table_find(struct followed_table *table, const struct victim_key *key);

/** The victim's place, a new one if need be, and awake; NULL if none can be had. */
struct followed *followed_table_wake(
		struct followed_table *table, const struct victim_key *key, uint64_t tick);

/** Those awake, in no order; followed_table_wake() and followed_table_rest() change it. */
uint32_t followed_table_awake_count(const struct followed_table *table);
struct followed *followed_table_awake(struct followed_table *table, uint32_t n);

/** Let those sleep that nothing happened to for as long as is remembered, and have no alarm. */
void followed_table_rest(struct followed_table *table, uint64_t tick);

/** How many places are taken, and how many were taken from others so far. */
uint32_t followed_table_count(const struct followed_table *table);
uint64_t followed_table_replaced(const struct followed_table *table);

#endif /* DETECT_FOLLOWED_TABLE_H */
