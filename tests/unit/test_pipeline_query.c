/* SPDX-License-Identifier: Apache-2.0 */

#include "pipeline/pipeline_query.h"
#include "tests/unit/pipeline_fixture.h"

#define CLIENT_ADDR UINT32_C(0x0a000001) /* of the clients with numbers up to 59999 */
#define ALL UINT32_MAX /* buckets: more than there are */

static struct pipe *
make(uint32_t slots)
{
	struct pipeline_params params = pipe_params(slots);

	return pipe_make(&params);
}

static struct pipeline_query *
make_query(uint32_t limit)
{
	struct pipeline_query *query = calloc(1, sizeof(*query));

	assert_non_null(query);
	query->limit = limit;
	return query;
}

/* The number of the client whose connection was found n-th. */
static uint32_t
client_of(const struct pipeline_query *query, uint32_t n)
{
	struct record record;

	record_unpack(&query->found[n], &record);
	return record.side[FLOW_CLIENT].port - 1024u;
}

/* Search to the end of the table in steps; gives how many were found, each of them once. */
static uint32_t
search(const struct pipe *pipe, struct pipeline_query *query, uint32_t buckets, uint8_t *seen)
{
	uint32_t all = 0;

	while (!query->is_over) {
		const uint32_t before = query->cursor;

		if (!pipeline_query_step(pipe->pipeline, query, buckets)) {
			assert_int_equal(query->cursor, before + buckets);
			continue;
		}
		assert_true(query->is_over || query->count >= query->limit);
		for (uint32_t n = 0; n < query->count; n++)
			assert_int_equal(seen[client_of(query, n)]++, 0);
		all += query->count;
		query->count = 0;
	}
	return all;
}

static void
a_search_without_a_limit_in_its_way_finds_each_connection_once(void **state)
{
	struct pipe *pipe = make(1024);
	struct pipeline_query *query = make_query(PIPELINE_QUERY_LIMIT);
	uint8_t seen[200] = { 0 };

	(void)state;
	for (uint32_t id = 0; id < 200; id++)
		pipe_syn(pipe, id);
	assert_true(pipeline_query_step(pipe->pipeline, query, ALL));
	assert_true(query->is_over);
	assert_int_equal(query->count, 200);
	for (uint32_t n = 0; n < query->count; n++)
		assert_int_equal(seen[client_of(query, n)]++, 0);
	free(query);
	pipe_destroy(pipe);
}

static void
a_search_goes_on_where_its_limit_stopped_it(void **state)
{
	static const uint32_t limits[] = { 1, 7, 100, PIPELINE_QUERY_LIMIT };
	struct pipe *pipe = make(4096);

	(void)state;
	for (uint32_t id = 0; id < 3000; id++)
		pipe_syn(pipe, id);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct pipeline_query *query = make_query(limits[i]);
		uint8_t seen[3000] = { 0 };

		assert_int_equal(search(pipe, query, 1 + 5 * (uint32_t)i, seen),
				PIPE_COUNTER(pipe, flows_opened) -
						PIPE_COUNTER(pipe, flows_closed));
		free(query);
	}
	pipe_destroy(pipe);
}

static void
no_step_finds_more_than_there_is_room_for(void **state)
{
	struct pipe *pipe = make(1024);
	struct pipeline_query *query = make_query(PIPELINE_QUERY_LIMIT);

	(void)state;
	for (uint32_t id = 0; id < 5000; id++) /* full to the brim */
		pipe_syn(pipe, id);
	assert_true(pipeline_query_step(pipe->pipeline, query, ALL));
	assert_false(query->is_over);
	assert_true(query->count >= PIPELINE_QUERY_LIMIT);
	assert_true(query->count < PIPELINE_QUERY_ROOM);
	free(query);
	pipe_destroy(pipe);
}

static void
a_step_looks_at_no_more_buckets_than_it_may(void **state)
{
	struct pipe *pipe = make(1024);
	struct pipeline_query *query = make_query(PIPELINE_QUERY_LIMIT);

	(void)state;
	assert_false(pipeline_query_step(pipe->pipeline, query, 3));
	assert_int_equal(query->cursor, 3);
	assert_false(query->is_over);
	free(query);
	pipe_destroy(pipe);
}

static void
an_empty_table_is_searched_to_its_end(void **state)
{
	struct pipe *pipe = make(64);
	struct pipeline_query *query = make_query(1);

	(void)state;
	assert_true(pipeline_query_step(pipe->pipeline, query, ALL));
	assert_true(query->is_over);
	assert_int_equal(query->count, 0);
	free(query);
	pipe_destroy(pipe);
}

