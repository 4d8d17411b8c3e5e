/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A connection as the naive tracker keeps it, the facts that follow from its list of
 * segments, and what the files naive*.c have for each other. For them only.
 */

#ifndef MODEL_NAIVE_FACTS_H
#define MODEL_NAIVE_FACTS_H

#include "handshake/record.h"
#include "handshake/segment_kind.h"
#include "naive.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the receiver makes of a RST. */
enum naive_belief {
	NAIVE_NO_RST,
	NAIVE_IGNORED,
	NAIVE_DOUBTED, /* silence must confirm it */
	NAIVE_BELIEVED, /* exact, or confirmed */
	NAIVE_REFUTED, /* it was doubted, and the connection went on */
};

enum naive_state {
	NAIVE_SYN_SENT,
	NAIVE_SYN_CROSSED, /* both sides sent SYN */
	NAIVE_SYN_RECEIVED,
	NAIVE_ESTABLISHED,
	NAIVE_FIN_WAIT,
	NAIVE_CLOSING,
	NAIVE_TIME_WAIT,
	NAIVE_RESET,
	NAIVE_MIDSTREAM,
};

/* One segment of a connection. */
struct naive_seen {
	uint64_t time_us;
	enum flow_side side;
	enum segment_kind kind;
	struct build_tcp tcp;
	bool taken; /* its numbers are believed; never of a RST or of illegal flags */
	bool opens; /* its SYN is the one that opens its side */
	bool starts_over; /* such a SYN-ACK, to which the side's earlier numbers do not belong */
	bool answers; /* a SYN-ACK to a SYN that was seen, or that began the connection */
	bool repeats; /* a SYN, SYN-ACK or data that was sent before */
	bool closes; /* its FIN is believed */
	bool fin_counts; /* it is at least counted */
	bool moved; /* it belongs to the connection that it began */
	bool in_connection; /* a SYN that came inside the connection */
	enum naive_belief belief; /* of a RST, as all below */
	struct record_rst rst;
	enum naive_state rst_came_in; /* the connection's state then */
	bool rst_before_fins; /* not both sides had sent FIN before it */
	bool rst_disobeyed; /* its receiver went on as well */
	bool rst_reported;
};

struct naive_connection {
	bool open;
	enum naive_state state;
	enum naive_state state_before_rst;
	struct build_tcp first; /* the first segment */
	uint8_t addr[FLOW_SIDES][16];
	uint16_t port[FLOW_SIDES];
	struct naive_seen *seen;
	size_t count;
	size_t room;
	size_t established_by; /* index of the segment that completed the handshake; or NAIVE_NEVER */
	size_t window_from[FLOW_SIDES]; /* windows of segments before this index are forgotten */
	size_t rst; /* index of the RST that is told of; or NAIVE_NEVER */
	size_t pending; /* index of the SYN in the connection that may begin another; or NAIVE_NEVER */
	bool odd_answer; /* the server's first answer was none */
	bool went_on; /* a side went on as if it was answered */
	enum handshake_result judged; /* what was said of the handshake so far */
	bool unreachable; /* an ICMP error quoted the SYN */
	uint8_t icmp_type;
	uint8_t icmp_code;
};

#define NAIVE_NEVER SIZE_MAX

struct naive {
	struct tracker_params params;
	struct naive_connection *connections; /* those that ended too */
	size_t count;
	size_t room;
	struct said_list said;
};

/* The end of what a side has sent, SYN and FIN included; false if it has sent nothing. */
bool naive_sent_end(const struct naive_connection *c, enum flow_side side, uint32_t *end);
/* The highest acknowledgement a side has sent; false if none. */
bool naive_acked(const struct naive_connection *c, enum flow_side side, uint32_t *ack);
/* The last window that a side advertised, in bytes. */
uint32_t naive_window(const struct naive_connection *c, enum flow_side side);
/* The SYN or SYN-ACK that opened a side, the last of them if it was sent again; NULL if none. */
const struct naive_seen *naive_syn_of(const struct naive_connection *c, enum flow_side side);
/* The first segment of a kind from a side whose numbers are believed; NULL if none. */
const struct naive_seen *naive_first(
		const struct naive_connection *c, enum segment_kind kind, enum flow_side side);
