/* SPDX-License-Identifier: Apache-2.0 */

#include "naive_facts.h"

#include <string.h>

static bool
has_bad_synack(const struct naive_connection *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->seen[i].kind == SEGMENT_SYNACK && !c->seen[i].taken)
			return true;
	return false;
}

/* The server's answer to the SYN was a RST that did not acknowledge it. */
static bool
was_refused_badly(const struct naive_connection *c)
{
	const struct naive_seen *rst = naive_rst_of(c);

	return rst != NULL && rst->rst_came_in == NAIVE_SYN_SENT && rst->side == FLOW_SERVER &&
			rst->rst.position != RST_EXACT;
}

enum handshake_result
naive_result_of_rst(const struct naive_connection *c, const struct naive_seen *rst)
{
	bool syn = naive_first(c, SEGMENT_SYN, FLOW_CLIENT) != NULL;
	enum flow_side by = rst->side;

	switch (c->state) {
	case NAIVE_SYN_SENT:
		if (by == FLOW_SERVER)
			return rst->rst.position == RST_EXACT ? HANDSHAKE_REFUSED
							      : HANDSHAKE_REFUSED_BADACK;
		/* Choice: then nothing of the server was to be expected here. */
		return c->went_on && !naive_heard(c, FLOW_SERVER) ? HANDSHAKE_ONE_WAY
								  : HANDSHAKE_CLIENT_RESET;
	case NAIVE_SYN_CROSSED:
		return HANDSHAKE_SIMULTANEOUS_INCOMPLETE;
	case NAIVE_SYN_RECEIVED:
		if (!syn)
			return by == FLOW_CLIENT ? HANDSHAKE_SYNACK_REFUSED : HANDSHAKE_SYNACK_ONLY;
		return by == FLOW_CLIENT ? HANDSHAKE_CLIENT_RESET : HANDSHAKE_SERVER_RESET;
	default:
		return HANDSHAKE_UNSET;
	}
}

enum handshake_result
naive_result_of_silence(const struct naive_connection *c)
{
	if (naive_first(c, SEGMENT_SYN, FLOW_CLIENT) == NULL)
		return HANDSHAKE_SYNACK_ONLY;
	if (naive_first(c, SEGMENT_SYN, FLOW_SERVER) != NULL)
		return HANDSHAKE_SIMULTANEOUS_INCOMPLETE;
	if (naive_syn_of(c, FLOW_SERVER) != NULL)
		return HANDSHAKE_CLIENT_SILENT;
	if (was_refused_badly(c))
		return HANDSHAKE_REFUSED_BADACK;
	if (has_bad_synack(c))
		return HANDSHAKE_BAD_SYNACK;
	if (c->odd_answer)
		return HANDSHAKE_ODD_ANSWER;
	return c->went_on ? HANDSHAKE_ONE_WAY : HANDSHAKE_SERVER_SILENT;
}

enum handshake_result
naive_result(const struct naive_connection *c)
{
	enum segment_kind first = c->seen[0].kind;

	if (c->established_by != NAIVE_NEVER) {
		if (naive_first(c, SEGMENT_SYN, FLOW_CLIENT) == NULL)
			return HANDSHAKE_NO_SYN;
		return naive_first(c, SEGMENT_SYN, FLOW_SERVER) != NULL ? HANDSHAKE_SIMULTANEOUS
									: HANDSHAKE_COMPLETE;
	}
	if (first != SEGMENT_SYN && first != SEGMENT_SYNACK)
		return HANDSHAKE_MIDSTREAM;
	return c->judged;
}

/* Choice: what does not fit into 32 bits, 71 minutes, is taken for not known. */
static bool
put_time(uint64_t from_us, uint64_t to_us, uint32_t *took_us)
{
	*took_us = 0;
	if (to_us - from_us >= UINT32_MAX)
		return false;
	*took_us = (uint32_t)(to_us - from_us);
	return true;
}

bool
naive_synack_is_late(const struct naive_connection *c)
{
	const struct naive_seen *synack = naive_good_synack(c);

	return synack != NULL && synack->time_us - c->seen[0].time_us >= UINT32_MAX;
}

/* From the first SYN to the first SYN-ACK, and on to what acknowledged that. */
static void
put_times(const struct naive_connection *c, struct record_handshake *handshake)
{
	const struct naive_seen *synack = naive_good_synack(c);

	if (synack == NULL || naive_synack_is_late(c))
		return;
	if (c->seen[0].kind == SEGMENT_SYN)
		handshake->has_synack_us = put_time(
				c->seen[0].time_us, synack->time_us, &handshake->synack_us);
	if (c->established_by != NAIVE_NEVER)
		handshake->has_ack_us = put_time(synack->time_us,
				c->seen[c->established_by].time_us, &handshake->ack_us);
}

