/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The worker as the appliance runs it, between two ports that are rings: what the test
 * sends to the one arrives at the worker, what the worker sends on waits in the other.
 */

#include "app/worker/self_check.h"
#include "app/worker/worker.h"
#include "app/worker/worker_evidence.h"
#include "io/capture_port.h"
#include "io/eal.h"
#include "packet/build.h"
#include "pipeline/pipeline_flow.h"
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
#define EVENT_ROOM 15

struct fixture {
	struct eal *eal;
	struct rte_mempool *pool;
	struct rte_ring *events;
	struct rte_ring *mail;
	void *memory;
	struct worker worker;
	struct port_counters ports[2]; /* in, out */
};

/* DPDK starts once in a process. */
static struct fixture fixture;

static int
start_dpdk(void **state)
{
	const struct eal_options options = { .workers = 1, .memory_mb = CAPTURE_PORT_MEMORY_MB };
	struct err err;

	(void)state;
	if (eal_start(&options, &fixture.eal, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	fixture.pool = capture_port_pool_create(PIPELINE_BURST_MAX, &err);
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
	rte_ring_free(fixture.mail);
	rte_ring_free(fixture.events);
	eal_stop(fixture.eal);
	return 0;
}

/* A table so small that a flood of SYNs is a flood of events. */
static int
make_worker(void **state)
{
	struct pipeline_params pipeline = {
		.flow_slots = 16, .kept_headers = 64, .detect = true, .meter.prefixes = { 24, 64 }
	};
	struct leg *leg = fixture.worker.legs;
	struct worker_params params = { .events = fixture.events, .mail = fixture.mail };

	tracker_params_default(&pipeline.tracker);
	fixture.memory = aligned_alloc(
			4096, (pipeline_memory_size(&pipeline) + 4095) / 4096 * 4096);
	if (fixture.memory == NULL)
		return -1;
	memset(fixture.memory, 0, pipeline_memory_size(&pipeline));
	params.pipeline = pipeline_init(fixture.memory, &pipeline);
	worker_init(&fixture.worker, &params);
	memset(fixture.ports, 0, sizeof(fixture.ports));
	leg->rx_port = open_port("net_ring_in", fixture.pool);
	leg->tx_port = open_port("net_ring_out", fixture.pool);
	leg->received = &fixture.ports[0];
	leg->sent = &fixture.ports[1];
	fixture.worker.leg_count = 1;
	rte_ring_reset(fixture.events);
	*state = &fixture;
	return 0;
}

static int
destroy_worker(void **state)
{
	(void)state;
	empty_port(fixture.worker.legs[0].rx_port);
	empty_port(fixture.worker.legs[0].tx_port);
	close_port("net_ring_in", fixture.worker.legs[0].rx_port);
	close_port("net_ring_out", fixture.worker.legs[0].tx_port);
	free(fixture.memory);
	return 0;
}

static struct rte_mbuf *
make_syn(uint32_t number)
{
	struct build_tcp tcp = {
		.ip_version = 4,
		.src_addr = { [10] = 0xff, 0xff, 10, 0, (uint8_t)(number >> 8), (uint8_t)number },
		.dst_addr = { [10] = 0xff, 0xff, 192, 0, 2, 1 },
		.src_port = 40000,
		.dst_port = 80,
		.seq = number,
		.tcp_flags = TCP_SYN,
		.hop_limit = 64,
	};
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(fixture.pool);
	uint8_t frame[256];
	const size_t len = build_tcp_frame(&tcp, frame, sizeof(frame));

	assert_non_null(mbuf);
	assert_int_not_equal(len, 0);
	memcpy(rte_pktmbuf_append(mbuf, (uint16_t)len), frame, len);
	return mbuf;
}

/* Gives them to the worker as fast as it takes them. */
static void
send_syns(const struct worker *worker, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct rte_mbuf *mbuf = make_syn(i);

		while (rte_eth_tx_burst(worker->legs[0].rx_port, 0, &mbuf, 1) == 0)
			;
	}
}

static void
run_worker_over(struct worker *worker, uint32_t syns)
{
	assert_int_equal(rte_eal_remote_launch(worker_live_run, worker, WORKER_LCORE), 0);
	send_syns(worker, syns);
	while (counter_read(&fixture.ports[0].rx_frames) < syns)
		;
	worker_stop(worker);
	assert_int_equal(rte_eal_wait_lcore(WORKER_LCORE), 0);
}

static void
frames_leave_unchanged_and_in_order(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;
	const uint32_t count = RING_PORT_ROOM;
	struct rte_mbuf *got, *sent;

	run_worker_over(worker, count);
	assert_int_equal(counter_read(&fixture.ports[1].tx_frames), count);
	assert_int_equal(counter_read(&fixture.ports[0].drop_tx_full), 0);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(rte_eth_rx_burst(worker->legs[0].tx_port, 0, &got, 1), 1);
		sent = make_syn(i);
		assert_int_equal(got->pkt_len, sent->pkt_len);
		assert_memory_equal(rte_pktmbuf_mtod(got, void *), rte_pktmbuf_mtod(sent, void *),
				sent->pkt_len);
		rte_pktmbuf_free(got);
		rte_pktmbuf_free(sent);
	}
	assert_int_equal(rte_eth_rx_burst(worker->legs[0].tx_port, 0, &got, 1), 0);
}

