/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The headers between Ethernet and IP: VLAN tags, MPLS labels, PPPoE sessions, and the
 * second Ethernet header of a pseudowire, in any order and depth that frames come in.
 *
 * For parse.c only, which calls it for frames that do not carry IP at once.
 */

#ifndef PACKET_LINK_H
#define PACKET_LINK_H

#include "packet/frame.h"
#include "packet/segment.h"

#include <stdint.h>

/* Beside the EtherTypes, which have 16 bits. */
enum link_type {
	LINK_CUT = UINT16_MAX + 1, /* the frame ends within a header */
	LINK_OTHER, /* the headers lead to no packet that is looked into */
};

/* More headers than any network stacks; keeps the work for a hostile frame small. */
#define LINK_HEADERS_MAX 16

/* The longest of them: a pseudowire's last label, control word and Ethernet header. */
#define LINK_HEADER_LEN_MAX 22

/**
 * Go over the headers behind an Ethernet header.
 *
 * @param type
 *   The EtherType of that header.
 * @param[in,out] offset
 *   Behind that header; then where the packet begins. Never beyond frame->len.
 * @param segment
 *   VLAN tags are added to it.
 * @return
 *   The EtherType of what lies at @p offset, or an enum link_type.
 */
uint32_t link_skip(const struct frame *frame, uint32_t type, uint32_t *offset,
		struct segment *segment);

#endif /* PACKET_LINK_H */
