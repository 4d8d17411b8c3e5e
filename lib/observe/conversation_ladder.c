/* SPDX-License-Identifier: Apache-2.0 */

#include "base/usec.h"
#include "observe/conversation_label.h"
#include "observe/conversation_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A silence that is said: shorter ones stand in the times. */
#define PAUSE_US (USEC_PER_SEC / 2)

/* Of a run of plain segments this many are drawn at its ends; fewer than two are not folded. */
#define RUN_HEAD 4
#define RUN_TAIL 2
#define RUN_MIN (RUN_HEAD + RUN_TAIL + 2)

/* Marks of segments that are as plain as data. */
#define PLAIN_MARKS \
	(CONVERSATION_MARK_DUPLICATE_ACK | CONVERSATION_MARK_KEEP_ALIVE | \
			CONVERSATION_MARK_KEEP_ALIVE_ACK | CONVERSATION_MARK_WINDOW_PROBE)

struct maker {
	const struct conversation *conversation;
	struct ladder_step *steps;
	size_t count;
	size_t last_rst; /* index of the segment whose RST the record is about */
	const struct conversation_segment *drawn; /* the last; NULL at first */
	const struct conversation_segment *passed; /* the last, drawn or not */
};

#define X(id, tone, text) [id##_BIT] = text,
static const char *const mark_texts[CONVERSATION_MARK_COUNT] = { CONVERSATION_MARKS(X) };
#undef X
#define X(id, tone, text) [id##_BIT] = tone,
static const uint8_t mark_tones[CONVERSATION_MARK_COUNT] = { CONVERSATION_MARKS(X) };
#undef X

static uint64_t
time_of(const struct maker *maker, const struct conversation_segment *segment)
{
	return usec_since(conversation_at(maker->conversation, 0)->time_us, segment->time_us);
}

static void
make_marks(const struct maker *maker, const struct conversation_segment *segment, bool last_rst,
		struct ladder_step *step)
{
	struct conversation_text text = conversation_text_in(step->mark, sizeof(step->mark));

	for (uint32_t bit = 0; bit < CONVERSATION_MARK_COUNT; bit++) {
		if ((segment->marks >> bit & 1) == 0)
			continue;
		if (mark_tones[bit] > step->tone || step->tone == LADDER_PLAIN)
			step->tone = mark_tones[bit];
		if (text.len > 0)
			conversation_text_add(&text, "; ");
		if (bit != MARK_RST_BIT)
			conversation_text_add(&text, "%s", mark_texts[bit]);
		else
			conversation_rst_mark(&text,
					last_rst ? &maker->conversation->record.rst
						 : &segment->rst);
	}
}

static void
make_icmp(const struct maker *maker, const struct conversation_segment *segment,
		struct ladder_step *step)
{
	const struct conversation *conversation = maker->conversation;
	const char *name = conversation_text_icmp(
			conversation->record.ip_version, segment->icmp_type, segment->icmp_code);

	step->kind = LADDER_MESSAGE;
	step->from = segment->from == FLOW_CLIENT ? LADDER_RIGHT : LADDER_LEFT;
	step->tone = LADDER_NOTICE;
	snprintf(step->label, sizeof(step->label), "ICMP %s (%u/%u)", name != NULL ? name : "error",
			segment->icmp_type, segment->icmp_code);
	snprintf(step->mark, sizeof(step->mark), "quotes the %s's segment with seq %" PRIu32,
			conversation_text_side(segment->from),
			conversation->base[segment->from] != segment->seq
					? conversation_relative(conversation, segment,
							  segment->from, segment->seq)
					: segment->seq);
}

static void
add_states(const struct maker *maker, const struct conversation_segment *segment,
		struct ladder_step *step)
{
	for (int side = 0; side < FLOW_SIDES; side++)
		if (maker->drawn == NULL || maker->drawn->state[side] != segment->state[side])
			step->state[side] = conversation_state_name(segment->state[side]);
}

static void
add_pause(struct maker *maker, const struct conversation_segment *segment)
{
	struct ladder_step *step = &maker->steps[maker->count];
	struct conversation_text text = conversation_text_in(step->label, sizeof(step->label));
	uint64_t us;

	if (maker->passed == NULL)
		return;
	us = usec_since(maker->passed->time_us, segment->time_us);
	if (us < PAUSE_US)
		return;
	step->kind = LADDER_PAUSE;
	step->tone = LADDER_MUTED;
	conversation_text_duration(&text, us);
	conversation_text_add(&text, " of silence");
	maker->count++;
}

