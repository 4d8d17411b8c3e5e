/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A counter that one thread writes and any thread may read.
 *
 * The writer needs no read-modify-write instruction, and a reader on another core
 * sees a whole value, perhaps a little old: relaxed loads and stores are enough.
 * A counter is never reset; a reader takes differences.
 */

#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

struct counter {
	_Atomic uint64_t value; /* one writer, any reader */
};

static inline void
counter_add(struct counter *counter, uint64_t n)
{
	uint64_t value = atomic_load_explicit(&counter->value, memory_order_relaxed);

	atomic_store_explicit(&counter->value, value + n, memory_order_relaxed);
}

static inline uint64_t
counter_read(const struct counter *counter)
{
	return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

#endif /* BASE_COUNTER_H */
