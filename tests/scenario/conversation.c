/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What tcpdump remembers of a conversation (print-tcp.c of tcpdump 4.99), so that its
 * relative numbers can be made absolute again:
 *
 * - Numbers of segments without ACK are printed as they are, always.
 * - The first segment with an ACK, and any SYN-ACK, is printed as it is, and from then on
 *   0 of its sender is its sequence number, 0 of its receiver its acknowledgement - 1.
 *
 * tcpdump prints no sequence number of a segment without data, SYN, FIN or RST. Such a
 * segment carries the number that its sender would send next.
 */

#include "tcpdump_text.h"

#include <errno.h>
#include <string.h>

static bool
is_endpoint(const struct conversation *talk, unsigned side, const uint8_t addr[16], uint16_t port)
{
	return talk->port[side] == port && memcmp(talk->addr[side], addr, 16) == 0;
}

struct conversation *
conversation_find(struct tcpdump_reader *reader, const struct build_tcp *tcp, unsigned *side)
{
	struct conversation *talk;

	for (uint32_t i = 0; i < reader->count; i++) {
		talk = &reader->conversations[i];
		for (*side = 0; *side < 2; (*side)++)
			if (is_endpoint(talk, *side, tcp->src_addr, tcp->src_port) &&
					is_endpoint(talk, !*side, tcp->dst_addr, tcp->dst_port))
				return talk;
	}
	if (reader->count == CONVERSATIONS_MAX)
		return NULL;
	*side = 0;
	talk = &reader->conversations[reader->count++];
	memset(talk, 0, sizeof(*talk));
	memcpy(talk->addr[0], tcp->src_addr, 16);
	memcpy(talk->addr[1], tcp->dst_addr, 16);
	talk->port[0] = tcp->src_port;
	talk->port[1] = tcp->dst_port;
	return talk;
}

static int
missing_seq(struct cursor *cursor, const struct conversation *talk, unsigned side, uint32_t *seq)
{
	if (talk->has_next[side])
		*seq = talk->next[side];
	else if (talk->has_ack[!side])
		*seq = talk->ack[!side];
	else
		return cursor_fail(cursor,
				"\"seq N\" (as tcpdump -vv prints it) in this line, since no "
				"earlier one tells it");
	return 0;
}

static void
remember_base(struct conversation *talk, unsigned side, const struct build_tcp *tcp)
{
	talk->based = true;
	talk->base[side] = tcp->seq;
	talk->base[!side] = tcp->ack - 1;
	/* The answered SYN was the other endpoint's start, if it could be this one. */
	if (talk->has_syn[!side] && talk->syn_end[!side] - tcp->ack <= UINT16_MAX)
		talk->next[!side] = talk->syn_end[!side];
}

static void
remember(struct conversation *talk, unsigned side, const struct build_tcp *tcp)
{
	bool syn = (tcp->tcp_flags & TCP_SYN) != 0, acks = (tcp->tcp_flags & TCP_ACK) != 0;
	uint32_t end = tcp->seq + tcp->payload_len + syn + ((tcp->tcp_flags & TCP_FIN) != 0);

	/* A RST may well carry a number that its sender never reached. */
	if ((tcp->tcp_flags & TCP_RST) != 0)
		return;
	if (syn) {
		talk->has_syn[side] = true;
		talk->syn_end[side] = end;
	}
	/* A SYN inside a connection may come to nothing; it counts when it is answered. */
	if (!talk->has_next[side] || (syn && (acks || !talk->based)) ||
			(!syn && (int32_t)(end - talk->next[side]) > 0))
		talk->next[side] = end;
	talk->has_next[side] = true;
	if (acks) {
		talk->has_ack[side] = true;
		talk->ack[side] = tcp->ack;
	}
}

int
conversation_resolve(
		struct tcpdump_reader *reader, struct cursor *cursor, const struct printed *printed)
{
	struct build_tcp *tcp = &printed->line->tcp;
	uint32_t count = reader->count;
	unsigned side = 0;
	struct conversation *talk = conversation_find(reader, tcp, &side);
	bool acks = (tcp->tcp_flags & TCP_ACK) != 0;
	bool starts, relative;

	if (talk == NULL)
		return cursor_fail(cursor, "at most 1024 conversations in one file");
	starts = acks && (!talk->based || (tcp->tcp_flags & TCP_SYN) != 0);
	relative = acks && !starts && !reader->absolute;
	if (!printed->has_seq && missing_seq(cursor, talk, side, &tcp->seq) < 0) {
		reader->count = count;
		return -EINVAL;
	}
	if (relative && printed->has_seq)
		tcp->seq += talk->base[side];
	if (relative)
		tcp->ack += talk->base[!side];
	if (starts)
		remember_base(talk, side, tcp);
	remember(talk, side, tcp);
	return 0;
}
