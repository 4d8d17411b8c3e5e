/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * DPDK's environment.
 *
 * Without a prefix it starts with no root, hugepages, NIC or trace of itself: nothing is made
 * in the file system, so that nothing stays there either, even if the process is killed at its
 * start. With a prefix it is a public one: telemetry answers, a second process such as
 * dpdk-dumpcap may attach (with hugepages only), and what an earlier run left is cleared.
 *
 * What DPDK would print is kept back; if something does not start, its last words go into the
 * sentence for the user.
 *
 * One in a process, and once: DPDK cannot be started again after eal_stop(). Its lcore 0
 * is the calling thread, lcores 1 to `workers` wait for rte_eal_remote_launch().
 */

#ifndef IO_EAL_H
#define IO_EAL_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* In the place of a processor's number: any that this process may use. */
#define EAL_CPU_ANY UINT32_MAX

struct eal_options {
	uint32_t workers; /* threads beside the calling one */
	uint32_t memory_mb; /* for mbufs, rings and ports */
	const uint32_t *cpus; /* of the calling thread and each worker; NULL: any, for all of them */
	const char *prefix; /* of DPDK's files; NULL: it makes none */
	bool hugepages;
	bool telemetry; /* only with a prefix */
	const char *const *pci; /* addresses of the devices that may be used */
	uint32_t pci_count;
};

struct eal;

/**
 * @param[out] eal
 *   NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int eal_start(const struct eal_options *options, struct eal **eal, struct err *err);

/** The last line that DPDK wanted to print, and forget it; "" if there was none. */
const char *eal_last_words(struct eal *eal);

/** From now on what DPDK says, warnings and worse, goes to the log. */
void eal_log_on(struct eal *eal);

/** Close what is open and give the memory back; @p eal may be NULL. */
void eal_stop(struct eal *eal);

#endif /* IO_EAL_H */
