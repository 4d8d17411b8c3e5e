/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Both directions of a connection to the same queue, of whichever port they come in by.
 *
 * A network card hashes addresses and ports with a key. Where the key repeats every 16 bits,
 * the hash does not change when source and destination change places (Woo and Park, "Scalable
 * TCP Session Monitoring with Symmetric Receive-side Scaling", 2012). The key, the types of
 * packet that are hashed and the table from hash to queue are set, and read back: a card that
 * has them otherwise is not used with more than one worker.
 *
 * Anybody can compute the queue of a connection, since the key must be this one: an attacker
 * can aim at a worker, though not at a bucket of its table, whose hash has a secret key.
 */

#ifndef IO_PORT_RSS_H
#define IO_PORT_RSS_H

#include "base/err.h"
#include "io/port.h"

#include <stdint.h>

struct rte_eth_conf;
struct rte_eth_dev_info;

/** Choose who steers to @p queues queues, and ask for it in @p conf. */
enum port_steering port_rss_choose(struct port *port, const struct rte_eth_dev_info *info,
		uint16_t queues, struct rte_eth_conf *conf);

/** Say why the port is of no use with @p queues queues, and what can be done; -ENOTSUP. */
int port_rss_refuse(const struct port *port, const struct rte_eth_dev_info *info, uint16_t queues,
		struct err *err);

/** Of a started port: set the table from hash to queue, and read everything back. */
int port_rss_verify(struct port *port, struct err *err);

/** Whether two ports steer alike, as the two of a wire must. */
int port_rss_compare(const struct port *a, const struct port *b, struct err *err);

/**
 * The queue that a packet of these addresses and ports must come to, by this key.
 *
 * @param tuple
 *   Source address, destination address (network byte order, each @p address_len bytes: 4 or
 *   16), source port, destination port.
 */
uint16_t port_rss_queue_of(const struct port *port, const uint8_t *tuple, uint32_t address_len);

#endif /* IO_PORT_RSS_H */
