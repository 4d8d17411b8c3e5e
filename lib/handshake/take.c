/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/take.h"

#include "flow/flow_key.h"
#include "packet/tcp_options.h"

#define TCP_HEADER_LEN 20

void
take_start(const struct flow_ref *flow, const struct segment *segment, uint64_t now_us)
{
	flow->tally->start_us = now_us & TAKE_TIME_MASK;
	flow->tally->last_us = now_us & TAKE_TIME_MASK;
	flow->tally->synack_us = UINT32_MAX;
	flow->tally->ack_us = UINT32_MAX;
	flow->entry->wscale = FLOW_WSCALE_NONE << 4 | FLOW_WSCALE_NONE;
	for (uint32_t i = 0; i < SEGMENT_VLANS; i++)
		flow->evidence->vlan[i] = flow_vlan_of(segment, i);
}

static void
keep_wscale(struct flow_entry *entry, const struct tcp_options *options, enum flow_side side)
{
	uint32_t shift = options->has_wscale ? options->wscale : FLOW_WSCALE_NONE;
	uint32_t at = side == FLOW_SERVER ? 4 : 0;

	entry->wscale = (uint8_t)((entry->wscale & ~(0xfu << at)) | shift << at);
}

static void
keep_options(const struct flow_ref *flow, const struct tcp_options *options, enum flow_side side)
{
	uint32_t both = flow_side_flag(FLOW_SACK | FLOW_TIMESTAMPS, side);

	flow->entry->flags &= ~both;
	if (options->sack_permitted)
		flow->entry->flags |= flow_side_flag(FLOW_SACK, side);
	if (options->timestamps)
		flow->entry->flags |= flow_side_flag(FLOW_TIMESTAMPS, side);
	if (options->fast_open)
		flow->entry->flags |= FLOW_FAST_OPEN;
	flow->tally->count[side].mss = options->mss;
	keep_wscale(flow->entry, options, side);
}

void
take_syn(const struct flow_ref *flow, const struct segment *segment, const uint8_t *options,
		enum flow_side side)
{
	struct tcp_options parsed;
	bool synack = (segment->tcp_flags & TCP_ACK) != 0;

	tcp_options_parse(options, segment->tcp_header_len - TCP_HEADER_LEN, &parsed);
	keep_options(flow, &parsed, side);
	if (segment->payload_len != 0)
		flow->entry->flags |= FLOW_FAST_OPEN;
	flow->entry->flags |= flow_side_flag(FLOW_SYN, side);
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
