/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/dialogue.h"
#include "packet/build.h"
#include "packet/parse.h"
#include "packet/tcp_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROUND_TRIP_US 1000
#define START_US UINT64_C(1000000)

struct played {
	struct segment segments[16];
	struct tcp_options options[16];
	uint64_t times_us[16];
	uint32_t count;
	struct host host[2];
};

static void
take(struct played *played, uint8_t *data, uint32_t len, uint64_t time_us)
{
	struct frame frame = { .data = data, .len = len, .wire_len = len };
	struct segment *segment = &played->segments[played->count];

	parse_frame(&frame, segment);
	if (segment->kind == PACKET_TCP)
		tcp_options_parse(data + segment->tcp_offset + 20, segment->tcp_header_len - 20U,
				&played->options[played->count]);
	played->times_us[played->count++] = time_us;
}

/* All that the wire sees of a script between two such systems. */
static struct played
play(const struct script *script, const struct host_stack *client, uint32_t rounds)
{
	struct dialogue dialogue = { .ip_version = 4, .rounds = rounds };
	struct played played = { .count = 0 };
	uint8_t frame[DIALOGUE_FRAME_MAX];
	struct random random;

	random_init(&random, 1);
	build_ipv4_mapped(1, dialogue.host[CLIENT].addr);
	build_ipv4_mapped(2, dialogue.host[SERVER].addr);
	host_init(&dialogue.host[CLIENT], client, 4, ROUND_TRIP_US, &random);
	host_init(&dialogue.host[SERVER], &host_linux, 4, ROUND_TRIP_US, &random);
	dialogue_begin(&dialogue, script, START_US);
	do {
		uint64_t time_us = dialogue.time_us;
		uint32_t len = (uint32_t)dialogue_play(&dialogue, frame, &random);

		if (len != 0)
			take(&played, frame, len, time_us);
	} while (dialogue_advance(&dialogue, &random));
	memcpy(played.host, dialogue.host, sizeof(played.host));
	return played;
}

#define PLAY(steps) play(&(const struct script)SCRIPT(steps), &host_linux, 0)

static void
numbers_follow_from_what_was_said(void **state)
{
	static const struct script_step steps[] = {
		HANDSHAKE,
		{ CLIENT, PUSH, .len = 100 },
		{ SERVER, FIN, .len = 10 },
		{ CLIENT, ACK },
	};
	struct played played = PLAY(steps);
	const struct segment *s = played.segments;

	(void)state;

	assert_int_equal(played.count, 6);
	assert_int_equal(s[1].ack, s[0].seq + 1);
	assert_int_equal(s[2].seq, s[0].seq + 1);
	assert_int_equal(s[2].ack, s[1].seq + 1);
	assert_int_equal(s[3].seq, s[0].seq + 1);
	assert_int_equal(s[3].payload_len, 100);
	assert_int_equal(s[4].ack, s[0].seq + 101);
	assert_int_equal(s[5].ack, s[1].seq + 1 + 10 + 1);
	assert_int_equal(s[0].hop_limit, 60);
}

static void
an_answer_takes_a_round_trip_and_a_timer_does_not(void **state)
{
	static const struct script_step steps[] = {
		{ CLIENT, SYN },
		{ CLIENT, SYN, .after_us = SECONDS(1) },
		{ SERVER, SYN_ACK },
		{ CLIENT, ACK, UNASKED, .after_us = MS(5) },
	};
	struct played played = PLAY(steps);

	(void)state;

	assert_int_equal(played.times_us[0], START_US);
	assert_in_range(played.times_us[1], START_US + 1000000, START_US + 1000100);
	assert_in_range(played.times_us[2] - played.times_us[1], ROUND_TRIP_US * 9 / 10,
			ROUND_TRIP_US * 11 / 10);
	assert_int_equal(played.times_us[3] - played.times_us[2], 5000);
}

static void
what_is_hidden_moves_on_all_the_same(void **state)
{
	static const struct script_step steps[] = {
		{ CLIENT, SYN },
		{ SERVER, SYN_ACK, HIDDEN },
		{ CLIENT, ACK },
	};
	struct played played = PLAY(steps);

	(void)state;

	assert_int_equal(played.count, 2);
	assert_int_equal(played.segments[1].ack, played.host[SERVER].isn + 1);
}

