/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/evidence_request.h"
#include "tests/unit/header_fixture.h"

#define ROOM 64
#define ALL UINT32_MAX /* slots: more than there are */
#define NEVER UINT64_MAX

struct asked {
	struct evidence_request request;
	struct kept_header before[ROOM];
	struct kept_header after[ROOM];
	atomic_bool is_enough;
};

static struct victim_key
ipv4_victim(uint32_t addr, uint16_t port, enum victim_level level)
{
	struct victim_key key = { .port = port, .level = (uint8_t)level };
	uint8_t bytes[16];

	build_ipv4_mapped(addr, bytes);
	memcpy(key.addr, bytes, sizeof(bytes));
	return key;
}

static struct asked *
ask(const struct victim_key *victim, uint32_t before, uint32_t after, uint64_t until_us)
{
	struct asked *asked = aligned_alloc(CACHE_LINE, sizeof(*asked));

	assert_non_null(asked);
	memset(asked, 0, sizeof(*asked));
	asked->request.victim = *victim;
	asked->request.prefixes = (struct victim_prefixes){ .ipv4 = 24, .ipv6 = 64 };
	asked->request.until_us = until_us;
	asked->request.before = asked->before;
	asked->request.before_room = before;
	asked->request.after = asked->after;
	asked->request.after_room = after;
	asked->request.is_enough = &asked->is_enough;
	return asked;
}

static struct asked *
ask_for_service(uint32_t before, uint32_t after, uint64_t until_us)
{
	const struct victim_key victim = ipv4_victim(HEADER_VICTIM, 80, VICTIM_SERVICE);

	return ask(&victim, before, after, until_us);
}

static uint64_t
after_count(const struct asked *asked)
{
	return counter_read(&asked->request.after_found);
}

static void
what_was_there_is_before_and_what_comes_is_after(void **state)
{
	struct header_ring *ring = header_ring_make(16);
	struct asked *asked = ask_for_service(ROOM, ROOM, NEVER);

	(void)state;
	header_push_syns(ring, 1, 5);
	evidence_request_begin(ring, &asked->request);
	assert_false(evidence_request_step(ring, &asked->request, ALL, 5));
	header_push_syns(ring, 6, 3);
	assert_false(evidence_request_step(ring, &asked->request, ALL, 8));
	assert_int_equal(evidence_request_before_count(&asked->request), 5);
	assert_int_equal(after_count(asked), 3);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(asked->before[i].time_us, 1 + i);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(asked->after[i].time_us, 6 + i);
	assert_int_equal(asked->request.missed, 0);
	free(asked);
	header_ring_free(ring);
}

static void
a_step_looks_at_no_more_than_it_is_told(void **state)
{
	struct header_ring *ring = header_ring_make(16);
	struct asked *asked = ask_for_service(ROOM, ROOM, NEVER);

	(void)state;
	header_push_syns(ring, 1, 10);
	evidence_request_begin(ring, &asked->request);
	for (uint32_t steps = 1; steps <= 3; steps++) {
		assert_false(evidence_request_step(ring, &asked->request, 3, 10));
		assert_int_equal(evidence_request_before_count(&asked->request), 3 * steps);
	}
	header_push_syns(ring, 11, 1);
	assert_false(evidence_request_step(ring, &asked->request, 3, 11));
	assert_int_equal(evidence_request_before_count(&asked->request), 10);
	assert_int_equal(after_count(asked), 1);
	free(asked);
	header_ring_free(ring);
}

