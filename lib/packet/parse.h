/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * From frame to segment: the one place where lengths are checked.
 *
 * Understands Ethernet II; 802.1Q and 802.1ad tags, stacked; MPLS (the payload's
 * version nibble tells IPv4 from IPv6, and an Ethernet pseudowire control word is
 * looked through); PPPoE session; IPv4 with options; IPv6 with extension headers;
 * TCP. Any frame gives a kind; none is an error, none allocates, none aborts.
 *
 * Of a fragmented packet the first fragment is parsed as TCP if it carries the
 * whole TCP header; every other fragment is PACKET_FRAGMENT.
 */

#ifndef PACKET_PARSE_H
#define PACKET_PARSE_H

#include "packet/frame.h"
#include "packet/segment.h"

/**
 * Parse one frame.
 *
 * @param frame
 *   At least frame->len readable bytes. A capture may have cut it off: the payload
 *   length comes from the IP header, so headers are all that is needed.
 * @param[out] segment
 *   segment->kind is always set, and vlan_count with vlan[]. For PACKET_TCP and
 *   PACKET_ICMP_TCP everything is; for the other kinds up to PACKET_FRAGMENT the addresses
 *   and ip_version are, too; for all others the rest is undefined.
 */
void parse_frame(const struct frame *frame, struct segment *segment);

/** A word for logs and summaries ("tcp", "fragment"); "?" for a value that is no kind. */
const char *parse_kind_name(enum packet_kind kind);

#endif /* PACKET_PARSE_H */
