/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A receiver between ports that are rings, and workers that the test plays: what they find
 * in their rings it looks at, and puts back. Each frame tells its client, its direction and
 * its number. Told to close and to stop before it runs, a receiver hands over what the ports
 * hold, sends what the workers gave back, and comes back: that needs no second thread.
 */

#ifndef TESTS_RECEIVER_FIXTURE_H
#define TESTS_RECEIVER_FIXTURE_H

#include "app/run/receiver.h"
#include "base/compiler.h"
#include "io/eal.h"
#include "io/frame_pool.h"
#include "packet/build.h"
#include "tests/unit/flow_fixture.h"
#include "tests/unit/port_fixture.h"

#include <stdio.h>

#include <rte_launch.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#define WORKERS 3
#define RING_ROOM 1023
#define SMALL_ROOM 63
#define LEGS 2

struct fixture {
	struct receiver receiver;
	struct steer steer;
	struct port_counters ports[2 * LEGS]; /* by leg: that it receives by, that it sends by */
	struct rte_ring *to[WORKERS], *from[WORKERS], *small;
};

/* DPDK starts once in a process. */
static struct eal *eal;
static struct rte_mempool *pool;

static inline int
start_dpdk(void **state)
{
	const struct frame_pool_params params = {
		.queues = 1, .threads = 2, .rings = 4096, .frame_len = 1522
	};
	const struct eal_options options = { .workers = 1,
		.memory_mb = 64 + frame_pool_memory_mb(&params) };
	struct err err = { "" };

	(void)state;
	if (eal_start(&options, &eal, &err) == 0)
		pool = frame_pool_create("frames", &params, -1, &err);
	if (pool == NULL)
		fprintf(stderr, "%s\n", err.text);
	return pool != NULL ? 0 : -1;
}

static inline int
stop_dpdk(void **state)
{
	(void)state;
	eal_stop(eal);
	return 0;
}

static inline struct rte_ring *
make_ring(const char *name, uint32_t number, uint32_t room)
{
	char text[RTE_RING_NAMESIZE];
	struct rte_ring *ring;

	snprintf(text, sizeof(text), "%s%u", name, number);
	ring = rte_ring_create(text, room + 1, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	assert_non_null(ring);
	return ring;
}

static inline void
free_ring(struct rte_ring *ring)
{
	void *mbuf;

	while (rte_ring_sc_dequeue(ring, &mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	rte_ring_free(ring);
}

static const char *const port_names[LEGS][2] = { { "net_ring_in0", "net_ring_out0" },
	{ "net_ring_in1", "net_ring_out1" } };

/* From a port that the test sends to, to another that it takes frames out of. */
static inline void
add_leg(struct fixture *f, uint32_t i)
{
	f->receiver.legs[f->receiver.leg_count++] = (struct leg){
		.rx_port = open_port(port_names[i][0], pool),
		.tx_port = open_port(port_names[i][1], pool),
		.received = &f->ports[2 * i],
		.sent = &f->ports[2 * i + 1],
	};
}

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	memset(&f->steer.secret, 0x5a, sizeof(f->steer.secret));
	f->steer.workers = WORKERS;
	f->receiver.steer = &f->steer;
	for (uint32_t w = 0; w < WORKERS; w++) {
		f->receiver.to[w] = f->to[w] = make_ring("to", w, RING_ROOM);
		f->receiver.from[w] = f->from[w] = make_ring("from", w, 2 * RING_ROOM + 1);
	}
	f->small = make_ring("small", 0, SMALL_ROOM);
	for (uint32_t i = 0; i < LEGS; i++)
		add_leg(f, i);
	*state = f;
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < LEGS; i++) {
		empty_port(f->receiver.legs[i].rx_port);
		empty_port(f->receiver.legs[i].tx_port);
		close_port(port_names[i][0], f->receiver.legs[i].rx_port);
		close_port(port_names[i][1], f->receiver.legs[i].tx_port);
	}
	for (uint32_t w = 0; w < WORKERS; w++) {
		free_ring(f->to[w]);
		free_ring(f->from[w]);
	}
	free_ring(f->small);
	free(f);
	return rte_mempool_in_use_count(pool) == 0 ? 0 : -1; /* every frame was given back */
}

/* A segment of a client's connection; its number in the direction is its sequence number. */
static inline struct rte_mbuf *
make_frame(uint32_t client, uint32_t direction, uint32_t number)
{
	struct build_tcp tcp = {
		.ip_version = 4, .tcp_flags = TCP_ACK, .hop_limit = 64, .seq = number
	};
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
	uint8_t bytes[256];
	size_t len;

	build_ipv4_mapped(
			direction == 0 ? UINT32_C(0x0a000001) : FIXTURE_SERVER_ADDR, tcp.src_addr);
	build_ipv4_mapped(
			direction == 0 ? FIXTURE_SERVER_ADDR : UINT32_C(0x0a000001), tcp.dst_addr);
	tcp.src_port = (uint16_t)(direction == 0 ? 1024 + client : 80);
	tcp.dst_port = (uint16_t)(direction == 0 ? 80 : 1024 + client);
	len = build_tcp_frame(&tcp, bytes, sizeof(bytes));
	assert_non_null(mbuf);
	assert_int_not_equal(len, 0);
	memcpy(rte_pktmbuf_append(mbuf, (uint16_t)len), bytes, len);
	return mbuf;
}

/* What make_frame() put into a frame. */
struct seen {
	uint32_t client, direction, number;
};

static inline struct seen
look_at(const struct rte_mbuf *mbuf)
{
	const uint8_t *tcp = rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, 14 + 20);
	const uint32_t src = (uint32_t)tcp[0] << 8 | tcp[1], dst = (uint32_t)tcp[2] << 8 | tcp[3];
	struct seen seen = { .direction = src == 80 };

	seen.client = (seen.direction == 0 ? src : dst) - 1024;
	for (int i = 4; i < 8; i++)
		seen.number = seen.number << 8 | tcp[i];
	return seen;
}

/* A frame arrives at the port of a direction. */
static inline void
arrive(struct fixture *f, uint32_t client, uint32_t direction, uint32_t number)
{
	struct rte_mbuf *mbuf = make_frame(client, direction, number);

	assert_int_equal(rte_eth_tx_burst(f->receiver.legs[direction].rx_port, 0, &mbuf, 1), 1);
}

/* It hands over what is there, sends what is back, and ends. */
static inline void
run(struct fixture *f)
{
	atomic_store(&f->receiver.close, true);
	atomic_store(&f->receiver.stop, true);
	assert_int_equal(receiver_run(&f->receiver), 0);
	assert_true(atomic_load(&f->receiver.is_closed));
}

/* A worker gives back what it was handed; gives the number. */
static inline uint32_t
work(struct fixture *f, uint32_t w)
{
	uint32_t count = 0;
	void *mbuf;

	for (; rte_ring_sc_dequeue(f->to[w], &mbuf) == 0; count++)
		assert_int_equal(rte_ring_sp_enqueue(f->from[w], mbuf), 0);
	return count;
}

#endif /* TESTS_RECEIVER_FIXTURE_H */
