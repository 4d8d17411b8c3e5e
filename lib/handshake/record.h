/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Everything that is known of one connection, unpacked for those who write it down.
 *
 * The data path keeps a connection packed in a few cache lines (flow/flow_entry.h); a
 * record is made from a copy of these by whoever drains the events, never in a worker.
 */

#ifndef HANDSHAKE_RECORD_H
#define HANDSHAKE_RECORD_H

#include "flow/flow_entry.h"
#include "handshake/verdict.h"
#include "packet/segment.h"

#include <stdbool.h>
#include <stdint.h>

#define RECORD_HISTORY_LEN (FLOW_HISTORY_LETTERS + 1)
#define RECORD_NO_TTL_DELTA INT16_MIN

struct record_handshake {
	enum handshake_result result;
	bool complete; /* complete or simultaneous */
	bool given_up; /* it is complete, and was judged incomplete before: that was told */
	bool implied_ack; /* data or FIN stood for a third ACK that was not seen */
	bool fast_open; /* the SYN or SYN-ACK carried data or the option of RFC 7413 */
	enum silent_party silent;
	uint8_t syn; /* SYNs without ACK seen, both sides; 255 means 255 or more, as below */
	uint8_t synack;
	uint8_t syn_retransmits;
	uint8_t synack_retransmits;
	bool has_synack_us;
	bool has_ack_us;
	uint32_t synack_us; /* first SYN to first SYN-ACK: network behind the box, and the server */
	uint32_t ack_us; /* first SYN-ACK to the segment that acknowledged it: the client's share */
	bool has_icmp; /* an ICMP error quoted the SYN: */
	uint8_t icmp_type;
	uint8_t icmp_code;
};

struct record_rst {
	enum flow_side by;
	enum rst_phase phase;
	enum rst_position position;
	enum rst_verdict verdict;
	enum rst_after after; /* RST_AFTER_UNSET: not known yet, or nothing could tell */
	int16_t ttl_delta; /* this hop limit minus that side's usual; RECORD_NO_TTL_DELTA: unknown */
	uint32_t idle_ms; /* from the last segment before, leaving out the one that it answers */
	bool in_flight; /* either side had sent data that was not acknowledged */
	bool answered; /* its seq is the ack of the segment before it: the peer's socket is gone */
	bool after_fin; /* at least one side had sent FIN */
};

struct record_side {
	uint8_t addr[16]; /* IPv4 in the IPv4-mapped form */
	uint16_t port;
	uint8_t hop_limit; /* the usual one; meaningful if seen */
	bool seen; /* this side sent something */
	uint64_t pkts;
	uint64_t bytes; /* of TCP payload, retransmissions included */
	uint16_t data_retransmits; /* the largest value means that or more, as below */
	uint8_t fin;
	uint8_t rst;
	bool syn_seen; /* the options below are known; of a SYN or SYN-ACK */
	uint16_t mss; /* 0: not sent */
	bool has_wscale;
	uint8_t wscale;
	bool sack;
	bool timestamps;
};

struct record {
	uint64_t flow_id; /* below 2^53, so that JSON readers keep it whole */
	uint16_t worker;
	uint8_t ip_version; /* 4 or 6 */
	uint8_t vlan_count;
	uint16_t vlan[SEGMENT_VLANS];
	struct record_side side[FLOW_SIDES]; /* indexed by enum flow_side */
	struct record_handshake handshake;
	enum end_how end;
	bool has_rst; /* the RST that counts, or for an `rst` event the one it is about: */
	struct record_rst rst;
	char conn_state[8]; /* Zeek's */
	char history[RECORD_HISTORY_LEN];
	bool history_cut; /* there was more than the table keeps */
	bool syn_in_connection; /* RFC 5961 section 4 */
	uint64_t start_us; /* first segment */
	uint64_t end_us; /* last segment */
};

/**
 * Unpack a flow.
 *
 * What the snapshot does not hold (worker, end) is left zero for the caller.
 */
void record_unpack(const struct flow_snapshot *flow, struct record *record);

#endif /* HANDSHAKE_RECORD_H */