static void
what_a_full_port_refuses_is_a_drop_with_a_name(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;
	const uint32_t count = 3 * RING_PORT_ROOM;

	run_worker_over(worker, count);
	assert_int_equal(counter_read(&fixture.ports[0].rx_frames), count);
	assert_int_equal(counter_read(&fixture.ports[1].tx_frames), RING_PORT_ROOM);
	assert_int_equal(counter_read(&fixture.ports[0].drop_tx_full), count - RING_PORT_ROOM);
}

static void
a_live_worker_loses_events_rather_than_packets(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;
	const uint32_t count = RING_PORT_ROOM;
	const struct counters *counters = pipeline_counters(worker->params.pipeline);

	run_worker_over(worker, count); /* and nobody takes the events */
	assert_int_equal(counter_read(&fixture.ports[1].tx_frames), count);
	assert_true(counter_read(&counters->flows_evicted) > EVENT_ROOM);
	assert_int_equal(counter_read(&worker->counters.events), EVENT_ROOM);
	assert_int_equal(counter_read(&worker->counters.events_lost),
			counter_read(&counters->flows_evicted) - EVENT_ROOM);
	assert_int_equal(rte_ring_count(fixture.events), EVENT_ROOM);
}

/* A letter comes back when it is done. */
static void
post(struct mail *mail)
{
	assert_int_equal(rte_ring_sp_enqueue(fixture.mail, mail), 0);
	while (!atomic_load_explicit(&mail->done, memory_order_acquire))
		;
}

static void
run_while(struct worker *worker, void (*meanwhile)(struct worker *))
{
	assert_int_equal(rte_eal_remote_launch(worker_live_run, worker, WORKER_LCORE), 0);
	meanwhile(worker);
	worker_stop(worker);
	assert_int_equal(rte_eal_wait_lcore(WORKER_LCORE), 0);
}

static void
send_and_wait(struct worker *worker, uint32_t syns)
{
	const uint64_t before = counter_read(&fixture.ports[0].rx_frames);

	send_syns(worker, syns);
	while (counter_read(&fixture.ports[0].rx_frames) < before + syns)
		;
}

static void
bypass_and_come_back(struct worker *worker)
{
	struct mail off = { .kind = MAIL_TRACKING, .tracking = false };
	struct mail on = { .kind = MAIL_TRACKING, .tracking = true };

	send_and_wait(worker, 3);
	post(&off);
	send_and_wait(worker, 100);
	post(&on);
	send_and_wait(worker, 5);
}

