/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A victim that the detector follows: what it is like on an ordinary day, and what the last
 * few seconds brought, tick by tick. followed_table.h has where they are kept.
 */

#ifndef DETECT_FOLLOWED_H
#define DETECT_FOLLOWED_H

#include "detect/alarm.h"
#include "detect/victim.h"

#include <stdbool.h>
#include <stdint.h>

/* Ticks that are remembered one by one: a power of two, three seconds and a bit. */
#define FOLLOWED_TICKS 32

/* A handshake that takes longer than so many ticks is not waited for. */
#define FOLLOWED_DELAYS 16

/* What one tick brought to a victim. */
struct followed_tick {
	uint32_t syn;
	uint32_t synack;
	uint32_t retried; /* handshakes whose SYN was sent again, for the first time */
	uint32_t client_reset;
	uint32_t completed;
	uint32_t resolved; /* completed, refused or broken off: nothing is left open */
	uint32_t stray[ALARM_TYPE_COUNT]; /* of the storms: segments of that type */
	uint32_t answered; /* connections that began with a stray segment and turned out to be real */
	double unfinished; /* handshakes that would have been resolved by now, and are not */
	double expected; /* handshakes whose time to be resolved has come */
};

struct followed {
	struct victim_key key;
	uint32_t next; /* in its chain */
	bool is_used;
	bool is_awake;
	uint32_t awake_at; /* its place among those awake */
	uint64_t since_tick; /* followed since */
	uint64_t woken_tick;
	uint64_t active_tick; /* the last that brought anything */
	uint64_t stepped_tick; /* the last that is in ticks[] */
	struct victim_counts now; /* of the tick that is being reported */
	struct followed_tick ticks[FOLLOWED_TICKS]; /* by tick number modulo their count */
	double delay[VICTIM_DELAYS]; /* handshakes that took so long, the older ones fading */
	double taps[FOLLOWED_DELAYS]; /* the share of handshakes that takes so many ticks */
	uint64_t learned_ticks; /* how many ticks the usual values come from */
	double usual_syn; /* of a tick */
	double usual_completed;
	double usual_unfinished;
	double usual_stray[ALARM_TYPE_COUNT];
	double cusum; /* see detect/judge.h */
	uint64_t cusum_tick; /* when it left zero */
	int64_t half_open;
	uint32_t bad_parts; /* services of an address, addresses of a prefix, that do badly in this tick */
	bool is_partly_named; /* a part of it has an alarm of its own */
	double explained; /* unfinished handshakes of parts that have an alarm of their own */
	uint32_t findings; /* enum judge_finding, of this tick */
	uint32_t alarms; /* bit n: an alarm of type n is under way */
	uint64_t missed_tick[ALARM_TYPE_COUNT]; /* when there was last no room for an alarm */
	uint32_t alarms_of_parts; /* the same, for its parts */
};

/** A new victim: nothing is known of it. */
void followed_init(struct followed *victim);

/** It slept for so many ticks, in which nothing came: the usual is less for it. */
void followed_sleep(struct followed *victim, uint64_t ticks);

/** What the tick @p ago ticks before the last step brought; @p ago is below FOLLOWED_TICKS. */
static inline const struct followed_tick *
followed_tick_at(const struct followed *victim, uint64_t ago)
{
	return &victim->ticks[(victim->stepped_tick - ago) % FOLLOWED_TICKS];
}

/**
 * Take what was reported into the history, as that of @p tick, and begin anew.
 *
 * @param is_silent
 *   Nothing was: what is there already belongs to a later tick.
 */
void followed_step(struct followed *victim, uint64_t tick, bool is_silent);

/** Nobody saw that tick: it is as if nothing had come, and nothing had been expected. */
void followed_skip(struct followed *victim, uint64_t tick);

/** The tick of a second ago was an ordinary one: learn from it. */
void followed_learn(struct followed *victim);

/* Sums over the last so many ticks. */
uint32_t followed_syn(const struct followed *victim, uint32_t ticks);
uint32_t followed_retried(const struct followed *victim, uint32_t ticks);
uint32_t followed_synack(const struct followed *victim, uint32_t ticks);
uint32_t followed_completed(const struct followed *victim, uint32_t ticks);
uint32_t followed_resolved(const struct followed *victim, uint32_t ticks);
uint32_t followed_stray(const struct followed *victim, enum alarm_type type, uint32_t ticks);
uint32_t followed_answered(const struct followed *victim, uint32_t ticks);
double followed_unfinished(const struct followed *victim, uint32_t ticks);
double followed_expected(const struct followed *victim, uint32_t ticks);

#endif /* DETECT_FOLLOWED_H */
