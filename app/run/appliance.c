/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/appliance.h"

#include "app/run/appliance_threads.h"
#include "base/usec.h"
#include "io/eal.h"
#include "io/hugepages.h"
#include "io/port_rss.h"
#include "log/log.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <rte_pdump.h>
#include <rte_ring.h>

static uint64_t
clock_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

uint64_t
appliance_now_us(const struct appliance *appliance)
{
	return appliance->clock_offset_us + clock_us(CLOCK_MONOTONIC);
}

static int
start_dpdk(struct appliance *appliance, const struct config *config, struct err *err)
{
	const struct layout *layout = &appliance->layout;
	const struct eal_options options = {
		.workers = layout->worker_count + layout->receiver_count,
		.memory_mb = layout->memory_mb,
		.cpus = layout->cpus,
		.prefix = config->dpdk.prefix,
		.hugepages = config->memory.hugepages,
		.telemetry = config->telemetry.enabled,
		.pci = layout->pci,
		.pci_count = layout->pci_count,
	};

	return eal_start(&options, &appliance->eal, err);
}

/* The pool of the port's node, made when its first port comes. */
static struct rte_mempool *
find_pool(struct appliance *appliance, const struct port *port, struct err *err)
{
	const uint32_t slot = port->node < 0 ? 0 : (uint32_t)port->node % APPLIANCE_NODES_MAX;
	char name[16];

	snprintf(name, sizeof(name), "frames%u", slot);
	if (appliance->pools[slot] == NULL)
		appliance->pools[slot] = frame_pool_create(
				name, &appliance->layout.pool, port->node, err);
	return appliance->pools[slot];
}

static int
open_port(struct appliance *appliance, struct port *port, struct err *err)
{
	struct port_params params = { .queues = appliance->layout.queues, .mtu = port->mtu };
	int rc = port_plug(port, appliance->eal, err);

	if (rc < 0)
		return rc;
	params.pool = find_pool(appliance, port, err);
	return params.pool != NULL ? port_set_up(port, &params, err) : -ENOMEM;
}

static int
open_ports(struct appliance *appliance, struct err *err)
{
	struct layout *layout = &appliance->layout;
	int rc = 0;

	for (uint32_t i = 0; i < layout->port_count && rc == 0; i++)
		rc = open_port(appliance, &layout->ports[i], err);
	for (uint32_t i = 0; i < layout->wire_count && rc == 0; i++)
		if (layout->wires[i].port_count == 2)
			rc = port_rss_compare(&layout->ports[layout->wires[i].ports[0]],
					&layout->ports[layout->wires[i].ports[1]], err);
	return rc;
}

int
appliance_init(struct appliance *appliance, const struct config *config, struct err *err)
{
	int rc;

	if (config->memory.hugepages)
		appliance->hugepage_prefix = config->dpdk.prefix;
	appliance->clock_offset_us = clock_us(CLOCK_REALTIME) - clock_us(CLOCK_MONOTONIC);
	rc = start_dpdk(appliance, config, err);
	if (rc == 0)
		rc = open_ports(appliance, err);
	if (rc == 0)
		rc = appliance_threads_make(appliance, config, err);
	if (rc < 0)
		return rc;
	/* For dpdk-dumpcap; without hugepages no second process can attach anyway. */
	if (config->memory.hugepages && rte_pdump_init() < 0)
		log_line(LOG_WEIGHT_WARNING, "dpdk-dumpcap will not be able to attach: %s",
				rte_strerror(rte_errno));
	eal_log_on(appliance->eal);
	return 0;
}

int
appliance_start_ports(struct appliance *appliance, struct err *err)
{
	struct layout *layout = &appliance->layout;
	int rc = 0;

	for (uint32_t i = 0; i < layout->port_count && rc == 0; i++)
		rc = port_start(&layout->ports[i], err);
	return rc;
}

void
appliance_launch(struct appliance *appliance)
{
	struct layout *layout = &appliance->layout;

	for (uint32_t w = 0; w < layout->worker_count; w++)
		rte_eal_remote_launch(
				worker_live_run, &appliance->workers[w], layout_worker_lcore(w));
	for (uint32_t r = 0; r < layout->receiver_count; r++)
		rte_eal_remote_launch(receiver_run, &appliance->receivers[r],
				layout_receiver_lcore(layout, r));
}

bool
appliance_post(struct appliance *appliance, uint32_t worker, struct mail *mail)
{
	return rte_ring_sp_enqueue(appliance->workers[worker].params.mail, mail) == 0;
}

void
appliance_fini(struct appliance *appliance)
{
	struct layout *layout = &appliance->layout;

	for (uint32_t i = 0; i < layout->port_count; i++)
		port_unplug(&layout->ports[i]);
	eal_stop(appliance->eal);
	if (appliance->hugepage_prefix != NULL)
		hugepages_remove(appliance->hugepage_prefix);
	appliance_threads_free(appliance);
}
