/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/conversation.h"

#include "flow/flow_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_AT_FIRST 64

/* A SYN that opens the next connection is looked for this far back. */
#define GIVE_SYN_REACH 16

struct conversation *
conversation_create(void)
{
	return calloc(1, sizeof(struct conversation));
}

void
conversation_destroy(struct conversation *conversation)
{
	if (conversation == NULL)
		return;
	free(conversation->first);
	free(conversation->last);
	free(conversation);
}

size_t
conversation_kept(const struct conversation *conversation)
{
	return conversation->count < 2 * CONVERSATION_HALF ? (size_t)conversation->count
							   : 2 * CONVERSATION_HALF;
}

static struct conversation_segment *
kept_at(const struct conversation *conversation, size_t index)
{
	uint64_t skipped = conversation->count - conversation_kept(conversation);

	if (index < CONVERSATION_HALF)
		return &conversation->first[index];
	return &conversation->last[(index + skipped) % CONVERSATION_HALF];
}

const struct conversation_segment *
conversation_at(const struct conversation *conversation, size_t index)
{
	return kept_at(conversation, index);
}

static int
make_room(struct conversation *conversation)
{
	struct conversation_segment *first;
	size_t room = conversation->room == 0 ? ROOM_AT_FIRST : 2 * conversation->room;

	if (conversation->count < conversation->room || conversation->last != NULL)
		return 0;
	if (conversation->room == CONVERSATION_HALF) {
		conversation->last = calloc(CONVERSATION_HALF, sizeof(*conversation->last));
		return conversation->last == NULL ? -ENOMEM : 0;
	}
	first = realloc(conversation->first, room * sizeof(*first));
	if (first == NULL)
		return -ENOMEM;
	conversation->first = first;
	conversation->room = room;
	return 0;
}

static enum flow_side
sender_of(const struct segment *segment, const struct flow_snapshot *now)
{
	struct flow_key key;
	bool second = flow_key_of(segment, false, &key);
	bool client_is_second = (now->entry.flags & FLOW_CLIENT_IS_SECOND) != 0;

	return second == client_is_second ? FLOW_CLIENT : FLOW_SERVER;
}

/* Options and the urgent pointer, as far as the frame holds them. */
static void
take_header(struct conversation_segment *out, const struct frame *frame,
		const struct segment *segment)
{
	uint32_t header = segment->tcp_offset;
	uint32_t options = segment->tcp_header_len - 20u;

	if (header + segment->tcp_header_len > frame->len || options > sizeof(out->options))
		return;
	out->urgent = (uint16_t)(frame->data[header + 18] << 8 | frame->data[header + 19]);
	out->options_len = (uint8_t)options;
	memcpy(out->options, frame->data + header + 20, options);
}

static void
set_base(struct conversation *conversation, enum flow_side side, uint32_t base, uint64_t since)
{
	if (conversation->base_since[side] != 0 && conversation->base[side] == base)
		return;
	conversation->base[side] = base;
	conversation->base_since[side] = since;
}

static void
guess_base(struct conversation *conversation, enum flow_side side, uint32_t base, uint64_t since)
{
	if (conversation->base_since[side] == 0)
		set_base(conversation, side, base, since);
}

/*
 * The first byte seen of a side counts as 1, as the first byte behind a SYN does. If the
 * SYN comes yet, what came before it counts from nothing.
 */
static void
learn_bases(struct conversation *conversation, const struct conversation_segment *segment,
		const struct flow_snapshot *now)
{
	for (enum flow_side side = FLOW_CLIENT; now != NULL && side < FLOW_SIDES; side++) {
		if ((now->entry.flags & (uint32_t)FLOW_SYN << side) != 0)
			set_base(conversation, side, now->tally.isn[side], segment->number);
	}
	if (segment->kind != PACKET_TCP || (segment->tcp_flags & TCP_RST) != 0)
		return;
	if ((segment->tcp_flags & TCP_SYN) == 0)
		guess_base(conversation, segment->from, segment->seq - 1, segment->number);
	if ((segment->tcp_flags & TCP_ACK) != 0)
		guess_base(conversation, flow_peer(segment->from), segment->ack - 1,
				segment->number);
}

