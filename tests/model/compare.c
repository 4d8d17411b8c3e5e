/* SPDX-License-Identifier: Apache-2.0 */

#include "compare.h"

#include "engine.h"
#include "naive.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLOW_SLOTS 1024 /* room for all: nothing is evicted */
#define TEXT_ROOM 1024

static int
put_side(char *out, size_t room, const struct record *record, enum flow_side which)
{
	const struct record_side *side = &record->side[which];
	char addr[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, side->addr, addr, sizeof(addr));
	return snprintf(out, room,
			"\n    %s v%u %s.%u seen=%d pkts=%" PRIu64 " bytes=%" PRIu64
			" retransmits=%u fin=%u rst=%u ttl=%u syn=%d mss=%u wscale=%d/%u sack=%d ts=%d",
			which == FLOW_CLIENT ? "client" : "server", record->ip_version, addr,
			side->port, side->seen, side->pkts, side->bytes, side->data_retransmits,
			side->fin, side->rst, side->seen ? side->hop_limit : 0, side->syn_seen,
			side->syn_seen ? side->mss : 0, side->syn_seen && side->has_wscale,
			side->syn_seen && side->has_wscale ? side->wscale : 0,
			side->syn_seen && side->sack, side->syn_seen && side->timestamps);
}

static int
put_handshake(char *out, size_t room, const struct record_handshake *handshake)
{
	return snprintf(out, room,
			"\n    handshake %s silent=%d complete=%d implied=%d tfo=%d syn=%u+%u"
			" synack=%u+%u synack_us=%" PRId64 " ack_us=%" PRId64 " icmp=%d/%u/%u",
			verdict_handshake_word(handshake->result), handshake->silent,
			handshake->complete, handshake->implied_ack, handshake->fast_open,
			handshake->syn, handshake->syn_retransmits, handshake->synack,
			handshake->synack_retransmits,
			handshake->has_synack_us ? (int64_t)handshake->synack_us : -1,
			handshake->has_ack_us ? (int64_t)handshake->ack_us : -1,
			handshake->has_icmp, handshake->has_icmp ? handshake->icmp_type : 0,
			handshake->has_icmp ? handshake->icmp_code : 0);
}

static int
put_rst(char *out, size_t room, const struct record *record)
{
	const struct record_rst *rst = &record->rst;

	if (!record->has_rst)
		return snprintf(out, room, "\n    rst none");
	return snprintf(out, room,
			"\n    rst by=%d %s %s %s after=%s ttl_delta=%d idle_ms=%" PRIu32
			" in_flight=%d answered=%d after_fin=%d",
			rst->by, verdict_rst_phase_word(rst->phase),
			verdict_rst_position_word(rst->position), verdict_rst_word(rst->verdict),
			verdict_rst_after_word(rst->after), rst->ttl_delta, rst->idle_ms,
			rst->in_flight, rst->answered, rst->after_fin);
}

/* Everything that is compared, as a text: the connection first, so that sorting groups. */
static char *
text_of(const struct said *said, uint64_t start_us)
{
	static const char *const kinds[] = { [EVENT_INCOMPLETE_HANDSHAKE] = "incomplete_handshake",
		[EVENT_RST] = "rst",
		[EVENT_CONNECTION] = "connection" };
	const struct record *record = &said->record;
	char *text = malloc(TEXT_ROOM);
	int len;

	if (text == NULL)
		abort();
	len = snprintf(text, TEXT_ROOM, "%u>%u %" PRIu64 "..%" PRIu64 " %s at %" PRIu64,
			record->side[0].port, record->side[1].port, record->start_us - start_us,
			record->end_us - start_us, kinds[said->kind], said->time_us - start_us);
	if (said->kind == EVENT_CONNECTION)
		len += snprintf(text + len, TEXT_ROOM - (size_t)len, " end %s",
				verdict_end_word(record->end));
	if (record->syn_in_connection)
		len += snprintf(text + len, TEXT_ROOM - (size_t)len, " syn_in_connection");
	for (uint32_t i = 0; i < record->vlan_count; i++)
		len += snprintf(text + len, TEXT_ROOM - (size_t)len, " vlan %u", record->vlan[i]);
	len += put_handshake(text + len, TEXT_ROOM - (size_t)len, &record->handshake);
	len += put_rst(text + len, TEXT_ROOM - (size_t)len, record);
	len += put_side(text + len, TEXT_ROOM - (size_t)len, record, FLOW_CLIENT);
	put_side(text + len, TEXT_ROOM - (size_t)len, record, FLOW_SERVER);
	return text;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **
texts_of(const struct said_list *list, uint64_t start_us)
{
	char **texts = calloc(list->count + 1, sizeof(*texts));

	if (texts == NULL)
		abort();
	for (size_t i = 0; i < list->count; i++)
		texts[i] = text_of(&list->said[i], start_us);
	qsort(texts, list->count, sizeof(*texts), by_text);
	return texts;
}

static void
texts_free(char **texts)
{
	for (char **text = texts; *text != NULL; text++)
		free(*text);
	free(texts);
}

static void
print_one(const char *who, const char *text, bool print)
{
	if (print)
		printf("%s %s\n", who, text);
}

/* Go through two sorted lists at once. */
static bool
same_texts(char **naive, char **real, bool print)
{
	bool same = true;

	while (*naive != NULL || *real != NULL) {
		int order = *naive == NULL ? 1 : *real == NULL ? -1 : strcmp(*naive, *real);

		if (order < 0)
			print_one("- model  ", *naive, print);
		if (order > 0)
			print_one("+ synwire", *real, print);
		same = same && order == 0;
		naive += order <= 0;
		real += order >= 0;
	}
	return same;
}

static bool
meter_holds(const struct engine_totals *totals, bool print)
{
	bool holds = totals->metered_all && totals->metered == totals->metered_ended;

	if (!holds && print)
		printf("metered %llu handshakes, and %llu ends\n",
				(unsigned long long)totals->metered,
				(unsigned long long)totals->metered_ended);
	return holds && totals->invariants_hold;
}

static bool
run_both(const struct sequence *sequence, const struct tracker_params *params, uint64_t schedule,
		bool print)
{
	struct naive *naive = naive_create(params);
	struct said_list said = { 0 };
	struct engine_totals totals;
	uint64_t start_us = sequence->count != 0 ? sequence->steps[0].time_us : 0;
	char **model_texts, **real_texts;
	bool same;

	for (size_t i = 0; i < sequence->count; i++)
		naive_step(naive, &sequence->steps[i]);
	naive_finish(naive, sequence->end_us);
	engine_run(sequence, params, FLOW_SLOTS, schedule, &said, &totals);
	model_texts = texts_of(naive_said(naive), start_us);
	real_texts = texts_of(&said, start_us);
	same = same_texts(model_texts, real_texts, print);
	same = meter_holds(&totals, print) && same; /* both are looked at */
	texts_free(model_texts);
	texts_free(real_texts);
	said_free(&said);
	naive_destroy(naive);
	return same;
}

bool
compare_agree(const struct sequence *sequence, const struct tracker_params *params,
		uint64_t schedule)
{
	return run_both(sequence, params, schedule, false);
}

void
compare_print(const struct sequence *sequence, const struct tracker_params *params,
		uint64_t schedule)
{
	run_both(sequence, params, schedule, true);
}
