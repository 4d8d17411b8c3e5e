/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/record.h"

#include "flow/flow_key.h"
#include "handshake/window.h"
#include "handshake/zeek.h"

#include <string.h>

/*
 * The same connection has the same number in every event and every run, so nothing need
 * be stored for it: a hash of who and when. 2^53 is what a JSON reader keeps whole.
 */
static uint64_t
flow_id_of(const struct flow_snapshot *flow)
{
	const struct flow_entry *entry = &flow->entry;
	uint64_t ports = (uint64_t)entry->port[0] << 16 | entry->port[1];
	uint64_t first = flow_key_mix(entry->addr[0][0] ^ UINT64_C(0x9e3779b97f4a7c15),
			entry->addr[0][1] ^ UINT64_C(0xbf58476d1ce4e5b9));
	uint64_t second = flow_key_mix(entry->addr[1][0] ^ UINT64_C(0x94d049bb133111eb),
			entry->addr[1][1] ^ UINT64_C(0xd6e8feb86659fd93));
	uint64_t id = flow_key_mix(first ^ (second << 1 | second >> 63),
			(flow->tally.start_us << 1 | 1) * UINT64_C(0xa0761d6478bd642f) ^ ports);

	return id >> 11;
}

static void
unpack_side(const struct flow_snapshot *flow, enum flow_side side, struct record_side *out)
{
	const struct flow_entry *entry = &flow->entry;
	const struct flow_count *count = &flow->tally.count[side];
	bool client_is_second = (entry->flags & FLOW_CLIENT_IS_SECOND) != 0;
	uint32_t end = (side == FLOW_CLIENT) == client_is_second;
	uint32_t shift = window_shift(entry, side);

	memcpy(out->addr, entry->addr[end], sizeof(out->addr));
	out->port = entry->port[end];
	out->hop_limit = entry->hop_limit[side];
	out->seen = window_seq_known(entry, side);
	out->pkts = count->pkts;
	out->bytes = count->bytes;
	out->data_retransmits = count->data_retransmits;
	out->fin = count->fin;
	out->rst = count->rst;
	out->syn_seen = (entry->flags & flow_side_flag(FLOW_SYN, side)) != 0;
	out->mss = count->mss;
	out->has_wscale = shift != FLOW_WSCALE_NONE;
	out->wscale = out->has_wscale ? (uint8_t)shift : 0;
	out->sack = (entry->flags & flow_side_flag(FLOW_SACK, side)) != 0;
	out->timestamps = (entry->flags & flow_side_flag(FLOW_TIMESTAMPS, side)) != 0;
}

static void
unpack_handshake(const struct flow_snapshot *flow, struct record_handshake *out)
{
	const struct flow_tally *tally = &flow->tally;
	const struct flow_evidence *evidence = &flow->evidence;
	uint32_t flags = flow->entry.flags;

	out->result = (enum handshake_result)tally->result;
	out->complete = out->result == HANDSHAKE_COMPLETE || out->result == HANDSHAKE_SIMULTANEOUS;
	out->given_up = out->complete && tally->result_reported;
	out->silent = verdict_silent_party(out->result);
	out->implied_ack = (flags & FLOW_IMPLIED_ACK) != 0;
	out->fast_open = (flags & FLOW_FAST_OPEN) != 0;
	out->syn = evidence->syn;
	out->synack = evidence->synack;
	out->syn_retransmits = evidence->syn_retransmits;
	out->synack_retransmits = evidence->synack_retransmits;
	out->has_synack_us = tally->synack_us != UINT32_MAX;
	out->synack_us = out->has_synack_us ? tally->synack_us : 0;
	out->has_icmp = (flags & FLOW_UNREACHABLE) != 0;
	out->icmp_type = out->has_icmp ? tally->icmp.type : 0;
	out->icmp_code = out->has_icmp ? tally->icmp.code : 0;
	out->has_ack_us = !out->has_icmp && tally->ack_us != UINT32_MAX;
	out->ack_us = out->has_ack_us ? tally->ack_us : 0;
}

static void
unpack_rst(const struct flow_evidence *evidence, struct record_rst *out)
{
	out->by = (enum flow_side)evidence->rst.by;
	out->phase = (enum rst_phase)evidence->rst.phase;
	out->position = (enum rst_position)evidence->rst.position;
	out->verdict = (enum rst_verdict)evidence->rst.verdict;
	out->after = (enum rst_after)evidence->rst.after;
	out->ttl_delta = evidence->rst.ttl_delta != FLOW_NO_TTL_DELTA ? evidence->rst.ttl_delta
								      : RECORD_NO_TTL_DELTA;
	out->idle_ms = (uint32_t)(((uint64_t)evidence->rst.idle_100us + 5) / 10);
	out->in_flight = evidence->rst.in_flight;
	out->answered = evidence->rst.answered;
	out->after_fin = evidence->rst.after_fin;
}

static void
unpack_vlan(const struct flow_evidence *evidence, struct record *record)
{
	for (uint32_t i = 0; i < SEGMENT_VLANS; i++)
		if ((evidence->vlan[i] & FLOW_VLAN_PRESENT) != 0)
			record->vlan[record->vlan_count++] = evidence->vlan[i] &
					(FLOW_VLAN_PRESENT - 1);
}

void
record_unpack(const struct flow_snapshot *flow, struct record *record)
{
	memset(record, 0, sizeof(*record));
	record->flow_id = flow_id_of(flow);
	record->ip_version = (flow->entry.flags & FLOW_IPV6) != 0 ? 6 : 4;
	unpack_vlan(&flow->evidence, record);
	unpack_side(flow, FLOW_CLIENT, &record->side[FLOW_CLIENT]);
	unpack_side(flow, FLOW_SERVER, &record->side[FLOW_SERVER]);
	unpack_handshake(flow, &record->handshake);
	record->has_rst = (flow->entry.flags & FLOW_RST_SEEN) != 0;
	if (record->has_rst)
		unpack_rst(&flow->evidence, &record->rst);
	strncpy(record->conn_state, zeek_conn_state(&flow->tally, &flow->evidence),
			sizeof(record->conn_state) - 1);
	zeek_history(&flow->evidence, record->history, sizeof(record->history));
	record->history_cut = flow->tally.history_cut;
	record->syn_in_connection = (flow->entry.flags & FLOW_SYN_IN_CONNECTION) != 0;
	record->start_us = flow->tally.start_us;
	record->end_us = flow->tally.last_us;
}
