/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * DPDK's environment, started without root, hugepages, NIC or a trace of itself.
 *
 * Its threads float over the processors this process may use, so a run needs no core of
 * its own. Nothing is made in the file system, so that nothing stays there either, even
 * if the process is killed at its start. What it would print is kept back; if it does not
 * start, its last words go into the sentence for the user.
 *
 * One in a process, and once: DPDK cannot be started again after eal_stop(). Its lcore 0
 * is the calling thread, lcores 1 to `workers` wait for rte_eal_remote_launch().
 */

#ifndef IO_EAL_H
#define IO_EAL_H

#include "base/err.h"

#include <stdint.h>

struct eal_options {
	uint32_t workers; /* threads beside the calling one */
	uint32_t memory_mb; /* for mbufs, rings and ports */
};

struct eal;

/**
 * @param[out] eal
 *   NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int eal_start(const struct eal_options *options, struct eal **eal, struct err *err);

/** Close what is open and give the memory back; @p eal may be NULL. */
void eal_stop(struct eal *eal);

#endif /* IO_EAL_H */
