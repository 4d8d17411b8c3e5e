/* SPDX-License-Identifier: Apache-2.0 */

#include "io/frame_pool.h"

#include <rte_errno.h>
#include <rte_mbuf.h>

/* What a queue's receive and transmit rings may hold between them; see PORT_DESCRIPTORS. */
#define PER_QUEUE 4096
#define CACHE 256
#define SMALL_PAGE 4096
#define PER_THREAD (4 * CACHE) /* its cache, half as much again, and bursts under way */

static uint32_t
buffer_count(const struct frame_pool_params *params)
{
	const uint32_t wanted = params->queues * PER_QUEUE + params->threads * PER_THREAD +
			params->rings;
	uint32_t count = 1;

	while (count - 1 < wanted)
		count *= 2;
	return count - 1; /* the best size of a ring-based pool */
}

static uint32_t
data_room(const struct frame_pool_params *params)
{
	uint32_t room = RTE_MBUF_DEFAULT_DATAROOM;

	if (room < params->frame_len)
		room = params->frame_len;
	if (room < params->frame_room)
		room = params->frame_room;
	return (room + RTE_CACHE_LINE_SIZE - 1) / RTE_CACHE_LINE_SIZE * RTE_CACHE_LINE_SIZE +
			RTE_PKTMBUF_HEADROOM;
}

uint32_t
frame_pool_memory_mb(const struct frame_pool_params *params)
{
	/* The mbuf, the pool's header of it, and its place in the ring. */
	uint64_t each = data_room(params) + sizeof(struct rte_mbuf) + 2 * RTE_CACHE_LINE_SIZE +
			sizeof(void *);

	if (!params->hugepages)
		each = each <= SMALL_PAGE ? SMALL_PAGE / (SMALL_PAGE / each)
					  : (each + SMALL_PAGE - 1) / SMALL_PAGE * SMALL_PAGE;
	return (uint32_t)(((uint64_t)buffer_count(params) * each >> 20) + 4);
}

struct rte_mempool *
frame_pool_create(
		const char *name, const struct frame_pool_params *params, int node, struct err *err)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create(
			name, buffer_count(params), CACHE, 0, (uint16_t)data_room(params), node);

	if (pool == NULL)
		err_set(err, rte_errno,
				"no %u MiB of memory for packet buffers: %s; fewer workers (workers.count) take"
				" less",
				frame_pool_memory_mb(params), rte_strerror(rte_errno));
	return pool;
}
