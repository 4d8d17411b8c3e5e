/* SPDX-License-Identifier: Apache-2.0 */

#include "app/worker/report_rings.h"

#include "base/compiler.h"
#include "io/node_memory.h"

#include <assert.h>
#include <errno.h>

#include <rte_ring.h>

/* A ring holds one less than its room, which is a power of two. */
#define ROOM 4
static_assert(REPORT_RINGS_LIVE < ROOM && REPORT_RINGS_REPLAY < ROOM, "giving back cannot fail");

static size_t
align(size_t size)
{
	return (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

static struct rte_ring *
make_ring(void *memory, const char *name)
{
	struct rte_ring *ring = memory;

	rte_ring_init(ring, name, ROOM, RING_F_SP_ENQ | RING_F_SC_DEQ);
	return ring;
}

int
report_rings_make(struct report_rings *rings, uint32_t reports, int node, struct err *err)
{
	const size_t ring_size = align((size_t)rte_ring_get_memsize(ROOM));
	const size_t report_size = align(sizeof(struct detect_report));
	char *at;

	*rings = (struct report_rings){ .size = 2 * ring_size + reports * report_size };
	rings->memory = node_memory_take(rings->size, node,
			"a worker's reports of floods (flood.detect: false does without)", err);
	if (rings->memory == NULL)
		return -ENOMEM;
	at = rings->memory;
	rings->full = make_ring(at, "reports");
	rings->empty = make_ring(at + ring_size, "empty reports");
	for (uint32_t i = 0; i < reports; i++)
		rte_ring_sp_enqueue(rings->empty, at + 2 * ring_size + i * report_size);
	return 0;
}

struct detect_report *
report_rings_take(const struct report_rings *rings)
{
	void *report;

	if (rings->full == NULL || rte_ring_sc_dequeue(rings->full, &report) != 0)
		return NULL;
	return report;
}

void
report_rings_give_back(const struct report_rings *rings, struct detect_report *report)
{
	rte_ring_sp_enqueue(rings->empty, report);
}

void
report_rings_free(struct report_rings *rings)
{
	node_memory_give(rings->memory, rings->size);
	*rings = (struct report_rings){ 0 };
}
