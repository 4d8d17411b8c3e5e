/* SPDX-License-Identifier: Apache-2.0 */

#include "pipeline/pipeline_flow.h"

#include "handshake/deadline.h"
#include "handshake/hs_fsm.h"
#include "handshake/plain.h"
#include "handshake/segment_kind.h"
#include "handshake/settle.h"
#include "pipeline/pipeline_meter.h"

#define TCP_HEADER_LEN 20

static struct flow_ref
flow_at(const struct flow_table *table, uint32_t slot)
{
	return (struct flow_ref){
		.entry = &table->flows[slot].entry,
		.tally = &table->flows[slot].tally,
		.evidence = &table->evidence[slot],
	};
}

static void
emit(struct pipeline *pipeline, const struct flow_ref *flow, uint32_t kinds, enum end_how end,
		uint64_t time_us)
{
	struct event *event = &pipeline->events.events[pipeline->events.count++];

	event->flow.entry = *flow->entry;
	event->flow.tally = *flow->tally;
	event->flow.evidence = *flow->evidence;
	event->kinds = (uint8_t)kinds;
	event->end = (uint8_t)end;
	event->worker = pipeline->params.worker;
	event->blind = flow->tally->start_us < pipeline->blind_before_us;
	event->time_us = time_us;
	if ((kinds & EVENT_RST) != 0)
		counter_add(&pipeline->counters.rst_verdicts[flow->evidence->rst.verdict], 1);
}

static uint32_t
event_kinds(uint32_t outcome)
{
	return ((outcome & TRACKER_INCOMPLETE) != 0 ? EVENT_INCOMPLETE_HANDSHAKE : 0) |
			((outcome & TRACKER_RST) != 0 ? EVENT_RST : 0) |
			((outcome & TRACKER_CONFIRMED) != 0 ? EVENT_HANDSHAKE : 0);
}

/* A connection's last word. What the wire had ended is told with the time of its last segment. */
static void
report(struct pipeline *pipeline, const struct flow_ref *flow, enum end_how why, uint64_t now_us)
{
	enum end_how end;
	uint32_t outcome = settle_close(&pipeline->tracker, flow, why, &end);

	emit(pipeline, flow, EVENT_CONNECTION | event_kinds(outcome), end,
			end == why ? now_us : flow->tally->last_us);
	/* Not before: the copy of the entry would wait for the flag's store to reach the cache. */
	pipeline_meter_closed(pipeline, flow, now_us);
	/* Those that became events are counted there. */
	if ((flow->entry->flags & (FLOW_RST_SEEN | FLOW_RST_REPORTED)) == FLOW_RST_SEEN)
		counter_add(&pipeline->counters.rst_verdicts[flow->evidence->rst.verdict], 1);
	counter_add(&pipeline->counters.flows_closed, 1);
	counter_add(&pipeline->counters.handshakes[flow->tally->result], 1);
	counter_add(&pipeline->counters.ends[end], 1);
}

static void
set_due(struct pipeline *pipeline, uint32_t slot, uint64_t now_us)
{
	struct flow_ref flow = flow_at(&pipeline->table, slot);

	flow_table_set_due(&pipeline->table, slot,
			deadline_to_look(&pipeline->tracker, &flow, now_us), now_us);
}

/* The flow in @p slot makes room for a new one. */
static __attribute__((noinline)) void
evict(struct pipeline *pipeline, uint32_t slot, uint32_t n, uint64_t now_us)
{
	struct flow_ref victim = flow_at(&pipeline->table, slot);

	report(pipeline, &victim, END_EVICTED, now_us);
	counter_add(&pipeline->counters.flows_evicted, 1);
	flow_table_replace(&pipeline->table, slot, pipeline->hashes[n], &pipeline->keys[n]);
}

/* A slot for the flow of the n-th segment; @p victim: the flow that must go, where that is known. */
static inline uint32_t
make_room(struct pipeline *pipeline, uint32_t n, uint32_t victim, uint64_t now_us)
{
	uint32_t slot = victim;

	if (slot == FLOW_TABLE_NONE) {
		slot = flow_table_insert(&pipeline->table, pipeline->hashes[n], &pipeline->keys[n]);
		if (slot != FLOW_TABLE_NONE)
			return slot;
		slot = flow_table_victim(&pipeline->table, pipeline->hashes[n], now_us);
		if (slot == FLOW_TABLE_NONE)
			return slot;
	}
	evict(pipeline, slot, n, now_us);
	return slot;
}