static void
add_segment(struct maker *maker, size_t index)
{
	const struct conversation_segment *segment = conversation_at(maker->conversation, index);
	struct ladder_step *step;
	struct conversation_text text;

	add_pause(maker, segment);
	step = &maker->steps[maker->count++];
	step->time_us = time_of(maker, segment);
	if (segment->kind == PACKET_ICMP_TCP) {
		make_icmp(maker, segment, step);
	} else {
		step->kind = LADDER_ARROW;
		step->from = segment->from == FLOW_CLIENT ? LADDER_LEFT : LADDER_RIGHT;
		step->tone = LADDER_PLAIN;
		step->abrupt = (segment->tcp_flags & TCP_RST) != 0;
		conversation_label_write(maker->conversation, segment, step->label);
		text = conversation_text_in(step->detail, sizeof(step->detail));
		conversation_label_options(segment, &text);
		make_marks(maker, segment, index == maker->last_rst, step);
	}
	add_states(maker, segment, step);
	maker->drawn = segment;
	maker->passed = segment;
}

struct tally {
	uint64_t segments[FLOW_SIDES];
	uint64_t bytes[FLOW_SIDES];
	uint64_t keep_alives;
	uint64_t duplicate_acks;
	uint64_t overruns;
};

static void
tally_text(const struct tally *tally, struct conversation_text *text)
{
	for (int side = 0; side < FLOW_SIDES; side++) {
		conversation_text_add(text, "%s%s: ", side == 0 ? "" : "; ",
				conversation_text_side((enum flow_side)side));
		conversation_text_count(text, tally->segments[side]);
		conversation_text_add(text, " with ");
		conversation_text_count(text, tally->bytes[side]);
		conversation_text_add(text, " bytes");
	}
	if (tally->keep_alives > 0)
		conversation_text_add(text, "; keep-alives: %" PRIu64, tally->keep_alives);
	if (tally->duplicate_acks > 0)
		conversation_text_add(text, "; duplicate ACKs: %" PRIu64, tally->duplicate_acks);
	if (tally->overruns > 0)
		conversation_text_add(text, "; outside the window: %" PRIu64, tally->overruns);
}

static void
add_fold(struct maker *maker, size_t first, size_t count)
{
	struct ladder_step *step = &maker->steps[maker->count++];
	struct conversation_text text = conversation_text_in(step->label, sizeof(step->label));
	struct tally tally = { 0 };

	for (size_t i = first; i < first + count; i++) {
		const struct conversation_segment *segment = conversation_at(
				maker->conversation, i);

		tally.segments[segment->from]++;
		tally.bytes[segment->from] += segment->payload_len;
		tally.keep_alives += (segment->marks & CONVERSATION_MARK_KEEP_ALIVE) != 0;
		tally.duplicate_acks += (segment->marks & CONVERSATION_MARK_DUPLICATE_ACK) != 0;
		tally.overruns += (segment->marks & CONVERSATION_MARK_OUT_OF_WINDOW) != 0;
	}
	maker->passed = conversation_at(maker->conversation, first + count - 1);
	step->kind = LADDER_FOLD;
	step->tone = LADDER_MUTED;
	step->time_us = time_of(maker, conversation_at(maker->conversation, first));
	conversation_text_count(&text, count);
	conversation_text_add(&text, " plain segments in ");
	conversation_text_duration(&text,
			usec_since(conversation_at(maker->conversation, first)->time_us,
					maker->passed->time_us));
	text = conversation_text_in(step->detail, sizeof(step->detail));
	tally_text(&tally, &text);
}

/* Where the conversation was too long to keep whole. */
static void
add_hole(struct maker *maker, uint64_t missing)
{
	struct ladder_step *step = &maker->steps[maker->count++];
	struct conversation_text text = conversation_text_in(step->label, sizeof(step->label));

	step->kind = LADDER_FOLD;
	step->tone = LADDER_NOTICE;
	step->time_us = maker->passed != NULL ? time_of(maker, maker->passed) : 0;
	conversation_text_count(&text, missing);
	conversation_text_add(&text, " segments left out: too many to keep");
	maker->passed = NULL;
}

