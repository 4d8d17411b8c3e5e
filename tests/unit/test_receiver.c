/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/receiver_fixture.h"

#define RECEIVER_LCORE 1
#define CLIENTS 50

static void
a_connection_s_frames_come_to_one_worker_in_their_order(void **state)
{
	struct fixture *f = *state;
	uint32_t sent[CLIENTS][2] = { 0 }, got[CLIENTS][2] = { 0 }, worker[CLIENTS] = { 0 };
	uint32_t used = 0;
	struct dice dice = { 7 };

	for (int i = 0; i < 1000; i++) {
		const uint32_t client = (uint32_t)dice_below(&dice, CLIENTS);
		const uint32_t direction = (uint32_t)dice_below(&dice, 2);

		arrive(f, client, direction, sent[client][direction]++);
	}
	run(f);
	for (uint32_t w = 0; w < WORKERS; w++) {
		void *mbuf;

		used += rte_ring_count(f->to[w]) != 0;
		while (rte_ring_sc_dequeue(f->to[w], &mbuf) == 0) {
			const struct seen seen = look_at(mbuf);

			assert_int_equal(seen.number, got[seen.client][seen.direction]++);
			assert_true(worker[seen.client] == 0 || worker[seen.client] == w + 1);
			worker[seen.client] = w + 1;
			rte_pktmbuf_free(mbuf);
		}
	}
	assert_int_equal(used, WORKERS);
	assert_memory_equal(got, sent, sizeof(got));
}

static void
frames_leave_by_the_peer_of_the_port_that_they_came_in_by(void **state)
{
	struct fixture *f = *state;
	uint32_t count[LEGS] = { 0 };
	struct dice dice = { 8 };

	for (uint32_t i = 0; i < 600; i++) {
		const uint32_t direction = (uint32_t)dice_below(&dice, 2);

		arrive(f, i % CLIENTS, direction, count[direction]++);
	}
	run(f);
	for (uint32_t w = 0; w < WORKERS; w++)
		work(f, w);
	run(f);
	for (uint32_t i = 0; i < LEGS; i++) {
		struct rte_mbuf *mbuf;

		assert_int_equal(counter_read(&f->ports[2 * i].rx_frames), count[i]);
		assert_int_equal(counter_read(&f->ports[2 * i + 1].tx_frames), count[i]);
		while (rte_eth_rx_burst(f->receiver.legs[i].tx_port, 0, &mbuf, 1) == 1) {
			assert_int_equal(look_at(mbuf).direction, i);
			count[i]--;
			rte_pktmbuf_free(mbuf);
		}
		assert_int_equal(count[i], 0);
	}
}

static void
a_connection_s_frames_leave_in_the_order_in_which_they_came(void **state)
{
	struct fixture *f = *state;
	struct rte_mbuf *mbuf;

	for (uint32_t i = 0; i < 500; i++)
		arrive(f, 1, 0, i);
	run(f);
	for (uint32_t w = 0; w < WORKERS; w++)
		work(f, w);
	run(f);
	for (uint32_t i = 0; i < 500; i++) {
		assert_int_equal(rte_eth_rx_burst(f->receiver.legs[0].tx_port, 0, &mbuf, 1), 1);
		assert_int_equal(look_at(mbuf).number, i);
		rte_pktmbuf_free(mbuf);
	}
}

/* That they were freed, the end of each test finds out. */
static void
what_a_worker_s_full_ring_does_not_take_is_a_drop_with_a_name(void **state)
{
	struct fixture *f = *state;
	uint32_t kept = 0;
	void *mbuf;

	for (uint32_t w = 0; w < WORKERS; w++)
		f->receiver.to[w] = f->small;
	for (uint32_t i = 0; i < 200; i++)
		arrive(f, 1, 1, i);
	run(f);
	assert_int_equal(counter_read(&f->ports[2].rx_frames), 200);
	assert_int_equal(counter_read(&f->ports[2].drop_worker_full), 200 - SMALL_ROOM);
	assert_int_equal(counter_read(&f->ports[0].drop_worker_full), 0);
	while (rte_ring_sc_dequeue(f->small, &mbuf) == 0) {
		assert_int_equal(look_at(mbuf).number, kept++);
		rte_pktmbuf_free(mbuf);
	}
	assert_int_equal(kept, SMALL_ROOM);
}

static void
a_turn_that_took_a_full_burst_counts_as_full(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 3 * LEG_BURST_MAX + 5; i++)
		arrive(f, 1, 0, i);
	for (uint32_t i = 0; i < LEG_BURST_MAX; i++)
		arrive(f, 1, 1, i);
	run(f);
	assert_int_equal(counter_read(&f->receiver.counters.full_turns), 3);
}

static void
wait_for(const struct counter *counter, uint64_t count)
{
	while (counter_read(counter) < count)
		;
}

static void
a_receiver_that_has_closed_takes_no_more_and_sends_what_comes_back(void **state)
{
	struct fixture *f = *state;
	uint32_t handed = 0;

	assert_int_equal(rte_eal_remote_launch(receiver_run, &f->receiver, RECEIVER_LCORE), 0);
	for (uint32_t i = 0; i < 100; i++)
		arrive(f, i, 0, i);
	wait_for(&f->ports[0].rx_frames, 100);
	atomic_store(&f->receiver.close, true);
	while (!atomic_load(&f->receiver.is_closed))
		;
	for (uint32_t i = 0; i < 50; i++)
		arrive(f, i, 0, i);
	for (uint32_t w = 0; w < WORKERS; w++)
		handed += work(f, w);
	assert_int_equal(handed, 100);
	wait_for(&f->ports[1].tx_frames, 100); /* without being told to stop */
	atomic_store(&f->receiver.stop, true);
	assert_int_equal(rte_eal_wait_lcore(RECEIVER_LCORE), 0);
	assert_int_equal(counter_read(&f->ports[0].rx_frames), 100);
	assert_int_equal(empty_port(f->receiver.legs[0].rx_port), 50);
	assert_int_equal(empty_port(f->receiver.legs[0].tx_port), 100);
	assert_true(counter_read(&f->receiver.counters.turns) >=
			counter_read(&f->receiver.counters.idle_turns));
	assert_int_not_equal(counter_read(&f->receiver.counters.turns), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_connection_s_frames_come_to_one_worker_in_their_order),
		TEST(frames_leave_by_the_peer_of_the_port_that_they_came_in_by),
		TEST(a_connection_s_frames_leave_in_the_order_in_which_they_came),
		TEST(what_a_worker_s_full_ring_does_not_take_is_a_drop_with_a_name),
		TEST(a_turn_that_took_a_full_burst_counts_as_full),
		TEST(a_receiver_that_has_closed_takes_no_more_and_sends_what_comes_back),
	};

	return cmocka_run_group_tests_name("receiver", tests, start_dpdk, stop_dpdk);
}
