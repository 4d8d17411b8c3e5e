/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "observe/show_cell.h"
#include "observe/show_text.h"
#include "observe/summary_text.h"

#include <errno.h>

static const struct text_column columns[] = {
	{ "service", false },
	{ "attempts", true },
	{ "completed", true },
	{ "refused", true },
	{ "server silent", true },
	{ "client silent", true },
	{ "other", true },
	{ "unknown", true },
	{ "server p50", true },
	{ "p90", true },
	{ "p99", true },
	{ "client p50", true },
	{ "p90", true },
	{ "p99", true },
};

static void
add_share(struct text_table *table, const json_t *share)
{
	show_cell_time(table, share, "p50", 1);
	show_cell_time(table, share, "p90", 1);
	show_cell_time(table, share, "p99", 1);
}

static void
add_service(struct text_table *table, const json_t *service)
{
	show_cell_endpoint(table, service, "dest_ip", "dest_port");
	show_cell_count(table, service, "attempts");
	show_cell_count(table, service, "completed");
	show_cell_count(table, service, "refused");
	show_cell_count(table, service, "server_silent");
	show_cell_count(table, service, "client_silent");
	show_cell_count(table, service, "other");
	show_cell_count(table, service, "unknown");
	add_share(table, json_object_get(service, "synack_us"));
	add_share(table, json_object_get(service, "ack_us"));
}

static void
print_notes(const json_t *reply, size_t shown, uint64_t error, FILE *out)
{
	uint64_t followed = show_cell_number(reply, "followed");

	if (followed > shown)
		fprintf(out, "  These are %s of %s services that are followed.\n",
				summary_text_count(shown).text, summary_text_count(followed).text);
	if (error > 0)
		fprintf(out, "  More than %s services were seen: each may have been tried %s times more.\n",
				summary_text_count(show_cell_number(reply, "room")).text,
				summary_text_count(error).text);
}

int
show_text_services(json_t *reply, FILE *out)
{
	json_t *services = json_object_get(reply, "services"), *service;
	struct text_table *table;
	uint64_t error = 0;
	size_t i;
	int rc;

	if (json_array_size(services) == 0) {
		fputs("No handshake was judged yet.\n", out);
		return 0;
	}
	table = text_table_create(columns, ARRAY_LEN(columns));
	if (table == NULL)
		return -ENOMEM;
	json_array_foreach(services, i, service) {
		add_service(table, service);
		if (show_cell_number(service, "error") > error)
			error = show_cell_number(service, "error");
	}
	rc = text_table_print(table, out);
	if (rc == 0)
		print_notes(reply, json_array_size(services), error, out);
	text_table_destroy(table);
	return rc;
}
