/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The verdict in plain words. It says what the record says, and adds the evidence; where
 * the record does not know, neither does it.
 */

#include "base/usec.h"
#include "observe/conversation_text.h"

struct writer {
	struct conversation_text text;
	const struct conversation *conversation;
	const struct record *record;
	uint64_t until_us;
};

static void
say_count(struct conversation_text *text, uint64_t count, const char *noun)
{
	conversation_text_count(text, count);
	conversation_text_add(text, " %s%s", noun, count == 1 ? "" : "s");
}

/* How long nothing came, as far as the capture shows. */
static void
say_waited(struct writer *writer)
{
	conversation_text_add(&writer->text, ", and nothing more came in the ");
	conversation_text_duration(
			&writer->text, usec_since(writer->record->end_us, writer->until_us));
	conversation_text_add(&writer->text, " until the capture ended");
}

static void
say_complete(struct writer *writer)
{
	const struct record_handshake *handshake = &writer->record->handshake;
	struct conversation_text *text = &writer->text;

	conversation_text_add(text, "The handshake completed");
	if (handshake->has_synack_us) {
		conversation_text_add(text, ": the server answered the SYN after ");
		conversation_text_duration(text, handshake->synack_us);
	}
	if (handshake->has_synack_us && handshake->has_ack_us) {
		conversation_text_add(text, ", and the client acknowledged that after another ");
		conversation_text_duration(text, handshake->ack_us);
	}
	conversation_text_add(text, ". ");
	if (handshake->syn_retransmits > 0 || handshake->synack_retransmits > 0) {
		conversation_text_add(text, "It took ");
		say_count(text, handshake->syn, "SYN");
		conversation_text_add(text, " and ");
		say_count(text, handshake->synack, "SYN-ACK");
		conversation_text_add(text, ". ");
	}
	if (handshake->implied_ack)
		conversation_text_add(text,
				"The client's bare ACK was not seen; what it sent next "
				"proves that it had the SYN-ACK. ");
	if (handshake->fast_open)
		conversation_text_add(text, "It used Fast Open. ");
}

static void
say_server_silent(struct writer *writer)
{
	uint64_t span = usec_since(writer->record->start_us, writer->record->end_us);

	conversation_text_add(&writer->text, "The server never answered: ");
	say_count(&writer->text, writer->record->handshake.syn, "SYN");
	if (writer->record->handshake.syn > 1) {
		conversation_text_add(&writer->text, " within ");
		conversation_text_duration(&writer->text, span);
	}
	say_waited(writer);
	conversation_text_add(&writer->text, ". ");
}

static void
say_client_silent(struct writer *writer)
{
	conversation_text_add(&writer->text, "The client fell silent: the server answered with ");
	say_count(&writer->text, writer->record->handshake.synack, "SYN-ACK");
	conversation_text_add(&writer->text, " that it never acknowledged");
	say_waited(writer);
	conversation_text_add(&writer->text, ". Either its address is forged, or it vanished. ");
}

static void
say_refused(struct writer *writer)
{
	conversation_text_add(&writer->text,
			"The server refused the connection: its answer to the SYN, after ");
	conversation_text_duration(&writer->text,
			usec_since(writer->record->start_us, writer->record->end_us));
	conversation_text_add(&writer->text,
			", is a RST that acknowledges it. Nothing listens on port %u, or a "
			"firewall says so in its name. ",
			writer->record->side[FLOW_SERVER].port);
}

static void
say_client_reset(struct writer *writer)
{
	if (writer->record->handshake.synack > 0)
		conversation_text_add(&writer->text,
				"The client answered the SYN-ACK with a RST: a half-open scan, or "
				"a host that never sent the SYN because its address was forged. ");
	else
		conversation_text_add(&writer->text,
				"The client called off its SYN with a RST before any answer came. ");
}

static void
say_unreachable(struct writer *writer)
{
	const struct record_handshake *handshake = &writer->record->handshake;
	const char *name = conversation_text_icmp(
			writer->record->ip_version, handshake->icmp_type, handshake->icmp_code);

	conversation_text_add(&writer->text,
			"The SYN did not arrive: an ICMP error came back that quotes it "
			"(type %u, code %u%s%s). ",
			handshake->icmp_type, handshake->icmp_code, name != NULL ? ": " : "",
			name != NULL ? name : "");
}

