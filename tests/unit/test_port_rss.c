/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "io/port_rss.h"
#include "tests/unit/flow_fixture.h"

#include <errno.h>
#include <stdio.h>

#include <rte_ethdev.h>

#define V4 4
#define V6 16

/* Toeplitz' hash, bit by bit, with the key that is 0x6d5a all over (Woo and Park 2012). */
static uint32_t
naive_hash(const uint8_t *input, uint32_t len)
{
	uint32_t hash = 0;

	for (uint32_t bit = 0; bit < 8 * len; bit++) {
		if ((input[bit / 8] & 0x80 >> bit % 8) == 0)
			continue;
		for (uint32_t i = 0; i < 32; i++) {
			const uint32_t at = (bit + i) % 16;

			hash ^= (uint32_t)(0x6d5a >> (15 - at) & 1) << (31 - i);
		}
	}
	return hash;
}

struct tuple {
	uint8_t bytes[2 * V6 + 4];
};

static struct tuple
random_tuple(struct dice *dice)
{
	struct tuple tuple;

	for (uint32_t i = 0; i < sizeof(tuple.bytes); i++)
		tuple.bytes[i] = (uint8_t)dice_roll(dice);
	return tuple;
}

/* Source and destination change places. */
static struct tuple
turned(const struct tuple *tuple, uint32_t len)
{
	const uint8_t *from = tuple->bytes;
	struct tuple other;

	memcpy(other.bytes, from + len, len);
	memcpy(other.bytes + len, from, len);
	memcpy(other.bytes + 2 * len, from + 2 * len + 2, 2);
	memcpy(other.bytes + 2 * len + 2, from + 2 * len, 2);
	return other;
}

static void
both_directions_of_a_connection_have_the_same_queue(void **state)
{
	const struct port port = { .queues = 7, .reta_size = 128 };
	struct dice dice = { 1 };

	(void)state;
	for (int n = 0; n < 2000; n++) {
		const uint32_t len = n % 2 == 0 ? V4 : V6;
		const struct tuple there = random_tuple(&dice), back = turned(&there, len);

		assert_int_equal(port_rss_queue_of(&port, there.bytes, len),
				port_rss_queue_of(&port, back.bytes, len));
	}
}

static void
the_queue_is_the_one_that_toeplitz_hash_finds_in_the_table(void **state)
{
	static const uint16_t queues[] = { 1, 2, 3, 8, 64 };
	static const uint16_t sizes[] = { 64, 128, 512 };
	struct dice dice = { 2 };

	(void)state;
	for (int n = 0; n < 2000; n++) {
		const uint32_t len = n % 2 == 0 ? V4 : V6;
		const struct tuple tuple = random_tuple(&dice);
		const struct port port = {
			.queues = queues[dice_below(&dice, ARRAY_LEN(queues))],
			.reta_size = sizes[dice_below(&dice, ARRAY_LEN(sizes))],
		};
		const uint32_t entry = naive_hash(tuple.bytes, 2 * len + 4) % port.reta_size;

		assert_int_equal(port_rss_queue_of(&port, tuple.bytes, len), entry % port.queues);
	}
}

static void
connections_spread_over_all_queues(void **state)
{
	const struct port port = { .queues = 8, .reta_size = 128 };
	uint32_t count[8] = { 0 };
	struct dice dice = { 3 };

	(void)state;
	for (int n = 0; n < 8000; n++)
		count[port_rss_queue_of(&port, random_tuple(&dice).bytes, V4)]++;
	for (int q = 0; q < 8; q++)
		assert_in_range(count[q], 800, 1200);
}

/* A card that can do all that is asked of it. */
static struct rte_eth_dev_info
good_card(void)
{
	return (struct rte_eth_dev_info){
		.driver_name = "net_good",
		.flow_type_rss_offloads = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP |
				RTE_ETH_RSS_SCTP,
		.hash_key_size = 52,
		.reta_size = 512,
	};
}