static void
bypassed_frames_are_forwarded_and_not_tracked(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;
	const struct counters *counters = pipeline_counters(worker->params.pipeline);

	run_while(worker, bypass_and_come_back);
	assert_int_equal(counter_read(&fixture.ports[1].tx_frames), 108);
	assert_int_equal(counter_read(&worker->counters.bypassed), 100);
	assert_int_equal(counter_read(&counters->frames), 8);
}

static void
ask_for_connections(struct worker *worker)
{
	static struct pipeline_query query = { .has_address = true, .port = 40000, .limit = 8 };
	struct mail mail = { .kind = MAIL_QUERY, .query = &query };
	const uint8_t address[16] = { [10] = 0xff, 0xff, 10, 0, 0, 2 };

	memcpy(query.address, address, sizeof(address));
	send_and_wait(worker, 4);
	post(&mail);
	assert_int_equal(query.count, 1);
	assert_int_equal(query.found[0].tally.isn[FLOW_CLIENT], 2);
}

static void
a_query_finds_the_connections_that_it_asks_for(void **state)
{
	run_while(&((struct fixture *)*state)->worker, ask_for_connections);
}

static void
ask_for_evidence(struct worker *worker)
{
	static struct kept_header before[8], after[8];
	static atomic_bool is_enough;
	struct evidence_request request = { .victim = { .port = 80, .level = VICTIM_SERVICE },
		.prefixes = { .ipv4 = 24, .ipv6 = 64 },
		.until_us = UINT64_MAX,
		.before = before,
		.before_room = 8,
		.after = after,
		.after_room = 2,
		.is_enough = &is_enough };
	struct mail mail = { .kind = MAIL_EVIDENCE, .evidence = &request };
	struct mail on = { .kind = MAIL_TRACKING, .tracking = true };
	const uint8_t address[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };

	memcpy(request.victim.addr, address, sizeof(address));
	send_and_wait(worker, 4);
	assert_int_equal(rte_ring_sp_enqueue(worker->params.mail, &mail), 0);
	post(&on); /* a letter a turn: what was there has been looked at */
	assert_false(atomic_load(&mail.done));
	send_and_wait(worker, 8);
	while (!atomic_load(&mail.done))
		;
	assert_int_equal(evidence_request_before_count(&request), 4);
	assert_int_equal(counter_read(&request.after_found), 2);
	assert_true(before[3].time_us < after[0].time_us);
}

static void
evidence_is_what_was_there_and_what_comes(void **state)
{
	run_while(&((struct fixture *)*state)->worker, ask_for_evidence);
}

/* Its room is not full and its time not over when the worker is told to stop. */
static void
evidence_comes_back_when_the_worker_stops(void **state)
{
	static struct kept_header after[8];
	static atomic_bool is_enough;
	struct worker *worker = &((struct fixture *)*state)->worker;
	struct evidence_request request = {
		.until_us = UINT64_MAX, .after = after, .after_room = 8, .is_enough = &is_enough
	};
	struct mail mail = { .kind = MAIL_EVIDENCE, .evidence = &request };

	worker_evidence_take(worker, &mail);
	assert_false(atomic_load(&mail.done));
	worker_finish(worker);
	assert_true(atomic_load(&mail.done));
}

/* As in a replay, where the next frame is far away. */
static void
evidence_whose_time_is_over_comes_back(void **state)
{
	static struct kept_header after[8];
	static atomic_bool is_enough;
	struct worker *worker = &((struct fixture *)*state)->worker;
	struct evidence_request request = {
		.until_us = 1000, .after = after, .after_room = 8, .is_enough = &is_enough
	};
	struct mail mail = { .kind = MAIL_EVIDENCE, .evidence = &request };

	worker_evidence_take(worker, &mail);
	worker_evidence_settle(worker, 1000);
	assert_false(atomic_load(&mail.done));
	worker_evidence_settle(worker, 1001);
	assert_true(atomic_load(&mail.done));
	assert_int_equal(worker->evidence_count, 0);
}

