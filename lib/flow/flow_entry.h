/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One connection, packed: 64 bytes that every segment needs, 64 that every segment
 * counts in, and 28 that only rare segments touch.
 *
 * Fields that belong to a side are indexed by enum flow_side, but for the key's, which
 * are in the key's own order (FLOW_CLIENT_IS_SECOND tells which is the client).
 * The layouts are asserted; memory for a flow is these 156 bytes and 4 of the table.
 */

#ifndef FLOW_FLOW_ENTRY_H
#define FLOW_FLOW_ENTRY_H

#include "base/compiler.h"

#include <assert.h>
#include <stdint.h>

enum flow_side {
	FLOW_CLIENT,
	FLOW_SERVER,
	FLOW_SIDES,
};

static inline enum flow_side
flow_peer(enum flow_side side)
{
	return side == FLOW_CLIENT ? FLOW_SERVER : FLOW_CLIENT;
}

/* What is marked `side` is a flag for each side; see flow_side_flag(). */
enum flow_flag {
	FLOW_IPV6 = 1 << 0,
	FLOW_CLIENT_IS_SECOND = 1 << 1, /* the key's second endpoint is the client */
	FLOW_SEQ_KNOWN = 1 << 2, /* side: sent something; its seq_next holds */
	FLOW_ACK_KNOWN = 1 << 4, /* side: its ack and window hold */
	FLOW_SYN = 1 << 6, /* side: sent SYN or SYN-ACK; its isn and options hold */
	FLOW_FIN = 1 << 8, /* side */
	FLOW_METERED = 3 << 10, /* half open, and where it is counted; see detect/meter.h */
	FLOW_METERED_SERVICE = 1 << 10, /* at its service */
	FLOW_METERED_ABOVE = 2 << 10, /* at what its service is part of */
	FLOW_METERED_NOWHERE = 3 << 10, /* with all that there was no place for */
	FLOW_SACK = 1 << 12, /* side: offered */
	FLOW_TIMESTAMPS = 1 << 14, /* side: offered */
	FLOW_HISTORY_ACK = 1 << 16, /* side: its 'a' is in the history */
	FLOW_HISTORY_DATA = 1 << 18, /* side: its 'd' is in the history */
	FLOW_IMPLIED_ACK = 1 << 20,
	FLOW_FAST_OPEN = 1 << 21,
	FLOW_BAD_SYNACK = 1 << 22, /* a SYN-ACK to another number came */
	FLOW_ODD_ANSWER = 1 << 23, /* the server's first answer was none */
	FLOW_UNREACHABLE = 1 << 24, /* an ICMP error quoted the SYN */
	FLOW_WENT_ON = 1 << 25, /* the client went on as if answered */
	FLOW_SYN_PENDING = 1 << 26, /* a SYN in the connection awaits its answer */
	FLOW_SYN_IN_CONNECTION = 1 << 27, /* there was one */
	FLOW_RST_SEEN = 1 << 28, /* the evidence holds a RST */
	FLOW_RST_UNCONFIRMED = 1 << 29, /* and the receiver's silence must confirm it */
	FLOW_RST_REPORTED = 1 << 30, /* its event is out */
};

/* The table's own flag (an enum constant cannot hold bit 31 in C11). */
#define FLOW_SENT_AWAY (UINT32_C(1) << 31)

/** A side's flag, or several or-ed. */
static inline uint32_t
flow_side_flag(uint32_t flags, enum flow_side side)
{
	return flags << side;
}

/* What every segment reads and most write. */
struct flow_entry {
	uint64_t addr[2][2]; /* the key, as in struct flow_key */
	uint16_t port[2];
	uint32_t flags; /* enum flow_flag */
	uint32_t seq_next[FLOW_SIDES]; /* the end of what it has sent, SYN and FIN included */
	uint32_t ack[FLOW_SIDES]; /* the highest acknowledgement it has sent */
	uint16_t window[FLOW_SIDES]; /* the last it advertised, unscaled */
	uint8_t hop_limit[FLOW_SIDES]; /* the usual one; 0: not known */
	uint8_t wscale; /* the server's in the high half, the client's in the low */
	uint8_t state; /* enum hs_state */
} CACHE_ALIGNED;

#define FLOW_WSCALE_NONE 15

/*
 * What every segment changes lies on top of its word: adding there needs no mask, and runs
 * over into nothing.
 */

