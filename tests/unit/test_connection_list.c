/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "observe/connection_list.h"
#include "observe/ladder.h"
#include "packet/build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ORIGIN_US UINT64_C(1616244573192719)

static struct connection_row
complete_row(void)
{
	struct connection_row row = { .number = 1,
		.record = { .ip_version = 4,
				.handshake = { .result = HANDSHAKE_COMPLETE, .complete = true },
				.end = END_FIN_BOTH,
				.conn_state = "SF",
				.start_us = ORIGIN_US,
				.end_us = ORIGIN_US + 1123 } };
	struct record_side *side = row.record.side;

	build_ipv4_mapped(0xc0a8003c, side[FLOW_CLIENT].addr);
	build_ipv4_mapped(0xc0a8003d, side[FLOW_SERVER].addr);
	side[FLOW_CLIENT].port = 39002;
	side[FLOW_SERVER].port = 80;
	side[FLOW_CLIENT].pkts = 6;
	side[FLOW_SERVER].pkts = 4;
	side[FLOW_CLIENT].bytes = 76;
	side[FLOW_SERVER].bytes = 850;
	return row;
}

static struct connection_row
refused_row(void)
{
	struct connection_row row = complete_row();

	row.number = 2;
	row.record.handshake.result = HANDSHAKE_REFUSED;
	row.record.end = END_RST_SERVER;
	row.record.has_rst = true;
	row.record.rst.verdict = RST_REFUSED;
	row.record.start_us = ORIGIN_US + 12345678;
	row.record.end_us = row.record.start_us + 219;
	strcpy(row.record.conn_state, "REJ");
	return row;
}

/* Nothing shorter could be said of it. */
static struct connection_row
widest_row(void)
{
	struct connection_row row = refused_row();

	row.number = UINT64_MAX;
	row.record.ip_version = 6;
	row.record.handshake.result = HANDSHAKE_SIMULTANEOUS_INCOMPLETE;
	row.record.rst.verdict = RST_SUSPECTED_INJECTION;
	strcpy(row.record.conn_state, "RSTOS0H");
	for (int side = 0; side < FLOW_SIDES; side++) {
		memset(row.record.side[side].addr, 0xab, 16);
		row.record.side[side].port = 65535;
		row.record.side[side].pkts = UINT64_C(1) << 40;
		row.record.side[side].bytes = UINT64_C(1) << 48;
	}
	row.record.end_us = row.record.start_us + UINT64_C(300) * 24 * 3600 * 1000000;
	return row;
}

static char *
list_of(const struct connection_row *rows, size_t count)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	connection_list_print(rows, count, ORIGIN_US, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
set_ipv6(struct connection_row *row, enum flow_side side, uint8_t fill)
{
	row->record.ip_version = 6;
	memset(row->record.side[side].addr, fill, 16);
}

static void
a_row_is_one_line_where_it_fits(void **state)
{
	const struct connection_row rows[] = { complete_row(), refused_row() };
	char *text = list_of(rows, ARRAY_LEN(rows));

	(void)state;
	assert_string_equal(text,
			"#   start  client              server           handshake  end         rst      pkts  bytes  lasted\n"
			"1   0.000  192.168.0.60:39002  192.168.0.61:80  complete   fin_both    -          10    926  1.12ms\n"
			"2  12.345  192.168.0.60:39002  192.168.0.61:80  refused    rst_server  refused    10    926   219us\n");
	free(text);
}

static void
only_the_row_that_does_not_fit_takes_a_second_line(void **state)
{
	struct connection_row rows[] = { complete_row(), refused_row(), complete_row(),
		complete_row() };
	char *text;

	(void)state;
	set_ipv6(&rows[1], FLOW_CLIENT, 0x20);
	rows[2].record.handshake.result = HANDSHAKE_SIMULTANEOUS_INCOMPLETE;
	text = list_of(rows, ARRAY_LEN(rows));
	assert_string_equal(text,
			"#  start client             server                    handshake end        rst     pkts bytes lasted\n"
			"1  0.000 192.168.0.60:39002 192.168.0.61:80           complete  fin_both   -         10   926 1.12ms\n"
			"2 12.345 [2020:2020:2020:2020:2020:2020:2020:2020]:39002 [::ffff:192.168.0.61]:80\n"
			"                                                      refused   rst_server refused   10   926  219us\n"
			"1  0.000 192.168.0.60:39002 192.168.0.61:80           simultaneous_incomplete\n"
			"                                                                fin_both   -         10   926 1.12ms\n"
			"1  0.000 192.168.0.60:39002 192.168.0.61:80           complete  fin_both   -         10   926 1.12ms\n");
	free(text);
}

/* Both addresses of full length do not fit a line, but the server's and the rest do. */
static void
the_server_stands_below_a_client_that_fills_the_line(void **state)
{
	struct connection_row row = complete_row();
	char *text;

	(void)state;
	set_ipv6(&row, FLOW_CLIENT, 0x20);
	set_ipv6(&row, FLOW_SERVER, 0x30);
	row.record.side[FLOW_SERVER].port = 60443;
	text = list_of(&row, 1);
	assert_non_null(strstr(text,
			"\n1 0.000 [2020:2020:2020:2020:2020:2020:2020:2020]:39002\n"
			"        [3030:3030:3030:3030:3030:3030:3030:3030]:60443 "));
	free(text);
}

static void
a_server_that_is_too_wide_uses_what_its_client_leaves(void **state)
{
	struct connection_row rows[] = { complete_row(), refused_row(), complete_row(),
		complete_row() };
	char *text;

	(void)state;
	rows[0].record.rst.verdict = RST_SUSPECTED_INJECTION;
	rows[0].record.has_rst = true;
	for (size_t i = 0; i < 3; i++) {
		build_ipv4_mapped(0x7b7b7b7b, rows[i].record.side[FLOW_CLIENT].addr);
		rows[i].record.handshake.result = HANDSHAKE_SERVER_SILENT;
	}
	build_ipv4_mapped(0x01010101, rows[3].record.side[FLOW_CLIENT].addr);
	build_ipv4_mapped(0x7b7b7b7b, rows[3].record.side[FLOW_SERVER].addr);
	text = list_of(rows, ARRAY_LEN(rows));
	assert_non_null(strstr(text, "123.123.123.123:39002 192.168.0.61:80"));
	assert_non_null(strstr(text, "1.1.1.1:39002       123.123.123.123:80 complete "));
	free(text);
}

/* Wide cells in two columns: the second to shrink gives way far enough for the first to stay. */
static void
no_room_is_left_that_a_column_could_use(void **state)
{
	struct connection_row rows[] = { complete_row(), complete_row(), complete_row(),
		complete_row(), complete_row() };
	char *text;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		set_ipv6(&rows[i], FLOW_CLIENT, 0x20);
		set_ipv6(&rows[i], FLOW_SERVER, 0x30);
	}
	rows[2].record.handshake.result = HANDSHAKE_SIMULTANEOUS_INCOMPLETE;
	text = list_of(rows, ARRAY_LEN(rows));
	assert_non_null(strstr(text, " simultaneous_incomplete fin_both "));
	free(text);
}

