/* SPDX-License-Identifier: Apache-2.0 */

/* Ports of the drivers that need no hardware, as the appliance opens them. */

#include "io/eal.h"
#include "io/frame_pool.h"
#include "io/port.h"
#include "io/port_link.h"
#include "io/port_rss.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <cmocka.h>

static const struct frame_pool_params pool_params = {
	.queues = 2, .threads = 1, .frame_len = 1522
};

/* DPDK starts once in a process. */
static struct eal *eal;
static struct rte_mempool *pool;

static int
start_dpdk(void **state)
{
	const struct eal_options options = { .memory_mb = 64 + frame_pool_memory_mb(&pool_params) };
	struct err err = { "" };

	(void)state;
	if (eal_start(&options, &eal, &err) == 0)
		pool = frame_pool_create("frames", &pool_params, -1, &err);
	if (pool == NULL)
		fprintf(stderr, "%s\n", err.text);
	return pool != NULL ? 0 : -1;
}

static int
stop_dpdk(void **state)
{
	(void)state;
	eal_stop(eal);
	return 0;
}

static struct port
plugged(const char *text)
{
	struct port port = { .lock = -1 };
	struct err err = { "" };

	assert_int_equal(port_device_parse(text, &port.device, &err), 0);
	if (port_plug(&port, eal, &err) != 0)
		fail_msg("%s", err.text);
	return port;
}

static int
set_up(struct port *port, uint16_t queues, uint32_t mtu, struct err *err)
{
	const struct port_params params = { .queues = queues, .mtu = mtu, .pool = pool };

	return port_set_up(port, &params, err);
}

static void
assert_says(const struct err *err, const char *words)
{
	if (strstr(err->text, words) == NULL)
		fail_msg("'%s' is not in: %s", words, err->text);
}

/* net_null gives frames without end. */
static void
a_port_that_is_started_gives_frames(void **state)
{
	struct port port = plugged("net_null0,size=100");
	struct rte_mbuf *mbufs[8];
	struct err err = { "" };

	(void)state;
	assert_true(port.is_plugged);
	assert_string_equal(port.driver, "net_null");
	assert_int_equal(set_up(&port, 1, 1500, &err), 0);
	assert_int_equal(port.steering, PORT_STEERING_NOBODY);
	assert_int_equal(port.queues, 1);
	assert_int_equal(port_start(&port, &err), 0);
	assert_true(port.is_started);
	assert_int_equal(rte_eth_rx_burst(port.number, 0, mbufs, 8), 8);
	assert_int_equal(mbufs[0]->pkt_len, 100);
	rte_pktmbuf_free_bulk(mbufs, 8);
	port_unplug(&port);
}

static void
a_port_that_is_given_back_can_be_taken_again(void **state)
{
	struct rte_eth_dev_info info;

	(void)state;
	for (int n = 0; n < 3; n++) {
		struct port port = plugged("net_ring0");
		const uint16_t number = port.number;
		struct err err;

		assert_int_equal(set_up(&port, 1, 1500, &err), 0);
		assert_int_equal(port_start(&port, &err), 0);
		port_unplug(&port);
		assert_false(port.is_plugged);
		assert_false(port.is_started);
		assert_int_not_equal(rte_eth_dev_info_get(number, &info), 0);
		port_unplug(&port); /* and a second time is none */
	}
}

/* The drivers' own way to tell; its header is not for applications. */
int rte_eth_dev_callback_process(
		struct rte_eth_dev *dev, enum rte_eth_event_type event, void *ret_param);
struct rte_eth_dev *rte_eth_dev_allocated(const char *name);

static struct port_link
link_after(const char *name, struct port *port, enum rte_eth_event_type event)
{
	struct port_link link = { .is_there = false };

	port_link_ask(port, &link);
	assert_true(link.is_there);
	rte_eth_dev_callback_process(rte_eth_dev_allocated(name), event, NULL);
	port_link_ask(port, &link);
	return link;
}

