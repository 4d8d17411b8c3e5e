/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/summary_tables.h"

#include "observe/summary_text.h"
#include "observe/top_servers.h"

#include <string.h>

/* No meaning is longer than 52 characters, so that a line keeps within 100 columns. */
static const char *const result_meanings[HANDSHAKE_RESULT_COUNT] = {
	[HANDSHAKE_COMPLETE] = "",
	[HANDSHAKE_SIMULTANEOUS] = "both sides sent SYN, both were acknowledged",
	[HANDSHAKE_SERVER_SILENT] = "server silent: no answer to the SYN",
	[HANDSHAKE_CLIENT_SILENT] = "client silent: spoofed source, or it vanished",
	[HANDSHAKE_REFUSED] = "server answered RST: nothing listens there",
	[HANDSHAKE_REFUSED_BADACK] = "RST that no server's stack would send",
	[HANDSHAKE_CLIENT_RESET] = "client sent RST: half-open scan, or was spoofed",
	[HANDSHAKE_SERVER_RESET] = "server sent SYN-ACK, then RST",
	[HANDSHAKE_CLIENT_FIN] = "client sent FIN before any answer",
	[HANDSHAKE_UNREACHABLE] = "an ICMP error came back",
	[HANDSHAKE_BAD_SYNACK] = "SYN-ACK that acknowledges another SYN",
	[HANDSHAKE_ODD_ANSWER] = "answered by something that is no answer",
	[HANDSHAKE_SIMULTANEOUS_INCOMPLETE] = "both sides sent SYN, not both were acknowledged",
	[HANDSHAKE_SYNACK_ONLY] = "only a SYN-ACK seen: backscatter, or one-way",
	[HANDSHAKE_SYNACK_REFUSED] = "only a SYN-ACK seen, answered by RST",
	[HANDSHAKE_NO_SYN] = "all but the SYN seen",
	[HANDSHAKE_ONE_WAY] = "unknown who was silent: one direction not seen",
	[HANDSHAKE_MIDSTREAM] = "had begun before it was seen",
	[HANDSHAKE_EVICTED] = "unknown: its place was needed before the end",
};

static const char *const end_meanings[END_HOW_COUNT] = {
	[END_OPEN] = "still open when the run ended",
	[END_FIN_BOTH] = "both sides closed",
	[END_FIN_CLIENT] = "only the client closed",
	[END_FIN_SERVER] = "only the server closed",
	[END_RST_CLIENT] = "reset by the client",
	[END_RST_SERVER] = "reset by the server",
	[END_TIMEOUT] = "nothing more came",
	[END_EVICTED] = "its place was needed",
};

const char *
summary_tables_handshake_meaning(const char *word)
{
	for (int i = HANDSHAKE_UNSET + 1; i < HANDSHAKE_RESULT_COUNT; i++)
		if (strcmp(verdict_handshake_word((enum handshake_result)i), word) == 0)
			return result_meanings[i];
	return "";
}

void
summary_tables_add(struct summary_totals *totals, const struct counters *counters)
{
#define X(field, metric, help) totals->field += counter_read(&counters->field);
	COUNTERS(X)
#undef X
	for (uint32_t i = 0; i < PACKET_KIND_COUNT; i++)
		totals->packets[i] += counter_read(&counters->packets[i]);
	for (uint32_t i = 0; i < HANDSHAKE_RESULT_COUNT; i++)
		totals->handshakes[i] += counter_read(&counters->handshakes[i]);
	for (uint32_t i = 0; i < END_HOW_COUNT; i++)
		totals->ends[i] += counter_read(&counters->ends[i]);
	for (uint32_t i = 0; i < RST_VERDICT_COUNT; i++)
		totals->rst_verdicts[i] += counter_read(&counters->rst_verdicts[i]);
}

static void
print_connections(FILE *out, uint64_t connections, uint64_t failed, uint64_t unknown)
{
	const char *none = unknown > 0 ? "none is known to have" : "none";

	fprintf(out, "\nConnections: %s", summary_text_count(connections).text);
	if (connections > 0)
		fprintf(out, ", of which %s failed to complete the handshake",
				failed > 0 ? summary_text_count(failed).text : none);
	if (unknown > 0)
		fprintf(out, ", %s unknown", summary_text_count(unknown).text);
	fputs("\n", out);
}

static uint64_t
sum(const uint64_t *counts, uint32_t len)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < len; i++)
		total += counts[i];
	return total;
}

