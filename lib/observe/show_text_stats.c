/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "base/usec.h"
#include "observe/show_cell.h"
#include "observe/show_text.h"
#include "observe/summary_tables.h"
#include "observe/summary_text.h"
#include "pipeline/worker_counters.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define ROWS_MAX 64

static void
print_head(const json_t *stats, FILE *out)
{
	uint64_t uptime_s = show_cell_number(stats, "uptime_s");
	uint64_t longest = UINT64_MAX / USEC_PER_SEC;

	fprintf(out, "synwire %s, running for %s, since %s\n", show_cell_string(stats, "version"),
			summary_text_time((uptime_s < longest ? uptime_s : longest) * USEC_PER_SEC)
					.text,
			show_cell_string(stats, "started"));
}

/* In words, from four numbers of which none follows from the others here. */
static void
print_proof(const json_t *proof, FILE *out)
{
	uint64_t rx = show_cell_number(proof, "rx"), tx = show_cell_number(proof, "tx");
	uint64_t drops = show_cell_number(proof, "drops");
	uint64_t in_flight = show_cell_number(proof, "in_flight");

	fprintf(out, "\nFrames: %s in %s %s out + %s dropped + %s in flight\n",
			summary_text_count(rx).text, rx == tx + drops + in_flight ? "=" : "IS NOT",
			summary_text_count(tx).text, summary_text_count(drops).text,
			summary_text_count(in_flight).text);
}

static const char *
drop_meaning(const char *word)
{
#define X(field, reason, help) \
	if (strcmp(word, reason) == 0) \
		return help;
	PORT_DROPS(X)
#undef X
	return "";
}

/* An object of words and counts; those that are 0 are not printed. */
static void
print_words(json_t *object, const char *(*meaning)(const char *word), uint64_t whole, FILE *out)
{
	struct summary_row rows[ROWS_MAX];
	uint32_t count = 0;
	const char *word;
	json_t *value;

	json_object_foreach(object, word, value)
		if (count < ROWS_MAX)
			rows[count++] = (struct summary_row){ word, show_cell_number(object, word),
				meaning(word) };
	summary_text_sort(rows, count);
	summary_text_rows(out, rows, count, whole);
}

static uint64_t
sum(json_t *object)
{
	uint64_t total = 0;
	const char *word;
	json_t *value;

	json_object_foreach(object, word, value)
		total += show_cell_number(object, word);
	return total;
}

static void
print_flows(json_t *stats, FILE *out)
{
	const json_t *flows = json_object_get(stats, "flows");
	json_t *handshakes = json_object_get(stats, "handshakes");
	uint64_t in_use = show_cell_number(flows, "in_use"), room = show_cell_number(flows, "room");

	fprintf(out, "\nConnections: %s open, %s of the room; over: %s, with this handshake\n",
			summary_text_count(in_use).text, summary_text_share(in_use, room).text,
			summary_text_count(sum(handshakes)).text);
	print_words(handshakes, summary_tables_handshake_meaning, sum(handshakes), out);
}

/* Of an appliance that detects; what there is about each, `show floods` tells. */
static void
print_alarms(json_t *stats, FILE *out)
{
	json_t *alarms = json_object_get(stats, "alarms");

	if (alarms != NULL)
		fprintf(out, "\nAttacks: %s under way, %s in all\n",
				summary_text_count(sum(json_object_get(alarms, "active"))).text,
				summary_text_count(sum(json_object_get(alarms, "raised"))).text);
}

/* A table of all elements of a list, under a title; nothing if it is empty. */
static int
print_list(const char *title, json_t *list, const struct text_column *columns, uint32_t count,
		void (*add)(struct text_table *table, const json_t *object), FILE *out)
{
	struct text_table *table;
	json_t *object;
	size_t i;
	int rc;

	if (json_array_size(list) == 0)
		return 0;
	table = text_table_create(columns, count);
	if (table == NULL)
		return -ENOMEM;
	json_array_foreach(list, i, object)
		add(table, object);
	fprintf(out, "\n%s\n", title);
	rc = text_table_print(table, out);
	text_table_destroy(table);
	return rc;
}

static const struct text_column worker_columns[] = {
	{ "worker", true },
	{ "cpu", true },
	{ "state", false },
	{ "busy", true },
	{ "in", true },
	{ "out", true },
	{ "dropped", true },
	{ "not tracked", true },
	{ "connections", true },
	{ "events", true },
	{ "events lost", true },
};

