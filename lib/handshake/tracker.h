/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The tracker: what one segment means for its connection.
 *
 * It judges the numbers of a segment (RFC 9293 section 3.10.7, RFC 5961, RFC 7323),
 * finds out which event of hs_fsm.h it is, moves the state, and keeps the evidence. A box
 * in the middle sees segments, not sockets: nothing is concluded that the wire does not
 * prove. It knows no table and no clock; which flow a segment belongs to, what is
 * reported and when entries are released is the pipeline's business, and it learns from
 * the outcome of each call what to do.
 */

#ifndef HANDSHAKE_TRACKER_H
#define HANDSHAKE_TRACKER_H

#include "flow/flow_entry.h"
#include "handshake/verdict.h"
#include "packet/segment.h"

#include <stdbool.h>
#include <stdint.h>

struct tracker_params {
	bool timeouts; /* off: a connection ends on the wire or with the run */
	uint32_t syn_retries; /* tcp.syn_retries: net.ipv4.tcp_syn_retries */
	uint32_t syn_linear_timeouts; /* tcp.syn_linear_timeouts: 4 since Linux 6.5; 0 before */
	uint32_t synack_retries; /* tcp.synack_retries: net.ipv4.tcp_synack_retries */
	uint64_t initial_rto_us; /* tcp.initial_rto */
	uint64_t established_us; /* timeouts.established */
	uint64_t closing_us; /* timeouts.closing */
	uint64_t time_wait_us; /* timeouts.time_wait */
	uint64_t reset_us; /* timeouts.reset */
	uint64_t rst_confirm_us; /* rst.confirm: the silence that makes a RST believed */
	uint8_t rst_ttl_tolerance; /* rst.ttl_tolerance: hops */
	bool rst_events_all; /* events.rst: all, or only mid_connection and suspected_injection */
};

void tracker_params_default(struct tracker_params *params);

/* Parameters with what follows from them worked out. */
struct tracker {
	struct tracker_params params;
	uint64_t syn_giveup_us; /* a client stops, after its first SYN */
	uint64_t synack_giveup_us; /* a server stops, after its first SYN-ACK */
	uint64_t shortest_us; /* no timer runs out earlier after a flow's last segment */
	uint64_t plain_idle_us; /* nor need a segment be looked at closely that comes earlier */
	uint64_t plain_syn_us; /* nor a SYN sent again so early after the first */
};

void tracker_init(struct tracker *tracker, const struct tracker_params *params);

/* What the pipeline must do; or-ed. */
enum tracker_outcome {
	TRACKER_INCOMPLETE = 1 << 0, /* the handshake is judged incomplete: say so */
	TRACKER_RST = 1 << 1, /* a RST is judged: say so */
	TRACKER_RETIME = 1 << 2, /* the flow's deadline may have come nearer */
	TRACKER_RESTART = 1 << 3, /* report the flow; the segment begins a new one in its place */
	TRACKER_RESTART_PENDING = 1 << 4, /* the same, but it began with the pending SYN */
	TRACKER_RELEASE = 1 << 5, /* its time is up: report the flow and release it */
	TRACKER_CONFIRMED = 1 << 6, /* the handshake has just been settled as complete */
	TRACKER_ANSWERED = 1 << 7, /* both sides speak, of a connection picked up in the middle */
};

/* Things worth counting that a segment was; or-ed into struct tracker_notes. */
enum tracker_note {
	TRACKER_NOTE_SYN_RETRANSMIT = 1 << 0,
	TRACKER_NOTE_SYNACK_RETRANSMIT = 1 << 1,
	TRACKER_NOTE_SYNACK_BAD = 1 << 2,
	TRACKER_NOTE_DATA_RETRANSMIT = 1 << 3,
	TRACKER_NOTE_SYN_IN_CONNECTION = 1 << 4,
	TRACKER_NOTE_ILLEGAL = 1 << 5,
	TRACKER_NOTE_SYNACK_FIRST = 1 << 6, /* the first good answer to the SYN */
	TRACKER_NOTE_RST_IDLE = 1 << 7, /* a RST that changes nothing */
	TRACKER_NOTE_WENT_ON = 1 << 8, /* one side goes on as if answered: the other is not seen */
};

/**
 * The first segment of a flow.
 *
 * @param flow
 *   As flow_table_insert() made it.
 * @param options
 *   The segment's TCP options, tcp_header_len - 20 bytes; read only if it has SYN.
 * @param src_is_second
 *   Whether the sender is the key's second endpoint.
 * @return
 *   Outcomes, or-ed.
 */
uint32_t tracker_open(const struct flow_ref *flow, const struct segment *segment,
		const uint8_t *options, bool src_is_second, uint64_t now_us);

/**
 * A further segment.
 *
 * @param[out] notes
 *   Or-ed enum tracker_note values.
 * @return
 *   Outcomes, or-ed. With TRACKER_RESTART or TRACKER_RESTART_PENDING nothing of the
 *   segment has been taken in yet.
 */
uint32_t tracker_segment(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, const uint8_t *options, bool src_is_second,
		uint64_t now_us, uint32_t *notes);

/* What is kept of a SYN in a connection, for the flow that it turns out to have begun. */
struct tracker_pending {
	uint32_t isn;
	uint64_t time_us;
	bool src_is_second;
};

/** Take the pending SYN out of a flow that is to be reported (TRACKER_RESTART_PENDING). */
struct tracker_pending tracker_take_pending(const struct flow_ref *flow, uint64_t now_us);

/** Begin the flow of that SYN; the SYN-ACK that answers it goes to tracker_segment() next. */
void tracker_open_pending(const struct flow_ref *flow, const struct tracker_pending *pending,
		const struct segment *synack);

/** An ICMP error quotes a segment with sequence number @p seq that the flow's client sent. */
uint32_t tracker_unreachable(const struct flow_ref *flow, uint32_t seq, bool from_second,
		uint8_t type, uint8_t code);

/** Bit n: a flow in state n may be evicted for another. */
uint32_t tracker_evictable_states(void);

#endif /* HANDSHAKE_TRACKER_H */
