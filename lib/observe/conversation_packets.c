/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Lines like tcpdump's. Its numbers are relative too, but by a rule of its own: they count
 * from the first segment with ACK that it sees, a later SYN-ACK starts anew, and a segment
 * without ACK is printed as it is.
 */

#include "base/usec.h"
#include "observe/address.h"
#include "observe/conversation_label.h"
#include "observe/conversation_text.h"

#include <inttypes.h>
#include <string.h>

struct printer {
	const struct conversation *conversation;
	FILE *out;
	bool based;
	uint32_t base[FLOW_SIDES];
};

/* tcpdump joins address and port with a dot, for IPv6 too. */
static void
add_endpoint(const struct record *record, enum flow_side side, struct conversation_text *text)
{
	char address[ADDRESS_LEN_MAX];
	char *end = address_write(record->side[side].addr, record->ip_version, address);

	conversation_text_add(
			text, "%.*s.%u", (int)(end - address), address, record->side[side].port);
}

static void
add_sack(const struct printer *printer, enum flow_side peer,
		const struct conversation_option_view *option, struct conversation_text *text)
{
	conversation_text_add(text, "sack %u ", option->body_len / 8u);
	for (uint8_t i = 0; i + 8 <= option->body_len; i = (uint8_t)(i + 8))
		conversation_text_add(text, "{%" PRIu32 ":%" PRIu32 "}",
				conversation_label_be(option->body + i, 4) - printer->base[peer],
				conversation_label_be(option->body + i + 4, 4) -
						printer->base[peer]);
}

static void
add_option(const struct printer *printer, enum flow_side peer,
		const struct conversation_option_view *option, struct conversation_text *text)
{
	const uint8_t *body = option->body;

	if (option->kind == CONVERSATION_OPTION_END)
		conversation_text_add(text, "eol");
	else if (option->kind == CONVERSATION_OPTION_NOP)
		conversation_text_add(text, "nop");
	else if (option->kind == CONVERSATION_OPTION_MSS && option->body_len == 2)
		conversation_text_add(text, "mss %" PRIu32, conversation_label_be(body, 2));
	else if (option->kind == CONVERSATION_OPTION_WSCALE && option->body_len == 1)
		conversation_text_add(text, "wscale %u", body[0]);
	else if (option->kind == CONVERSATION_OPTION_SACK_OK && option->body_len == 0)
		conversation_text_add(text, "sackOK");
	else if (option->kind == CONVERSATION_OPTION_SACK)
		add_sack(printer, peer, option, text);
	else if (option->kind == CONVERSATION_OPTION_TS && option->body_len == 8)
		conversation_text_add(text, "TS val %" PRIu32 " ecr %" PRIu32,
				conversation_label_be(body, 4), conversation_label_be(body + 4, 4));
	else
		conversation_text_add(text, "unknown-%u", option->kind);
}

static void
add_options(const struct printer *printer, const struct conversation_segment *segment,
		struct conversation_text *text)
{
	struct conversation_option_view option;
	const char *comma = "";
	uint8_t at = 0;

	if (segment->options_len == 0)
		return;
	conversation_text_add(text, ", options [");
	while (conversation_label_next_option(segment, &at, &option)) {
		conversation_text_add(text, "%s", comma);
		add_option(printer, flow_peer(segment->from), &option, text);
		comma = ",";
	}
	conversation_text_add(text, "]");
}

/* tcpdump's rule: the numbers to print, and whether they start anew here. */
static void
relate(struct printer *printer, const struct conversation_segment *segment, uint32_t *seq,
		uint32_t *ack)
{
	enum flow_side peer = flow_peer(segment->from);

	*seq = segment->seq;
	*ack = segment->ack;
	if ((segment->tcp_flags & TCP_ACK) == 0)
		return;
	if (printer->based && (segment->tcp_flags & TCP_SYN) == 0) {
		*seq -= printer->base[segment->from];
		*ack -= printer->base[peer];
		return;
	}
	printer->based = true;
	printer->base[segment->from] = segment->seq;
	printer->base[peer] = segment->ack - 1;
}

static void
add_tcp(struct printer *printer, const struct conversation_segment *segment,
		struct conversation_text *text)
{
	uint32_t seq, ack;

	relate(printer, segment, &seq, &ack);
	conversation_text_add(text, ": Flags [");
	conversation_label_flags(text, segment->tcp_flags);
	conversation_text_add(text, "]");
	if (segment->payload_len > 0)
		conversation_text_add(text, ", seq %" PRIu32 ":%" PRIu32, seq,
				seq + segment->payload_len);
	else if ((segment->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0)
		conversation_text_add(text, ", seq %" PRIu32, seq);
	if ((segment->tcp_flags & TCP_ACK) != 0)
		conversation_text_add(text, ", ack %" PRIu32, ack);
	conversation_text_add(text, ", win %u", segment->window);
	if ((segment->tcp_flags & TCP_URG) != 0)
		conversation_text_add(text, ", urg %u", segment->urgent);
	add_options(printer, segment, text);
	conversation_text_add(text, ", length %" PRIu32, segment->payload_len);
}

static void
print_segment(struct printer *printer, const struct conversation_segment *segment)
{
	const struct record *record = &printer->conversation->record;
	const char *ip = record->ip_version == 6 ? "IP6" : "IP";
	const char *icmp = conversation_text_icmp(
			record->ip_version, segment->icmp_type, segment->icmp_code);
	char line[512];
	struct conversation_text text = conversation_text_in(line, sizeof(line));

	/* The time of day is the end of "2021-03-20 12:49:33.192719". */
	conversation_text_time(&text, segment->time_us);
	memmove(line, line + 11, text.len - 11 + 1);
	text.len -= 11;
	if (segment->kind == PACKET_ICMP_TCP)
		conversation_text_add(&text, " ICMP %s (%u/%u), quotes",
				icmp != NULL ? icmp : "error", segment->icmp_type,
				segment->icmp_code);
	conversation_text_add(&text, " %s ", ip);
	add_endpoint(record, segment->from, &text);
	conversation_text_add(&text, " > ");
	add_endpoint(record, flow_peer(segment->from), &text);
	if (segment->kind == PACKET_ICMP_TCP)
		conversation_text_add(&text, ": seq %" PRIu32, segment->seq);
	else
		add_tcp(printer, segment, &text);
	fprintf(printer->out, "%s\n", line);
}

void
conversation_packets_print(const struct conversation *conversation, FILE *out)
{
	struct printer printer = { .conversation = conversation, .out = out };
	size_t kept = conversation_kept(conversation);

	for (size_t i = 0; i < kept; i++) {
		if (i == CONVERSATION_HALF && conversation->count > kept)
			fprintf(out, "(%" PRIu64 " segments left out: too many to keep)\n",
					conversation->count - kept);
		if (!conversation_at(conversation, i)->elsewhere)
			print_segment(&printer, conversation_at(conversation, i));
	}
}
