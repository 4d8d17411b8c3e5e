/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/event_json.h"

#include "base/usec.h"
#include "observe/address.h"
#include "observe/text.h"

#include <stdbool.h>

/*
 * Each field is written with a comma behind it; closing an object puts its brace in the
 * place of the last comma. KEY and PUT copy a literal of known length, which compiles to
 * a few moves.
 */
#define PUT(p, literal) text_bytes(literal, sizeof(literal) - 1, p)
#define KEY(p, name) PUT(p, "\"" name "\":")
#define NUMBER(p, name, value) put_number(KEY(p, name), value)
#define WORD(p, name, word) put_word(KEY(p, name), word)
#define BOOLEAN(p, name, value) \
	((value) ? PUT(p, "\"" name "\":true,") : PUT(p, "\"" name "\":false,"))

static char *
put_number(char *p, uint64_t value)
{
	p = text_u64(value, p);
	*p++ = ',';
	return p;
}

static char *
put_word(char *p, const char *word)
{
	*p++ = '"';
	p = text_string(word, p);
	return PUT(p, "\",");
}

static char *
put_time(struct event_json *json, char *p, uint64_t time_us)
{
	*p++ = '"';
	p = timestamp_write(&json->dates, time_us + json->shift_us, p);
	return PUT(p, "\",");
}

static char *
close_object(char *p)
{
	p[-1] = '}';
	*p++ = ',';
	return p;
}

static char *
put_vlans(char *p, const struct record *record)
{
	if (record->vlan_count == 0)
		return p;
	p = PUT(p, "\"vlan\":[");
	for (uint32_t i = 0; i < record->vlan_count; i++)
		p = put_number(p, record->vlan[i]);
	p[-1] = ']';
	*p++ = ',';
	return p;
}

static char *
put_envelope(struct event_json *json, char *p, const struct record *record, enum event_kind kind,
		uint64_t time_us)
{
	const struct record_side *client = &record->side[FLOW_CLIENT];
	const struct record_side *server = &record->side[FLOW_SERVER];

	p = put_time(json, PUT(p, "{\"timestamp\":"), time_us);
	p = WORD(p, "event_type", event_json_type(kind));
	p = NUMBER(p, "flow_id", record->flow_id);
	p = NUMBER(p, "worker", record->worker);
	p = address_write(client->addr, record->ip_version, PUT(p, "\"src_ip\":\""));
	p = put_number(PUT(p, "\",\"src_port\":"), client->port);
	p = address_write(server->addr, record->ip_version, PUT(p, "\"dest_ip\":\""));
	p = put_number(PUT(p, "\",\"dest_port\":"), server->port);
	p = PUT(p, "\"proto\":\"TCP\",");
	if (record->blind)
		p = PUT(p, "\"blind\":true,");
	return put_vlans(p, record);
}

static char *
put_silent(char *p, enum silent_party silent)
{
	const char *word = verdict_silent_word(silent);

	return word == NULL ? PUT(p, "\"silent\":null,") : WORD(p, "silent", word);
}

static char *
put_syn_counts(char *p, const struct record_handshake *handshake)
{
	if (handshake->fast_open)
		p = PUT(p, "\"fast_open\":true,");
	p = NUMBER(p, "syn", handshake->syn);
	p = NUMBER(p, "synack", handshake->synack);
	p = NUMBER(p, "syn_retransmits", handshake->syn_retransmits);
	return NUMBER(p, "synack_retransmits", handshake->synack_retransmits);
}

static char *
put_times_and_icmp(char *p, const struct record_handshake *handshake)
{
	if (handshake->has_synack_us)
		p = NUMBER(p, "synack_us", handshake->synack_us);
	if (handshake->has_ack_us)
		p = NUMBER(p, "ack_us", handshake->ack_us);
	if (!handshake->has_icmp)
		return p;
	p = NUMBER(PUT(p, "\"icmp\":{"), "type", handshake->icmp_type);
	return close_object(NUMBER(p, "code", handshake->icmp_code));
}

static char *
put_handshake(char *p, const struct record_handshake *handshake)
{
	p = WORD(PUT(p, "\"handshake\":{"), "result", verdict_handshake_word(handshake->result));
	p = BOOLEAN(p, "complete", handshake->complete);
	p = put_silent(p, handshake->silent);
	p = BOOLEAN(p, "implied_ack", handshake->implied_ack);
	p = put_syn_counts(p, handshake);
	return close_object(put_times_and_icmp(p, handshake));
}

static char *
put_rst(char *p, const struct record_rst *rst)
{
	*p++ = '{';
	p = rst->by == FLOW_CLIENT ? PUT(p, "\"by\":\"client\",") : PUT(p, "\"by\":\"server\",");
	p = WORD(p, "phase", verdict_rst_phase_word(rst->phase));
	p = WORD(p, "position", verdict_rst_position_word(rst->position));
	p = WORD(p, "verdict", verdict_rst_word(rst->verdict));
	if (rst->ttl_delta != RECORD_NO_TTL_DELTA) {
		p = text_i64(rst->ttl_delta, KEY(p, "ttl_delta"));
		*p++ = ',';
	}
	p = NUMBER(p, "idle_ms", rst->idle_ms);
	p = BOOLEAN(p, "in_flight", rst->in_flight);
	if (rst->after != RST_AFTER_UNSET)
		p = WORD(p, "after", verdict_rst_after_word(rst->after));
	p = BOOLEAN(p, "answered", rst->answered);
	if (rst->after_fin)
		p = PUT(p, "\"after_fin\":true,");
	return close_object(p);
}

