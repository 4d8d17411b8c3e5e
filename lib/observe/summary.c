/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/summary.h"

#include "base/usec.h"
#include "observe/address.h"
#include "observe/latency.h"
#include "observe/summary_alarms.h"
#include "observe/summary_tables.h"
#include "observe/summary_text.h"
#include "observe/timestamp.h"
#include "observe/top_servers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BEST 10
#define RATE_MIN_US (5 * USEC_PER_MSEC) /* a rate of less is one of starting and stopping */
#define SERVER_WIDTH 40 /* a longer one, of IPv6, gets a line of its own */

struct summary {
	struct top_servers *servers;
	struct latency server_share;
	struct latency client_share;
	uint64_t history_cut;
	uint64_t rst_by[RST_VERDICT_COUNT][FLOW_SIDES]; /* the one of each connection that counts */
	uint64_t cut_in_flight; /* of those of verdict mid_connection */
	uint64_t cut_answering;
};

struct summary *
summary_create(uint64_t seed)
{
	struct summary *summary = calloc(1, sizeof(*summary));

	if (summary == NULL)
		return NULL;
	summary->servers = top_servers_create(seed);
	if (summary->servers == NULL) {
		free(summary);
		return NULL;
	}
	return summary;
}

void
summary_destroy(struct summary *summary)
{
	if (summary == NULL)
		return;
	top_servers_destroy(summary->servers);
	free(summary);
}

static void
add_rst(struct summary *summary, const struct record_rst *rst)
{
	summary->rst_by[rst->verdict][rst->by]++;
	if (rst->verdict != RST_MID_CONNECTION)
		return;
	summary->cut_in_flight += rst->in_flight;
	summary->cut_answering += rst->answered;
}

void
summary_add(struct summary *summary, const struct record *record, enum event_kind kind)
{
	const struct record_handshake *handshake = &record->handshake;

	if (kind != EVENT_CONNECTION)
		return;
	top_servers_add(summary->servers, record);
	summary->history_cut += record->history_cut;
	if (handshake->complete && handshake->has_synack_us)
		latency_record(&summary->server_share, handshake->synack_us);
	if (handshake->complete && handshake->has_ack_us)
		latency_record(&summary->client_share, handshake->ack_us);
	if (record->has_rst)
		add_rst(summary, &record->rst);
}

static void
print_headline(FILE *out, const struct summary_run *run)
{
	struct timestamp_cache cache = { 0 };
	char start[TIMESTAMP_LEN + 1];

	if (run->rx_frames == 0) {
		fputs("No frame was read.\n", out);
		return;
	}
	*timestamp_write(&cache, run->first_us, start) = '\0';
	fprintf(out, "%s frames, %s, over %s from %s\n", summary_text_count(run->rx_frames).text,
			summary_text_size((double)run->rx_bytes, "B").text,
			summary_text_time(usec_since(run->first_us, run->last_us)).text, start);
}

static const char *
main_reason(const struct top_server *server)
{
	enum handshake_result most = HANDSHAKE_UNSET;

	for (int i = 0; i < HANDSHAKE_RESULT_COUNT; i++)
		if (top_servers_is_failure((enum handshake_result)i) &&
				server->results[i] > server->results[most])
			most = (enum handshake_result)i;
	return verdict_handshake_word(most);
}

static void
endpoint_text(const struct top_server *top, char text[ADDRESS_ENDPOINT_LEN_MAX + 1])
{
	const struct space_saving_server *server = &top->server;

	*address_endpoint_write(server->addr, server->port, server->ip_version, text) = '\0';
}

/* How wide the widest server is that shares its line with its numbers. */
static int
server_width(const struct top_server *const *best, uint32_t count)
{
	char text[ADDRESS_ENDPOINT_LEN_MAX + 1];
	int width = (int)strlen("server"), len;

	for (uint32_t i = 0; i < count; i++) {
		endpoint_text(best[i], text);
		len = (int)strlen(text);
		if (len > width && len <= SERVER_WIDTH)
			width = len;
	}
	return width;
}

static void
print_server(FILE *out, const struct top_server *server, int width)
{
	char text[ADDRESS_ENDPOINT_LEN_MAX + 1];

	endpoint_text(server, text);
	if (strlen(text) > SERVER_WIDTH) {
		fprintf(out, "  %s\n", text);
		text[0] = '\0';
	}
	fprintf(out, "  %-*s  %9s  %9s  %9s  %s\n", width, text,
			summary_text_count(server->failed).text,
			summary_text_count(server->attempts).text,
			summary_text_count(server->complete).text, main_reason(server));
}

static void
print_servers(FILE *out, const struct top_servers *servers)
{
	const struct top_server *best[BEST];
	uint32_t count = top_servers_best(servers, best, BEST);
	int width = server_width(best, count);
	uint64_t error = 0;

	if (count == 0)
		return;
	fputs("\nServers with the most failed handshakes\n", out);
	fprintf(out, "  %-*s  %9s  %9s  %9s  %s\n", width, "server", "failed", "attempts",
			"complete", "mostly");
	for (uint32_t i = 0; i < count; i++) {
		print_server(out, best[i], width);
		if (best[i]->error > error)
			error = best[i]->error;
	}
	if (error > 0)
		fprintf(out, "  More than %s servers were seen: each may have failed %s times more.\n",
				summary_text_count(TOP_SERVERS_KEPT).text,
				summary_text_count(error).text);
}

static uint64_t
rst_count(const struct summary *summary, enum rst_verdict verdict)
{
	return summary->rst_by[verdict][FLOW_CLIENT] + summary->rst_by[verdict][FLOW_SERVER];
}

