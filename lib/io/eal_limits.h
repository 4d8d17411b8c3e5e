/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What DPDK takes at its start without asking whether it gets it: where a pipe or a thread is not
 * to be had it aborts. So these are asked for beforehand, and given back.
 */

#ifndef IO_EAL_LIMITS_H
#define IO_EAL_LIMITS_H

#include "base/err.h"

#include <stdint.h>

/**
 * @param threads
 *   Of which DPDK will make one each, and a few for itself; the caller's is among them.
 * @param memory_mb
 *   What DPDK will take beside them.
 * @return
 *   0, or -errno with the sentence in @p err: open files, threads or memory are limited.
 */
int eal_limits_check(uint32_t threads, uint32_t memory_mb, struct err *err);

#endif /* IO_EAL_LIMITS_H */
