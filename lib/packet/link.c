/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/link.h"

#include "packet/bytes.h"

#include <rte_ether.h>

#define TAG_LEN 4 /* tag control information, then the next EtherType */
#define VLAN_ID_MASK 0x0fff
#define LABEL_LEN 4
#define LABEL_BOTTOM 0x01 /* in the label's third byte (RFC 3032 section 2.1) */
#define CONTROL_WORD_LEN 4
#define NIBBLE_CHANNEL 1 /* RFC 4385 section 5: not user traffic */
#define NIBBLE_IPV4 4
#define NIBBLE_IPV6 6
#define PPPOE_LEN 6
#define PPPOE_VERSION_TYPE 0x11 /* RFC 2516 section 4 */
#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057
#define PPP_MPLS 0x0281

/* Step over one header of this length, if the frame has it. */
static const uint8_t *
take(const struct frame *frame, uint32_t *offset, uint32_t len)
{
	const uint8_t *header = frame->data + *offset;

	if (frame->len - *offset < len)
		return NULL;
	*offset += len;
	return header;
}

static uint32_t
skip_tag(const struct frame *frame, uint32_t *offset, struct segment *segment)
{
	const uint8_t *tag = take(frame, offset, TAG_LEN);

	if (tag == NULL)
		return LINK_CUT;
	if (segment->vlan_count < SEGMENT_VLANS)
		segment->vlan[segment->vlan_count++] = bytes_load16(tag) & VLAN_ID_MASK;
	return bytes_load16(tag + 2);
}

/*
 * What follows the last label says by its first four bits what it is (RFC 4385 section
 * 3, RFC 4928); anything that is neither IP nor a control channel is an Ethernet frame.
 * It has a control word before it if that is all zero but for the sequence number
 * (RFC 4448 section 4.6), since addresses that begin with two zero bytes are rare.
 */
static uint32_t
skip_last_label(const struct frame *frame, uint32_t *offset)
{
	const uint8_t *payload = frame->data + *offset;
	const uint8_t *ethernet;

	if (frame->len - *offset < CONTROL_WORD_LEN)
		return LINK_CUT;
	switch (payload[0] >> 4) {
	case NIBBLE_IPV4:
		return RTE_ETHER_TYPE_IPV4;
	case NIBBLE_IPV6:
		return RTE_ETHER_TYPE_IPV6;
	case NIBBLE_CHANNEL:
		return LINK_OTHER;
	}
	if (bytes_load16(payload) == 0)
		*offset += CONTROL_WORD_LEN;
	ethernet = take(frame, offset, RTE_ETHER_HDR_LEN);
	if (ethernet == NULL)
		return LINK_CUT;
	return bytes_load16(BYTES_AT(ethernet, rte_ether_hdr, ether_type));
}

static uint32_t
skip_label(const struct frame *frame, uint32_t *offset)
{
	const uint8_t *label = take(frame, offset, LABEL_LEN);

	if (label == NULL)
		return LINK_CUT;
	if (label[2] & LABEL_BOTTOM)
		return skip_last_label(frame, offset);
	return RTE_ETHER_TYPE_MPLS;
}

/* The protocol number may be compressed to one byte, which is then odd (RFC 1661 section 6.5). */
static uint32_t
skip_pppoe(const struct frame *frame, uint32_t *offset)
{
	const uint8_t *pppoe = take(frame, offset, PPPOE_LEN);
	const uint8_t *byte = take(frame, offset, 1);
	uint16_t protocol;

	if (pppoe == NULL || byte == NULL)
		return LINK_CUT;
	if (pppoe[0] != PPPOE_VERSION_TYPE)
		return LINK_OTHER;
	protocol = byte[0];
	if ((protocol & 1) == 0) {
		if (take(frame, offset, 1) == NULL)
			return LINK_CUT;
		protocol = bytes_load16(byte);
	}
	switch (protocol) {
	case PPP_IPV4:
		return RTE_ETHER_TYPE_IPV4;
	case PPP_IPV6:
		return RTE_ETHER_TYPE_IPV6;
	case PPP_MPLS:
		return RTE_ETHER_TYPE_MPLS;
	default:
		return LINK_OTHER;
	}
}

uint32_t
link_skip(const struct frame *frame, uint32_t type, uint32_t *offset, struct segment *segment)
{
	for (uint32_t headers = 0; headers < LINK_HEADERS_MAX; headers++) {
		switch (type) {
		case RTE_ETHER_TYPE_VLAN:
		case RTE_ETHER_TYPE_QINQ:
		case RTE_ETHER_TYPE_QINQ1:
			type = skip_tag(frame, offset, segment);
			break;
		case RTE_ETHER_TYPE_MPLS:
		case RTE_ETHER_TYPE_MPLSM:
			type = skip_label(frame, offset);
			break;
		case RTE_ETHER_TYPE_PPPOE_SESSION:
			type = skip_pppoe(frame, offset);
			break;
		default:
			return type;
		}
	}
	return LINK_OTHER;
}
