/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/services.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEED UINT64_C(0x0123456789abcdef)
#define MANY (16 * SERVICES_KEPT)

static struct record
record_to(uint32_t server, enum handshake_result result)
{
	struct record record = { .ip_version = 4, .handshake = { .result = result } };
	struct record_side *side = &record.side[FLOW_SERVER];

	side->addr[10] = side->addr[11] = 0xff;
	memcpy(&side->addr[12], &server, sizeof(server));
	side->port = 443;
	return record;
}

static void
give_up(struct services *services, uint32_t server, enum handshake_result result)
{
	struct record record = record_to(server, result);

	services_add(services, &record, EVENT_INCOMPLETE_HANDSHAKE);
}

static void
complete(struct services *services, uint32_t server, uint32_t synack_us, uint32_t ack_us)
{
	struct record record = record_to(server, HANDSHAKE_COMPLETE);

	record.handshake.complete = true;
	record.handshake.has_synack_us = synack_us != 0;
	record.handshake.has_ack_us = ack_us != 0;
	record.handshake.synack_us = synack_us;
	record.handshake.ack_us = ack_us;
	services_add(services, &record, EVENT_HANDSHAKE);
}

static uint32_t
number_of(const struct service *service)
{
	uint32_t server;

	memcpy(&server, &service->server.addr[12], sizeof(server));
	return server;
}

static uint64_t
sum_of_results(const struct service *service)
{
	uint64_t sum = 0;

#define X(field, help) sum += service->field;
	SERVICE_RESULTS(X)
#undef X
	return sum;
}

static void
each_result_is_counted_where_it_belongs(void **state)
{
	struct services *services = services_create(SEED);
	const struct service *best;

	(void)state;

	for (int i = HANDSHAKE_UNSET + 1; i < HANDSHAKE_RESULT_COUNT; i++)
		if (i != HANDSHAKE_COMPLETE && i != HANDSHAKE_SIMULTANEOUS)
			give_up(services, 1, (enum handshake_result)i);
	complete(services, 1, 250, 30);
	assert_int_equal(services_best(services, &best, 1, SERVICES_BY_ATTEMPTS), 1);
	assert_int_equal(best->attempts, HANDSHAKE_RESULT_COUNT - 2);
	assert_int_equal(best->completed, 1);
	assert_int_equal(best->refused, 2);
	assert_int_equal(best->server_silent, 1);
	assert_int_equal(best->client_silent, 1);
	assert_int_equal(best->other, 7);
	assert_int_equal(services_failures(best), 11);
	assert_int_equal(sum_of_results(best), best->attempts);
	services_destroy(services);
}

static void
only_judgements_of_handshakes_are_counted(void **state)
{
	struct services *services = services_create(SEED);
	struct record record = record_to(1, HANDSHAKE_NO_SYN);

	(void)state;

	services_add(services, &record, EVENT_HANDSHAKE);
	record.handshake.result = HANDSHAKE_COMPLETE;
	record.handshake.complete = true;
	services_add(services, &record, EVENT_CONNECTION);
	services_add(services, &record, EVENT_RST);
	assert_int_equal(services_count(services), 0);
	services_destroy(services);
}

static void
a_handshake_given_up_that_completed_after_all_is_one_attempt_and_late(void **state)
{
	struct services *services = services_create(SEED);
	struct record record = record_to(1, HANDSHAKE_COMPLETE);
	const struct service *best;

	(void)state;

	record.handshake.complete = record.handshake.given_up = true;
	services_add(services, &record, EVENT_HANDSHAKE);
	assert_int_equal(services_count(services), 0);
	give_up(services, 1, HANDSHAKE_UNREACHABLE);
	services_add(services, &record, EVENT_HANDSHAKE);
	assert_int_equal(services_best(services, &best, 1, SERVICES_BY_ATTEMPTS), 1);
	assert_int_equal(best->attempts, 1);
	assert_int_equal(best->completed, 1);
	assert_int_equal(best->other, 1);
	assert_int_equal(best->late, 1);
	assert_int_equal(sum_of_results(best), best->attempts + best->late);
	services_destroy(services);
}

