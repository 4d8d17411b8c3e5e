/* SPDX-License-Identifier: Apache-2.0 */

#include "io/capture_sink.h"

#include "io/capture_time.h"
#include "io/capture_writer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#define PORT_NAME "net_null_sink"

/* libpcap reads no frame longer than this (its MAXIMUM_SNAPLEN). */
#define FRAME_LEN_MAX 262144

struct capture_sink {
	struct capture_writer *writer; /* NULL: nothing is written */
	const struct rte_eth_rxtx_callback *tap;
	size_t time_offset;
	uint16_t port;
	bool plugged;
	atomic_int error; /* worker: wo, control: ro */
	uint8_t joined[FRAME_LEN_MAX]; /* worker: a frame of several mbufs in one piece */
};

/* The whole frame in one piece; NULL where the mbufs do not hold all of it. */
static const uint8_t *
join(struct capture_sink *sink, const struct rte_mbuf *mbuf)
{
	uint32_t done = 0;

	if (mbuf->nb_segs == 1)
		return rte_pktmbuf_mtod(mbuf, const uint8_t *);
	for (const struct rte_mbuf *part = mbuf; part != NULL; part = part->next) {
		if (part->data_len > sizeof(sink->joined) - done)
			return NULL;
		memcpy(sink->joined + done, rte_pktmbuf_mtod(part, const void *), part->data_len);
		done += part->data_len;
	}
	/* net_pcap counts a frame in 16 bits and so spoils one of more than 64 KiB. */
	return done == mbuf->pkt_len ? sink->joined : NULL;
}

static int
write_frame(struct capture_sink *sink, const struct rte_mbuf *mbuf)
{
	const uint64_t *time_us = RTE_MBUF_DYNFIELD(mbuf, sink->time_offset, const uint64_t *);
	const uint8_t *data = join(sink, mbuf);

	if (data == NULL)
		return -EMSGSIZE;
	return capture_writer_write(sink->writer, data, mbuf->pkt_len, mbuf->pkt_len,
			capture_time_us(*time_us));
}

/* Sees the frames on their way into the port; all of them are sent on. */
static uint16_t
tap_frames(uint16_t port, uint16_t queue, struct rte_mbuf *mbufs[], uint16_t count, void *user)
{
	struct capture_sink *sink = user;
	int rc = 0;

	(void)port;
	(void)queue;
	for (uint16_t i = 0; i < count && rc == 0; i++)
		rc = write_frame(sink, mbufs[i]);
	if (rc != 0 && capture_sink_error(sink) == 0)
		atomic_store_explicit(&sink->error, rc, memory_order_relaxed);
	return count;
}

static int
start_port(struct capture_sink *sink)
{
	const struct rte_eth_conf conf = { 0 };
	int rc = rte_eal_hotplug_add("vdev", PORT_NAME, "");

	if (rc < 0)
		return rc;
	sink->plugged = true;
	rc = rte_eth_dev_get_port_by_name(PORT_NAME, &sink->port);
	if (rc == 0)
		rc = rte_eth_dev_configure(sink->port, 0, 1, &conf);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(sink->port, CAPTURE_SINK_QUEUE, 0,
				(unsigned int)SOCKET_ID_ANY, NULL);
	if (rc == 0)
		rc = rte_eth_dev_start(sink->port);
	return rc;
}

static int
open_tap(struct capture_sink *sink, const char *path, struct err *err)
{
	int rc = capture_writer_open(path, &sink->writer, err);

	if (rc < 0)
		return rc;
	sink->tap = rte_eth_add_tx_callback(sink->port, CAPTURE_SINK_QUEUE, tap_frames, sink);
	if (sink->tap == NULL)
		return err_set(err, ENOTSUP,
				"this DPDK was built without callbacks, which --out needs");
	return 0;
}

int
capture_sink_open(const char *path, int time_offset, struct capture_sink **sink, struct err *err)
{
	struct capture_sink *made = calloc(1, sizeof(*made));
	int rc;

	*sink = NULL;
	if (made == NULL)
		return err_set(err, ENOMEM, "no memory left for the outgoing port");
	made->time_offset = (size_t)time_offset;
	rc = start_port(made);
	if (rc < 0)
		err_set(err, -rc, "DPDK's net_null port does not start: %s", strerror(-rc));
	else if (path != NULL)
		rc = open_tap(made, path, err);
	if (rc < 0) {
		capture_sink_close(made, NULL);
		return rc;
	}
	*sink = made;
	return 0;
}

uint16_t
capture_sink_port(const struct capture_sink *sink)
{
	return sink->port;
}

int
capture_sink_error(const struct capture_sink *sink)
{
	return atomic_load_explicit(&sink->error, memory_order_relaxed);
}

static void
stop_port(struct capture_sink *sink)
{
	if (!sink->plugged)
		return;
	rte_eth_dev_stop(sink->port);
	rte_eth_dev_close(sink->port);
	rte_eal_hotplug_remove("vdev", PORT_NAME);
}

int
capture_sink_close(struct capture_sink *sink, struct err *err)
{
	int rc;

	if (sink == NULL)
		return 0;
	if (sink->tap != NULL)
		rte_eth_remove_tx_callback(sink->port, CAPTURE_SINK_QUEUE, sink->tap);
	stop_port(sink);
	rc = capture_writer_close(sink->writer, err);
	if (rc == 0 && capture_sink_error(sink) == -EMSGSIZE)
		rc = err_set(err, EMSGSIZE,
				"a frame is longer than 65535 bytes, which DPDK's net_pcap port"
				" cannot carry whole");
	free(sink);
	return rc;
}