static void
put_handshake(const struct naive_connection *c, struct record_handshake *handshake)
{
	handshake->result = naive_result(c);
	handshake->complete = handshake->result == HANDSHAKE_COMPLETE ||
			handshake->result == HANDSHAKE_SIMULTANEOUS;
	handshake->silent = verdict_silent_party(handshake->result);
	if (c->established_by != NAIVE_NEVER) {
		const struct naive_seen *by = &c->seen[c->established_by];

		handshake->implied_ack = by->kind == SEGMENT_FIN || by->tcp.payload_len != 0;
	}
	for (size_t i = 0; i < c->count; i++) {
		const struct naive_seen *seen = &c->seen[i];
		bool is_syn = seen->kind == SEGMENT_SYN && !seen->moved;
		bool is_synack = seen->kind == SEGMENT_SYNACK;

		handshake->syn = (uint8_t)(handshake->syn + is_syn);
		handshake->synack = (uint8_t)(handshake->synack + is_synack);
		handshake->syn_retransmits = (uint8_t)(handshake->syn_retransmits +
				(is_syn && seen->repeats));
		handshake->synack_retransmits = (uint8_t)(handshake->synack_retransmits +
				(is_synack && seen->repeats));
		if (seen->opens &&
				(seen->tcp.payload_len != 0 ||
						seen->tcp.options.fast_open_len != 0))
			handshake->fast_open = true;
	}
	put_times(c, handshake);
	handshake->has_icmp = c->unreachable;
	handshake->icmp_type = c->icmp_type;
	handshake->icmp_code = c->icmp_code;
}

static void
put_syn_options(const struct naive_seen *syn, struct record_side *side)
{
	const struct build_options *options = &syn->tcp.options;

	side->syn_seen = true;
	side->mss = options->mss;
	side->has_wscale = options->has_wscale;
	side->wscale = options->wscale < 14 ? options->wscale : 14; /* RFC 7323 section 2.3 */
	side->sack = options->sack_permitted;
	side->timestamps = options->timestamps;
}

static void
put_side(const struct naive_connection *c, enum flow_side which, struct record_side *side)
{
	const struct naive_seen *syn = naive_syn_of(c, which);

	memcpy(side->addr, c->addr[which], sizeof(side->addr));
	side->port = c->port[which];
	for (size_t i = 0; i < c->count; i++) {
		const struct naive_seen *seen = &c->seen[i];

		if (seen->side != which)
			continue;
		side->pkts += !seen->moved;
		side->bytes += seen->tcp.payload_len;
		/* Choice: a RST or illegal flags do not show that this side is there. */
		if (seen->taken) {
			side->seen = true;
			side->hop_limit = seen->tcp.hop_limit;
		}
		if (seen->repeats && seen->kind != SEGMENT_SYN && seen->kind != SEGMENT_SYNACK)
			side->data_retransmits++;
		if (seen->fin_counts && side->fin < 15)
			side->fin++;
		if (seen->kind == SEGMENT_RST && side->rst < 63)
			side->rst++;
	}
	if (syn != NULL)
		put_syn_options(syn, side);
}

/* Without what only the caller knows: timed out, or still open. */
static enum end_how
end_on_the_wire(const struct naive_connection *c)
{
	bool client = naive_has_fin(c, FLOW_CLIENT);
	bool server = naive_has_fin(c, FLOW_SERVER);

	if (naive_rst_ends(c))
		return naive_rst_of(c)->side == FLOW_CLIENT ? END_RST_CLIENT : END_RST_SERVER;
	if (client && server)
		return END_FIN_BOTH;
	if (client)
		return END_FIN_CLIENT;
	return server ? END_FIN_SERVER : END_UNSET;
}

void
naive_record(const struct naive_connection *c, struct record *record)
{
	const struct naive_seen *rst = naive_rst_of(c);

	memset(record, 0, sizeof(*record));
	record->ip_version = c->first.ip_version;
	record->vlan_count = c->first.vlan_count;
	memcpy(record->vlan, c->first.vlan, sizeof(record->vlan));
	put_side(c, FLOW_CLIENT, &record->side[FLOW_CLIENT]);
	put_side(c, FLOW_SERVER, &record->side[FLOW_SERVER]);
	put_handshake(c, &record->handshake);
	record->end = end_on_the_wire(c);
	if (rst != NULL) {
		record->has_rst = true;
		record->rst = rst->rst;
	}
	for (size_t i = 0; i < c->count; i++)
		if (c->seen[i].in_connection)
			record->syn_in_connection = true;
	record->start_us = c->seen[0].time_us;
	record->end_us = naive_last(c)->time_us;
}
