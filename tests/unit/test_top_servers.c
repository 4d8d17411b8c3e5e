/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/top_servers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEED UINT64_C(0x0123456789abcdef)
#define MANY (8 * TOP_SERVERS_KEPT)

static void
add(struct top_servers *top, uint32_t server, enum handshake_result result)
{
	struct record record = { .ip_version = 4 };
	struct record_side *side = &record.side[FLOW_SERVER];

	side->addr[10] = side->addr[11] = 0xff;
	memcpy(&side->addr[12], &server, sizeof(server));
	side->port = (uint16_t)(server % 3);
	record.handshake.result = result;
	record.handshake.complete = result == HANDSHAKE_COMPLETE ||
			result == HANDSHAKE_SIMULTANEOUS;
	top_servers_add(top, &record);
}

static uint32_t
server_of(const struct top_server *top)
{
	uint32_t server;

	memcpy(&server, &top->server.addr[12], sizeof(server));
	return server;
}

/* xorshift (Marsaglia 2003): the same numbers each time. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void
few_servers_are_counted_exactly_and_ranked_by_their_failures(void **state)
{
	struct top_servers *top = top_servers_create(SEED);
	const struct top_server *best[3];

	(void)state;

	assert_non_null(top);
	for (uint32_t i = 0; i < 5; i++)
		add(top, 10, HANDSHAKE_COMPLETE);
	for (uint32_t i = 0; i < 7; i++)
		add(top, 20, i < 3 ? HANDSHAKE_REFUSED : HANDSHAKE_SERVER_SILENT);
	add(top, 20, HANDSHAKE_SIMULTANEOUS);
	add(top, 20, HANDSHAKE_EVICTED);
	add(top, 30, HANDSHAKE_CLIENT_RESET);
	for (uint32_t i = 0; i < 9; i++)
		add(top, 40, HANDSHAKE_CLIENT_SILENT);
	assert_int_equal(top_servers_best(top, best, 3), 3);
	assert_int_equal(server_of(best[0]), 40);
	assert_int_equal(best[0]->failed, 9);
	assert_int_equal(server_of(best[1]), 20);
	assert_int_equal(best[1]->attempts, 9);
	assert_int_equal(best[1]->complete, 1);
	assert_int_equal(best[1]->failed, 7);
	assert_int_equal(best[1]->error, 0);
	assert_int_equal(best[1]->results[HANDSHAKE_SERVER_SILENT], 4);
	assert_int_equal(server_of(best[2]), 30);
	top_servers_destroy(top);
}

static void
a_server_that_never_fails_is_not_listed(void **state)
{
	struct top_servers *top = top_servers_create(SEED);
	const struct top_server *best[3];

	(void)state;

	add(top, 1, HANDSHAKE_COMPLETE);
	add(top, 2, HANDSHAKE_ONE_WAY);
	assert_int_equal(top_servers_best(top, best, 3), 0);
	top_servers_destroy(top);
}

static void
what_did_not_begin_with_a_syn_is_no_attempt(void **state)
{
	struct top_servers *top = top_servers_create(SEED);
	const struct top_server *best[1];

	(void)state;

	add(top, 1, HANDSHAKE_MIDSTREAM);
	add(top, 1, HANDSHAKE_SYNACK_ONLY);
	add(top, 1, HANDSHAKE_NO_SYN);
	add(top, 1, HANDSHAKE_REFUSED);
	assert_int_equal(top_servers_best(top, best, 1), 1);
	assert_int_equal(best[0]->attempts, 1);
	top_servers_destroy(top);
}

static void
ports_and_ip_versions_tell_servers_apart(void **state)
{
	struct top_servers *top = top_servers_create(SEED);
	struct record record = { .ip_version = 4, .handshake.result = HANDSHAKE_REFUSED };
	const struct top_server *best[4];

	(void)state;

	top_servers_add(top, &record);
	record.ip_version = 6;
	top_servers_add(top, &record);
	record.side[FLOW_SERVER].port = 1;
	top_servers_add(top, &record);
	assert_int_equal(top_servers_best(top, best, 4), 3);
	top_servers_destroy(top);
}

/*
 * Against exact counts: a scan of many times more servers than there are places, with a few
 * that fail often among them. What the paper proves must hold of each server that is kept.
 */