static void
a_card_that_is_taken_away_or_reset_is_there_no_more(void **state)
{
	static const enum rte_eth_event_type events[] = { RTE_ETH_EVENT_INTR_RMV,
		RTE_ETH_EVENT_INTR_RESET };

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		struct port port = plugged("net_null3");
		struct port_link link;
		struct err err;

		assert_int_equal(set_up(&port, 1, 1500, &err), 0);
		assert_int_equal(port_start(&port, &err), 0);
		link = link_after("net_null3", &port, events[i]);
		assert_false(link.is_there);
		assert_false(link.is_up);
		assert_int_equal(link.wants_reset, events[i] == RTE_ETH_EVENT_INTR_RESET);
		port_unplug(&port);
	}
}

static void
a_port_of_zeros_is_left_alone(void **state)
{
	struct port other = plugged("net_null0");
	struct rte_eth_dev_info info;
	struct port none = { .number = other.number };

	(void)state;
	port_unplug(&none);
	assert_int_equal(rte_eth_dev_info_get(other.number, &info), 0);
	port_unplug(&other);
}

static void
a_device_without_a_driver_is_refused(void **state)
{
	struct port port = { .lock = -1 };
	struct err err = { "" };

	(void)state;
	assert_int_equal(port_device_parse("net_nobody0", &port.device, &err), 0);
	assert_true(port_plug(&port, eal, &err) < 0);
	assert_says(&err, "net_nobody0: DPDK does not open it");
	assert_false(port.is_plugged);
	port_unplug(&port);
}

static void
arguments_that_the_driver_does_not_know_are_told_in_its_words(void **state)
{
	struct port port = { .lock = -1 };
	struct err err = { "" };

	(void)state;
	assert_int_equal(port_device_parse("net_null0,colour=blue", &port.device, &err), 0);
	assert_true(port_plug(&port, eal, &err) < 0);
	assert_says(&err, "net_null0: DPDK does not open it");
	assert_says(&err, "DPDK says: ");
	port_unplug(&port);
}

static void
a_port_that_could_not_be_taken_is_not_kept_from_others(void **state)
{
	struct port port = { .lock = -1 };
	char text[64];
	struct err err = { "" };
	int lock;

	(void)state;
	snprintf(text, sizeof(text), "net_af_packet0,iface=gone%d", (int)getpid());
	assert_int_equal(port_device_parse(text, &port.device, &err), 0);
	assert_true(port_plug(&port, eal, &err) < 0);
	port_unplug(&port);
	lock = port_device_lock(&port.device, &err);
	assert_true(lock >= 0);
	close(lock);
}

static void
a_driver_that_cannot_steer_is_refused_with_several_workers(void **state)
{
	struct port port = plugged("net_ring0");
	struct err err = { "" };

	(void)state;
	assert_int_equal(set_up(&port, 2, 1500, &err), -ENOTSUP);
	assert_says(&err,
			"net_ring0: its driver net_ring cannot bring both directions of a connection to"
			" the same of 2 workers; set workers.count: 1, or workers.steering: software");
	port_unplug(&port);
}

/* net_null says that it hashes, and keeps a key of its own. */
static void
a_driver_that_does_not_take_the_key_is_refused_with_several_workers(void **state)
{
	struct port port = plugged("net_null0");
	struct err err = { "" };

	(void)state;
	assert_int_equal(set_up(&port, 2, 1500, &err), 0);
	assert_int_equal(port.steering, PORT_STEERING_RSS);
	assert_int_equal(port_start(&port, &err), -ENOTSUP);
	assert_says(&err, "net_null0: its driver net_null took the symmetric RSS key");
	assert_says(&err, "set workers.count: 1, or workers.steering: software");
	port_unplug(&port);
}

