/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/conversation_label.h"

#include <inttypes.h>

bool
conversation_label_next_option(const struct conversation_segment *segment, uint8_t *at,
		struct conversation_option_view *option)
{
	const uint8_t *bytes = &segment->options[*at];
	uint8_t left = (uint8_t)(segment->options_len - *at);
	uint8_t len;

	if (left == 0)
		return false;
	option->kind = bytes[0];
	option->body = bytes + 2;
	option->body_len = 0;
	if (option->kind == CONVERSATION_OPTION_END) {
		*at = segment->options_len;
		return true;
	}
	if (option->kind == CONVERSATION_OPTION_NOP) {
		*at = (uint8_t)(*at + 1);
		return true;
	}
	len = left > 1 ? bytes[1] : 0;
	if (len < 2 || len > left)
		return false;
	option->body_len = (uint8_t)(len - 2);
	*at = (uint8_t)(*at + len);
	return true;
}

uint32_t
conversation_label_be(const uint8_t *bytes, uint32_t count)
{
	uint32_t value = 0;

	while (count-- > 0)
		value = value << 8 | *bytes++;
	return value;
}

void
conversation_label_flags(struct conversation_text *text, uint8_t flags)
{
	static const char letters[] = "FSRP.UEW"; /* by bit */

	for (int bit = 0; bit < 8; bit++)
		if ((flags >> bit & 1) != 0)
			conversation_text_add(text, "%c", letters[bit]);
	if (flags == 0)
		conversation_text_add(text, "none");
}

/* SYNs have absolute numbers. */
static uint32_t
relative(const struct conversation *conversation, const struct conversation_segment *segment,
		enum flow_side side, uint32_t seq)
{
	if ((segment->tcp_flags & TCP_SYN) != 0)
		return seq;
	return conversation_relative(conversation, segment, side, seq);
}

struct label_parts {
	bool window;
	bool length;
};

static void
label_text(const struct conversation *conversation, const struct conversation_segment *segment,
		const struct label_parts *parts, struct conversation_text *text)
{
	uint32_t seq = relative(conversation, segment, segment->from, segment->seq);

	conversation_text_add(text, "[");
	conversation_label_flags(text, segment->tcp_flags);
	conversation_text_add(text, "]");
	if (segment->payload_len > 0)
		conversation_text_add(
				text, " seq %" PRIu32 ":%" PRIu32, seq, seq + segment->payload_len);
	else if ((segment->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0 ||
			(segment->marks & CONVERSATION_MARK_KEEP_ALIVE) != 0)
		conversation_text_add(text, " seq %" PRIu32, seq);
	if ((segment->tcp_flags & TCP_ACK) != 0)
		conversation_text_add(text, " ack %" PRIu32,
				relative(conversation, segment, flow_peer(segment->from),
						segment->ack));
	if (parts->window)
		conversation_text_add(text, " win %u", segment->window);
	if (parts->length && segment->payload_len > 0)
		conversation_text_add(text, " len %" PRIu32, segment->payload_len);
}

/* The longest form that fits: the range tells the length, and the window is needed least. */
void
conversation_label_write(const struct conversation *conversation,
		const struct conversation_segment *segment, char out[LADDER_LABEL_MAX + 1])
{
	static const struct label_parts forms[] = { { true, true }, { false, true },
		{ false, false } };
	char label[128];

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct conversation_text text = conversation_text_in(label, sizeof(label));

		label_text(conversation, segment, &forms[i], &text);
		if (text.len <= LADDER_LABEL_MAX)
			break;
	}
	snprintf(out, LADDER_LABEL_MAX + 1, "%.*s", LADDER_LABEL_MAX, label);
}

static void
option_text(struct conversation_text *text, const struct conversation_option_view *option)
{
	const char *comma = text->len > 0 ? ", " : "";

	if (option->kind == CONVERSATION_OPTION_MSS && option->body_len == 2)
		conversation_text_add(text, "%smss %" PRIu32, comma,
				conversation_label_be(option->body, 2));
	else if (option->kind == CONVERSATION_OPTION_WSCALE && option->body_len == 1)
		conversation_text_add(text, "%swscale %u", comma, option->body[0]);
	else if (option->kind == CONVERSATION_OPTION_SACK_OK && option->body_len == 0)
		conversation_text_add(text, "%ssackOK", comma);
	else if (option->kind == CONVERSATION_OPTION_TS && option->body_len == 8)
		conversation_text_add(text, "%sTS %" PRIu32 "/%" PRIu32, comma,
				conversation_label_be(option->body, 4),
				conversation_label_be(option->body + 4, 4));
	else if (option->kind == CONVERSATION_OPTION_FAST_OPEN)
		conversation_text_add(text, "%sFast Open cookie%s", comma,
				option->body_len > 0 ? "" : " request");
}

void
conversation_label_options(
		const struct conversation_segment *segment, struct conversation_text *text)
{
	struct conversation_option_view option;
	uint8_t at = 0;

	if ((segment->tcp_flags & TCP_SYN) == 0)
		return;
	while (conversation_label_next_option(segment, &at, &option))
		option_text(text, &option);
}