static enum port_steering
choose(struct port *port, const struct rte_eth_dev_info *info, uint16_t queues,
		struct rte_eth_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	return port_rss_choose(port, info, queues, conf);
}

static void
a_card_that_can_is_asked_for_a_symmetric_hash(void **state)
{
	const struct rte_eth_dev_info info = good_card();
	struct port port = { .number = 0 };
	struct rte_eth_conf conf;

	(void)state;
	assert_int_equal(choose(&port, &info, 4, &conf), PORT_STEERING_RSS);
	assert_int_equal(conf.rxmode.mq_mode, RTE_ETH_MQ_RX_RSS);
	assert_int_equal(conf.rx_adv_conf.rss_conf.rss_key_len, 52);
	for (int i = 0; i < 52; i++)
		assert_int_equal(conf.rx_adv_conf.rss_conf.rss_key[i], i % 2 == 0 ? 0x6d : 0x5a);
	assert_int_equal(conf.rx_adv_conf.rss_conf.rss_hf, port.rss_types);
	assert_int_equal(port.rss_types, RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP);
	assert_int_equal(port.reta_size, 512);
}

static void
a_card_that_does_not_tell_its_key_s_length_gets_the_usual_one(void **state)
{
	struct rte_eth_dev_info info = good_card();
	struct port port = { .number = 0 };
	struct rte_eth_conf conf;

	(void)state;
	info.hash_key_size = 0;
	assert_int_equal(choose(&port, &info, 4, &conf), PORT_STEERING_RSS);
	assert_int_equal(conf.rx_adv_conf.rss_conf.rss_key_len, 40);
}

static void
a_card_that_cannot_is_of_no_use_with_several_queues(void **state)
{
	struct rte_eth_dev_info infos[] = { good_card(), good_card(), good_card(), good_card(),
		good_card() };
	struct port port = { .number = 0 };
	struct rte_eth_conf conf;

	(void)state;
	infos[0].flow_type_rss_offloads &= ~(uint64_t)RTE_ETH_RSS_NONFRAG_IPV4_TCP;
	infos[1].flow_type_rss_offloads &= ~(uint64_t)RTE_ETH_RSS_NONFRAG_IPV6_TCP;
	infos[2].reta_size = 0;
	infos[3].reta_size = 1024; /* more than DPDK's calls take at a time here */
	infos[4].hash_key_size = 129;
	for (size_t i = 0; i < ARRAY_LEN(infos); i++) {
		assert_int_equal(choose(&port, &infos[i], 2, &conf), PORT_STEERING_NOBODY);
		assert_int_equal(conf.rxmode.mq_mode, RTE_ETH_MQ_RX_NONE);
	}
}

static void
one_queue_needs_no_steering(void **state)
{
	const struct rte_eth_dev_info info = good_card();
	struct port port = { .number = 0 };
	struct rte_eth_conf conf;

	(void)state;
	assert_int_equal(choose(&port, &info, 1, &conf), PORT_STEERING_NOBODY);
	assert_int_equal(conf.rxmode.mq_mode, RTE_ETH_MQ_RX_NONE);
	port.device.is_af_packet = true;
	assert_int_equal(choose(&port, &info, 1, &conf), PORT_STEERING_NOBODY);
}

static void
the_queues_of_af_packet_are_linux_to_fill(void **state)
{
	const struct rte_eth_dev_info info = { .driver_name = "net_af_packet" };
	struct port port = { .device = { .is_af_packet = true } };
	struct rte_eth_conf conf;

	(void)state;
	assert_int_equal(choose(&port, &info, 4, &conf), PORT_STEERING_KERNEL);
	assert_int_equal(conf.rxmode.mq_mode, RTE_ETH_MQ_RX_NONE);
}

static void
a_refusal_says_what_to_do(void **state)
{
	const struct rte_eth_dev_info info = { .driver_name = "net_poor" };
	const struct port port = { .device = { .name = "net_poor0" } };
	struct err err = { "" };

	(void)state;
	assert_int_equal(port_rss_refuse(&port, &info, 3, &err), -ENOTSUP);
	assert_string_equal(err.text,
			"net_poor0: its driver net_poor cannot bring both directions of a connection"
			" to the same of 3 workers; set workers.count: 1, or workers.steering:"
			" software");
}

