/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Which worker a frame belongs to, where software must do what a port cannot: both
 * directions of a connection give the same worker, and so does an ICMP error that quotes a
 * segment of it.
 *
 * UDP, ICMP, fragments and all other IP packets go by their two addresses, so that they keep
 * their order; what is not IP goes to worker 0. Of a packet in fragments the first, if it is
 * tracked, goes with its connection and the others by the addresses.
 *
 * The hash is keyed, so that nobody can aim at a worker. It must not be the flow table's:
 * that one's low bits, equal for all flows of a worker, would leave buckets empty.
 */

#ifndef PIPELINE_STEER_H
#define PIPELINE_STEER_H

#include "flow/flow_key.h"
#include "packet/frame.h"

#include <stdint.h>

struct steer {
	struct flow_hash_key secret;
	uint32_t workers;
};

/** The number of the worker, from 0 on. */
uint32_t steer_frame(const struct steer *steer, const struct frame *frame);

#endif /* PIPELINE_STEER_H */