static const uint8_t *
options_of(const struct frame *frame, const struct segment *segment)
{
	return frame->data + segment->tcp_offset + TCP_HEADER_LEN;
}

static void
open_flow(struct pipeline *pipeline, const struct frame *frame, uint32_t n, uint32_t victim)
{
	const struct segment *segment = &pipeline->segments[n];
	uint32_t slot = make_room(pipeline, n, victim, frame->time_us);
	struct flow_ref flow;
	uint32_t outcome;

	if (slot == FLOW_TABLE_NONE) {
		counter_add(&pipeline->counters.flows_untracked, 1);
		return;
	}
	counter_add(&pipeline->counters.flows_opened, 1);
	flow = flow_at(&pipeline->table, slot);
	outcome = tracker_open(&flow, segment, options_of(frame, segment),
			pipeline->src_is_second[n], frame->time_us);
	if (pipeline->meter != NULL)
		pipeline_meter_open(pipeline, &flow, segment);
	if (event_kinds(outcome) != 0)
		emit(pipeline, &flow, event_kinds(outcome), END_UNSET, frame->time_us);
	/* Among flows that nothing has confirmed the order of eviction is their age. */
	if (flow.entry->state < HS_ESTABLISHED || flow.entry->state == HS_MIDSTREAM)
		flow_table_set_due(&pipeline->table, slot,
				deadline_of_new(&pipeline->tracker, frame->time_us),
				frame->time_us);
	else
		set_due(pipeline, slot, frame->time_us);
}

/* The connection's place is taken by a new one on the same key. */
static void
restart(struct pipeline *pipeline, uint32_t slot, enum end_how why, uint64_t time_us)
{
	struct flow_ref flow = flow_at(&pipeline->table, slot);

	report(pipeline, &flow, why, time_us);
	flow_table_remove(&pipeline->table, slot);
}

/* The connection began with a SYN that looked like part of another one. */
static uint32_t
restart_pending(struct pipeline *pipeline, uint32_t slot, uint32_t n, uint64_t now_us)
{
	struct flow_ref flow = flow_at(&pipeline->table, slot);
	struct tracker_pending pending = tracker_take_pending(&flow, now_us);

	restart(pipeline, slot, END_OPEN, pending.time_us);
	slot = make_room(pipeline, n, FLOW_TABLE_NONE, now_us);
	if (slot == FLOW_TABLE_NONE)
		return slot;
	counter_add(&pipeline->counters.flows_opened, 1);
	flow = flow_at(&pipeline->table, slot);
	tracker_open_pending(&flow, &pending, &pipeline->segments[n]);
	if (pipeline->meter != NULL)
		meter_syn(pipeline->meter, flow.entry);
	flow_table_set_due(&pipeline->table, slot,
			deadline_of_new(&pipeline->tracker, pending.time_us), now_us);
	return slot;
}

static void
count_notes(struct counters *counters, uint32_t notes)
{
	if ((notes & TRACKER_NOTE_SYN_RETRANSMIT) != 0)
		counter_add(&counters->syn_retransmits, 1);
	if ((notes & TRACKER_NOTE_SYNACK_RETRANSMIT) != 0)
		counter_add(&counters->synack_retransmits, 1);
	if ((notes & TRACKER_NOTE_SYNACK_BAD) != 0)
		counter_add(&counters->synack_bad, 1);
	if ((notes & TRACKER_NOTE_DATA_RETRANSMIT) != 0)
		counter_add(&counters->data_retransmits, 1);
	if ((notes & TRACKER_NOTE_SYN_IN_CONNECTION) != 0)
		counter_add(&counters->syn_in_connection, 1);
}

