/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Whether the kernel has the hugepages that DPDK is going to ask for; DPDK's own answer is
 * late and does not say what to do.
 */

#ifndef IO_HUGEPAGES_H
#define IO_HUGEPAGES_H

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

/**
 * @param needed_mb
 *   Megabytes.
 * @param prefix
 *   DPDK's, whose files that a killed run left count as free: DPDK clears them at its start.
 * @return
 *   0; -ENOMEM with how many are needed, how many there are, and the command.
 */
int hugepages_check(uint32_t needed_mb, const char *prefix, struct err *err);

/**
 * The same, by another's word than the kernel's.
 *
 * @param sizes
 *   A folder like /sys/kernel/mm/hugepages.
 * @param mounts
 *   A file like /proc/mounts.
 */
int hugepages_check_at(const char *sizes, const char *mounts, uint32_t needed_mb,
		const char *prefix, struct err *err);

/**
 * DPDK keeps its files in hugetlbfs, and so the pages, for its next start; nobody else could have
 * them until then. To be called when DPDK has stopped, and may do so.
 */
void hugepages_remove(const char *prefix);

/** DPDK's files in hugetlbfs, for a second process of this user, such as dpdk-dumpcap. */
void hugepages_give(const char *prefix, uid_t uid, gid_t gid);

#endif /* IO_HUGEPAGES_H */
