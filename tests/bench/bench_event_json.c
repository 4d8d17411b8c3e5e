/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What an event costs who writes it down: nanoseconds for a connection's JSON line, and for
 * adding a connection to the summary, with one server and with a scan of a million.
 */

#include "base/compiler.h"
#include "observe/event_json.h"
#include "observe/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECORDS 4096
#define ROUNDS 5
#define EVENTS 1000000

static struct record records[RECORDS];
static char lines[64 * EVENT_JSON_LINE_MAX];

static double
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void
make_side(struct record_side *side, uint32_t addr, uint16_t port)
{
	*side = (struct record_side){ .port = port,
		.hop_limit = 64,
		.seen = true,
		.pkts = 6 + addr % 100,
		.bytes = 76 + addr % 100000,
		.fin = 1,
		.syn_seen = true,
		.mss = 1460,
		.has_wscale = true,
		.wscale = 7,
		.sack = true,
		.timestamps = true };
	side->addr[10] = side->addr[11] = 0xff;
	memcpy(&side->addr[12], &addr, sizeof(addr));
}

static void
make_record(struct record *record, uint32_t number)
{
	*record = (struct record){ .flow_id = 1234567 + number,
		.ip_version = 4,
		.handshake = { .result = HANDSHAKE_COMPLETE,
				.complete = true,
				.silent = SILENT_NOBODY,
				.syn = 1,
				.synack = 1,
				.has_synack_us = true,
				.synack_us = 264 + number,
				.has_ack_us = true,
				.ack_us = 30 + number },
		.end = END_FIN_BOTH,
		.conn_state = "SF",
		.history = "ShADadFaf",
		.start_us = UINT64_C(1616244572192719) + number * 777777 };
	record->end_us = record->start_us + 1123;
	make_side(&record->side[FLOW_CLIENT], number * 2654435761u, (uint16_t)(32768 + number));
	make_side(&record->side[FLOW_SERVER], 0x016433c6, 443);
}

static void
bench_lines(void)
{
	struct event_json json = { 0 };
	size_t bytes = 0;
	double start = now_ns();

	for (uint32_t i = 0; i < EVENTS; i++) {
		const struct record *record = &records[i % RECORDS];

		bytes += event_json_write(&json, record, EVENT_CONNECTION, record->end_us,
				&lines[i % 64 * EVENT_JSON_LINE_MAX]);
	}
	printf("connection line: %.0f ns, %.0f bytes\n", (now_ns() - start) / EVENTS,
			(double)bytes / EVENTS);
}

static void
bench_summary(const char *name, bool scan)
{
	struct summary *summary = summary_create(42);
	double start = now_ns();

	if (summary == NULL)
		exit(EXIT_FAILURE);
	for (uint32_t i = 0; i < EVENTS; i++) {
		struct record *record = &records[i % RECORDS];

		if (scan) {
			record->handshake.result = HANDSHAKE_SERVER_SILENT;
			record->handshake.complete = false;
			memcpy(&record->side[FLOW_SERVER].addr[12], &i, sizeof(i));
		}
		summary_add(summary, record, EVENT_CONNECTION);
	}
	printf("summary, %s: %.0f ns\n", name, (now_ns() - start) / EVENTS);
	summary_destroy(summary);
}

int
main(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		for (uint32_t i = 0; i < RECORDS; i++)
			make_record(&records[i], i);
		bench_lines();
		bench_summary("one server", false);
		bench_summary("a scan", true);
	}
	return 0;
}
