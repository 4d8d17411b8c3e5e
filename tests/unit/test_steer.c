/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/build.h"
#include "pipeline/steer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define WORKERS 4
#define CLIENTS 4000

static const struct steer steer = {
	.secret = { .word = { 0x9d39247e33776d41, 0x2af7398005aaa5c7, 0x44db015024623547,
				    0x9c15f73e62a76ae2 } },
	.workers = WORKERS,
};

static uint32_t
worker_of(const struct build_tcp *tcp)
{
	uint8_t bytes[256];
	struct frame frame = { .data = bytes };

	frame.len = (uint32_t)build_tcp_frame(tcp, bytes, sizeof(bytes));
	frame.wire_len = frame.len;
	assert_int_not_equal(frame.len, 0);
	return steer_frame(&steer, &frame);
}

static struct build_tcp
segment_of(uint32_t client)
{
	return (struct build_tcp){
		.ip_version = 4,
		.src_addr = { [10] = 0xff, 0xff, 10, 0, (uint8_t)(client >> 8), (uint8_t)client },
		.dst_addr = { [10] = 0xff, 0xff, 192, 0, 2, 1 },
		.src_port = (uint16_t)(1024 + client % 7),
		.dst_port = 80,
		.tcp_flags = TCP_SYN,
		.hop_limit = 64,
	};
}

static struct build_tcp
answer_to(const struct build_tcp *tcp)
{
	struct build_tcp answer = *tcp;

	memcpy(answer.src_addr, tcp->dst_addr, sizeof(answer.src_addr));
	memcpy(answer.dst_addr, tcp->src_addr, sizeof(answer.dst_addr));
	answer.src_port = tcp->dst_port;
	answer.dst_port = tcp->src_port;
	return answer;
}

static void
both_directions_of_a_connection_have_one_worker(void **state)
{
	(void)state;
	for (uint32_t client = 0; client < CLIENTS; client++) {
		const struct build_tcp tcp = segment_of(client), answer = answer_to(&tcp);

		assert_int_equal(worker_of(&tcp), worker_of(&answer));
	}
}

/* Three standard deviations of a fair share are about 80 here. */
static void
connections_are_spread_evenly(void **state)
{
	uint32_t share[WORKERS] = { 0 };

	(void)state;
	for (uint32_t client = 0; client < CLIENTS; client++) {
		const struct build_tcp tcp = segment_of(client);

		share[worker_of(&tcp)]++;
	}
	for (uint32_t worker = 0; worker < WORKERS; worker++)
		assert_in_range(share[worker], CLIENTS / WORKERS - 100, CLIENTS / WORKERS + 100);
}

static void
an_icmp_error_goes_with_the_connection_that_it_quotes(void **state)
{
	(void)state;
	for (uint32_t client = 0; client < 100; client++) {
		const struct build_tcp tcp = segment_of(client);
		uint8_t packet[256], bytes[512] = { [12] = 0x08, 0x00 };
		size_t len = build_tcp_frame(&tcp, packet, sizeof(packet)) - 14;
		struct frame frame = { .data = bytes, .len = (uint32_t)(14 + 20 + 8 + len) };
		uint8_t *ip = bytes + 14;

		/* From a router that is neither side: 198.51.100.7, host unreachable. */
		memcpy(ip,
				(uint8_t[]){ 0x45, 0, 0, (uint8_t)(28 + len), 0, 0, 0, 0, 64, 1, 0,
						0, 198, 51, 100, 7, 10, 0, (uint8_t)(client >> 8),
						(uint8_t)client, 3, 1 },
				22);
		memcpy(ip + 28, packet + 14, len);
		frame.wire_len = frame.len;
		assert_int_equal(steer_frame(&steer, &frame), worker_of(&tcp));
	}
}

static void
what_is_not_ip_has_a_worker_too(void **state)
{
	uint8_t arp[60] = { [12] = 0x08, 0x06 }, runt[4] = { 1 };
	const struct frame frames[] = { { arp, sizeof(arp), sizeof(arp), 0 },
		{ runt, sizeof(runt), sizeof(runt), 0 } };

	(void)state;
	assert_int_equal(steer_frame(&steer, &frames[0]), 0);
	assert_int_equal(steer_frame(&steer, &frames[1]), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_of_a_connection_have_one_worker),
		cmocka_unit_test(connections_are_spread_evenly),
		cmocka_unit_test(an_icmp_error_goes_with_the_connection_that_it_quotes),
		cmocka_unit_test(what_is_not_ip_has_a_worker_too),
	};

	return cmocka_run_group_tests_name("steer", tests, NULL, NULL);
}