static void
both_shares_of_the_latency_are_kept_where_they_are_known(void **state)
{
	struct services *services = services_create(SEED);
	const struct service *best;

	(void)state;

	for (uint32_t i = 1; i <= 31; i++)
		complete(services, 1, i, i % 2 == 0 ? 0 : 100 * i);
	assert_int_equal(services_best(services, &best, 1, SERVICES_BY_ATTEMPTS), 1);
	assert_int_equal(best->server_share.count, 31);
	assert_int_equal(recent_latency_percentile(&best->server_share, 500), 16);
	assert_int_equal(best->client_share.count, 16);
	assert_int_equal(best->client_share.max_us, 3100);
	services_destroy(services);
}

static void
services_are_ranked_by_what_is_asked(void **state)
{
	struct services *services = services_create(SEED);
	const struct service *best[4];

	(void)state;

	for (uint32_t i = 0; i < 9; i++)
		complete(services, 1, 1, 1);
	for (uint32_t i = 0; i < 3; i++)
		give_up(services, 2, HANDSHAKE_REFUSED);
	for (uint32_t i = 0; i < 5; i++)
		give_up(services, 3, i < 2 ? HANDSHAKE_SERVER_SILENT : HANDSHAKE_ONE_WAY);
	assert_int_equal(services_best(services, best, 4, SERVICES_BY_ATTEMPTS), 3);
	assert_int_equal(number_of(best[0]), 1);
	assert_int_equal(number_of(best[1]), 3);
	assert_int_equal(number_of(best[2]), 2);
	assert_int_equal(services_best(services, best, 4, SERVICES_BY_FAILURES), 2);
	assert_int_equal(number_of(best[0]), 2);
	assert_int_equal(number_of(best[1]), 3);
	assert_int_equal(services_best(services, best, 1, SERVICES_BY_FAILURES), 1);
	assert_int_equal(number_of(best[0]), 2);
	assert_int_equal(services_best(services, best, 0, SERVICES_BY_FAILURES), 0);
	services_destroy(services);
}

/* A scan of many times more addresses than there are places, against exact counts. */
static void
a_scan_does_not_hide_the_services_that_are_in_use(void **state)
{
	static uint32_t attempts[MANY];
	static const struct service *best[SERVICES_KEPT];
	struct services *services = services_create(SEED);
	uint32_t count;

	(void)state;

	for (uint32_t i = 0; i < 20 * MANY; i++) {
		uint32_t server = i % 64 == 0 ? i / 64 % 8 : i % MANY;

		attempts[server]++;
		if (server < 8)
			complete(services, server, 1, 1);
		else
			give_up(services, server, HANDSHAKE_SERVER_SILENT);
	}
	count = services_best(services, best, SERVICES_KEPT, SERVICES_BY_ATTEMPTS);
	assert_int_equal(count, SERVICES_KEPT);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t server = number_of(best[i]);

		assert_true(i >= 8 || server < 8);
		assert_true(best[i]->attempts <= attempts[server]);
		assert_true(best[i]->attempts + best[i]->error >= attempts[server]);
		assert_int_equal(sum_of_results(best[i]), best[i]->attempts);
		attempts[server] = UINT32_MAX; /* listed twice, it fails the next time */
	}
	services_destroy(services);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_result_is_counted_where_it_belongs),
		cmocka_unit_test(only_judgements_of_handshakes_are_counted),
		cmocka_unit_test(
				a_handshake_given_up_that_completed_after_all_is_one_attempt_and_late),
		cmocka_unit_test(both_shares_of_the_latency_are_kept_where_they_are_known),
		cmocka_unit_test(services_are_ranked_by_what_is_asked),
		cmocka_unit_test(a_scan_does_not_hide_the_services_that_are_in_use),
	};

	return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
