/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the configuration comes to on this machine: which threads on which processors, which
 * ports with how many queues, how much memory.
 *
 * All that can be known before DPDK starts is looked at here, and every mistake is told, not
 * only the first. Nothing is taken or changed yet.
 */

#ifndef APP_RUN_LAYOUT_H
#define APP_RUN_LAYOUT_H

#include "app/run/receiver.h"
#include "base/err_list.h"
#include "config/config.h"
#include "io/frame_pool.h"
#include "io/port.h"
#include "observe/status.h"

#include <stdbool.h>
#include <stdint.h>

#define LAYOUT_RECEIVERS_MAX 16
#define LAYOUT_THREADS_MAX (1 + STATUS_WORKERS_MAX)

struct layout_wire {
	uint32_t ports[2]; /* indices in ports */
	uint32_t port_count; /* 1: a mirror */
	uint32_t mtu;
};

/* Lcore 0 is the control thread, then come the workers, then the receivers. */
struct layout {
	uint32_t worker_count;
	uint32_t receiver_count; /* 0: the ports steer */
	uint32_t cpus[LAYOUT_THREADS_MAX]; /* of each lcore; EAL_CPU_ANY: none in particular */
	uint32_t port_count;
	struct port ports[STATUS_PORTS_MAX]; /* device, mtu */
	uint32_t wire_count;
	struct layout_wire wires[STATUS_WIRES_MAX];
	uint16_t queues; /* of each port */
	struct frame_pool_params pool; /* for all ports */
	uint32_t memory_mb;
	bool is_misconfigured; /* a mistake is one on any machine */
	const char *pci[STATUS_PORTS_MAX];
	uint32_t pci_count;
};

/**
 * @param config
 *   Checked by itself already.
 * @param[out] layout
 *   Good if nothing was added to @p errors.
 * @param errors
 *   Gets a sentence for each thing that this machine does not have.
 */
void layout_make(const struct config *config, struct layout *layout, struct err_list *errors);

/** The lcore of a worker, or of a receiver. */
static inline uint32_t
layout_worker_lcore(uint32_t worker)
{
	return 1 + worker;
}

static inline uint32_t
layout_receiver_lcore(const struct layout *layout, uint32_t receiver)
{
	return 1 + layout->worker_count + receiver;
}

#endif /* APP_RUN_LAYOUT_H */
