/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The options of a SYN or SYN-ACK that the tracker keeps.
 */

#ifndef PACKET_TCP_OPTIONS_H
#define PACKET_TCP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* The largest shift that RFC 7323 section 2.3 allows; a larger one counts as this. */
#define TCP_WSCALE_MAX 14

struct tcp_options {
	uint16_t mss; /* RFC 9293 section 3.7.1; 0: not sent */
	uint8_t wscale; /* RFC 7323 section 2; meaningful if has_wscale */
	bool has_wscale;
	bool sack_permitted; /* RFC 2018 */
	bool timestamps; /* RFC 7323 section 3 */
	bool fast_open; /* RFC 7413, or its experimental option (kind 254, 0xf989) */
	bool malformed; /* an option's length was impossible: what came before it stands */
};

/**
 * Read the options of one TCP header.
 *
 * @param options
 *   The bytes behind the fixed 20 of the header; may be unaligned.
 * @param len
 *   How many: tcp_header_len - 20.
 */
void tcp_options_parse(const uint8_t *options, uint32_t len, struct tcp_options *out);

#endif /* PACKET_TCP_OPTIONS_H */
