/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/bench/pipeline/dpdk.h"

#include "base/compiler.h"
#include "tests/bench/pipeline/memory.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#define HEAP "bench"

static bool is_started;
static void *memory;
static size_t memory_size;

/* DPDK pins its threads; this one stays where it may be. */
static int
start(struct err *err)
{
	char where[32];
	char *words[] = { (char *)"bench", (char *)"--no-huge", (char *)"--no-shconf",
		(char *)"--no-pci", (char *)"--no-telemetry", (char *)"--log-level=error",
		(char *)"-m64", where };
	cpu_set_t cpus;

	if (is_started)
		return 0;
	snprintf(where, sizeof(where), "--lcores=0@%d", sched_getcpu());
	sched_getaffinity(0, sizeof(cpus), &cpus);
	if (rte_eal_init(ARRAY_LEN(words), words) < 0)
		return err_set(err, EIO, "DPDK does not start: %s", rte_strerror(rte_errno));
	sched_setaffinity(0, sizeof(cpus), &cpus);
	is_started = true;
	return 0;
}

int
dpdk_take_heap(size_t size, struct err *err)
{
	uintptr_t from;

	if (start(err) < 0)
		return -1;
	size = (size + RTE_PGSIZE_2M - 1) / RTE_PGSIZE_2M * RTE_PGSIZE_2M;
	memory_size = size + RTE_PGSIZE_2M;
	memory = memory_take(memory_size, "rte_hash", err);
	if (memory == NULL)
		return -1;
	from = ((uintptr_t)memory + RTE_PGSIZE_2M - 1) / RTE_PGSIZE_2M * RTE_PGSIZE_2M;
	if (rte_malloc_heap_create(HEAP) < 0 ||
			rte_malloc_heap_memory_add(HEAP, (void *)from, size, NULL,
					(unsigned int)(size / RTE_PGSIZE_2M), RTE_PGSIZE_2M) < 0) {
		dpdk_give_heap();
		return err_set(err, ENOMEM, "DPDK does not take the memory: %s",
				rte_strerror(rte_errno));
	}
	return rte_malloc_heap_get_socket(HEAP);
}

void
dpdk_give_heap(void)
{
	uintptr_t from = ((uintptr_t)memory + RTE_PGSIZE_2M - 1) / RTE_PGSIZE_2M * RTE_PGSIZE_2M;

	if (memory == NULL)
		return;
	rte_malloc_heap_memory_remove(HEAP, (void *)from, memory_size - RTE_PGSIZE_2M);
	rte_malloc_heap_destroy(HEAP);
	memory_give(memory, memory_size);
	memory = NULL;
}