static void
of_a_rst_the_first_word_of_its_verdict_is_shown(void **state)
{
	struct connection_row row = refused_row();
	char *text;

	(void)state;
	row.record.rst.verdict = RST_SUSPECTED_INJECTION;
	text = list_of(&row, 1);
	assert_non_null(strstr(text, " rst_server suspected "));
	free(text);
}

static void
a_cell_holds_no_blank(void **state)
{
	struct connection_row row = complete_row();
	char *text;

	(void)state;
	row.record.end_us = row.record.start_us + 134000000;
	text = list_of(&row, 1);
	assert_non_null(strstr(text, " 2min14s\n"));
	free(text);
}

static void
large_numbers_are_given_in_a_larger_unit(void **state)
{
	struct connection_row row = complete_row();
	char *text;

	(void)state;
	row.record.side[FLOW_CLIENT].pkts = 9999995;
	row.record.side[FLOW_SERVER].pkts = 4;
	row.record.side[FLOW_CLIENT].bytes = 10000000;
	row.record.side[FLOW_SERVER].bytes = 0;
	text = list_of(&row, 1);
	assert_non_null(strstr(text, " 9999999  10000k "));
	free(text);
	row.record.side[FLOW_CLIENT].bytes = UINT64_C(1) << 48;
	text = list_of(&row, 1);
	assert_non_null(strstr(text, " 281T "));
	free(text);
}

static void
no_line_is_longer_than_a_hundred_columns(void **state)
{
	const struct connection_row rows[] = { complete_row(), widest_row() };
	char *text = list_of(rows, ARRAY_LEN(rows));
	uint32_t lines = 0;

	(void)state;
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		assert_true(strlen(line) <= LADDER_COLUMNS);
		lines++;
	}
	assert_in_range(lines, 5, 8);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_one_line_where_it_fits),
		cmocka_unit_test(only_the_row_that_does_not_fit_takes_a_second_line),
		cmocka_unit_test(the_server_stands_below_a_client_that_fills_the_line),
		cmocka_unit_test(a_server_that_is_too_wide_uses_what_its_client_leaves),
		cmocka_unit_test(no_room_is_left_that_a_column_could_use),
		cmocka_unit_test(of_a_rst_the_first_word_of_its_verdict_is_shown),
		cmocka_unit_test(a_cell_holds_no_blank),
		cmocka_unit_test(large_numbers_are_given_in_a_larger_unit),
		cmocka_unit_test(no_line_is_longer_than_a_hundred_columns),
	};

	return cmocka_run_group_tests_name("connection_list", tests, NULL, NULL);
}