static void
print_resets(FILE *out, const struct summary *summary, const struct summary_totals *totals)
{
	const uint64_t *cut = summary->rst_by[RST_MID_CONNECTION];
	const uint64_t *suspected = summary->rst_by[RST_SUSPECTED_INJECTION];
	const struct summary_row rows[] = {
		{ "mid_connection", rst_count(summary, RST_MID_CONNECTION),
				"an open connection was cut" },
		{ "  by server", cut[FLOW_SERVER], "" },
		{ "  by client", cut[FLOW_CLIENT], "" },
		{ "  data in flight", summary->cut_in_flight, "not acknowledged when it was cut" },
		{ "  answering a segment", summary->cut_answering, "nobody was left to take it" },
		{ "suspected_injection", rst_count(summary, RST_SUSPECTED_INJECTION),
				"not from the side that it names" },
		{ "  as server", suspected[FLOW_SERVER], "" },
		{ "  as client", suspected[FLOW_CLIENT], "" },
		{ "refused", rst_count(summary, RST_REFUSED), "the answer to a SYN" },
		{ "aborted_handshake", rst_count(summary, RST_ABORTED_HANDSHAKE),
				"a side gave up before the end" },
		{ "late", rst_count(summary, RST_LATE), "after a FIN: common and benign" },
		{ "stray", rst_count(summary, RST_STRAY), "of no connection that was seen" },
	};
	uint64_t all = 0;

	for (int verdict = RST_VERDICT_UNSET; verdict < RST_VERDICT_COUNT; verdict++)
		all += rst_count(summary, (enum rst_verdict)verdict);
	if (all == 0)
		return;
	fprintf(out, "\nConnections with a RST: %s (RSTs: %s)\n", summary_text_count(all).text,
			summary_text_count(totals->rst).text);
	summary_text_rows(out, rows, ARRAY_LEN(rows), all);
}

static void
print_share(FILE *out, const char *whose, const struct latency *latency)
{
	if (latency->count == 0)
		return;
	fprintf(out, "  %-23s  %9s  %9s  %9s  %9s  %11s\n", whose,
			summary_text_time(latency_percentile(latency, 500)).text,
			summary_text_time(latency_percentile(latency, 900)).text,
			summary_text_time(latency_percentile(latency, 990)).text,
			summary_text_time(latency->max_us).text,
			summary_text_count(latency->count).text);
}

static void
print_latency(FILE *out, const struct summary *summary)
{
	if (summary->server_share.count == 0 && summary->client_share.count == 0)
		return;
	fprintf(out, "\n%-25s  %9s  %9s  %9s  %9s  %11s\n", "Connect latency", "p50", "p90", "p99",
			"max", "connections");
	print_share(out, "server, SYN to SYN-ACK", &summary->server_share);
	print_share(out, "client, SYN-ACK to ACK", &summary->client_share);
}

/* rx = tx + drops, from three counts that were taken apart from each other. */
static void
print_proof(FILE *out, const struct summary_run *run)
{
	uint64_t dropped = 0, accounted;

	for (uint32_t i = 0; i < run->drop_reasons; i++)
		dropped += run->drops[i].frames;
	accounted = run->tx_frames + dropped;
	fprintf(out, "\nFrames: %s in %s %s out + %s dropped\n",
			summary_text_count(run->rx_frames).text,
			accounted == run->rx_frames ? "=" : "IS NOT",
			summary_text_count(run->tx_frames).text, summary_text_count(dropped).text);
	if (accounted < run->rx_frames)
		fprintf(out, "  %s LOST WITHOUT A REASON\n",
				summary_text_count(run->rx_frames - accounted).text);
	if (accounted > run->rx_frames)
		fprintf(out, "  %s MORE THAN CAME IN\n",
				summary_text_count(accounted - run->rx_frames).text);
	for (uint32_t i = 0; i < run->drop_reasons; i++)
		if (run->drops[i].frames > 0)
			fprintf(out, "  dropped %s: %s\n",
					summary_text_count(run->drops[i].frames).text,
					run->drops[i].reason);
}

static void
print_speed(FILE *out, const struct summary_run *run)
{
	double seconds = (double)run->elapsed_us / USEC_PER_SEC;

	if (run->rx_frames == 0 || run->elapsed_us == 0)
		return;
	fprintf(out, "\nTook %s", summary_text_time(run->elapsed_us).text);
	if (run->elapsed_us < RATE_MIN_US) {
		fputs("\n", out);
		return;
	}
	fprintf(out, ": %s frames/s, %s\n",
			summary_text_count((uint64_t)((double)run->rx_frames / seconds)).text,
			summary_text_size(8 * (double)run->rx_bytes / seconds, "bit/s").text);
}

void
summary_print(const struct summary *summary, const struct summary_run *run, FILE *out)
{
	struct summary_totals totals = { 0 };

	for (uint32_t i = 0; i < run->workers; i++)
		summary_tables_add(&totals, run->counters[i]);
	print_headline(out, run);
	summary_alarms_print(out, run->alarms, run->alarm_count, run->more_alarms, run->first_us);
	summary_tables_handshakes(out, &totals);
	print_servers(out, summary->servers);
	print_resets(out, summary, &totals);
	print_latency(out, summary);
	summary_tables_ends(out, &totals);
	summary_tables_segments(out, &totals);
	print_proof(out, run);
	summary_tables_kinds(out, &totals);
	summary_tables_blind(out, &totals, summary->history_cut);
	print_speed(out, run);
}