void
summary_tables_handshakes(FILE *out, const struct summary_totals *totals)
{
	uint64_t connections = sum(totals->handshakes, HANDSHAKE_RESULT_COUNT);
	uint64_t failed = 0, unknown = 0;
	struct summary_row rows[HANDSHAKE_RESULT_COUNT];
	uint32_t bad = 0, count = 0;

	for (uint32_t pass = 0; pass < 2; pass++) {
		for (uint32_t i = HANDSHAKE_UNSET + 1; i < HANDSHAKE_RESULT_COUNT; i++)
			if (top_servers_is_failure((enum handshake_result)i) == (pass == 0))
				rows[count++] = (struct summary_row){
					verdict_handshake_word((enum handshake_result)i),
					totals->handshakes[i],
					result_meanings[i],
				};
		if (pass == 0)
			bad = count;
	}
	for (uint32_t i = 0; i < bad; i++)
		failed += rows[i].count;
	summary_text_sort(rows, bad);
	summary_text_sort(rows + bad, count - bad);
	for (uint32_t i = 0; i < HANDSHAKE_RESULT_COUNT; i++)
		if (verdict_silent_party((enum handshake_result)i) == SILENT_UNKNOWN)
			unknown += totals->handshakes[i];
	print_connections(out, connections, failed, unknown);
	summary_text_rows(out, rows, count, connections);
}

void
summary_tables_ends(FILE *out, const struct summary_totals *totals)
{
	uint64_t connections = sum(totals->ends, END_HOW_COUNT);
	struct summary_row rows[END_HOW_COUNT];
	uint32_t count = 0;

	if (connections == 0)
		return;
	for (uint32_t i = END_UNSET + 1; i < END_HOW_COUNT; i++)
		rows[count++] = (struct summary_row){ verdict_end_word((enum end_how)i),
			totals->ends[i], end_meanings[i] };
	summary_text_sort(rows, count);
	fputs("\nHow they ended\n", out);
	summary_text_rows(out, rows, count, connections);
}

void
summary_tables_kinds(FILE *out, const struct summary_totals *totals)
{
	struct summary_row rows[] = {
#define X(id, name, help) { name, totals->packets[id], help },
		PACKET_KINDS(X)
#undef X
	};

	summary_text_sort(rows, PACKET_KIND_COUNT);
	summary_text_rows(out, rows, PACKET_KIND_COUNT, totals->frames);
	if (totals->packets[PACKET_BAD_TCP] > totals->packets[PACKET_TCP])
		fputs("  Most TCP headers cannot be read: was the capture made with too short a "
		      "snapshot length?\n",
				out);
}

void
summary_tables_segments(FILE *out, const struct summary_totals *totals)
{
	const struct summary_row rows[] = {
		{ "syn_retransmits", totals->syn_retransmits, "SYNs sent again" },
		{ "synack_retransmits", totals->synack_retransmits, "SYN-ACKs sent again" },
		{ "data_retransmits", totals->data_retransmits, "data segments sent again" },
		{ "synack_bad", totals->synack_bad, "SYN-ACKs that do not acknowledge the SYN" },
		{ "syn_in_connection", totals->syn_in_connection,
				"SYNs inside an established connection" },
		{ "illegal_flags", totals->illegal_flags,
				"segments with an impossible combination of flags" },
	};
	uint32_t count = sizeof(rows) / sizeof(rows[0]);
	uint64_t all = 0;

	for (uint32_t i = 0; i < count; i++)
		all += rows[i].count;
	if (all == 0)
		return;
	fputs("\nSegments worth a look\n", out);
	summary_text_rows(out, rows, count, 0);
}

void
summary_tables_blind(FILE *out, const struct summary_totals *totals, uint64_t history_cut)
{
	const struct summary_row rows[] = {
		{ "evicted", totals->flows_evicted,
				"connections let go early: the flow table was too small" },
		{ "untracked", totals->flows_untracked,
				"segments not followed: the flow table was full" },
		{ "midstream", totals->handshakes[HANDSHAKE_MIDSTREAM],
				"connections that had begun before they were seen" },
		{ "one_way", totals->handshakes[HANDSHAKE_ONE_WAY],
				"connections of which one direction was never seen" },
		{ "history_cut", history_cut,
				"connections whose history is longer than what is kept" },
	};
	uint32_t count = sizeof(rows) / sizeof(rows[0]);
	uint64_t all = 0;

	for (uint32_t i = 0; i < count; i++)
		all += rows[i].count;
	if (all == 0)
		return;
	fputs("\nNot seen or not kept\n", out);
	summary_text_rows(out, rows, count, 0);
}