/* For a result with nothing to fill in. */
static const char *
plain_sentence(enum handshake_result result)
{
	switch (result) {
	case HANDSHAKE_SIMULTANEOUS:
		return "Both sides sent a SYN, and both SYNs were acknowledged: a simultaneous "
		       "open. ";
	case HANDSHAKE_REFUSED_BADACK:
		return "The answer to the SYN is a RST that does not acknowledge it. No TCP "
		       "answers a SYN like that, so it is not from the server's own stack. ";
	case HANDSHAKE_SERVER_RESET:
		return "The server answered with a SYN-ACK and took it back with a RST before the "
		       "client had acknowledged it. ";
	case HANDSHAKE_CLIENT_FIN:
		return "The client sent FIN before the server had answered. ";
	case HANDSHAKE_BAD_SYNACK:
		return "The SYN-ACK that came acknowledges another number than the SYN's: it "
		       "answers an older attempt, or somebody guesses. ";
	case HANDSHAKE_ODD_ANSWER:
		return "What answered the SYN is neither a SYN-ACK nor a RST; no connection came of "
		       "it. ";
	case HANDSHAKE_SIMULTANEOUS_INCOMPLETE:
		return "Both sides sent a SYN, but not both SYNs were acknowledged. ";
	case HANDSHAKE_SYNACK_ONLY:
		return "Only the SYN-ACK was seen: backscatter of SYNs sent elsewhere in this "
		       "client's name, or the client's direction does not pass here. ";
	case HANDSHAKE_SYNACK_REFUSED:
		return "A SYN-ACK came to a client that had sent no SYN here, and it answered with "
		       "a RST: somebody used its address. ";
	case HANDSHAKE_NO_SYN:
		return "The SYN is not in the capture; from the SYN-ACK on all is as it should be. ";
	case HANDSHAKE_ONE_WAY:
		return "The client went on as if it had been answered, and nothing from the server "
		       "was seen: the other direction does not pass here, and nothing can be said "
		       "of the server. ";
	case HANDSHAKE_MIDSTREAM:
		return "The connection began before the capture; of its handshake nothing is "
		       "known. ";
	case HANDSHAKE_EVICTED:
		return "It was released to make room for others before it could be judged. ";
	default:
		return "";
	}
}

static void
say_handshake(struct writer *writer)
{
	switch (writer->record->handshake.result) {
	case HANDSHAKE_COMPLETE:
		say_complete(writer);
		break;
	case HANDSHAKE_SERVER_SILENT:
		say_server_silent(writer);
		break;
	case HANDSHAKE_CLIENT_SILENT:
		say_client_silent(writer);
		break;
	case HANDSHAKE_REFUSED:
		say_refused(writer);
		break;
	case HANDSHAKE_CLIENT_RESET:
		say_client_reset(writer);
		break;
	case HANDSHAKE_UNREACHABLE:
		say_unreachable(writer);
		break;
	default:
		conversation_text_add(&writer->text, "%s",
				plain_sentence(writer->record->handshake.result));
	}
}

static void
say_closed(struct writer *writer)
{
	const bool *first = writer->conversation->closed_first;

	if (first[FLOW_CLIENT] && first[FLOW_SERVER])
		conversation_text_add(&writer->text, "Both sides closed at the same time. ");
	else
		conversation_text_add(&writer->text,
				"The %s closed first and the %s followed: a graceful end. ",
				conversation_text_side(
						first[FLOW_SERVER] ? FLOW_SERVER : FLOW_CLIENT),
				conversation_text_side(
						first[FLOW_SERVER] ? FLOW_CLIENT : FLOW_SERVER));
}

static bool
was_open(enum handshake_result result)
{
	return result == HANDSHAKE_COMPLETE || result == HANDSHAKE_SIMULTANEOUS ||
			result == HANDSHAKE_NO_SYN || result == HANDSHAKE_MIDSTREAM ||
			result == HANDSHAKE_ONE_WAY;
}

static void
say_end(struct writer *writer)
{
	switch (writer->record->end) {
	case END_FIN_BOTH:
		say_closed(writer);
		break;
	case END_FIN_CLIENT:
	case END_FIN_SERVER:
		conversation_text_add(&writer->text,
				"The %s closed its half; the %s had not closed its own when the "
				"capture ended. ",
				conversation_text_side(writer->record->end == END_FIN_SERVER
								? FLOW_SERVER
								: FLOW_CLIENT),
				conversation_text_side(writer->record->end == END_FIN_SERVER
								? FLOW_CLIENT
								: FLOW_SERVER));
		break;
	case END_OPEN:
		if (was_open(writer->record->handshake.result))
			conversation_text_add(&writer->text,
					"It was still open when the capture ended. ");
		break;
	case END_EVICTED:
		conversation_text_add(
				&writer->text, "It was released early to make room for others. ");
		break;
	default:
		break;
	}
}

static void
say_volume(struct writer *writer)
{
	const struct record_side *side = writer->record->side;

	if (side[FLOW_CLIENT].bytes == 0 && side[FLOW_SERVER].bytes == 0)
		return;
	conversation_text_add(&writer->text, "The client sent ");
	say_count(&writer->text, side[FLOW_CLIENT].bytes, "byte");
	conversation_text_add(&writer->text, ", the server ");
	conversation_text_count(&writer->text, side[FLOW_SERVER].bytes);
	if (side[FLOW_CLIENT].data_retransmits + side[FLOW_SERVER].data_retransmits > 0) {
		conversation_text_add(&writer->text, ", with ");
		say_count(&writer->text,
				(uint64_t)side[FLOW_CLIENT].data_retransmits +
						side[FLOW_SERVER].data_retransmits,
				"retransmission");
	}
	conversation_text_add(&writer->text, ". ");
}

void
conversation_verdict_write(const struct conversation *conversation, uint64_t until_us,
		char out[CONVERSATION_VERDICT_MAX])
{
	struct writer writer = { conversation_text_in(out, CONVERSATION_VERDICT_MAX), conversation,
		&conversation->record, until_us };

	say_handshake(&writer);
	say_volume(&writer);
	if (conversation->record.syn_in_connection)
		conversation_text_add(&writer.text,
				"A SYN arrived inside the connection and did not end it. ");
	say_end(&writer);
	conversation_rst_write(&writer.text, conversation);
	while (writer.text.len > 0 && out[writer.text.len - 1] == ' ')
		out[--writer.text.len] = '\0';
}