static void
more_evidence_than_a_worker_has_places_for_comes_back_at_once(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;
	struct mail mails[MAIL_EVIDENCE_MAX + 1] = { 0 };
	static struct evidence_request request;

	for (uint32_t i = 0; i < MAIL_EVIDENCE_MAX + 1; i++) {
		mails[i].evidence = &request;
		worker_evidence_take(worker, &mails[i]);
	}
	for (uint32_t i = 0; i < MAIL_EVIDENCE_MAX + 1; i++)
		assert_int_equal(atomic_load(&mails[i].done), i == MAIL_EVIDENCE_MAX);
	worker->evidence_count = 0;
}

static void
shorten_timeouts(struct worker *worker)
{
	struct mail mail = { .kind = MAIL_RETUNE };
	const struct counters *counters = pipeline_counters(worker->params.pipeline);

	tracker_params_default(&mail.retune.tracker);
	mail.retune.tracker.syn_retries = 1;
	mail.retune.tracker.syn_linear_timeouts = 0;
	mail.retune.tracker.initial_rto_us = 1;
	send_and_wait(worker, 4);
	post(&mail);
	while (counter_read(&counters->flows_closed) < 4)
		;
}

static void
new_timeouts_hold_for_connections_that_are_there(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;
	const struct counters *counters = pipeline_counters(worker->params.pipeline);

	run_while(worker, shorten_timeouts);
	assert_int_equal(counter_read(&counters->handshakes[HANDSHAKE_SERVER_SILENT]), 4);
}

static void
what_the_ports_hold_is_sent_on_before_the_end(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;

	send_syns(worker, 500);
	worker_stop(worker);
	worker_live_run(worker);
	assert_int_equal(counter_read(&fixture.ports[0].rx_frames), 500);
	assert_int_equal(counter_read(&fixture.ports[1].tx_frames), 500);
}

static void
frames_to_a_port_without_link_are_a_drop_with_a_name(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;
	atomic_bool down = true;

	worker->legs[0].tx_down = &down;
	run_worker_over(worker, 100);
	assert_int_equal(counter_read(&fixture.ports[1].tx_frames), 0);
	assert_int_equal(counter_read(&fixture.ports[0].drop_tx_down), 100);
}

static void
frames_that_are_too_long_are_a_drop_with_a_name(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;

	worker->legs[0].frame_len_max = 40; /* a SYN has 54 */
	run_worker_over(worker, 100);
	assert_int_equal(counter_read(&fixture.ports[1].tx_frames), 0);
	assert_int_equal(counter_read(&fixture.ports[0].drop_too_long), 100);
}

static void
a_mirror_sends_nothing_and_tracks_all(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;

	worker->legs[0].is_mirror = true;
	run_worker_over(worker, 100);
	assert_int_equal(counter_read(&fixture.ports[0].drop_mirror), 100);
	assert_int_equal(counter_read(&pipeline_counters(worker->params.pipeline)->syn), 100);
}

struct report_log {
	uint64_t tick; /* of the last report that was taken */
	uint64_t skipped;
	bool is_blind;
};

/* Only a busy machine skips ticks. */
static void
note(struct report_log *log, const struct detect_report *report)
{
	if (log->tick != 0) {
		assert_true(report->tick > log->tick);
		log->skipped += report->tick - log->tick - 1;
	}
	log->tick = report->tick;
	log->is_blind = report->is_blind;
}

/* The next report, which comes within a moment. */
static void
take_report(struct worker *worker, struct report_log *log)
{
	struct detect_report *report;

	do
		report = report_rings_take(&worker->desk.rings);
	while (report == NULL);
	note(log, report);
	report_rings_give_back(&worker->desk.rings, report);
}