/* As a card does that takes what it is asked for. */
static void
a_driver_that_reads_back_key_and_table_is_verified(void **state)
{
	struct port port = plugged("net_null0");
	uint8_t key[40];
	struct rte_eth_rss_conf conf = { .rss_key = key, .rss_key_len = sizeof(key) };
	struct rte_eth_rss_reta_entry64 table[8] = { { .mask = UINT64_MAX } };
	struct err err = { "" };

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = i % 2 == 0 ? 0x6d : 0x5a;
	assert_int_equal(set_up(&port, 2, 1500, &err), 0);
	conf.rss_hf = port.rss_types;
	assert_int_equal(rte_eth_dev_rss_hash_update(port.number, &conf), 0);
	if (port_rss_verify(&port, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(rte_eth_dev_rss_reta_query(port.number, table, port.reta_size), 0);
	for (uint16_t i = 0; i < RTE_ETH_RETA_GROUP_SIZE; i++)
		assert_int_equal(table[0].reta[i], i % 2);
	key[39] ^= 1;
	assert_int_equal(rte_eth_dev_rss_hash_update(port.number, &conf), 0);
	assert_int_equal(port_rss_verify(&port, &err), -ENOTSUP);
	port_unplug(&port);
}

static void
more_queues_than_the_driver_has_are_refused(void **state)
{
	struct port port = plugged("net_ring0");
	struct err err = { "" };

	(void)state;
	assert_int_equal(set_up(&port, 64, 1500, &err), -EINVAL);
	assert_says(&err, "net_ring0: has 16 receive and 16 transmit queues, and 64 workers need");
	port_unplug(&port);
}

static void
an_mtu_that_the_driver_does_not_take_is_refused(void **state)
{
	struct port port = plugged("net_null0");
	struct err err = { "" };
	struct rte_eth_dev_info info;

	(void)state;
	assert_int_equal(rte_eth_dev_info_get(port.number, &info), 0);
	assert_int_equal(set_up(&port, 1, info.max_mtu + 1u, &err), -EINVAL);
	assert_says(&err, "net_null0: takes an MTU from ");
	port_unplug(&port);
}

static void
a_port_s_address_is_in_small_letters(void **state)
{
	(void)state;
	for (int n = 0; n < 8; n++) { /* each has another one */
		struct port port = plugged("net_null0");

		assert_int_equal(strlen(port.mac), 17);
		assert_null(strpbrk(port.mac, "ABCDEF"));
		port_unplug(&port);
	}
}

static void
what_the_driver_does_not_count_is_zero(void **state)
{
	struct port port = plugged("net_ring0");
	struct port_stats stats = { .missed = 1, .rx_errors = 1, .no_mbuf = 1, .tx_errors = 1 };

	(void)state;
	port_ask(&port, &stats);
	assert_int_equal(stats.missed | stats.rx_errors | stats.no_mbuf | stats.tx_errors, 0);
	port_unplug(&port);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_that_is_started_gives_frames),
		cmocka_unit_test(a_port_that_is_given_back_can_be_taken_again),
		cmocka_unit_test(a_card_that_is_taken_away_or_reset_is_there_no_more),
		cmocka_unit_test(a_port_of_zeros_is_left_alone),
		cmocka_unit_test(a_device_without_a_driver_is_refused),
		cmocka_unit_test(arguments_that_the_driver_does_not_know_are_told_in_its_words),
		cmocka_unit_test(a_port_that_could_not_be_taken_is_not_kept_from_others),
		cmocka_unit_test(a_driver_that_cannot_steer_is_refused_with_several_workers),
		cmocka_unit_test(
				a_driver_that_does_not_take_the_key_is_refused_with_several_workers),
		cmocka_unit_test(a_driver_that_reads_back_key_and_table_is_verified),
		cmocka_unit_test(more_queues_than_the_driver_has_are_refused),
		cmocka_unit_test(an_mtu_that_the_driver_does_not_take_is_refused),
		cmocka_unit_test(a_port_s_address_is_in_small_letters),
		cmocka_unit_test(what_the_driver_does_not_count_is_zero),
	};

	return cmocka_run_group_tests_name("port", tests, start_dpdk, stop_dpdk);
}