/* How many of the connections of three clients are found; the first's is established. */
static uint32_t
find(const struct pipeline_query *filter)
{
	struct pipe *pipe = make(64);
	struct pipeline_query *query = make_query(PIPELINE_QUERY_LIMIT);
	uint32_t count;

	pipe_establish(pipe, 0);
	pipe_syn(pipe, 1);
	pipe_syn(pipe, 60001); /* as number 1, from the next address */
	*query = *filter;
	query->limit = PIPELINE_QUERY_LIMIT;
	assert_true(pipeline_query_step(pipe->pipeline, query, ALL));
	count = query->count;
	free(query);
	pipe_destroy(pipe);
	return count;
}

static struct pipeline_query
by_address(uint32_t address, uint16_t port)
{
	struct pipeline_query query = { .has_address = true, .port = port };

	build_ipv4_mapped(address, query.address);
	return query;
}

static void
an_address_is_looked_for_on_either_side(void **state)
{
	const struct pipeline_query client = by_address(CLIENT_ADDR, 0);
	const struct pipeline_query other = by_address(CLIENT_ADDR + 1, 0);
	const struct pipeline_query server = by_address(FIXTURE_SERVER_ADDR, 0);
	const struct pipeline_query nobody = by_address(CLIENT_ADDR + 2, 0);

	(void)state;
	assert_int_equal(find(&client), 2);
	assert_int_equal(find(&other), 1);
	assert_int_equal(find(&server), 3);
	assert_int_equal(find(&nobody), 0);
}

static void
a_port_is_looked_for_on_either_side(void **state)
{
	const struct pipeline_query client = { .port = 1024 + 1 };
	const struct pipeline_query server = { .port = FIXTURE_SERVER_PORT };

	(void)state;
	assert_int_equal(find(&client), 2);
	assert_int_equal(find(&server), 3);
}

static void
an_address_and_a_port_must_be_of_the_same_side(void **state)
{
	const struct pipeline_query client = by_address(CLIENT_ADDR, 1024 + 1);
	const struct pipeline_query server = by_address(FIXTURE_SERVER_ADDR, FIXTURE_SERVER_PORT);
	const struct pipeline_query across = by_address(CLIENT_ADDR, FIXTURE_SERVER_PORT);

	(void)state;
	assert_int_equal(find(&client), 1);
	assert_int_equal(find(&server), 3);
	assert_int_equal(find(&across), 0);
}

static void
a_state_is_looked_for(void **state)
{
	const struct pipeline_query established = { .has_state = true, .state = HS_ESTABLISHED };
	const struct pipeline_query opening = { .has_state = true, .state = HS_SYN_SENT };
	struct pipeline_query both = by_address(CLIENT_ADDR, 0);

	(void)state;
	both.has_state = true;
	both.state = HS_SYN_SENT;
	assert_int_equal(find(&established), 1);
	assert_int_equal(find(&opening), 2);
	assert_int_equal(find(&both), 1);
}

static void
what_is_found_is_a_copy_of_all_that_is_known(void **state)
{
	struct pipe *pipe = make(64);
	struct pipeline_query *query = make_query(1);
	struct record record;

	(void)state;
	pipe_establish(pipe, 7);
	assert_true(pipeline_query_step(pipe->pipeline, query, ALL));
	pipe_close(pipe, 7);
	assert_int_equal(query->count, 1);
	record_unpack(&query->found[0], &record);
	assert_int_equal(query->found[0].entry.state, HS_ESTABLISHED);
	assert_int_equal(record.handshake.result, HANDSHAKE_COMPLETE);
	assert_int_equal(record.side[FLOW_CLIENT].pkts, 2);
	assert_int_equal(record.start_us, FIXTURE_START);
	free(query);
	pipe_destroy(pipe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_search_without_a_limit_in_its_way_finds_each_connection_once),
		cmocka_unit_test(a_search_goes_on_where_its_limit_stopped_it),
		cmocka_unit_test(no_step_finds_more_than_there_is_room_for),
		cmocka_unit_test(a_step_looks_at_no_more_buckets_than_it_may),
		cmocka_unit_test(an_empty_table_is_searched_to_its_end),
		cmocka_unit_test(an_address_is_looked_for_on_either_side),
		cmocka_unit_test(a_port_is_looked_for_on_either_side),
		cmocka_unit_test(an_address_and_a_port_must_be_of_the_same_side),
		cmocka_unit_test(a_state_is_looked_for),
		cmocka_unit_test(what_is_found_is_a_copy_of_all_that_is_known),
	};

	return cmocka_run_group_tests_name("pipeline_query", tests, NULL, NULL);
}