static void
track_flow(struct pipeline *pipeline, uint32_t slot, const struct frame *frame, uint32_t n)
{
	const struct segment *segment = &pipeline->segments[n];
	struct flow_ref flow = flow_at(&pipeline->table, slot);
	uint32_t notes;
	uint32_t outcome = tracker_segment(&pipeline->tracker, &flow, segment,
			options_of(frame, segment), pipeline->src_is_second[n], frame->time_us,
			&notes);

	if (notes != 0) {
		count_notes(&pipeline->counters, notes);
		if (pipeline->meter != NULL)
			pipeline_meter_noted(pipeline, &flow, segment, notes, frame->time_us);
	}
	if (outcome != 0)
		pipeline_meter_came(pipeline, &flow, outcome, frame->time_us);
	if (!pipeline->params.tell_handshakes)
		outcome &= ~(uint32_t)TRACKER_CONFIRMED;
	if (outcome == 0)
		return;
	if ((outcome & TRACKER_RESTART) != 0) {
		restart(pipeline, slot, END_OPEN, frame->time_us);
		open_flow(pipeline, frame, n, FLOW_TABLE_NONE);
		return;
	}
	if ((outcome & TRACKER_RESTART_PENDING) != 0) {
		slot = restart_pending(pipeline, slot, n, frame->time_us);
		if (slot != FLOW_TABLE_NONE)
			track_flow(pipeline, slot, frame, n);
		return;
	}
	if (event_kinds(outcome) != 0)
		emit(pipeline, &flow, event_kinds(outcome), END_UNSET, frame->time_us);
	if ((outcome & TRACKER_RETIME) != 0)
		set_due(pipeline, slot, frame->time_us);
}

/* What the flags alone say, for the counters; plain segments are not worth a count. */
static void
count_flags(struct counters *counters, uint8_t flags)
{
	if ((flags & TCP_SYN) != 0)
		counter_add((flags & TCP_ACK) != 0 ? &counters->synack : &counters->syn, 1);
	if ((flags & TCP_RST) != 0)
		counter_add(&counters->rst, 1);
	if ((flags & TCP_FIN) != 0)
		counter_add(&counters->fin, 1);
}

static void
keep_header(struct pipeline *pipeline, const struct frame *frame, uint32_t n)
{
	if (header_ring_is_on(&pipeline->headers))
		header_ring_push(&pipeline->headers, frame, &pipeline->segments[n]);
}

/*
 * A timer that ran out before this frame is judged before it, wherever the sweep is:
 * whatever is due here, nothing must see a flow that is past its time.
 */
static uint32_t
expire_first(struct pipeline *pipeline, uint32_t slot, uint64_t now_us)
{
	struct flow_ref flow = flow_at(&pipeline->table, slot);

	while (deadline_passed(&pipeline->tracker, &flow, now_us)) {
		uint64_t due_us = deadline_of(&pipeline->tracker, &flow);
		uint32_t outcome = deadline_expire(&pipeline->tracker, &flow);

		if ((outcome & TRACKER_RELEASE) != 0) {
			restart(pipeline, slot, END_TIMEOUT, due_us);
			return FLOW_TABLE_NONE;
		}
		pipeline_meter_judged(pipeline, &flow, due_us);
		if (event_kinds(outcome) != 0)
			emit(pipeline, &flow, event_kinds(outcome), END_UNSET, due_us);
	}
	return slot;
}

/* By the long way, which knows every segment. */
static __attribute__((noinline)) void
take_segment(struct pipeline *pipeline, const struct frame *frame, uint32_t n, uint32_t slot)
{
	const struct segment *segment = &pipeline->segments[n];
	uint32_t victim = FLOW_TABLE_NONE;

	if (slot == FLOW_TABLE_NONE) {
		if ((pipeline->crowded >> n & 1) != 0)
			victim = flow_table_foreseen(&pipeline->table, pipeline->hashes[n],
					&pipeline->foresight[n]);
		if (victim == FLOW_TABLE_NONE)
			slot = flow_table_find(
					&pipeline->table, pipeline->hashes[n], &pipeline->keys[n]);
	}
	if ((segment->tcp_flags & (TCP_SYN | TCP_RST | TCP_FIN)) != 0) {
		count_flags(&pipeline->counters, segment->tcp_flags);
		if ((segment->tcp_flags & (TCP_SYN | TCP_RST)) != 0)
			keep_header(pipeline, frame, n);
	}
	if (segment_kind(segment) == SEGMENT_ILLEGAL)
		counter_add(&pipeline->counters.illegal_flags, 1);
	if (slot != FLOW_TABLE_NONE && pipeline->params.tracker.timeouts)
		slot = expire_first(pipeline, slot, frame->time_us);
	if (slot == FLOW_TABLE_NONE) {
		if ((segment->tcp_flags & (TCP_SYN | TCP_RST)) == 0)
			keep_header(pipeline, frame, n);
		open_flow(pipeline, frame, n, victim);
	} else {
		track_flow(pipeline, slot, frame, n);
	}
}

