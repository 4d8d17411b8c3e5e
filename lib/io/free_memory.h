/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * How much memory there is to be had. The kernel gives more than it has, and ends whoever
 * uses it, or another; so what is taken at the start is compared with this first.
 */

#ifndef IO_FREE_MEMORY_H
#define IO_FREE_MEMORY_H

#include <stdint.h>

/**
 * Bytes: what is available on the machine (proc_meminfo(5), MemAvailable), but no more than
 * all that this process's control group may have (memory.max of a unified hierarchy).
 *
 * @return
 *   UINT64_MAX where nobody tells.
 */
uint64_t free_memory(void);

/** The same from other files: @p meminfo, @p own_group as /proc/self/cgroup, @p groups their root. */
uint64_t free_memory_at(const char *meminfo, const char *own_group, const char *groups);

#endif /* IO_FREE_MEMORY_H */