static void
of_before_the_latest_are_kept_and_of_after_the_first(void **state)
{
	struct header_ring *ring = header_ring_make(64);
	struct asked *asked = ask_for_service(4, 3, NEVER);
	bool seen[11] = { false };

	(void)state;
	header_push_syns(ring, 1, 10);
	evidence_request_begin(ring, &asked->request);
	assert_false(evidence_request_step(ring, &asked->request, ALL, 10));
	header_push_syns(ring, 11, 10);
	assert_true(evidence_request_step(ring, &asked->request, ALL, 20));
	assert_int_equal(evidence_request_before_count(&asked->request), 4);
	for (uint32_t i = 0; i < 4; i++)
		seen[asked->before[i].time_us] = true;
	assert_true(seen[7] && seen[8] && seen[9] && seen[10]);
	assert_int_equal(after_count(asked), 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(asked->after[i].time_us, 11 + i);
	free(asked);
	header_ring_free(ring);
}

static void
frames_that_are_overwritten_first_are_counted_and_none_is_taken_twice(void **state)
{
	struct header_ring *ring = header_ring_make(8);
	struct asked *asked = ask_for_service(ROOM, ROOM, NEVER);

	(void)state;
	header_push_syns(ring, 1, 8);
	evidence_request_begin(ring, &asked->request);
	assert_false(evidence_request_step(ring, &asked->request, 2, 8)); /* 1, 2 */
	header_push_syns(ring, 9, 7); /* over 1 to 7 */
	assert_false(evidence_request_step(ring, &asked->request, ALL, 15));
	assert_int_equal(asked->request.missed, 5);
	assert_int_equal(evidence_request_before_count(&asked->request), 3);
	assert_int_equal(asked->before[2].time_us, 8);
	assert_int_equal(after_count(asked), 7);
	assert_int_equal(asked->after[0].time_us, 9);
	free(asked);
	header_ring_free(ring);
}

static void
it_is_over_when_its_time_is_though_nothing_comes(void **state)
{
	struct header_ring *ring = header_ring_make(8);
	struct asked *asked = ask_for_service(ROOM, ROOM, 100);

	(void)state;
	evidence_request_begin(ring, &asked->request);
	assert_false(evidence_request_step(ring, &asked->request, ALL, 100));
	assert_true(evidence_request_step(ring, &asked->request, ALL, 101));
	free(asked);
	header_ring_free(ring);
}

static void
what_comes_after_its_time_is_not_taken(void **state)
{
	struct header_ring *ring = header_ring_make(8);
	struct asked *asked = ask_for_service(ROOM, ROOM, 100);

	(void)state;
	evidence_request_begin(ring, &asked->request);
	assert_false(evidence_request_step(ring, &asked->request, ALL, 99));
	header_push_syns(ring, 100, 2);
	assert_true(evidence_request_step(ring, &asked->request, ALL, 101));
	assert_int_equal(after_count(asked), 1);
	free(asked);
	header_ring_free(ring);
}

static void
the_first_frame_after_its_time_ends_it_though_others_wait(void **state)
{
	struct header_ring *ring = header_ring_make(8);
	struct asked *asked = ask_for_service(ROOM, ROOM, 100);

	(void)state;
	evidence_request_begin(ring, &asked->request);
	header_push_syns(ring, 100, 5);
	assert_true(evidence_request_step(ring, &asked->request, 2, 104));
	assert_int_equal(after_count(asked), 1);
	free(asked);
	header_ring_free(ring);
}

static void
when_enough_is_said_it_ends_once_it_has_what_was_before(void **state)
{
	struct header_ring *ring = header_ring_make(8);
	struct asked *asked = ask_for_service(ROOM, ROOM, NEVER);

	(void)state;
	header_push_syns(ring, 1, 4);
	atomic_store(&asked->is_enough, true);
	evidence_request_begin(ring, &asked->request);
	assert_false(evidence_request_step(ring, &asked->request, 3, 4));
	assert_true(evidence_request_step(ring, &asked->request, 3, 4));
	assert_int_equal(evidence_request_before_count(&asked->request), 4);
	free(asked);
	header_ring_free(ring);
}

/* Whether a frame that comes is taken. */
static bool
is_taken(const struct victim_key *victim, const struct build_tcp *tcp)
{
	struct header_ring *ring = header_ring_make(8);
	struct asked *asked = ask(victim, 0, ROOM, NEVER);
	uint64_t count;

	evidence_request_begin(ring, &asked->request);
	evidence_request_step(ring, &asked->request, ALL, 0);
	header_push(ring, tcp, 0);
	evidence_request_step(ring, &asked->request, ALL, 0);
	count = after_count(asked);
	free(asked);
	header_ring_free(ring);
	return count == 1;
}

static void
what_is_sent_to_the_victim_is_taken_and_so_are_its_answers(void **state)
{
	const struct victim_key victim = ipv4_victim(HEADER_VICTIM, 80, VICTIM_SERVICE);
	const struct build_tcp syn = header_syn(1);
	struct build_tcp tcp = syn;

	(void)state;
	assert_true(is_taken(&victim, &syn));
	tcp.tcp_flags = TCP_ACK;
	assert_true(is_taken(&victim, &tcp));
	tcp.tcp_flags = TCP_RST;
	assert_true(is_taken(&victim, &tcp));
	tcp = header_answer(&syn, TCP_SYN | TCP_ACK);
	assert_true(is_taken(&victim, &tcp));
	tcp = header_answer(&syn, TCP_RST | TCP_ACK);
	assert_true(is_taken(&victim, &tcp));
	tcp = header_answer(&syn, TCP_SYN); /* as a client */
	assert_false(is_taken(&victim, &tcp));
	tcp = header_answer(&syn, TCP_ACK);
	assert_false(is_taken(&victim, &tcp));
}

static void
a_service_is_its_port_and_an_address_is_all_ports(void **state)
{
	const struct victim_key service = ipv4_victim(HEADER_VICTIM, 80, VICTIM_SERVICE);
	const struct victim_key address = ipv4_victim(HEADER_VICTIM, 0, VICTIM_ADDRESS);
	struct build_tcp syn = header_syn(1);

	(void)state;
	syn.dst_port = 443;
	assert_false(is_taken(&service, &syn));
	assert_true(is_taken(&address, &syn));
	build_ipv4_mapped(HEADER_VICTIM + 1, syn.dst_addr);
	assert_false(is_taken(&address, &syn));
}

static void
a_prefix_is_all_of_its_addresses(void **state)
{
	const struct victim_key prefix = ipv4_victim(HEADER_VICTIM & ~0xffu, 0, VICTIM_PREFIX);
	struct build_tcp syn = header_syn(1), answer;

	(void)state;
	assert_true(is_taken(&prefix, &syn));
	build_ipv4_mapped(HEADER_VICTIM | 0xffu, syn.dst_addr);
	assert_true(is_taken(&prefix, &syn));
	answer = header_answer(&syn, TCP_SYN | TCP_ACK);
	assert_true(is_taken(&prefix, &answer));
	build_ipv4_mapped(HEADER_VICTIM + 0x100, syn.dst_addr);
	assert_false(is_taken(&prefix, &syn));
}

static void
ipv6_is_matched_by_service_and_by_prefix(void **state)
{
	struct victim_key service = { .port = 80, .level = VICTIM_SERVICE, .ipv6 = true };
	struct victim_key prefix = { .level = VICTIM_PREFIX, .ipv6 = true };
	uint8_t addr[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	struct build_tcp syn = header_syn(1);

	(void)state;
	memcpy(service.addr, addr, sizeof(addr));
	memcpy(prefix.addr, addr, sizeof(addr) / 2);
	syn.ip_version = 6;
	syn.src_addr[0] = 0x20;
	memcpy(syn.dst_addr, addr, sizeof(addr));
	assert_true(is_taken(&service, &syn));
	assert_true(is_taken(&prefix, &syn));
	syn.dst_addr[8] = 7;
	assert_false(is_taken(&service, &syn));
	assert_true(is_taken(&prefix, &syn));
	syn.dst_addr[7] = 7;
	assert_false(is_taken(&prefix, &syn));
}

static void
tags_are_looked_through(void **state)
{
	const struct victim_key victim = ipv4_victim(HEADER_VICTIM, 80, VICTIM_SERVICE);
	struct build_tcp syn = header_syn(1);

	(void)state;
	syn.vlan_count = 2;
	syn.vlan[0] = 100;
	assert_true(is_taken(&victim, &syn));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_there_is_before_and_what_comes_is_after),
		cmocka_unit_test(a_step_looks_at_no_more_than_it_is_told),
		cmocka_unit_test(of_before_the_latest_are_kept_and_of_after_the_first),
		cmocka_unit_test(
				frames_that_are_overwritten_first_are_counted_and_none_is_taken_twice),
		cmocka_unit_test(it_is_over_when_its_time_is_though_nothing_comes),
		cmocka_unit_test(what_comes_after_its_time_is_not_taken),
		cmocka_unit_test(the_first_frame_after_its_time_ends_it_though_others_wait),
		cmocka_unit_test(when_enough_is_said_it_ends_once_it_has_what_was_before),
		cmocka_unit_test(what_is_sent_to_the_victim_is_taken_and_so_are_its_answers),
		cmocka_unit_test(a_service_is_its_port_and_an_address_is_all_ports),
		cmocka_unit_test(a_prefix_is_all_of_its_addresses),
		cmocka_unit_test(ipv6_is_matched_by_service_and_by_prefix),
		cmocka_unit_test(tags_are_looked_through),
	};

	return cmocka_run_group_tests_name("evidence_request", tests, NULL, NULL);
}
