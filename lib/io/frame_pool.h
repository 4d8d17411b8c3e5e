/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Buffers for frames: a pool on each NUMA node that has a port. How many it holds follows
 * from who may hold some at a time, so that a port is never short of one.
 */

#ifndef IO_FRAME_POOL_H
#define IO_FRAME_POOL_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct rte_mempool;

struct frame_pool_params {
	uint32_t queues; /* receive queues, of all ports that it serves */
	uint32_t threads; /* that receive and send */
	uint32_t rings; /* frames that rings between threads may hold */
	uint32_t frame_len; /* bytes of the longest frame */
	uint32_t frame_room; /* bytes that a driver wants to be there; 0: no more than the frame */
	bool hugepages; /* without them no buffer crosses a page of 4 KiB, as it may elsewhere */
};

/** Megabytes that the pool takes. */
uint32_t frame_pool_memory_mb(const struct frame_pool_params *params);

/**
 * @param name
 *   Its own in DPDK.
 * @return
 *   NULL with the sentence in @p err.
 */
struct rte_mempool *frame_pool_create(const char *name, const struct frame_pool_params *params,
		int node, struct err *err);

#endif /* IO_FRAME_POOL_H */