/* A sender that overruns the window goes on doing so: the first of these is drawn. */
static bool
is_overrun_again(const struct conversation *conversation, size_t index)
{
	return (conversation_at(conversation, index)->marks &
			       conversation_at(conversation, index - 1)->marks &
			       CONVERSATION_MARK_OUT_OF_WINDOW) != 0;
}

static bool
is_plain(const struct conversation *conversation, size_t index)
{
	const struct conversation_segment *segment = conversation_at(conversation, index);
	uint32_t plain = PLAIN_MARKS;

	if (index == 0 || segment->kind != PACKET_TCP || segment->elsewhere)
		return false;
	if (is_overrun_again(conversation, index))
		plain |= CONVERSATION_MARK_OUT_OF_WINDOW;
	return (segment->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) == 0 &&
			(segment->marks & ~plain) == 0 &&
			memcmp(segment->state, conversation_at(conversation, index - 1)->state,
					sizeof(segment->state)) == 0;
}

/* Draw from @p index on; a run ends before @p limit. */
static size_t
add_run(struct maker *maker, size_t index, size_t limit, bool all)
{
	size_t end = index;
	size_t run;

	while (!all && end < limit && is_plain(maker->conversation, end))
		end++;
	run = end - index;
	if (run < RUN_MIN) {
		end = run == 0 ? index + 1 : end;
		for (; index < end; index++)
			if (!conversation_at(maker->conversation, index)->elsewhere)
				add_segment(maker, index);
		return end;
	}
	for (size_t i = index; i < index + RUN_HEAD; i++)
		add_segment(maker, i);
	add_fold(maker, index + RUN_HEAD, run - RUN_HEAD - RUN_TAIL);
	for (size_t i = end - RUN_TAIL; i < end; i++)
		add_segment(maker, i);
	return end;
}

static void
make_titles(const struct conversation *conversation, uint64_t number, struct ladder *ladder)
{
	const struct record *record = &conversation->record;
	uint64_t packets = record->side[FLOW_CLIENT].pkts + record->side[FLOW_SERVER].pkts;
	struct conversation_text text = conversation_text_in(ladder->title, sizeof(ladder->title));

	conversation_text_add(&text, "Connection %" PRIu64, number);
	text = conversation_text_in(ladder->subtitle, sizeof(ladder->subtitle));
	conversation_text_time(&text, record->start_us);
	conversation_text_add(
			&text, " UTC, %" PRIu64 " packet%s, ", packets, packets == 1 ? "" : "s");
	conversation_text_duration(&text, usec_since(record->start_us, record->end_us));
	conversation_text_add(&text, "; %s, %s, %s",
			verdict_handshake_word(record->handshake.result),
			verdict_end_word(record->end), record->conn_state);
	for (int side = 0; side < LADDER_SIDES; side++) {
		text = conversation_text_in(ladder->name[side], sizeof(ladder->name[side]));
		conversation_text_endpoint(&text, record, (enum flow_side)side);
		ladder->role[side] = conversation_text_side((enum flow_side)side);
	}
}

int
conversation_ladder_make(const struct conversation *conversation, uint64_t number, bool all,
		struct ladder *ladder)
{
	size_t kept = conversation_kept(conversation);
	struct maker maker = { .conversation = conversation,
		.steps = calloc(2 * kept + 2, sizeof(struct ladder_step)),
		.last_rst = conversation_last_rst(conversation) };
	size_t index = 0;

	if (maker.steps == NULL)
		return -ENOMEM;
	while (index < kept) {
		size_t limit = index < CONVERSATION_HALF ? CONVERSATION_HALF : kept;

		if (index == CONVERSATION_HALF && conversation->count > kept)
			add_hole(&maker, conversation->count - kept);
		index = add_run(&maker, index, limit < kept ? limit : kept, all);
	}
	*ladder = (struct ladder){ .steps = maker.steps, .count = maker.count };
	make_titles(conversation, number, ladder);
	return 0;
}

void
conversation_ladder_free(struct ladder *ladder)
{
	free((void *)(uintptr_t)ladder->steps);
	ladder->steps = NULL;
}
