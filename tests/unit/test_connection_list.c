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
a_row_is_one_line_where_all_rows_fit(void **state)
{
	const struct connection_row rows[] = { complete_row(), refused_row() };
	char *text = list_of(rows, ARRAY_LEN(rows));

	(void)state;
	assert_string_equal(text,
			"#  start client             server          handshake end        rst     pkts bytes state  lasted\n"
			"1  0.000 192.168.0.60:39002 192.168.0.61:80 complete  fin_both   -         10   926 SF    1.12 ms\n"
			"2 12.345 192.168.0.60:39002 192.168.0.61:80 refused   rst_server refused   10   926 REJ    219 us\n");
	free(text);
}

static void
a_row_is_two_lines_where_one_does_not_fit(void **state)
{
	struct connection_row rows[] = { complete_row(), refused_row() };
	char *text;

	(void)state;
	rows[1].record.ip_version = 6;
	memset(rows[1].record.side[FLOW_CLIENT].addr, 0x20, 16);
	text = list_of(rows, ARRAY_LEN(rows));
	assert_string_equal(text,
			"#  start client > server\n"
			"        handshake end        rst     pkts bytes state  lasted\n"
			"1  0.000 192.168.0.60:39002 > 192.168.0.61:80\n"
			"        complete  fin_both   -         10   926 SF    1.12 ms\n"
			"2 12.345 [2020:2020:2020:2020:2020:2020:2020:2020]:39002 > [::ffff:192.168.0.61]:80\n"
			"        refused   rst_server refused   10   926 REJ    219 us\n");
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
	assert_non_null(strstr(text, " 9999999 10000 k "));
	free(text);
	row.record.side[FLOW_CLIENT].bytes = UINT64_C(1) << 48;
	text = list_of(&row, 1);
	assert_non_null(strstr(text, " 281 T "));
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
	assert_int_equal(lines, 2 + 2 + 3);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_one_line_where_all_rows_fit),
		cmocka_unit_test(a_row_is_two_lines_where_one_does_not_fit),
		cmocka_unit_test(large_numbers_are_given_in_a_larger_unit),
		cmocka_unit_test(no_line_is_longer_than_a_hundred_columns),
	};

	return cmocka_run_group_tests_name("connection_list", tests, NULL, NULL);
}
