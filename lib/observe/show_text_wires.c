/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "observe/show_cell.h"
#include "observe/show_text.h"
#include "observe/summary_text.h"

#include <errno.h>
#include <stdbool.h>

#define MBIT 1e6

static const struct text_column columns[] = {
	{ "wire", false },
	{ "links", false },
	{ "port", false },
	{ "interface", false },
	{ "driver", false },
	{ "link", false },
	{ "speed", true },
	{ "mtu", true },
	{ "queues", true },
	{ "node", true },
	{ "in", true },
	{ "out", true },
	{ "missed", true },
	{ "errors", true },
};

/* What becomes of a side when the other loses its link. */
static const char *
links_of(const json_t *wire)
{
	if (json_is_true(json_object_get(wire, "mirror")))
		return "mirror";
	return json_is_true(json_object_get(wire, "link_propagation")) ? "joined" : "apart";
}

static void
add_link(struct text_table *table, const json_t *port)
{
	uint64_t mbps = show_cell_number(port, "speed_mbps");
	bool is_held = json_is_true(json_object_get(port, "held_down"));

	text_table_cell(table, is_held ? "held down" : show_cell_string(port, "link"));
	text_table_cell(table,
			mbps > 0 ? summary_text_size((double)mbps * MBIT, "bit/s").text
				 : SHOW_CELL_NONE);
}

static void
add_port(struct text_table *table, const json_t *wire, const json_t *port)
{
	uint64_t errors = show_cell_number(port, "rx_errors") +
			show_cell_number(port, "tx_errors") + show_cell_number(port, "no_mbuf");

	show_cell_text(table, wire, "wire");
	text_table_cell(table, links_of(wire));
	show_cell_text(table, port, "port");
	show_cell_text(table, port, "interface");
	show_cell_text(table, port, "driver");
	add_link(table, port);
	show_cell_id(table, port, "mtu");
	show_cell_id(table, port, "queues");
	show_cell_id(table, port, "numa_node");
	show_cell_count(table, port, "rx_packets");
	show_cell_count(table, port, "tx_packets");
	show_cell_count(table, port, "missed");
	text_table_cell(table, summary_text_count(errors).text);
}

int
show_text_wires(json_t *reply, FILE *out)
{
	struct text_table *table = text_table_create(columns, ARRAY_LEN(columns));
	json_t *wire, *port;
	size_t i, j;
	int rc;

	if (table == NULL)
		return -ENOMEM;
	json_array_foreach(json_object_get(reply, "wires"), i, wire)
		json_array_foreach(json_object_get(wire, "ports"), j, port)
			add_port(table, wire, port);
	rc = text_table_print(table, out);
	text_table_destroy(table);
	return rc;
}
