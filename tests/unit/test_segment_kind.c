/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/segment_kind.h"
#include "tests/unit/flow_fixture.h"

static enum segment_kind
kind_of(uint32_t flags)
{
	struct segment segment = { .tcp_flags = (uint8_t)flags };

	return segment_kind(&segment);
}

static void
the_legal_combinations_have_their_kinds(void **state)
{
	(void)state;

	assert_int_equal(kind_of(TCP_SYN), SEGMENT_SYN);
	assert_int_equal(kind_of(TCP_SYN | TCP_ACK), SEGMENT_SYNACK);
	assert_int_equal(kind_of(TCP_ACK), SEGMENT_ACK);
	assert_int_equal(kind_of(TCP_FIN | TCP_ACK), SEGMENT_FIN);
	assert_int_equal(kind_of(TCP_RST), SEGMENT_RST);
	assert_int_equal(kind_of(TCP_RST | TCP_ACK), SEGMENT_RST);
}

static void
rst_is_looked_at_before_fin(void **state)
{
	(void)state;

	assert_int_equal(kind_of(TCP_RST | TCP_FIN), SEGMENT_RST);
	assert_int_equal(kind_of(TCP_RST | TCP_FIN | TCP_ACK), SEGMENT_RST);
}

static void
what_no_stack_sends_is_illegal(void **state)
{
	(void)state;

	assert_int_equal(kind_of(0), SEGMENT_ILLEGAL);
	assert_int_equal(kind_of(TCP_FIN), SEGMENT_ILLEGAL);
	for (uint32_t flags = 0; flags < 0x20; flags++)
		if ((flags & TCP_SYN) != 0 && (flags & (TCP_RST | TCP_FIN)) != 0)
			assert_int_equal(kind_of(flags), SEGMENT_ILLEGAL);
	assert_int_equal(kind_of(0xff), SEGMENT_ILLEGAL);
	assert_int_equal(kind_of(TCP_PSH | TCP_URG), SEGMENT_ILLEGAL);
}

static void
push_urgent_and_congestion_flags_change_no_kind(void **state)
{
	(void)state;

	for (uint32_t flags = 0; flags < 0x100; flags++)
		assert_int_equal(kind_of(flags),
				kind_of(flags &
						~(uint32_t)(TCP_PSH | TCP_URG | TCP_ECE |
								TCP_CWR)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_legal_combinations_have_their_kinds),
		cmocka_unit_test(rst_is_looked_at_before_fin),
		cmocka_unit_test(what_no_stack_sends_is_illegal),
		cmocka_unit_test(push_urgent_and_congestion_flags_change_no_kind),
	};

	return cmocka_run_group_tests_name("segment_kind", tests, NULL, NULL);
}
