/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/appliance_threads.h"

#include "app/params.h"
#include "io/eal.h"
#include "io/node_memory.h"
#include "log/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

/* The node of a thread that has a processor of its own. */
static int16_t
node_of_lcore(const struct layout *layout, uint32_t lcore)
{
	return layout->cpus[lcore] == EAL_CPU_ANY ? NODE_MEMORY_ANY
						  : (int16_t)rte_lcore_to_socket_id(lcore);
}

static void
warn_of_crossings(const struct layout *layout, uint32_t worker, int16_t node)
{
	for (uint32_t i = 0; i < layout->port_count && node >= 0; i++)
		if (layout->ports[i].node >= 0 && layout->ports[i].node != node)
			log_line(LOG_WEIGHT_WARNING,
					"worker %u is on NUMA node %d, and its port %s on node %d:"
					" each frame crosses between them; choose other workers.cores",
					worker, node, layout->ports[i].device.name,
					layout->ports[i].node);
}

static struct rte_ring *
make_event_ring(struct appliance_thread *thread, uint32_t room, struct err *err)
{
	struct rte_ring *ring;

	thread->events_size = (size_t)rte_ring_get_memsize_elem(sizeof(struct event), room);
	thread->events = node_memory_take(thread->events_size, thread->node,
			"a worker's events (events.ring makes them fewer)", err);
	ring = thread->events;
	if (ring != NULL)
		rte_ring_init(ring, "events", room, RING_F_SP_ENQ | RING_F_SC_DEQ);
	return ring;
}

static struct rte_ring *
make_pointer_ring(const char *what, uint32_t from, uint32_t to, uint32_t room, struct err *err)
{
	struct rte_ring *ring;
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "%s%u.%u", what, from, to);
	ring = rte_ring_create(name, room, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (ring == NULL)
		err_set(err, rte_errno, "no memory for a ring between threads: %s",
				rte_strerror(rte_errno));
	return ring;
}

static struct pipeline *
make_pipeline(struct appliance_thread *thread, const struct pipeline_params *params,
		struct err *err)
{
	thread->table_size = pipeline_memory_size(params);
	thread->table = node_memory_take(thread->table_size, thread->node,
			"a worker's flow table (flow.slots makes it smaller)", err);
	return thread->table != NULL ? pipeline_init(thread->table, params) : NULL;
}

static int
make_reports(struct appliance_thread *thread, const struct pipeline_params *pipeline,
		struct err *err)
{
	if (!pipeline->detect)
		return 0;
	return report_rings_make(&thread->reports, REPORT_RINGS_LIVE, thread->node, err);
}

static int
make_worker(struct appliance *appliance, uint32_t id, const struct config *config,
		const struct pipeline_params *pipeline, struct err *err)
{
	struct appliance_thread *thread = &appliance->threads[id];
	struct pipeline_params own = *pipeline;
	struct worker_params params = {
		.idle = (enum idle_mode)config->workers.idle,
		.clock_offset_us = appliance->clock_offset_us,
		.is_bypassed = config->top.mode == CONFIG_MODE_BYPASS,
		.steer = appliance->layout.receiver_count > 0 ? &appliance->steer : NULL,
		.id = id,
		.reports = &thread->reports,
	};

	own.worker = (uint16_t)id;
	thread->node = node_of_lcore(&appliance->layout, layout_worker_lcore(id));
	warn_of_crossings(&appliance->layout, id, thread->node);
	params.events = make_event_ring(thread, (uint32_t)config->events.ring, err);
	params.mail = make_pointer_ring("mail", id, 0, MAIL_ROOM, err);
	if (params.events == NULL || params.mail == NULL || make_reports(thread, pipeline, err) < 0)
		return -ENOMEM;
	params.pipeline = make_pipeline(thread, &own, err);
	if (params.pipeline == NULL)
		return -ENOMEM;
	worker_init(&appliance->workers[id], &params);
	return 0;
}

/* From the n-th port of a wire to the other, as this thread counts it. */
static struct leg
make_leg(struct appliance *appliance, const struct layout_wire *wire, uint32_t n,
		struct appliance_thread *thread, uint16_t queue)
{
	const uint32_t in = wire->ports[n];
	const bool is_mirror = wire->port_count == 1;
	const uint32_t out = is_mirror ? in : wire->ports[1 - n];
	const struct port *ports = appliance->layout.ports;

	return (struct leg){
		.rx_port = ports[in].number,
		.rx_queue = queue,
		.tx_port = ports[out].number,
		.tx_queue = queue,
		.is_mirror = is_mirror,
		.tx_down = &appliance->port_is_down[out],
		.frame_len_max = ports[out].mtu + PORT_DEVICE_OVERHEAD,
		.received = &thread->ports[in],
		.sent = &thread->ports[out],
		.port = &ports[in],
	};
}

