/* SPDX-License-Identifier: Apache-2.0 */

#include "io/port_rss.h"

#include <errno.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_thash.h>

#define KEY_LEN_MAX 128
#define RETA_SIZE_MAX RTE_ETH_RSS_RETA_SIZE_512
#define RETA_GROUPS (RETA_SIZE_MAX / RTE_ETH_RETA_GROUP_SIZE)

/* Microsoft's key length, where a driver does not tell its own. */
#define KEY_LEN_USUAL 40

/* TCP of both kinds is what must be hashed; of all others the order should be kept. */
#define TYPES_NEEDED (RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP)
#define TYPES_WANTED (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP)

static const uint8_t key[KEY_LEN_MAX] = {
#define KEY_PART 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a
	KEY_PART, KEY_PART, KEY_PART, KEY_PART, KEY_PART, KEY_PART, KEY_PART, KEY_PART, KEY_PART,
	KEY_PART, KEY_PART, KEY_PART, KEY_PART, KEY_PART, KEY_PART, KEY_PART
};

static uint8_t
key_len(const struct rte_eth_dev_info *info)
{
	return info->hash_key_size != 0 ? info->hash_key_size : KEY_LEN_USUAL;
}

static bool
has_rss(const struct rte_eth_dev_info *info)
{
	return (info->flow_type_rss_offloads & TYPES_NEEDED) == TYPES_NEEDED &&
			key_len(info) <= KEY_LEN_MAX && info->reta_size != 0 &&
			info->reta_size <= RETA_SIZE_MAX;
}

enum port_steering
port_rss_choose(struct port *port, const struct rte_eth_dev_info *info, uint16_t queues,
		struct rte_eth_conf *conf)
{
	if (queues == 1)
		return PORT_STEERING_NOBODY;
	if (port->device.is_af_packet)
		return PORT_STEERING_KERNEL;
	if (!has_rss(info))
		return PORT_STEERING_NOBODY;
	port->rss_types = TYPES_WANTED & info->flow_type_rss_offloads;
	port->reta_size = info->reta_size;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rx_adv_conf.rss_conf = (struct rte_eth_rss_conf){
		.rss_key = (uint8_t *)(uintptr_t)key,
		.rss_key_len = key_len(info),
		.rss_hf = port->rss_types,
	};
	return PORT_STEERING_RSS;
}

int
port_rss_refuse(const struct port *port, const struct rte_eth_dev_info *info, uint16_t queues,
		struct err *err)
{
	return err_set(err, ENOTSUP,
			"%s: its driver %s cannot bring both directions of a connection to the same"
			" of %u workers; set workers.count: 1, or workers.steering: software",
			port->device.name, info->driver_name, queues);
}

static int
set_table(const struct port *port)
{
	struct rte_eth_rss_reta_entry64 table[RETA_GROUPS] = { 0 };

	for (uint16_t i = 0; i < port->reta_size; i++) {
		struct rte_eth_rss_reta_entry64 *group = &table[i / RTE_ETH_RETA_GROUP_SIZE];

		group->mask = UINT64_MAX;
		group->reta[i % RTE_ETH_RETA_GROUP_SIZE] = (uint16_t)(i % port->queues);
	}
	return rte_eth_dev_rss_reta_update(port->number, table, port->reta_size);
}

static bool
is_table_set(const struct port *port)
{
	struct rte_eth_rss_reta_entry64 table[RETA_GROUPS] = { 0 };

	for (uint16_t i = 0; i < RETA_GROUPS; i++)
		table[i].mask = UINT64_MAX;
	if (rte_eth_dev_rss_reta_query(port->number, table, port->reta_size) != 0)
		return false;
	for (uint16_t i = 0; i < port->reta_size; i++)
		if (table[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] !=
				i % port->queues)
			return false;
	return true;
}

static bool
is_key_set(struct port *port)
{
	uint8_t read_back[KEY_LEN_MAX] = { 0 };
	struct rte_eth_dev_info info;
	struct rte_eth_rss_conf conf = { .rss_key = read_back };

	if (rte_eth_dev_info_get(port->number, &info) != 0)
		return false;
	conf.rss_key_len = key_len(&info);
	if (rte_eth_dev_rss_hash_conf_get(port->number, &conf) != 0)
		return false;
	port->rss_types = conf.rss_hf;
	return (conf.rss_hf & TYPES_NEEDED) == TYPES_NEEDED &&
			memcmp(read_back, key, key_len(&info)) == 0;
}

int
port_rss_verify(struct port *port, struct err *err)
{
	if (is_key_set(port) && set_table(port) == 0 && is_table_set(port))
		return 0;
	return err_set(err, ENOTSUP,
			"%s: its driver %s took the symmetric RSS key, or the table from hash to"
			" queue, and reads back another; set workers.count: 1, or"
			" workers.steering: software",
			port->device.name, port->driver);
}

int
port_rss_compare(const struct port *a, const struct port *b, struct err *err)
{
	/* Tables of powers of two, filled in turn, agree where the number of queues is one too. */
	const bool power_of_two = (a->queues & (a->queues - 1)) == 0;

	if (a->queues == 1)
		return 0;
	if (a->steering == b->steering && a->rss_types == b->rss_types &&
			(a->reta_size == b->reta_size || power_of_two))
		return 0;
	return err_set(err, ENOTSUP,
			"%s and %s: steer differently, so the two directions of a connection would"
			" come to different workers; set workers.count: 1, a power of two, or"
			" workers.steering: software",
			a->device.name, b->device.name);
}

uint16_t
port_rss_queue_of(const struct port *port, const uint8_t *tuple, uint32_t address_len)
{
	uint32_t words[9];
	const uint32_t count = (2 * address_len + 4) / sizeof(words[0]);

	for (uint32_t i = 0; i < count; i++) {
		memcpy(&words[i], tuple + i * sizeof(words[0]), sizeof(words[0]));
		words[i] = rte_be_to_cpu_32(words[i]);
	}
	return (uint16_t)(rte_softrss(words, count, key) % port->reta_size % port->queues);
}
