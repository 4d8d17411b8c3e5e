/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a segment is by its flags alone.
 *
 * A receiver looks at RST before FIN (RFC 9293 section 3.10.7.4), so the two together are
 * a RST. No stack sends the combinations called illegal; scanners and fuzzers do.
 */

#ifndef HANDSHAKE_SEGMENT_KIND_H
#define HANDSHAKE_SEGMENT_KIND_H

#include "packet/segment.h"

enum segment_kind {
	SEGMENT_ILLEGAL, /* SYN+RST, SYN+FIN, FIN without ACK, none of SYN, ACK, RST */
	SEGMENT_SYN,
	SEGMENT_SYNACK,
	SEGMENT_ACK, /* with or without data */
	SEGMENT_FIN, /* with ACK */
	SEGMENT_RST, /* with or without ACK */
};

static inline enum segment_kind
segment_kind(const struct segment *segment)
{
	switch (segment->tcp_flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) {
	case TCP_SYN:
		return SEGMENT_SYN;
	case TCP_SYN | TCP_ACK:
		return SEGMENT_SYNACK;
	case TCP_ACK:
		return SEGMENT_ACK;
	case TCP_FIN | TCP_ACK:
		return SEGMENT_FIN;
	case TCP_RST:
	case TCP_RST | TCP_ACK:
	case TCP_RST | TCP_FIN:
	case TCP_RST | TCP_FIN | TCP_ACK:
		return SEGMENT_RST;
	default:
		return SEGMENT_ILLEGAL;
	}
}

#endif /* HANDSHAKE_SEGMENT_KIND_H */