static void
add_state(struct text_table *table, const json_t *worker)
{
	const char *bypass = json_string_value(json_object_get(worker, "bypass"));
	char text[64];

	snprintf(text, sizeof(text), "bypass: %s", bypass != NULL ? bypass : "");
	if (json_is_true(json_object_get(worker, "stalled")))
		text_table_cell(table, "STALLED");
	else if (json_is_true(json_object_get(worker, "receiver")))
		text_table_cell(table, "receiving");
	else
		text_table_cell(table, bypass != NULL ? text : "tracking");
}

static void
add_worker(struct text_table *table, const json_t *worker)
{
	uint64_t turns = show_cell_number(worker, "turns");
	uint64_t idle = show_cell_number(worker, "idle_turns");

	show_cell_id(table, worker, "worker");
	show_cell_id(table, worker, "cpu");
	add_state(table, worker);
	text_table_cell(table, summary_text_share(turns > idle ? turns - idle : 0, turns).text);
	show_cell_count(table, worker, "rx_packets");
	show_cell_count(table, worker, "tx_packets");
	show_cell_count(table, worker, "drops");
	show_cell_count(table, worker, "bypassed_packets");
	show_cell_count(table, json_object_get(worker, "flows"), "in_use");
	show_cell_count(table, worker, "events");
	show_cell_count(table, worker, "events_lost");
}

static const struct text_column port_columns[] = {
	{ "port", false },
	{ "wire", false },
	{ "link", false },
	{ "in", true },
	{ "bytes", true },
	{ "out", true },
	{ "bytes", true },
	{ "dropped", true },
	{ "missed", true },
	{ "errors", true },
};

static void
add_port(struct text_table *table, const json_t *port)
{
	uint64_t errors = show_cell_number(port, "rx_errors") +
			show_cell_number(port, "tx_errors") + show_cell_number(port, "no_mbuf");
	bool is_held = json_is_true(json_object_get(port, "held_down"));

	show_cell_text(table, port, "port");
	show_cell_text(table, port, "wire");
	text_table_cell(table, is_held ? "held down" : show_cell_string(port, "link"));
	show_cell_count(table, port, "rx_packets");
	show_cell_bytes(table, port, "rx_bytes");
	show_cell_count(table, port, "tx_packets");
	show_cell_bytes(table, port, "tx_bytes");
	text_table_cell(table, summary_text_count(sum(json_object_get(port, "dropped"))).text);
	show_cell_count(table, port, "missed");
	text_table_cell(table, summary_text_count(errors).text);
}

static const struct text_column output_columns[] = {
	{ "output", false },
	{ "path", false },
	{ "lines", true },
	{ "lost", true },
	{ "state", false },
};

static void
add_output(struct text_table *table, const json_t *output)
{
	/* A file may take lines, and not be rotated or opened anew as it should. */
	bool has_trouble = json_object_get(output, "trouble") != NULL ||
			!json_is_true(json_object_get(output, "ready"));

	show_cell_text(table, output, "type");
	show_cell_text(table, output, "path");
	show_cell_count(table, output, "lines");
	show_cell_count(table, output, "lines_lost");
	text_table_cell(table, has_trouble ? show_cell_string(output, "trouble") : "ready");
}

int
show_text_stats(json_t *reply, FILE *out)
{
	json_t *stats = json_object_get(reply, "stats");
	int rc;

	if (!json_is_object(stats)) {
		fputs("The answer holds no statistics.\n", out);
		return 0;
	}
	print_head(stats, out);
	print_proof(json_object_get(stats, "proof"), out);
	print_words(json_object_get(stats, "dropped"), drop_meaning, 0, out);
	print_flows(stats, out);
	print_alarms(stats, out);
	rc = print_list("Workers", json_object_get(stats, "workers"), worker_columns,
			ARRAY_LEN(worker_columns), add_worker, out);
	if (rc == 0)
		rc = print_list("Ports", json_object_get(stats, "ports"), port_columns,
				ARRAY_LEN(port_columns), add_port, out);
	if (rc == 0)
		rc = print_list("Outputs", json_object_get(stats, "outputs"), output_columns,
				ARRAY_LEN(output_columns), add_output, out);
	return rc;
}
