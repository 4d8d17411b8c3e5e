/* SPDX-License-Identifier: Apache-2.0 */

#include "base/usec.h"
#include "observe/conversation_text.h"

#include <stdlib.h>

/* From here on the time since the connection was last used is worth saying. */
#define IDLE_MS 500

static void
say_idle(struct conversation_text *text, const struct record_rst *rst)
{
	if (rst->idle_ms >= IDLE_MS) {
		conversation_text_add(text, ", ");
		conversation_text_duration(text, (uint64_t)rst->idle_ms * USEC_PER_MSEC);
		conversation_text_add(text, " after it had last been used");
	}
	if (rst->answered)
		conversation_text_add(text, ", in answer to a segment of the %s's",
				conversation_text_side(flow_peer(rst->by)));
	if (rst->in_flight && !rst->answered)
		conversation_text_add(text, ", with data of the %s's not yet acknowledged",
				conversation_text_side(flow_peer(rst->by)));
}

static void
say_mid_connection(struct conversation_text *text, const struct record_rst *rst)
{
	conversation_text_add(text, "The %s reset the connection in its middle",
			conversation_text_side(rst->by));
	say_idle(text, rst);
	if (rst->answered)
		conversation_text_add(text, ": the %s's socket was already gone",
				conversation_text_side(rst->by));
	conversation_text_add(text, ". ");
}

static const char *
position_words(enum rst_position position)
{
	switch (position) {
	case RST_EXACT:
		return "its sequence number is exactly the one expected";
	case RST_WINDOW:
		return "its sequence number lies inside the window but is not the one expected";
	case RST_OUT:
		return "its sequence number lies outside the receiver's window";
	default:
		return "too little was seen to judge its sequence number";
	}
}

static bool
is_end(const struct record *record)
{
	return record->end == END_RST_CLIENT || record->end == END_RST_SERVER;
}

/* What came after it, as far as that fits what the record says of the end. */
static void
say_after(struct conversation_text *text, const struct conversation *conversation)
{
	const struct record *record = &conversation->record;

	switch (record->rst.after) {
	case RST_AFTER_SILENT:
		conversation_text_add(text, "and its receiver kept silent after it");
		break;
	case RST_AFTER_CHALLENGED:
		conversation_text_add(text, "%s",
				is_end(record) ? "and its receiver had challenged one before it"
					       : "and its receiver challenged it");
		break;
	case RST_AFTER_WENT_ON:
		if (!is_end(record))
			conversation_text_add(text, "and the connection went on all the same");
		else if (conversation_obeyed_rst(conversation))
			conversation_text_add(text, "and the %s went on as if it had sent none",
					conversation_text_side(record->rst.by));
		else
			conversation_text_add(text,
					"and both sides went on, though no other end was seen");
		break;
	default:
		conversation_text_add(text, "and nothing after it tells more");
	}
}

/* A RST in answer to what came after it: so speaks a host that has closed the connection. */
static bool
receiver_sent_rst(const struct conversation *conversation)
{
	size_t kept = conversation_kept(conversation);
	enum flow_side receiver = flow_peer(conversation->record.rst.by);

	for (size_t i = conversation_last_rst(conversation) + 1; i < kept; i++) {
		const struct conversation_segment *segment = conversation_at(conversation, i);

		if (segment->from == receiver && (segment->tcp_flags & TCP_RST) != 0)
			return true;
	}
	return false;
}

/* A forged one can end a connection as well as a genuine one. */
static void
say_effect(struct conversation_text *text, const struct conversation *conversation)
{
	const char *receiver = conversation_text_side(flow_peer(conversation->record.rst.by));

	if (!is_end(&conversation->record) || !conversation_obeyed_rst(conversation))
		return;
	if (receiver_sent_rst(conversation))
		conversation_text_add(text,
				" The %s obeyed it and answered what came later with a RST: the "
				"connection was cut.",
				receiver);
	else
		conversation_text_add(text,
				" The %s was not heard to go on, so it counts as obeyed: the "
				"connection was cut.",
				receiver);
}

/* The three things by which a forged RST gives itself away. */
static void
say_evidence(struct conversation_text *text, const struct conversation *conversation)
{
	const struct record_rst *rst = &conversation->record.rst;
	const char *by = conversation_text_side(rst->by);

	conversation_text_add(text, "%s, ", position_words(rst->position));
	if (rst->ttl_delta == RECORD_NO_TTL_DELTA)
		conversation_text_add(
				text, "there is no other segment to compare its hop limit to, ");
	else if (rst->ttl_delta == 0)
		conversation_text_add(
				text, "its hop limit is that of the %s's other segments, ", by);
	else
		conversation_text_add(text,
				"its hop limit is %d %s than that of the %s's other segments, ",
				abs(rst->ttl_delta), rst->ttl_delta > 0 ? "higher" : "lower", by);
	say_after(text, conversation);
	conversation_text_add(text, ".");
}

void
conversation_rst_write(struct conversation_text *text, const struct conversation *conversation)
{
	const struct record *record = &conversation->record;
	const struct record_rst *rst = &record->rst;

	if (!record->has_rst)
		return;
	switch (rst->verdict) {
	case RST_MID_CONNECTION:
		say_mid_connection(text, rst);
		conversation_text_add(text, "The RST can be genuine: ");
		say_evidence(text, conversation);
		break;
	case RST_SUSPECTED_INJECTION:
		conversation_text_add(text,
				"A RST came in the %s's name that is suspected to be forged: ",
				conversation_text_side(rst->by));
		say_evidence(text, conversation);
		say_effect(text, conversation);
		break;
	case RST_LATE:
		conversation_text_add(text,
				"The %s sent a RST when the close had begun, as hosts do that need "
				"no more data. ",
				conversation_text_side(rst->by));
		break;
	case RST_STRAY:
		conversation_text_add(text, "The %s's RST belongs to no connection that was seen. ",
				conversation_text_side(rst->by));
		break;
	default: /* the handshake's sentence has said it */
		break;
	}
}

void
conversation_rst_mark(struct conversation_text *text, const struct record_rst *rst)
{
	conversation_text_add(text, "RST %s: phase %s, position %s, ",
			verdict_rst_word(rst->verdict), verdict_rst_phase_word(rst->phase),
			verdict_rst_position_word(rst->position));
	if (rst->ttl_delta == RECORD_NO_TTL_DELTA)
		conversation_text_add(text, "TTL not comparable");
	else
		conversation_text_add(text, "TTL %+d", rst->ttl_delta);
	if (rst->after != RST_AFTER_UNSET)
		conversation_text_add(text, ", then %s", verdict_rst_after_word(rst->after));
}
