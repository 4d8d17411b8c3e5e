/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a polling thread does when nothing came.
 *
 * The longer it rests, the less it takes from whoever shares its processor or its power, and
 * the later it sees the next frame: by nothing with IDLE_POLL, by about 2 us with IDLE_PAUSE
 * where the processor can (else by a few pauses), by up to 60 us with IDLE_SLEEP, in which
 * the thread gives its processor away.
 */

#ifndef APP_WORKER_IDLE_H
#define APP_WORKER_IDLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum idle_mode {
	IDLE_POLL,
	IDLE_PAUSE,
	IDLE_SLEEP,
};

/* One thread's; zero-initialise. */
struct idle {
	atomic_int mode; /* enum idle_mode; control: wo */
	uint32_t turns; /* without a frame, in a row */
	bool is_ready;
	bool can_pause; /* the processor can wait for a time of our choice */
	uint64_t pause_ticks;
};

/** Rest otherwise from now on; from any thread. */
static inline void
idle_set(struct idle *idle, enum idle_mode mode)
{
	atomic_store_explicit(&idle->mode, mode, memory_order_relaxed);
}

/** Nothing came this turn. */
void idle_rest(struct idle *idle);

/** Something came. */
static inline void
idle_wake(struct idle *idle)
{
	idle->turns = 0;
}

#endif /* APP_WORKER_IDLE_H */