static char *
put_end(char *p, const struct record *record)
{
	p = WORD(PUT(p, "\"end\":{"), "how", verdict_end_word(record->end));
	p = KEY(p, "rst");
	p = record->has_rst ? put_rst(p, &record->rst) : PUT(p, "null,");
	return close_object(p);
}

/* Of a side without a SYN the options are not known; of one never seen, nothing is. */
static char *
put_side(char *p, const struct record_side *side)
{
	*p++ = '{';
	if (side->syn_seen) {
		if (side->mss != 0)
			p = NUMBER(p, "mss", side->mss);
		if (side->has_wscale)
			p = NUMBER(p, "wscale", side->wscale);
		p = BOOLEAN(p, "sack", side->sack);
		p = BOOLEAN(p, "timestamps", side->timestamps);
	}
	if (side->seen && side->hop_limit != 0)
		p = NUMBER(p, "ttl", side->hop_limit);
	return close_object(p);
}

static bool
has_side(const struct record_side *side)
{
	return side->syn_seen || (side->seen && side->hop_limit != 0);
}

static char *
put_tcp(char *p, const struct record *record)
{
	const struct record_side *client = &record->side[FLOW_CLIENT];
	const struct record_side *server = &record->side[FLOW_SERVER];

	p = WORD(PUT(p, "\"tcp\":{"), "conn_state", record->conn_state);
	p = WORD(p, "history", record->history);
	if (record->history_cut)
		p = PUT(p, "\"history_cut\":true,");
	if (record->syn_in_connection)
		p = PUT(p, "\"syn_in_connection\":true,");
	p = NUMBER(p, "fin_client", client->fin);
	p = NUMBER(p, "fin_server", server->fin);
	p = NUMBER(p, "rst_client", client->rst);
	p = NUMBER(p, "rst_server", server->rst);
	p = NUMBER(p, "data_retransmits_client", client->data_retransmits);
	p = NUMBER(p, "data_retransmits_server", server->data_retransmits);
	if (has_side(client))
		p = put_side(KEY(p, "client"), client);
	if (has_side(server))
		p = put_side(KEY(p, "server"), server);
	return close_object(p);
}

/* The last object of a line: it also ends the line. */
static char *
put_flow(struct event_json *json, char *p, const struct record *record, bool has_ended)
{
	const struct record_side *client = &record->side[FLOW_CLIENT];
	const struct record_side *server = &record->side[FLOW_SERVER];

	p = put_time(json, PUT(p, "\"flow\":{\"start\":"), record->start_us);
	if (has_ended)
		p = put_time(json, KEY(p, "end"), record->end_us);
	p = NUMBER(p, "pkts_toserver", client->pkts);
	p = NUMBER(p, "pkts_toclient", server->pkts);
	p = NUMBER(p, "bytes_toserver", client->bytes);
	p = NUMBER(p, "bytes_toclient", server->bytes);
	return PUT(p - 1, "}}\n");
}

static char *
put_incomplete(char *p, const struct record *record, uint64_t time_us)
{
	const struct record_handshake *handshake = &record->handshake;
	uint64_t waited_ms = usec_since(record->start_us, time_us) / USEC_PER_MSEC;

	p = WORD(PUT(p, "\"handshake\":{"), "result", verdict_handshake_word(handshake->result));
	p = PUT(p, "\"complete\":false,");
	p = put_silent(p, handshake->silent);
	p = put_syn_counts(p, handshake);
	p = NUMBER(p, "waited_ms", waited_ms);
	return close_object(put_times_and_icmp(p, handshake));
}

static char *
put_rst_event(char *p, const struct record *record)
{
	enum handshake_result result = record->handshake.result;

	if (result != HANDSHAKE_UNSET) { /* else it is not settled yet */
		p = WORD(PUT(p, "\"handshake\":{"), "result", verdict_handshake_word(result));
		p = close_object(p);
	}
	return put_rst(KEY(p, "rst"), &record->rst);
}

const char *
event_json_type(enum event_kind kind)
{
	switch (kind) {
	case EVENT_INCOMPLETE_HANDSHAKE:
		return "incomplete_handshake";
	case EVENT_RST:
		return "rst";
	case EVENT_CONNECTION:
		return "connection";
	case EVENT_QUOTE:
	case EVENT_HANDSHAKE: /* for those who count; the connection's own line tells it later */
		break;
	}
	return "?";
}

size_t
event_json_write(struct event_json *json, const struct record *record, enum event_kind kind,
		uint64_t time_us, char *out)
{
	char *p = put_envelope(json, out, record, kind, time_us);

	switch (kind) {
	case EVENT_INCOMPLETE_HANDSHAKE:
		p = put_incomplete(p, record, time_us);
		break;
	case EVENT_RST:
		p = put_rst_event(p, record);
		break;
	case EVENT_CONNECTION:
		p = put_tcp(put_end(put_handshake(p, &record->handshake), record), record);
		break;
	case EVENT_QUOTE:
	case EVENT_HANDSHAKE:
		break;
	}
	return (size_t)(put_flow(json, p, record, kind == EVENT_CONNECTION) - out);
}
