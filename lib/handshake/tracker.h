/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The tracker: what one segment means for its connection.
 */

#ifndef HANDSHAKE_TRACKER_H
#define HANDSHAKE_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialise, then tracker_params_default(). */
struct tracker_params {
	bool timeouts; /* off: a connection ends on the wire or with the run */
	uint32_t syn_retries; /* tcp.syn_retries: net.ipv4.tcp_syn_retries, 1..127 */
	uint32_t syn_linear_timeouts; /* tcp.syn_linear_timeouts: 4 since Linux 6.5; 0 before */
	uint32_t synack_retries; /* tcp.synack_retries: net.ipv4.tcp_synack_retries */
	uint64_t initial_rto_us; /* tcp.initial_rto */
	uint64_t established_us; /* timeouts.established */
	uint64_t closing_us; /* timeouts.closing */
	uint64_t time_wait_us; /* timeouts.time_wait */
	uint64_t reset_us; /* timeouts.reset */
	uint64_t rst_confirm_us; /* rst.confirm: the silence that makes a RST believed */
	uint8_t rst_ttl_tolerance; /* rst.ttl_tolerance: hops */
	bool rst_events_all; /* events.rst: all, or only mid_connection and suspected_injection */
};

void tracker_params_default(struct tracker_params *params);

#endif /* HANDSHAKE_TRACKER_H */
