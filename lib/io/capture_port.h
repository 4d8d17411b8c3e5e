/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A capture file as a DPDK port: net_pcap reads it, one receive queue, one burst at a time,
 * and puts each frame's time into its mbuf.
 *
 * The driver tells little: a burst that is short is the end of what can be read, and only
 * the port's counters say whether the file was whole. It does not tell how long a frame
 * was before the capture cut it, so such a frame is as long as what the capture kept.
 *
 * Ports and pool belong to the thread that started the EAL; a worker may receive from the
 * port between open and close.
 */

#ifndef IO_CAPTURE_PORT_H
#define IO_CAPTURE_PORT_H

#include "base/err.h"

#include <stdint.h>

struct rte_mempool;

#define CAPTURE_PORT_QUEUE 0

/* Megabytes of the EAL's memory that a pool and a port take. */
#define CAPTURE_PORT_MEMORY_MB 48

/**
 * Mbufs for the frames of all captures in turn.
 *
 * @param burst
 *   The largest burst a worker receives: however long its frames are, there is an mbuf
 *   for each part of them.
 * @return
 *   NULL with the sentence in @p err.
 */
struct rte_mempool *capture_port_pool_create(uint32_t burst, struct err *err);

/**
 * Plug in a port that reads a capture.
 *
 * @param descriptor
 *   Of the file; it must stay open until capture_port_close(). The port reads from the
 *   file's beginning, wherever the descriptor's offset is.
 * @param name
 *   The file's, for the sentence.
 * @param[out] port
 *   DPDK's number of it.
 * @return
 *   0, or -errno with the sentence in @p err. One may be open at a time.
 */
int capture_port_open(int descriptor, const char *name, struct rte_mempool *pool, uint16_t *port,
		struct err *err);

/** Unplug it. */
void capture_port_close(uint16_t port);

/* What a port knows of the file, once a short burst came. */
struct capture_port_state {
	uint64_t unreadable; /* more than none: the file was cut off or damaged behind the last frame */
	uint64_t no_mbuf; /* frames lost for want of an mbuf */
};

void capture_port_ask(uint16_t port, struct capture_port_state *state);

/**
 * Where in an mbuf its time is, for RTE_MBUF_DYNFIELD: uint64_t, microseconds since the epoch.
 *
 * @return
 *   The offset, or -errno with the sentence in @p err.
 */
int capture_port_time_offset(struct err *err);

#endif /* IO_CAPTURE_PORT_H */
