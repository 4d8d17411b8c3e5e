/* SPDX-License-Identifier: Apache-2.0 */

#include "pipeline/steer.h"

#include "packet/parse.h"

uint32_t
steer_frame(const struct steer *steer, const struct frame *frame)
{
	struct segment segment;
	struct flow_key key;
	uint64_t hash;

	parse_frame(frame, &segment);
	if (segment.kind > PACKET_FRAGMENT)
		return 0;
	if (segment.kind > PACKET_ICMP_TCP) {
		segment.src_port = 0;
		segment.dst_port = 0;
	}
	flow_key_of(&segment, false, &key);
	hash = flow_key_hash(&key, &steer->secret);
	/* The high half times their number: a share of the range each (Lemire 2016). */
	return (uint32_t)((hash >> 32) * steer->workers >> 32);
}