static void
give_legs_to_worker(struct appliance *appliance, uint32_t id)
{
	struct worker *worker = &appliance->workers[id];
	const struct layout *layout = &appliance->layout;

	for (uint32_t i = 0; i < layout->wire_count; i++)
		for (uint32_t n = 0; n < layout->wires[i].port_count; n++)
			worker->legs[worker->leg_count++] = make_leg(appliance, &layout->wires[i],
					n, &appliance->threads[id], (uint16_t)id);
}

/* A wire is one receiver's, with both its directions. */
static void
give_legs_to_receivers(struct appliance *appliance)
{
	const struct layout *layout = &appliance->layout;

	for (uint32_t i = 0; i < layout->wire_count; i++) {
		const uint32_t r = i % layout->receiver_count;
		struct receiver *receiver = &appliance->receivers[r];

		for (uint32_t n = 0; n < layout->wires[i].port_count; n++)
			receiver->legs[receiver->leg_count++] = make_leg(appliance,
					&layout->wires[i], n,
					&appliance->threads[layout->worker_count + r], 0);
	}
}

static int
connect_receiver(struct appliance *appliance, uint32_t r, struct err *err)
{
	struct receiver *receiver = &appliance->receivers[r];

	for (uint32_t w = 0; w < appliance->layout.worker_count; w++) {
		struct worker *worker = &appliance->workers[w];

		receiver->to[w] = make_pointer_ring("to", r, w, RECEIVER_RING_ROOM, err);
		receiver->from[w] = make_pointer_ring("from", r, w, 2 * RECEIVER_RING_ROOM, err);
		if (receiver->to[w] == NULL || receiver->from[w] == NULL)
			return -ENOMEM;
		worker->legs[worker->leg_count++] = (struct leg){ .in = receiver->to[w],
			.out = receiver->from[w] };
	}
	return 0;
}

static int
make_receivers(struct appliance *appliance, const struct config *config, struct err *err)
{
	int rc = 0;

	appliance->steer.workers = appliance->layout.worker_count;
	if (getrandom(&appliance->steer.secret, sizeof(appliance->steer.secret), 0) < 0)
		return err_set(err, errno, "the kernel gives no random numbers");
	for (uint32_t r = 0; r < appliance->layout.receiver_count && rc == 0; r++) {
		appliance->receivers[r].steer = &appliance->steer;
		idle_set(&appliance->receivers[r].idle, (enum idle_mode)config->workers.idle);
		rc = connect_receiver(appliance, r, err);
	}
	if (rc == 0)
		give_legs_to_receivers(appliance);
	return rc;
}

int
appliance_threads_make(struct appliance *appliance, const struct config *config, struct err *err)
{
	const struct layout *layout = &appliance->layout;
	struct pipeline_params pipeline;
	int rc = params_map(config, &pipeline, err);

	if (rc < 0)
		return rc;
	pipeline.tell_handshakes = true;
	/* Ports steer an ICMP error by its own addresses; software by those that it quotes. */
	pipeline.tell_quotes = layout->worker_count > 1 && layout->receiver_count == 0;
	appliance->workers = aligned_alloc(
			CACHE_LINE, layout->worker_count * sizeof(struct worker));
	appliance->receivers = calloc(layout->receiver_count + 1, sizeof(struct receiver));
	appliance->threads = aligned_alloc(CACHE_LINE,
			(layout->worker_count + layout->receiver_count) *
					sizeof(struct appliance_thread));
	if (appliance->workers == NULL || appliance->receivers == NULL ||
			appliance->threads == NULL)
		return err_set(err, ENOMEM, "no memory left for the workers");
	memset(appliance->threads, 0,
			(layout->worker_count + layout->receiver_count) *
					sizeof(struct appliance_thread));
	for (uint32_t w = 0; w < layout->worker_count && rc == 0; w++)
		rc = make_worker(appliance, w, config, &pipeline, err);
	if (rc < 0)
		return rc;
	if (layout->receiver_count > 0)
		return make_receivers(appliance, config, err);
	for (uint32_t w = 0; w < layout->worker_count; w++)
		give_legs_to_worker(appliance, w);
	return 0;
}

void
appliance_threads_free(struct appliance *appliance)
{
	for (uint32_t w = 0; appliance->threads != NULL && w < appliance->layout.worker_count;
			w++) {
		struct appliance_thread *thread = &appliance->threads[w];

		node_memory_give(thread->table, thread->table_size);
		node_memory_give(thread->events, thread->events_size);
		report_rings_free(&thread->reports);
	}
	free(appliance->threads);
	free(appliance->workers);
	free(appliance->receivers);
}