/* Whether a side has acknowledged the other's SYN; its FIN. */
bool naive_syn_acked(const struct naive_connection *c, enum flow_side by);
bool naive_fin_acked(const struct naive_connection *c, enum flow_side by);
/* The first SYN-ACK that answers; NULL if none. */
const struct naive_seen *naive_good_synack(const struct naive_connection *c);
/* Whether a number acknowledges the SYN that a side sent: ISN+1 up to the end of what it has sent. */
bool naive_acks_syn_of(const struct naive_connection *c, enum flow_side side, uint32_t ack);
/* Whether a side has sent a FIN. */
bool naive_has_fin(const struct naive_connection *c, enum flow_side side);
/* Whether either side has sent something that the other has not acknowledged. */
bool naive_in_flight(const struct naive_connection *c);
/* Whether something of this side was seen that shows that it is there. */
bool naive_heard(const struct naive_connection *c, enum flow_side side);
/* How much of the sequence space a segment takes up. */
uint32_t naive_len(const struct build_tcp *tcp);
enum segment_kind naive_kind(const struct build_tcp *tcp);
const struct naive_seen *naive_last(const struct naive_connection *c);
/* The RST that is told of; NULL if there is none. */
struct naive_seen *naive_rst_of(const struct naive_connection *c);
/* Whether that one ends the connection, as things stand. */
bool naive_rst_ends(const struct naive_connection *c);

/* naive.c */
struct naive_seen *naive_append(struct naive_connection *c, const struct naive_seen *seen);

/* naive_timers.c: what is said, and when time alone says it */
/* What the handshake comes to. It is said once, of all that have a SYN and do not complete. */
void naive_judge_handshake(struct naive *naive, struct naive_connection *c,
		enum handshake_result result, uint64_t time_us);
void naive_say_rst(struct naive *naive, const struct naive_connection *c, struct naive_seen *rst,
		uint64_t time_us);
/* The connection ends; what is still to be said of it is said. */
void naive_release(struct naive *naive, struct naive_connection *c, enum end_how unless_on_the_wire,
		uint64_t time_us);
/* The RST is obeyed. */
void naive_reset(struct naive *naive, struct naive_connection *c, const struct naive_seen *rst,
		uint64_t time_us);
/* Everything of one connection whose time has come. */
void naive_run_timers(struct naive *naive, struct naive_connection *c, uint64_t now_us);

/* naive_syn.c: what a SYN or SYN-ACK, which is not in the list yet, does */
/* Whether a new connection begins with this SYN. */
bool naive_begins_anew(const struct naive_connection *c, const struct naive_seen *syn);
/* Whether it answers a SYN inside the connection. */
bool naive_is_pending_answer(const struct naive_connection *c, const struct naive_seen *seen);
/* Whether a side has sent a good SYN-ACK. */
bool naive_sent_synack(const struct naive_connection *c, enum flow_side side);
void naive_take_syn(struct naive_connection *c, struct naive_seen *syn);
void naive_take_synack(struct naive_connection *c, struct naive_seen *synack);

/* naive_progress.c */
/* An acknowledgement, data or FIN, which is not in the list yet. */
void naive_take_ack(struct naive_connection *c, struct naive_seen *seen);
/* What all segments so far, the last with them, come to. */
void naive_settle_state(struct naive_connection *c);
void naive_take_rst(struct naive *naive, struct naive_connection *c, struct naive_seen *rst);

/* naive_rst.c */
void naive_judge_rst(const struct naive_connection *c, const struct tracker_params *params,
		struct naive_seen *rst);
/* Whether a segment, which is not in the list yet, shows that a standing RST was not obeyed. */
enum rst_after naive_refutes(const struct naive_connection *c, const struct naive_seen *rst,
		const struct naive_seen *seen);
/* What the connection's going on says of a RST that was not refuted by this segment. */
void naive_note_progress(const struct naive_connection *c, struct naive_seen *rst,
		const struct naive_seen *seen);
void naive_refute(struct naive_connection *c, struct naive_seen *rst, enum rst_after after);

/* naive_report.c */
/* What is to be said of the handshake so far; HANDSHAKE_UNSET: that is not known yet. */
enum handshake_result naive_result(const struct naive_connection *c);
/* What it comes to if a RST is obeyed now; HANDSHAKE_UNSET: nothing new. */
enum handshake_result naive_result_of_rst(
		const struct naive_connection *c, const struct naive_seen *rst);
/* Whether the first SYN-ACK came so late, more than 71 minutes, that the record cannot tell. */
bool naive_synack_is_late(const struct naive_connection *c);
/* What it comes to if nothing more is seen. */
enum handshake_result naive_result_of_silence(const struct naive_connection *c);
void naive_record(const struct naive_connection *c, struct record *record);

#endif /* MODEL_NAIVE_FACTS_H */