static struct port
steered(uint16_t queues, enum port_steering steering, uint64_t types, uint16_t reta_size)
{
	return (struct port){
		.device = { .name = "a" },
		.queues = queues,
		.steering = steering,
		.rss_types = types,
		.reta_size = reta_size,
	};
}

static void
ports_that_steer_alike_make_a_wire(void **state)
{
	const struct {
		struct port a, b;
		bool alike;
	} pairs[] = {
		{ steered(3, PORT_STEERING_RSS, 7, 128), steered(3, PORT_STEERING_RSS, 7, 128),
				true },
		{ steered(3, PORT_STEERING_KERNEL, 0, 0), steered(3, PORT_STEERING_KERNEL, 0, 0),
				true },
		{ steered(3, PORT_STEERING_RSS, 7, 128), steered(3, PORT_STEERING_KERNEL, 0, 0),
				false },
		{ steered(4, PORT_STEERING_RSS, 0, 0), steered(4, PORT_STEERING_KERNEL, 0, 0),
				false },
		{ steered(4, PORT_STEERING_RSS, 7, 128), steered(4, PORT_STEERING_RSS, 3, 128),
				false },
		{ steered(3, PORT_STEERING_RSS, 7, 128), steered(3, PORT_STEERING_RSS, 7, 512),
				false },
		{ steered(4, PORT_STEERING_RSS, 7, 128), steered(4, PORT_STEERING_RSS, 7, 512),
				true },
		{ steered(1, PORT_STEERING_NOBODY, 7, 128), steered(1, PORT_STEERING_NOBODY, 0, 0),
				true },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		assert_int_equal(port_rss_compare(&pairs[i].a, &pairs[i].b, &err),
				pairs[i].alike ? 0 : -ENOTSUP);
}

/* Why a table's size does not matter then: on both, a hash leads to the same queue. */
static void
tables_of_two_sizes_agree_where_the_queues_are_a_power_of_two(void **state)
{
	struct port small = { .queues = 4, .reta_size = 128 };
	struct port large = { .queues = 4, .reta_size = 512 };
	uint32_t differ = 0;
	struct dice dice = { 4 };

	(void)state;
	for (int n = 0; n < 2000; n++) {
		const struct tuple tuple = random_tuple(&dice);

		assert_int_equal(port_rss_queue_of(&small, tuple.bytes, V4),
				port_rss_queue_of(&large, tuple.bytes, V4));
	}
	small.queues = large.queues = 3;
	for (int n = 0; n < 2000; n++) {
		const struct tuple tuple = random_tuple(&dice);

		differ += port_rss_queue_of(&small, tuple.bytes, V4) !=
				port_rss_queue_of(&large, tuple.bytes, V4);
	}
	assert_int_not_equal(differ, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_of_a_connection_have_the_same_queue),
		cmocka_unit_test(the_queue_is_the_one_that_toeplitz_hash_finds_in_the_table),
		cmocka_unit_test(connections_spread_over_all_queues),
		cmocka_unit_test(a_card_that_can_is_asked_for_a_symmetric_hash),
		cmocka_unit_test(a_card_that_does_not_tell_its_key_s_length_gets_the_usual_one),
		cmocka_unit_test(a_card_that_cannot_is_of_no_use_with_several_queues),
		cmocka_unit_test(one_queue_needs_no_steering),
		cmocka_unit_test(the_queues_of_af_packet_are_linux_to_fill),
		cmocka_unit_test(a_refusal_says_what_to_do),
		cmocka_unit_test(ports_that_steer_alike_make_a_wire),
		cmocka_unit_test(tables_of_two_sizes_agree_where_the_queues_are_a_power_of_two),
	};

	return cmocka_run_group_tests_name("port_rss", tests, NULL, NULL);
}
