/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/take.h"

#include "packet/tcp_options.h"

static void
keep_wscale(struct flow_entry *entry, uint32_t shift, enum flow_side side)
{
	uint32_t at = side == FLOW_SERVER ? 4 : 0;

	entry->wscale = (uint8_t)((entry->wscale & ~(0xfu << at)) | shift << at);
}

void
take_options(const struct flow_ref *flow, const struct segment *segment, const uint8_t *options,
		enum flow_side side)
{
	struct tcp_options parsed;
	uint32_t offered;

	tcp_options_parse(options, segment->tcp_header_len - TAKE_TCP_HEADER_LEN, &parsed);
	offered = (parsed.sack_permitted ? FLOW_SACK : 0) |
			(parsed.timestamps ? FLOW_TIMESTAMPS : 0);
	flow->entry->flags |= flow_side_flag(offered, side) |
			(parsed.fast_open ? FLOW_FAST_OPEN : 0);
	flow->tally->count[side].mss = parsed.mss;
	keep_wscale(flow->entry, parsed.has_wscale ? parsed.wscale : FLOW_WSCALE_NONE, side);
}

void
take_syn(const struct flow_ref *flow, const struct segment *segment, const uint8_t *options,
		enum flow_side side)
{
	struct flow_entry *entry = flow->entry;
	bool synack = (segment->tcp_flags & TCP_ACK) != 0;

	entry->flags = (entry->flags & ~flow_side_flag(FLOW_SACK | FLOW_TIMESTAMPS, side)) |
			flow_side_flag(FLOW_SYN, side) |
			(segment->payload_len != 0 ? FLOW_FAST_OPEN : 0);
	take_options(flow, segment, options, side);
	flow->tally->isn[side] = segment->seq;
	take_count_small(synack ? &flow->evidence->synack : &flow->evidence->syn);
}

/* The widths of these are those of struct flow_count. */
void
take_count_fin(struct flow_count *count)
{
	if (count->fin != 0xf)
		count->fin++;
}

void
take_count_rst(struct flow_count *count)
{
	if (count->rst != 0x3f)
		count->rst++;
}

void
take_count_retransmit(struct flow_count *count)
{
	if (count->data_retransmits != 0x3fff)
		count->data_retransmits++;
}