/* A SYN of a flow that is there: by the short way, if all it does is to come again. */
static __attribute__((noinline)) void
take_known_syn(struct pipeline *pipeline, const struct frame *frame, uint32_t n, uint32_t slot)
{
	struct flow_ref flow = flow_at(&pipeline->table, slot);

	if (!plain_syn_again(&pipeline->tracker, &flow, &pipeline->segments[n],
			    pipeline->src_is_second[n], frame->time_us)) {
		take_segment(pipeline, frame, n, slot);
		return;
	}
	counter_add(&pipeline->counters.syn, 1);
	counter_add(&pipeline->counters.syn_retransmits, 1);
	keep_header(pipeline, frame, n);
	if (pipeline->meter != NULL && (flow.entry->flags & FLOW_METERED) != 0)
		meter_syn_again(pipeline->meter, flow.entry, flow.evidence->syn_retransmits == 1);
}

/* Each way on its own, so that here no registers are saved for either. */
void
pipeline_flow_tcp(struct pipeline *pipeline, const struct frame *frame, uint32_t n, uint32_t slot)
{
	bool is_syn = (pipeline->segments[n].tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;

	if (slot != FLOW_TABLE_NONE && is_syn)
		take_known_syn(pipeline, frame, n, slot);
	else
		take_segment(pipeline, frame, n, slot);
}

bool
pipeline_flow_quote(
		struct pipeline *pipeline, const struct segment *quote, uint64_t now_us, uint32_t n)
{
	uint32_t slot = flow_table_find(&pipeline->table, pipeline->hashes[n], &pipeline->keys[n]);
	struct flow_ref flow;
	uint32_t outcome;

	if (slot != FLOW_TABLE_NONE && pipeline->params.tracker.timeouts)
		slot = expire_first(pipeline, slot, now_us);
	if (slot == FLOW_TABLE_NONE)
		return false;
	flow = flow_at(&pipeline->table, slot);
	outcome = tracker_unreachable(&flow, quote->seq, pipeline->src_is_second[n],
			quote->icmp_type, quote->icmp_code);
	pipeline_meter_judged(pipeline, &flow, now_us);
	if (event_kinds(outcome) != 0)
		emit(pipeline, &flow, event_kinds(outcome), END_UNSET, now_us);
	return true;
}

/* Perhaps another pipeline knows the connection. */
static void
tell_quote(struct pipeline *pipeline, const struct segment *quote, uint64_t now_us)
{
	struct event *event = &pipeline->events.events[pipeline->events.count++];

	event->quote = *quote;
	event->kinds = EVENT_QUOTE;
	event->worker = pipeline->params.worker;
	event->time_us = now_us;
	pipeline->quote_told = true;
}

void
pipeline_flow_icmp(struct pipeline *pipeline, const struct frame *frame, uint32_t n)
{
	const struct segment *quote = &pipeline->segments[n];

	if (!pipeline_flow_quote(pipeline, quote, frame->time_us, n) &&
			pipeline->params.tell_quotes && !pipeline->quote_told)
		tell_quote(pipeline, quote, frame->time_us);
}

void
pipeline_flow_look(struct pipeline *pipeline, uint32_t slot, uint64_t now_us)
{
	if (expire_first(pipeline, slot, now_us) != FLOW_TABLE_NONE)
		set_due(pipeline, slot, now_us);
}

void
pipeline_flow_finish(struct pipeline *pipeline, uint32_t slot, uint64_t now_us)
{
	/* A timer that ran out before the end is judged by that, not by the end. */
	if (pipeline->params.tracker.timeouts)
		slot = expire_first(pipeline, slot, now_us);
	if (slot != FLOW_TABLE_NONE)
		restart(pipeline, slot, END_OPEN, now_us);
}
