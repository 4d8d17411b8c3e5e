/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The internet checksum (RFC 1071) over IPv4 headers and TCP segments.
 */

#ifndef PACKET_CHECKSUM_H
#define PACKET_CHECKSUM_H

#include "packet/frame.h"
#include "packet/segment.h"

#include <stdbool.h>
#include <stdint.h>

/** The one's complement sum of @p len bytes added to @p sum; not folded, not inverted. */
uint64_t checksum_add(uint64_t sum, const void *data, uint32_t len);

/** Fold to 16 bits and invert: what goes into a header, in network byte order as stored. */
uint16_t checksum_finish(uint64_t sum);

/** The sum over the pseudo header of a TCP segment: addresses and ip_version are used. */
uint64_t checksum_tcp_pseudo(const struct segment *segment, uint32_t tcp_len);

/**
 * Whether the TCP checksum of a parsed segment is right.
 *
 * @return
 *   True too where it cannot be told: a frame that was cut short, a fragment, or one
 *   whose checksum the sender's hardware was still to fill in.
 */
bool checksum_tcp_ok(const struct frame *frame, const struct segment *segment);

#endif /* PACKET_CHECKSUM_H */
