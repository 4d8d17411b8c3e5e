/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * DPDK without ports and without hugepages of its own: what rte_hash is given is memory like
 * everybody's here, so that both tables lie in the same pages.
 */

#ifndef BENCH_DPDK_H
#define BENCH_DPDK_H

#include "base/err.h"

#include <stddef.h>

/** Start DPDK, the first time, and give it memory: a socket to allocate from, or negative. */
int dpdk_take_heap(size_t size, struct err *err);

/** Take the memory back, if there is any; nothing may be left in it. */
void dpdk_give_heap(void);

#endif /* BENCH_DPDK_H */
