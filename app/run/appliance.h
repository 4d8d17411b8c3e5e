/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Everything that forwards: DPDK, ports, workers and what lies between them. It is built from
 * the configuration, started, stopped and taken apart in the reverse order.
 *
 * The control thread owns it. While it runs, workers and control thread share counters, the
 * event rings, the letter rings, and the flags that say which port has no link.
 */

#ifndef APP_RUN_APPLIANCE_H
#define APP_RUN_APPLIANCE_H

#include "app/run/layout.h"
#include "app/run/receiver.h"
#include "app/worker/worker.h"
#include "config/config.h"
#include "observe/status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct eal;
struct rte_mempool;

#define APPLIANCE_NODES_MAX 8

/* What a worker or receiver counts at each port, and the memory that is its own. */
struct appliance_thread {
	struct port_counters ports[STATUS_PORTS_MAX];
	void *table; /* the pipeline's */
	size_t table_size;
	void *events; /* the event ring's */
	size_t events_size;
	struct report_rings reports; /* a worker's, if it detects */
	int16_t node; /* NUMA; -1: any */
};

/* From running to stopped, in this order. */
enum appliance_phase {
	APPLIANCE_RUNNING,
	APPLIANCE_CLOSING, /* receivers take no more */
	APPLIANCE_DRAINING, /* workers finish what they have */
	APPLIANCE_SENDING, /* receivers send that */
	APPLIANCE_REPORTING, /* workers tell of connections that are still open */
	APPLIANCE_STOPPED,
};

struct appliance {
	struct layout layout;
	uint64_t clock_offset_us; /* what makes CLOCK_MONOTONIC the time since 1970 */
	struct eal *eal;
	struct rte_mempool *pools[APPLIANCE_NODES_MAX];
	struct steer steer;
	struct worker *workers;
	struct receiver *receivers;
	struct appliance_thread *threads; /* of the workers, then of the receivers */
	atomic_bool port_is_down[STATUS_PORTS_MAX]; /* control: wo, workers: ro */
	const char *hugepage_prefix; /* of DPDK's files in hugetlbfs; NULL: none, it has no hugepages */
	enum appliance_phase phase;
};

/** Now, as workers count it. */
uint64_t appliance_now_us(const struct appliance *appliance);

/**
 * Start DPDK, take the ports, make the workers; nothing is forwarded yet.
 *
 * @param appliance
 *   Zero but for the layout.
 * @return
 *   0, or -errno with the sentence in @p err; appliance_fini() in any case.
 */
int appliance_init(struct appliance *appliance, const struct config *config, struct err *err);

/** Frames may come; nobody takes them yet. The last that needs privileges. */
int appliance_start_ports(struct appliance *appliance, struct err *err);

/** The threads go to work; from here on appliance_stop_step() comes before the end. */
void appliance_launch(struct appliance *appliance);

/**
 * Stop in order: no more is received, what is in flight is sent, and connections still open
 * are reported. Takes several calls, as the caller must drain the events in between.
 *
 * @return
 *   Whether all has come to rest.
 */
bool appliance_stop_step(struct appliance *appliance);

/** Take it apart. */
void appliance_fini(struct appliance *appliance);

/** Put a letter into a worker's ring; false: it has no room. */
bool appliance_post(struct appliance *appliance, uint32_t worker, struct mail *mail);

#endif /* APP_RUN_APPLIANCE_H */
