/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A worker with two ways, of which one has trouble: a port that takes nothing for long, or one
 * that finds no buffers. The other way goes on, in order and without loss, and what is lost of
 * the first is counted.
 *
 * The ports are rings: what is sent to one comes back from it.
 */

#include "app/worker/worker.h"
#include "io/eal.h"
#include "tests/unit/port_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_launch.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <cmocka.h>

#define WORKER_LCORE 1
#define BUFFERS 4095
#define FRAME_LEN 60
#define EVENT_ROOM 15
#define LONG_MS 500
#define ROUND 32 /* frames that are under way on the way that is well */

enum end {
	TROUBLED_IN,
	TROUBLED_OUT,
	WELL_IN,
	WELL_OUT,
	PORTS
};

struct fixture {
	struct eal *eal;
	struct rte_mempool *pool;
	struct rte_ring *events, *mail;
	void *memory;
	struct worker worker;
	uint16_t ports[PORTS];
	struct port_counters counters[PORTS];
	uint64_t sent, arrived; /* on the way that is well */
};

/* DPDK starts once in a process. */
static struct fixture fixture;

static const char *const names[PORTS] = { "net_ring_a", "net_ring_b", "net_ring_c", "net_ring_d" };

static int
start_dpdk(void **state)
{
	const struct eal_options options = { .workers = 1, .memory_mb = 64 };
	struct err err;

	(void)state;
	if (eal_start(&options, &fixture.eal, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	fixture.pool = rte_pktmbuf_pool_create(
			"frames", BUFFERS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	fixture.events = rte_ring_create_elem("events", sizeof(struct event), EVENT_ROOM + 1,
			SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	fixture.mail = rte_ring_create(
			"mail", MAIL_ROOM, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	return fixture.pool != NULL && fixture.events != NULL && fixture.mail != NULL ? 0 : -1;
}

static int
stop_dpdk(void **state)
{
	(void)state;
	rte_mempool_free(fixture.pool);
	rte_ring_free(fixture.mail);
	rte_ring_free(fixture.events);
	eal_stop(fixture.eal);
	return 0;
}

static void
make_leg(struct leg *leg, enum end in, enum end out)
{
	leg->rx_port = fixture.ports[in];
	leg->tx_port = fixture.ports[out];
	leg->received = &fixture.counters[in];
	leg->sent = &fixture.counters[out];
}

static int
make_worker(const char *troubled_in)
{
	struct pipeline_params pipeline = { .flow_slots = 64 };
	struct worker_params params = { .events = fixture.events, .mail = fixture.mail };

	tracker_params_default(&pipeline.tracker);
	fixture.memory = aligned_alloc(
			4096, (pipeline_memory_size(&pipeline) + 4095) / 4096 * 4096);
	if (fixture.memory == NULL)
		return -1;
	memset(fixture.memory, 0, pipeline_memory_size(&pipeline));
	params.pipeline = pipeline_init(fixture.memory, &pipeline);
	worker_init(&fixture.worker, &params);
	memset(fixture.counters, 0, sizeof(fixture.counters));
	fixture.sent = fixture.arrived = 0;
	for (uint32_t i = 0; i < PORTS; i++)
		fixture.ports[i] = open_port(
				i == TROUBLED_IN ? troubled_in : names[i], fixture.pool);
	make_leg(&fixture.worker.legs[0], TROUBLED_IN, TROUBLED_OUT);
	make_leg(&fixture.worker.legs[1], WELL_IN, WELL_OUT);
	fixture.worker.leg_count = 2;
	return rte_eal_remote_launch(worker_live_run, &fixture.worker, WORKER_LCORE);
}

static void
stop_worker(void)
{
	worker_stop(&fixture.worker);
	assert_int_equal(rte_eal_wait_lcore(WORKER_LCORE), 0);
}

static void
destroy_worker(const char *troubled_in)
{
	close_port(troubled_in, fixture.ports[TROUBLED_IN]);
	for (uint32_t i = TROUBLED_OUT; i < PORTS; i++) {
		empty_port(fixture.ports[i]);
		close_port(names[i], fixture.ports[i]);
	}
	free(fixture.memory);
	assert_int_equal(rte_mempool_avail_count(fixture.pool), BUFFERS); /* none is lost */
}

static struct rte_mbuf *
make_frame(void)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(fixture.pool);

	assert_non_null(mbuf);
	memset(rte_pktmbuf_append(mbuf, FRAME_LEN), 0x88, FRAME_LEN);
	return mbuf;
}

/* The next numbers into its frames. */
static void
number_round(struct rte_mbuf **mbufs)
{
	for (uint32_t i = 0; i < ROUND; i++) {
		const uint64_t number = fixture.sent + i;

		memcpy(rte_pktmbuf_mtod(mbufs[i], void *), &number, sizeof(number));
	}
}

/* Send @p mbufs on the way that is well, wait until they arrive, and look at their order. */
static void
pass_well(struct rte_mbuf **mbufs)
{
	struct rte_mbuf *came;

	number_round(mbufs);
	assert_int_equal(rte_eth_tx_burst(fixture.ports[WELL_IN], 0, mbufs, ROUND), ROUND);
	fixture.sent += ROUND;
	while (fixture.arrived < fixture.sent) {
		if (rte_eth_rx_burst(fixture.ports[WELL_OUT], 0, &came, 1) == 0)
			continue;
		assert_memory_equal(rte_pktmbuf_mtod(came, void *), &fixture.arrived,
				sizeof(fixture.arrived));
		mbufs[fixture.arrived++ % ROUND] = came;
	}
}

static void
make_round(struct rte_mbuf **mbufs)
{
	for (uint32_t i = 0; i < ROUND; i++)
		mbufs[i] = make_frame();
}

static void
free_round(struct rte_mbuf **mbufs)
{
	for (uint32_t i = 0; i < ROUND; i++)
		rte_pktmbuf_free(mbufs[i]);
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* As many as its ring takes, so that there is always something for the worker. */
static uint64_t
feed_the_troubled(void)
{
	struct rte_mbuf *mbuf = make_frame();

	if (rte_eth_tx_burst(fixture.ports[TROUBLED_IN], 0, &mbuf, 1) == 1)
		return 1;
	rte_pktmbuf_free(mbuf);
	return 0;
}

static void
a_port_that_is_full_for_long_holds_up_nobody_else(void **state)
{
	const uint64_t begun_ms = now_ms();
	struct port_counters *in = &fixture.counters[TROUBLED_IN];
	struct port_counters *out = &fixture.counters[TROUBLED_OUT];
	struct rte_mbuf *mbufs[ROUND];
	uint64_t fed = 0, room;

	(void)state;
	assert_int_equal(make_worker(names[TROUBLED_IN]), 0);
	make_round(mbufs);
	while (now_ms() - begun_ms < LONG_MS || counter_read(&in->drop_tx_full) < 100) {
		fed += feed_the_troubled();
		pass_well(mbufs);
	}
	while (counter_read(&in->rx_frames) < fed)
		;
	stop_worker();
	room = counter_read(&out->tx_frames);
	assert_int_equal(room + counter_read(&in->drop_tx_full), fed);
	assert_int_equal(empty_port(fixture.ports[TROUBLED_OUT]), room);
	assert_int_equal(counter_read(&fixture.counters[WELL_OUT].tx_frames), fixture.sent);
	assert_int_equal(counter_read(&fixture.counters[WELL_IN].drop_tx_full), 0);
	assert_true(fixture.sent > ROUND);
	free_round(mbufs);
	destroy_worker(names[TROUBLED_IN]);
}

/* net_null makes a frame of each buffer that it gets, and gets none. */
static void
a_port_without_buffers_holds_up_nobody_else_and_goes_on_when_there_are_some(void **state)
{
	static struct rte_mbuf *taken[BUFFERS];
	struct port_counters *in = &fixture.counters[TROUBLED_IN];
	struct port_counters *out = &fixture.counters[TROUBLED_OUT];
	struct rte_mbuf *mbufs[ROUND];
	uint64_t rounds = 0, turns;
	uint32_t count = 0;

	(void)state;
	make_round(mbufs);
	while (count < BUFFERS && (taken[count] = rte_pktmbuf_alloc(fixture.pool)) != NULL)
		count++;
	assert_int_equal(count, BUFFERS - ROUND);
	assert_int_equal(make_worker("net_null_a"), 0);
	for (; rounds < 100; rounds++)
		pass_well(mbufs);
	assert_int_equal(counter_read(&in->rx_frames), 0);
	turns = counter_read(&fixture.worker.counters.turns);
	assert_true(turns > rounds);
	rte_pktmbuf_free_bulk(taken, count);
	while (counter_read(&in->rx_frames) < 1000)
		pass_well(mbufs);
	stop_worker();
	assert_int_equal(counter_read(&in->rx_frames),
			counter_read(&out->tx_frames) + counter_read(&in->drop_tx_full));
	assert_int_equal(counter_read(&fixture.counters[WELL_OUT].tx_frames), fixture.sent);
	free_round(mbufs);
	destroy_worker("net_null_a");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_that_is_full_for_long_holds_up_nobody_else),
		cmocka_unit_test(
				a_port_without_buffers_holds_up_nobody_else_and_goes_on_when_there_are_some),
	};

	return cmocka_run_group_tests_name("worker_faults", tests, start_dpdk, stop_dpdk);
}