/* One side's counts. Small fields stick at their largest value. */
struct flow_count {
	uint64_t mss : 16; /* 0: not offered */
	uint64_t bytes : 48; /* of TCP payload */
	uint64_t data_retransmits : 14;
	uint64_t fin : 4;
	uint64_t rst : 6;
	uint64_t pkts : 40;
};

/* What only the record needs. */
struct flow_tally {
	uint64_t zeek_client : 3; /* enum zeek_state */
	uint64_t zeek_server : 3;
	uint64_t result : 5; /* enum handshake_result, once it is settled */
	uint64_t result_reported : 1; /* its event is out */
	uint64_t start_us : 52;
	uint64_t history_cut : 1; /* letters were left out */
	uint64_t last_side : 1; /* enum flow_side: who sent the last segment */
	uint64_t idle_before : 1; /* a second or more passed before it: evidence.rst.idle_100us */
	uint64_t rst_is_end : 1; /* the RST in the evidence came before both FINs */
	uint64_t crossed : 1; /* both sides sent SYN without ACK */
	uint64_t pending_side : 1; /* enum flow_side: who sent the pending SYN */
	uint64_t rst_refuted : 1; /* its receiver was heard going on afterwards */
	uint64_t synack_sent : 2; /* bit n: side n has sent a good SYN-ACK */
	uint64_t pending_time_high : 3; /* of the pending SYN's time */
	uint64_t last_us : 52;
	struct flow_count count[FLOW_SIDES];
	uint32_t isn[FLOW_SIDES]; /* of the SYN; without one, the number before the first seen */
	uint32_t synack_us; /* start to first SYN-ACK; UINT32_MAX: none */
	union {
		uint32_t ack_us; /* first SYN-ACK to its acknowledgement; UINT32_MAX: none */
		struct {
			uint8_t type;
			uint8_t code;
		} icmp; /* with FLOW_UNREACHABLE, when nothing was acknowledged */
	};
} CACHE_ALIGNED;

/* History letters are kept in five bits each, six a word; zero is the end. */
#define FLOW_HISTORY_WORDS 3
#define FLOW_HISTORY_LETTERS (6 * FLOW_HISTORY_WORDS)

#define FLOW_VLAN_PRESENT 0x1000 /* or-ed to a VLAN identifier */
#define FLOW_NO_TTL_DELTA INT8_MIN

/* What only rare segments touch. */
struct flow_evidence {
	uint32_t history[FLOW_HISTORY_WORDS];
	union {
		struct {
			uint32_t isn;
			uint32_t time_us; /* low bits; with pending_time_high, nine hours' worth */
		} pending_syn; /* with FLOW_SYN_PENDING */
		struct {
			uint32_t idle_100us; /* before the last segment; once there is a RST, before that */
			int8_t ttl_delta; /* clamped; FLOW_NO_TTL_DELTA: not known */
			uint8_t phase : 3; /* enum rst_phase */
			uint8_t of_syn : 1; /* it answers a SYN that had no good answer yet */
			uint8_t position : 4; /* enum rst_position */
			uint8_t verdict : 4; /* enum rst_verdict */
			uint8_t after : 4; /* enum rst_after */
			uint8_t by : 1; /* enum flow_side */
			uint8_t in_flight : 1;
			uint8_t answered : 1;
			uint8_t after_fin : 1;
			uint8_t old_state : 4; /* enum hs_state, should the connection go on */
		} rst; /* with FLOW_RST_SEEN */
	};
	uint16_t vlan[2]; /* outermost first, with FLOW_VLAN_PRESENT; 0: none */
	uint8_t syn; /* counts stick at 255 */
	uint8_t synack;
	uint8_t syn_retransmits;
	uint8_t synack_retransmits;
};

static_assert(sizeof(struct flow_entry) == CACHE_LINE, "one line");
static_assert(sizeof(struct flow_tally) == CACHE_LINE, "one line");
static_assert(sizeof(struct flow_evidence) == 28, "156 bytes in all");

/*
 * What every segment touches. Side by side, so that both lines are in one page, and that is
 * looked up once.
 */
struct flow_pair {
	struct flow_entry entry;
	struct flow_tally tally;
};

/* Where a flow's parts lie, for the functions that work on it. */
struct flow_ref {
	struct flow_entry *entry;
	struct flow_tally *tally;
	struct flow_evidence *evidence;
};

/* A copy, for those who write records. */
struct flow_snapshot {
	struct flow_entry entry;
	struct flow_tally tally;
	struct flow_evidence evidence;
};

#endif /* FLOW_FLOW_ENTRY_H */
