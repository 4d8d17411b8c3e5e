/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Memory for what is measured: taken as a worker's is, so in huge pages unless the process has
 * forbidden itself those (PR_SET_THP_DISABLE). A piece of no bytes is no error.
 */

#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include "io/node_memory.h"

static inline void *
memory_take(size_t size, const char *what, struct err *err)
{
	return node_memory_take(size, NODE_MEMORY_ANY, what, err);
}

static inline void
memory_give(void *memory, size_t size)
{
	node_memory_give(memory, size);
}

#endif /* BENCH_MEMORY_H */
