/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "base/usec.h"
#include "observe/show_cell.h"
#include "observe/show_text.h"
#include "observe/summary_text.h"

#include <errno.h>

static const struct text_column columns[] = {
	{ "client", false },
	{ "server", false },
	{ "state", false },
	{ "handshake", false },
	{ "age", true },
	{ "idle", true },
	{ "to server", true },
	{ "bytes", true },
	{ "to client", true },
	{ "bytes", true },
	{ "worker", true },
};

static void
add_flow(struct text_table *table, const json_t *flow)
{
	show_cell_endpoint(table, flow, "src_ip", "src_port");
	show_cell_endpoint(table, flow, "dest_ip", "dest_port");
	show_cell_text(table, flow, "state");
	show_cell_text(table, json_object_get(flow, "handshake"), "result");
	show_cell_time(table, flow, "age_ms", USEC_PER_MSEC);
	show_cell_time(table, flow, "idle_ms", USEC_PER_MSEC);
	show_cell_count(table, flow, "pkts_toserver");
	show_cell_bytes(table, flow, "bytes_toserver");
	show_cell_count(table, flow, "pkts_toclient");
	show_cell_bytes(table, flow, "bytes_toclient");
	show_cell_id(table, flow, "worker");
}

int
show_text_flows(json_t *reply, FILE *out)
{
	json_t *flows = json_object_get(reply, "flows"), *flow;
	struct text_table *table;
	size_t i;
	int rc;

	if (json_array_size(flows) == 0) {
		fputs("No connection.\n", out);
		return 0;
	}
	table = text_table_create(columns, ARRAY_LEN(columns));
	if (table == NULL)
		return -ENOMEM;
	json_array_foreach(flows, i, flow)
		add_flow(table, flow);
	rc = text_table_print(table, out);
	if (rc == 0 && json_is_true(json_object_get(reply, "more")))
		fprintf(out, "  These are the first %s; there are more.\n",
				summary_text_count(json_array_size(flows)).text);
	text_table_destroy(table);
	return rc;
}
