/* SPDX-License-Identifier: Apache-2.0 */

#include "pipeline/pipeline_meter.h"

#include "handshake/zeek.h"

struct meter *
pipeline_meter(struct pipeline *pipeline)
{
	return pipeline->meter;
}

void
pipeline_meter_stray(struct pipeline *pipeline, const struct flow_ref *flow,
		const struct segment *segment)
{
	enum meter_stray what = METER_STRAY_ACK;

	if (flow->entry->state == HS_SYN_RECEIVED)
		what = METER_STRAY_SYNACK;
	else if (flow->entry->state == HS_RESET)
		what = METER_STRAY_RST;
	meter_stray(pipeline->meter, segment, what);
}

/*
 * Where the wire sees one direction only, no handshake ever completes: one whose sender goes on
 * has not been left open.
 */
static void
count_one_way(struct pipeline *pipeline, const struct flow_ref *flow, uint64_t now_us)
{
	if ((flow->entry->flags & FLOW_METERED) != 0)
		meter_end(pipeline->meter, flow->entry, HANDSHAKE_ONE_WAY, flow->tally->start_us,
				now_us);
	else if (zeek_is_flipped(flow->evidence))
		meter_stray_answered(pipeline->meter, flow->entry);
}

/*
 * It had been taken for one that is seen in one direction, and its server answers after all: it is
 * as open as it was. Or who sends an ACK behind each SYN of a flood would hide it.
 */
static bool
is_two_way_after_all(const struct flow_ref *flow, uint32_t notes)
{
	const uint32_t client_syn = flow_side_flag(FLOW_SYN, FLOW_CLIENT);

	return (notes & TRACKER_NOTE_SYNACK_FIRST) != 0 &&
			(flow->entry->flags & (client_syn | FLOW_WENT_ON)) == client_syn &&
			flow->tally->result == HANDSHAKE_UNSET && !zeek_is_flipped(flow->evidence);
}

void
pipeline_meter_noted(struct pipeline *pipeline, const struct flow_ref *flow,
		const struct segment *segment, uint32_t notes, uint64_t now_us)
{
	bool metered = (flow->entry->flags & FLOW_METERED) != 0;

	if (!metered && is_two_way_after_all(flow, notes)) {
		meter_reopen(pipeline->meter, flow->entry);
		metered = true;
	}
	if (metered && (notes & TRACKER_NOTE_SYN_RETRANSMIT) != 0)
		meter_syn_again(pipeline->meter, flow->entry, flow->evidence->syn_retransmits == 1);
	if (metered && (notes & TRACKER_NOTE_SYNACK_FIRST) != 0)
		meter_synack(pipeline->meter, flow->entry);
	/* Who is attacked elsewhere sends its SYN-ACKs again, too. */
	if ((notes & TRACKER_NOTE_SYNACK_RETRANSMIT) != 0 && zeek_is_flipped(flow->evidence) &&
			flow->entry->state == HS_SYN_RECEIVED)
		meter_stray(pipeline->meter, segment, METER_STRAY_SYNACK);
	if ((notes & TRACKER_NOTE_RST_IDLE) != 0)
		meter_stray(pipeline->meter, segment, METER_STRAY_RST);
	if ((notes & TRACKER_NOTE_WENT_ON) != 0)
		count_one_way(pipeline, flow, now_us);
}

/* A connection that was counted as a stray segment at first. */
static bool
is_stray_answered(const struct flow_ref *flow, uint32_t outcome)
{
	if ((outcome & TRACKER_ANSWERED) != 0)
		return true;
	return (outcome & TRACKER_CONFIRMED) != 0 && zeek_is_flipped(flow->evidence);
}

void
pipeline_meter_came(struct pipeline *pipeline, const struct flow_ref *flow, uint32_t outcome,
		uint64_t now_us)
{
	if (pipeline->meter == NULL)
		return;
	pipeline_meter_judged(pipeline, flow, now_us);
	if (is_stray_answered(flow, outcome))
		meter_stray_answered(pipeline->meter, flow->entry);
}
