/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * When a Linux kernel repeats a SYN or SYN-ACK, and when it gives up.
 *
 * The first waits are of the initial RTO each, as many as syn_linear_timeouts says
 * (Linux 6.5 and later; 4), then each wait is twice the last (RFC 6298 section 5.5) but
 * 120 s at most. With a first RTO of 1 s, SYNs leave at 0 1 2 3 4 5 7 11 19 35 67 s and
 * the client gives up at 131 s; older kernels at 0 1 3 7 15 31 63 s, and 127 s.
 */

#ifndef HANDSHAKE_RETRY_H
#define HANDSHAKE_RETRY_H

#include <stdint.h>

struct retry {
	uint32_t linear; /* waits that do not double; 0 for SYN-ACKs */
	uint32_t retries; /* repeats after those */
	uint64_t rto_us; /* the first wait */
};

/** When the @p n-th segment leaves after the first, which is number 0. */
uint64_t retry_sent_us(const struct retry *retry, uint32_t n);

/** How long after the first segment the sender gives up: one wait after the last. */
uint64_t retry_giveup_us(const struct retry *retry);

#endif /* HANDSHAKE_RETRY_H */
