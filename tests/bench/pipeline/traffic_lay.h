/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the frames of each kind of traffic are, and in which order they come. For traffic.c.
 *
 * Connections that begin and end in a pass are played as scripts, step by step, and so many
 * at once that what one did before is no longer in the cache when it goes on; of connections
 * that are open, the next packet is anyone's.
 */

#ifndef BENCH_TRAFFIC_LAY_H
#define BENCH_TRAFFIC_LAY_H

#include "tests/bench/pipeline/traffic.h"

#define TRAFFIC_LAY_SMALL 65536 /* with fewer flows, a pass is short */

/** Steps of the longest script of a kind that begins anew. */
uint32_t traffic_lay_steps(enum traffic_kind kind);

/** Fill in a pass, with what is to be expected of it. */
void traffic_lay(struct traffic *traffic);

/** Whether a frame over IPv4 is the server's. */
bool traffic_lay_from_server(const uint8_t *buffer);

#endif /* BENCH_TRAFFIC_LAY_H */
