/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What traffic.c and traffic_send.c share: the hosts and what they have in mind.
 */

#ifndef MODEL_TRAFFIC_HOSTS_H
#define MODEL_TRAFFIC_HOSTS_H

#include "random.h"
#include "traffic.h"

#include <stdbool.h>
#include <stdint.h>

#define CONVERSATIONS_MAX 6
#define MSS 1460

enum progress {
	IDLE,
	SYN_OUT,
	SYNACK_OUT,
	OPEN,
	CLOSED,
};

struct host {
	uint8_t addr[16];
	uint16_t port;
	uint8_t hop_limit;
	uint32_t isn;
	uint32_t next; /* what it sends next */
	uint32_t acked; /* what it has acknowledged last */
	uint16_t window;
	uint8_t wscale;
	bool fin;
};

struct conversation {
	uint8_t ip_version;
	uint8_t vlan_count;
	enum progress progress;
	struct host host[2]; /* the one that opens, and the other */
	bool fast_open;
	bool one_way; /* only the first host's segments pass here */
	uint64_t syn_us;
	uint64_t synack_us;
	uint64_t last_us;
	uint32_t foreign_isn; /* of a SYN in the connection */
};

struct maker {
	struct random random;
	const struct tracker_params *params;
	struct sequence *sequence;
	uint64_t now_us;
	uint32_t noise; /* one step in so many is not what a host would send */
	uint32_t count;
	struct conversation conversations[CONVERSATIONS_MAX];
};

uint32_t traffic_some_isn(struct random *random);
void traffic_send_syn(
		struct maker *maker, struct conversation *conversation, unsigned from, bool again);
/* @p ack: what it acknowledges, rightly or not. */
void traffic_send_synack(struct maker *maker, struct conversation *conversation, unsigned from,
		bool again, uint32_t ack);
void traffic_send_data(struct maker *maker, struct conversation *conversation, unsigned from);
void traffic_send_ack(struct maker *maker, struct conversation *conversation, unsigned from);
void traffic_send_fin(struct maker *maker, struct conversation *conversation, unsigned from);
/* Of any class, from a host or in its name. */
void traffic_send_rst(struct maker *maker, struct conversation *conversation, unsigned from);
void traffic_send_illegal(struct maker *maker, struct conversation *conversation, unsigned from);
void traffic_send_icmp(struct maker *maker, struct conversation *conversation, unsigned from);
/* A SYN to another number than the connection's; later perhaps its answer. */
void traffic_send_foreign_syn(
		struct maker *maker, struct conversation *conversation, unsigned from);
void traffic_send_foreign_synack(
		struct maker *maker, struct conversation *conversation, unsigned from);

#endif /* MODEL_TRAFFIC_HOSTS_H */