static void
among_too_many_servers_those_that_fail_most_are_found(void **state)
{
	static uint32_t failures[MANY];
	struct top_servers *top = top_servers_create(SEED);
	const struct top_server **best = test_malloc(TOP_SERVERS_KEPT * sizeof(*best));
	uint32_t seed = 20050105, count;

	(void)state;

	for (uint32_t i = 0; i < 20 * MANY; i++) {
		uint32_t random = next_random(&seed);
		uint32_t server = random % 64 == 0 ? random >> 8 & 7 : random >> 8 & (MANY - 1);

		if (random % 16 == 1) {
			add(top, server, HANDSHAKE_COMPLETE);
			continue;
		}
		failures[server]++;
		add(top, server, HANDSHAKE_SERVER_SILENT);
	}
	count = top_servers_best(top, best, TOP_SERVERS_KEPT);
	assert_true(count > TOP_SERVERS_KEPT / 2);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t server = server_of(best[i]);

		if (i < 8)
			assert_in_range(server, 0, 7);
		assert_true(best[i]->failed <= failures[server]);
		assert_true(best[i]->failed + best[i]->error >= failures[server]);
		assert_int_equal(best[i]->results[HANDSHAKE_SERVER_SILENT], best[i]->failed);
		failures[server] = UINT32_MAX; /* listed twice, it fails the next time */
	}
	test_free(best);
	top_servers_destroy(top);
}

static void
servers_that_only_succeed_push_nobody_out(void **state)
{
	struct top_servers *top = top_servers_create(SEED);
	const struct top_server *best[TOP_SERVERS_KEPT];

	(void)state;

	for (uint32_t i = 0; i < TOP_SERVERS_KEPT; i++)
		add(top, i, HANDSHAKE_REFUSED);
	for (uint32_t i = 0; i < TOP_SERVERS_KEPT; i++)
		add(top, TOP_SERVERS_KEPT + i, HANDSHAKE_COMPLETE);
	assert_int_equal(top_servers_best(top, best, TOP_SERVERS_KEPT), TOP_SERVERS_KEPT);
	for (uint32_t i = 0; i < TOP_SERVERS_KEPT; i++)
		assert_int_equal(best[i]->error, 0);
	top_servers_destroy(top);
}

static void
a_server_that_fails_takes_the_place_of_one_that_does_not(void **state)
{
	struct top_servers *top = top_servers_create(SEED);
	const struct top_server *best[TOP_SERVERS_KEPT];

	(void)state;

	for (uint32_t i = 0; i < TOP_SERVERS_KEPT; i++)
		add(top, i, i % 2 == 0 ? HANDSHAKE_COMPLETE : HANDSHAKE_REFUSED);
	for (uint32_t i = 0; i < TOP_SERVERS_KEPT / 2; i++)
		add(top, TOP_SERVERS_KEPT + i, HANDSHAKE_REFUSED);
	assert_int_equal(top_servers_best(top, best, TOP_SERVERS_KEPT), TOP_SERVERS_KEPT);
	for (uint32_t i = 0; i < TOP_SERVERS_KEPT; i++)
		assert_int_equal(best[i]->error, 0);
	top_servers_destroy(top);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_servers_are_counted_exactly_and_ranked_by_their_failures),
		cmocka_unit_test(a_server_that_never_fails_is_not_listed),
		cmocka_unit_test(what_did_not_begin_with_a_syn_is_no_attempt),
		cmocka_unit_test(ports_and_ip_versions_tell_servers_apart),
		cmocka_unit_test(among_too_many_servers_those_that_fail_most_are_found),
		cmocka_unit_test(servers_that_only_succeed_push_nobody_out),
		cmocka_unit_test(a_server_that_fails_takes_the_place_of_one_that_does_not),
	};

	return cmocka_run_group_tests_name("top_servers", tests, NULL, NULL);
}
