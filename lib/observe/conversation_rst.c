/* SPDX-License-Identifier: Apache-2.0 */

#include "base/usec.h"
#include "observe/conversation_text.h"

#include <stdlib.h>

/* What is called a silence. */
#define SILENCE_MS 500

static void
say_idle(struct conversation_text *text, const struct record_rst *rst)
{
	if (rst->answered)
		conversation_text_add(text, ", in answer to a segment of the %s's",
				conversation_text_side(flow_peer(rst->by)));
	if (rst->idle_ms >= SILENCE_MS) {
		conversation_text_add(text, " after ");
		conversation_text_duration(text, (uint64_t)rst->idle_ms * USEC_PER_MSEC);
		conversation_text_add(text, " of silence");
	}
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

static const char *
after_words(enum rst_after after)
{
	switch (after) {
	case RST_AFTER_SILENT:
		return "and its receiver kept silent after it";
	case RST_AFTER_CHALLENGED:
		return "and its receiver challenged it";
	case RST_AFTER_WENT_ON:
		return "and the connection went on all the same";
	default:
		return "and nothing after it tells more";
	}
}

/* The three things by which a forged RST gives itself away. */
static void
say_evidence(struct conversation_text *text, const struct record_rst *rst)
{
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
	conversation_text_add(text, "%s.", after_words(rst->after));
}

void
conversation_rst_write(struct conversation_text *text, const struct record *record)
{
	const struct record_rst *rst = &record->rst;

	if (!record->has_rst)
		return;
	switch (rst->verdict) {
	case RST_MID_CONNECTION:
		say_mid_connection(text, rst);
		conversation_text_add(text, "The RST can be genuine: ");
		say_evidence(text, rst);
		break;
	case RST_SUSPECTED_INJECTION:
		conversation_text_add(text,
				"A RST came in the %s's name that is suspected to be forged: ",
				conversation_text_side(rst->by));
		say_evidence(text, rst);
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
