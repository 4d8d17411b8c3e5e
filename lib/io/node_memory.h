/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A worker's memory: one large zeroed piece, taken at start, on the worker's own NUMA node,
 * in huge pages where the kernel has some, and in place before the first packet comes.
 *
 * Not from the EAL's heap: there it would have to be reserved before anyone knows how much,
 * and without hugepages it would not be on the worker's node.
 */

#ifndef IO_NODE_MEMORY_H
#define IO_NODE_MEMORY_H

#include "base/err.h"

#include <stddef.h>

#define NODE_MEMORY_ANY (-1)

/**
 * @param node
 *   As DPDK and the kernel number it; NODE_MEMORY_ANY: wherever there is room.
 * @param what
 *   What it is for, in the sentence: "the flow table".
 * @return
 *   Page-aligned, zeroed and populated; NULL with the sentence in @p err.
 */
void *node_memory_take(size_t size, int node, const char *what, struct err *err);

/** Give it back; @p memory may be NULL. */
void node_memory_give(void *memory, size_t size);

#endif /* IO_NODE_MEMORY_H */
