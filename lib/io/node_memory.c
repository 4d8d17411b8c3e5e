/* SPDX-License-Identifier: Apache-2.0 */

#include "io/node_memory.h"

#include "io/free_memory.h"

#include <errno.h>
#include <limits.h>
#include <numa.h>
#include <numaif.h>
#include <string.h>
#include <sys/mman.h>

/* A wish, not a condition: a container may forbid it, and elsewhere memory is only slower. */
static void
prefer_node(void *memory, size_t size, int node)
{
	unsigned long nodes[4] = { 0 };
	const unsigned int bits = sizeof(nodes[0]) * CHAR_BIT;

	if (node < 0 || (unsigned int)node >= ARRAY_LEN(nodes) * bits)
		return;
	if (numa_available() < 0 || numa_max_node() == 0)
		return;
	nodes[(unsigned int)node / bits] |= 1UL << (unsigned int)node % bits;
	mbind(memory, size, MPOL_PREFERRED, nodes, ARRAY_LEN(nodes) * bits, 0);
}

void *
node_memory_take(size_t size, int node, const char *what, struct err *err)
{
	const uint64_t free_bytes = free_memory();
	void *memory;
	int rc;

	if (size > free_bytes) {
		err_set(err, ENOMEM, "no %zu MiB of memory for %s: %llu MiB are to be had",
				size >> 20, what, (unsigned long long)(free_bytes >> 20));
		return NULL;
	}
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		goto fail;
	prefer_node(memory, size, node);
	madvise(memory, size, MADV_HUGEPAGE); /* a wish as well */
	/* A page fault in the packet path makes a hundred packets late. Linux before 5.14 cannot
	 * be asked, and takes them. */
	if (madvise(memory, size, MADV_POPULATE_WRITE) != 0 && errno == ENOMEM)
		goto fail;
	return memory;

fail:
	rc = errno;
	if (memory != MAP_FAILED)
		munmap(memory, size);
	err_set(err, rc, "no %zu MiB of memory for %s: %s", size >> 20, what, strerror(rc));
	return NULL;
}

void
node_memory_give(void *memory, size_t size)
{
	if (memory != NULL)
		munmap(memory, size);
}