/* Those of the ticks before may still be under way; from then on it is so. */
static void
take_until(struct worker *worker, struct report_log *log, bool is_blind)
{
	do
		take_report(worker, log);
	while (log->is_blind != is_blind);
	for (int i = 0; i < 2; i++) {
		take_report(worker, log);
		assert_int_equal(log->is_blind, is_blind);
	}
}

static struct report_log report_log;

static void
take_reports(struct worker *worker)
{
	struct mail off = { .kind = MAIL_TRACKING, .tracking = false };
	struct mail on = { .kind = MAIL_TRACKING, .tracking = true };

	report_log = (struct report_log){ 0 };
	take_report(worker, &report_log);
	assert_false(report_log.is_blind);
	post(&off);
	take_until(worker, &report_log, true);
	post(&on);
	take_until(worker, &report_log, false);
}

static void
a_worker_that_sleeps_reports_each_tick_and_whether_it_saw_all_of_it(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;
	struct report_rings rings;
	struct err err;

	assert_int_equal(report_rings_make(&rings, REPORT_RINGS_LIVE, -1, &err), 0);
	report_desk_init(&worker->desk, pipeline_meter(worker->params.pipeline), &rings,
			&worker->counters);
	idle_set(&worker->idle, IDLE_SLEEP);
	run_while(worker, take_reports);
	for (struct detect_report *left; (left = report_rings_take(&rings)) != NULL;)
		note(&report_log, left);
	if (worker->desk.report != NULL) /* begun, so what was skipped before it is counted */
		note(&report_log, worker->desk.report);
	assert_int_equal(counter_read(&worker->counters.reports_late), report_log.skipped);
	report_rings_free(&rings);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_worker, destroy_worker)

#ifdef SYNWIRE_DEBUG
/* Somebody forgot to count a connection that was opened. The first breach is kept. */
static void
what_does_not_hold_of_a_worker_is_counted_in_debug_builds(void **state)
{
	struct worker *worker = &((struct fixture *)*state)->worker;
	struct pipeline *pipeline = worker->params.pipeline;
	struct invariant_breach breach;

	self_check(worker);
	assert_false(self_check_breach(worker, &breach));
	pipeline->table.used++;
	run_worker_over(worker, 8);
	assert_true(counter_read(&worker->counters.invariants_broken) >= 2);
	pipeline->table.used += 5;
	self_check(worker);
	assert_true(self_check_breach(worker, &breach));
	assert_int_equal(breach.what, INVARIANT_IN_USE);
	assert_int_equal(breach.left, breach.right + 1);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_leave_unchanged_and_in_order),
#ifdef SYNWIRE_DEBUG
		TEST(what_does_not_hold_of_a_worker_is_counted_in_debug_builds),
#endif
		TEST(what_a_full_port_refuses_is_a_drop_with_a_name),
		TEST(a_live_worker_loses_events_rather_than_packets),
		TEST(bypassed_frames_are_forwarded_and_not_tracked),
		TEST(a_query_finds_the_connections_that_it_asks_for),
		TEST(evidence_is_what_was_there_and_what_comes),
		TEST(evidence_comes_back_when_the_worker_stops),
		TEST(evidence_whose_time_is_over_comes_back),
		TEST(more_evidence_than_a_worker_has_places_for_comes_back_at_once),
		TEST(new_timeouts_hold_for_connections_that_are_there),
		TEST(what_the_ports_hold_is_sent_on_before_the_end),
		TEST(frames_to_a_port_without_link_are_a_drop_with_a_name),
		TEST(frames_that_are_too_long_are_a_drop_with_a_name),
		TEST(a_mirror_sends_nothing_and_tracks_all),
		TEST(a_worker_that_sleeps_reports_each_tick_and_whether_it_saw_all_of_it),
	};

	return cmocka_run_group_tests_name("worker", tests, start_dpdk, stop_dpdk);
}