static void
a_forged_segment_moves_nothing_on(void **state)
{
	static const struct script_step steps[] = {
		HANDSHAKE,
		{ SERVER, RST, ASIDE, .seq = 70000, .hops = 9 },
		{ SERVER, PUSH, .len = 5 },
	};
	struct played played = PLAY(steps);
	const struct segment *s = played.segments;

	(void)state;

	assert_int_equal(s[3].seq, s[1].seq + 1 + 70000);
	assert_int_equal(s[3].hop_limit, s[1].hop_limit + 9);
	assert_int_equal(s[4].seq, s[1].seq + 1);
}

static void
who_refuses_has_the_number_zero(void **state)
{
	static const struct script_step steps[] = { { CLIENT, SYN }, { SERVER, RST_ACK } };
	struct played played = PLAY(steps);

	(void)state;

	assert_int_equal(played.segments[1].seq, 0);
	assert_int_equal(played.segments[1].ack, played.segments[0].seq + 1);
}

static void
a_script_goes_back_for_as_many_rounds(void **state)
{
	static const struct script_step steps[] = {
		{ CLIENT, PUSH, .len = 1 },
		{ SERVER, ACK, .back = 2 },
		{ CLIENT, FIN },
	};
	const struct script script = SCRIPT(steps);
	struct played played = play(&script, &host_linux, 3);

	(void)state;

	assert_int_equal(played.count, 4 * 2 + 1);
	assert_int_equal(played.segments[8].tcp_flags, FIN);
}

static void
an_answer_offers_only_what_both_have(void **state)
{
	static const struct script_step steps[] = { HANDSHAKE };
	const struct script script = SCRIPT(steps);
	struct played windows = play(&script, &host_windows, 0);
	struct played bare = play(&script, &host_flooder, 0);

	(void)state;

	assert_true(windows.options[0].has_wscale && windows.options[1].has_wscale);
	assert_int_equal(windows.options[0].wscale, 8);
	assert_int_equal(windows.options[1].wscale, 7);
	assert_false(windows.options[0].timestamps || windows.options[1].timestamps);
	assert_int_equal(bare.segments[0].tcp_header_len, 20);
	assert_int_equal(bare.segments[1].tcp_header_len, 24);
	assert_int_equal(bare.options[1].mss, 1460);
}

static void
anew_is_another_connection(void **state)
{
	static const struct script_step steps[] = {
		HANDSHAKE,
		{ CLIENT, SYN, ANEW },
		{ SERVER, SYN_ACK },
	};
	struct played played = PLAY(steps);
	const struct segment *s = played.segments;

	(void)state;

	assert_int_not_equal(s[3].seq, s[0].seq);
	assert_int_not_equal(s[4].seq, s[1].seq);
	assert_int_equal(s[4].ack, s[3].seq + 1);
	assert_int_equal(s[3].src_port, s[0].src_port);
}

static void
an_icmp_error_quotes_the_syn_before_it(void **state)
{
	static const struct script_step steps[] = {
		{ CLIENT, SYN },
		{ SERVER, .mods = ICMP_ERROR, .icmp_type = 3, .icmp_code = 1 },
	};
	struct played played = PLAY(steps);
	const struct segment *s = played.segments;

	(void)state;

	assert_int_equal(s[1].kind, PACKET_ICMP_TCP);
	assert_memory_equal(s[1].src_addr, s[0].src_addr, 16);
	assert_int_equal(s[1].seq, s[0].seq);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_follow_from_what_was_said),
		cmocka_unit_test(an_answer_takes_a_round_trip_and_a_timer_does_not),
		cmocka_unit_test(what_is_hidden_moves_on_all_the_same),
		cmocka_unit_test(a_forged_segment_moves_nothing_on),
		cmocka_unit_test(who_refuses_has_the_number_zero),
		cmocka_unit_test(a_script_goes_back_for_as_many_rounds),
		cmocka_unit_test(an_answer_offers_only_what_both_have),
		cmocka_unit_test(anew_is_another_connection),
		cmocka_unit_test(an_icmp_error_quotes_the_syn_before_it),
	};

	return cmocka_run_group_tests_name("dialogue", tests, NULL, NULL);
}
