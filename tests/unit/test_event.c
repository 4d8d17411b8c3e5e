/* SPDX-License-Identifier: Apache-2.0 */

#include "pipeline/event.h"
#include "tests/unit/flow_fixture.h"

static struct event
some_event(void)
{
	struct event event = { .kinds = EVENT_CONNECTION | EVENT_RST,
		.end = END_RST_SERVER,
		.worker = 513,
		.time_us = FIXTURE_START + 5 };
	struct segment segment = fixture_segment(FLOW_CLIENT, TCP_SYN, 1000, 0, 0);
	struct flow_key key;

	if (flow_key_of(&segment, false, &key))
		event.flow.entry.flags |= FLOW_CLIENT_IS_SECOND;
	memcpy(event.flow.entry.addr, key.addr, sizeof(key.addr));
	memcpy(event.flow.entry.port, key.port, sizeof(key.port));
	event.flow.tally.result = HANDSHAKE_COMPLETE;
	event.flow.tally.start_us = FIXTURE_START;
	event.flow.tally.last_us = FIXTURE_START + 2;
	return event;
}

static void
a_record_of_an_event_says_who_saw_it_and_how_it_ended(void **state)
{
	struct event event = some_event();
	struct record record;

	(void)state;

	memset(&record, 0xff, sizeof(record));
	event_to_record(&event, &record);
	assert_int_equal(record.worker, 513);
	assert_int_equal(record.end, END_RST_SERVER);
	assert_int_equal(record.handshake.result, HANDSHAKE_COMPLETE);
	assert_int_equal(record.side[FLOW_CLIENT].port, FIXTURE_CLIENT_PORT);
	assert_int_equal(record.side[FLOW_SERVER].port, FIXTURE_SERVER_PORT);
	assert_int_equal(record.start_us, FIXTURE_START);
	assert_int_equal(record.end_us, FIXTURE_START + 2);
}

static void
the_rest_of_it_is_the_snapshot_s(void **state)
{
	struct event event = some_event();
	struct record record, of_snapshot;

	(void)state;

	event_to_record(&event, &record);
	record_unpack(&event.flow, &of_snapshot);
	assert_int_equal(of_snapshot.worker, 0);
	assert_int_equal(of_snapshot.end, END_UNSET);
	of_snapshot.worker = 513;
	of_snapshot.end = END_RST_SERVER;
	assert_memory_equal(&record, &of_snapshot, sizeof(record));
}

static void
the_kinds_are_bits_of_their_own(void **state)
{
	(void)state;

	assert_int_equal(EVENT_CONNECTION & EVENT_RST, 0);
	assert_int_equal(EVENT_CONNECTION & EVENT_INCOMPLETE_HANDSHAKE, 0);
	assert_int_equal(EVENT_RST & EVENT_INCOMPLETE_HANDSHAKE, 0);
	assert_true((EVENT_CONNECTION | EVENT_RST | EVENT_INCOMPLETE_HANDSHAKE) <= UINT8_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_of_an_event_says_who_saw_it_and_how_it_ended),
		cmocka_unit_test(the_rest_of_it_is_the_snapshot_s),
		cmocka_unit_test(the_kinds_are_bits_of_their_own),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