uint32_t
conversation_relative(const struct conversation *conversation,
		const struct conversation_segment *segment, enum flow_side side, uint32_t seq)
{
	uint64_t since = conversation->base_since[side];

	return since != 0 && since <= segment->number ? seq - conversation->base[side] : seq;
}

int
conversation_add(struct conversation *conversation, const struct frame *frame,
		const struct segment *segment, uint64_t number, const struct flow_snapshot *now)
{
	struct conversation_segment previous = { .kind = PACKET_KIND_COUNT };
	struct conversation_segment *out;

	if (make_room(conversation) != 0)
		return -ENOMEM;
	if (conversation->count > 0)
		previous = *kept_at(conversation, conversation_kept(conversation) - 1);
	conversation->count++;
	out = kept_at(conversation, conversation_kept(conversation) - 1);
	*out = (struct conversation_segment){ .time_us = frame->time_us,
		.number = number,
		.seq = segment->seq,
		.ack = segment->ack,
		.payload_len = segment->payload_len,
		.window = segment->window,
		.kind = segment->kind,
		.from = now != NULL ? (uint8_t)sender_of(segment, now) : FLOW_CLIENT,
		.tcp_flags = segment->tcp_flags,
		.icmp_type = segment->icmp_type,
		.icmp_code = segment->icmp_code };
	if (segment->kind == PACKET_TCP)
		take_header(out, frame, segment);
	learn_bases(conversation, out, now);
	conversation_mark_segment(conversation, &previous, out, now);
	conversation_state_step(conversation, &previous, out, now);
	if (now != NULL)
		conversation->before = *now;
	return 0;
}

void
conversation_give_syn(struct conversation *conversation, uint32_t seq)
{
	size_t kept = conversation_kept(conversation);

	for (size_t i = kept; i > 0 && kept - i < GIVE_SYN_REACH; i--) {
		struct conversation_segment *segment = kept_at(conversation, i - 1);

		if ((segment->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && segment->seq == seq)
			segment->elsewhere = true;
	}
}

/* The last RST that was taken down as evidence: the one that the record is about. */
size_t
conversation_last_rst(const struct conversation *conversation)
{
	size_t index = conversation_kept(conversation);

	while (index > 0 && (kept_at(conversation, index - 1)->marks & CONVERSATION_MARK_RST) == 0)
		index--;
	return index - 1; /* SIZE_MAX, which is no segment's, if there is none */
}

bool
conversation_obeyed_rst(const struct conversation *conversation)
{
	const struct record *record = &conversation->record;

	return (record->end == END_RST_CLIENT || record->end == END_RST_SERVER) &&
			!conversation->before.tally.rst_refuted;
}

/* This side was not closed by it: until something else closes it, it stays what it was. */
static void
reopen(struct conversation *conversation, enum flow_side side, size_t rst)
{
	uint8_t state = kept_at(conversation, rst - 1)->state[side];

	for (size_t i = rst; i < conversation_kept(conversation); i++) {
		struct conversation_segment *segment = kept_at(conversation, i);

		if (segment->state[side] != CONVERSATION_CLOSED)
			break;
		segment->state[side] = state;
	}
}

/* This side was closed by it, if it showed itself at all, whatever the tracker then heard. */
static void
keep_closed(struct conversation *conversation, enum flow_side side, size_t rst)
{
	if (kept_at(conversation, rst)->state[side] != CONVERSATION_CLOSED)
		return;
	for (size_t i = rst + 1; i < conversation_kept(conversation); i++)
		kept_at(conversation, i)->state[side] = CONVERSATION_CLOSED;
}

/* Who went on did not send the RST, and was closed by none; its receiver may have obeyed it. */
static void
undo_rst(struct conversation *conversation)
{
	enum flow_side by = conversation->record.rst.by;
	size_t rst = conversation_last_rst(conversation);

	if (rst == 0 || rst >= conversation_kept(conversation))
		return;
	reopen(conversation, by, rst);
	if (conversation_obeyed_rst(conversation))
		keep_closed(conversation, flow_peer(by), rst);
	else
		reopen(conversation, flow_peer(by), rst);
}

void
conversation_finish(struct conversation *conversation, const struct record *record)
{
	conversation->record = *record;
	if (record->has_rst && record->rst.after == RST_AFTER_WENT_ON)
		undo_rst(conversation);
}
