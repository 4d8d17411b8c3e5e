/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The appliance as it is shown: from what its owners know to struct status, made anew for
 * each look, as little of it is ever asked for.
 */

#include "app/run/control.h"
#include "io/eal.h"

#include <stdio.h>
#include <string.h>

static enum status_tracking
tracking_of(const struct control *control, uint32_t id)
{
	if (control->is_bypassed)
		return STATUS_BYPASS_ASKED;
	return control->watch.threads[id].is_overloaded ? STATUS_BYPASS_OVERLOAD : STATUS_TRACKING;
}

static uint64_t
since(const struct control *control, uint32_t id)
{
	const struct watch_thread *thread = &control->watch.threads[id];

	if (thread->is_stalled)
		return thread->stalled_since_us;
	return control->is_bypassed ? control->bypassed_since_us : thread->bypass_since_us;
}

static void
look_at_thread(const struct control *control, uint32_t id, struct status_worker *to)
{
	const struct appliance *appliance = control->appliance;
	const uint32_t cpu = appliance->layout.cpus[1 + id];

	*to = (struct status_worker){
		.id = (uint16_t)id,
		.cpu = cpu == EAL_CPU_ANY ? STATUS_CPU_ANY : (uint16_t)cpu,
		.numa_node = appliance->threads[id].node,
		.is_stalled = control->watch.threads[id].is_stalled,
		.tracking = tracking_of(control, id),
		.since_us = since(control, id),
		.ports = appliance->threads[id].ports,
	};
}

static void
look_at_worker(const struct control *control, uint32_t w, struct status_worker *to)
{
	const struct worker *worker = &control->appliance->workers[w];

	look_at_thread(control, w, to);
	to->counters = &worker->counters;
	to->pipeline = pipeline_counters(worker->params.pipeline);
	to->flow_slots = flow_table_slots((uint32_t)control->config.flow.slots);
}

static void
look_at_receiver(const struct control *control, uint32_t r, struct status_worker *to)
{
	look_at_thread(control, control->appliance->layout.worker_count + r, to);
	to->is_receiver = true;
	to->tracking = STATUS_TRACKING;
	to->counters = &control->appliance->receivers[r].counters;
}

static void
look_at_port(struct control *control, uint32_t index, uint32_t wire, struct status_port *to)
{
	struct port *port = &control->appliance->layout.ports[index];
	const struct watch_port *link = &control->watch.ports[index];
	struct port_stats stats;

	port_ask(port, &stats);
	*to = (struct status_port){
		.number = port->number,
		.wire = (uint16_t)wire,
		.numa_node = (int16_t)port->node,
		.mtu = (uint16_t)port->mtu,
		.queues = port->queues,
		.is_up = link->is_up,
		.is_held_down = link->is_held_down,
		.speed_mbps = link->speed_mbps,
		.missed = stats.missed,
		.rx_errors = stats.rx_errors,
		.no_mbuf = stats.no_mbuf,
		.tx_errors = stats.tx_errors,
	};
	snprintf(to->name, sizeof(to->name), "%s", port->device.name);
	snprintf(to->interface, sizeof(to->interface), "%s", port->device.interface);
	snprintf(to->driver, sizeof(to->driver), "%s", port->driver);
	snprintf(to->mac, sizeof(to->mac), "%s", port->mac);
}

static void
look_at_wire(struct control *control, uint32_t w, struct status *status)
{
	const struct layout_wire *wire = &control->appliance->layout.wires[w];
	const struct config_wires *config = &control->config.wires[w];
	struct status_wire *to = &status->wires[w];

	*to = (struct status_wire){
		.port_count = (uint16_t)wire->port_count,
		.propagates_link = config->link_propagation != 0 && wire->port_count == 2,
	};
	snprintf(to->name, sizeof(to->name), "%s", config->name);
	for (uint32_t n = 0; n < wire->port_count; n++) {
		to->ports[n] = (uint16_t)wire->ports[n];
		look_at_port(control, wire->ports[n], w, &status->ports[wire->ports[n]]);
	}
}

static void
look_at_alarms(const struct detector *detector, struct status_alarms *to)
{
	to->counters = NULL;
	to->active_count = to->ended_count = 0;
	if (detector == NULL)
		return;
	to->counters = detector_counters(detector);
	to->active_count = detector_active(detector, to->active, DETECTOR_ALARMS);
	to->ended_count = detector_ended(detector, to->ended, DETECTOR_ENDED);
}

const struct status *
control_look(struct control *control)
{
	const struct layout *layout = &control->appliance->layout;
	struct status *status = &control->status;

	status->version = SYNWIRE_VERSION;
	status->now_us = appliance_now_us(control->appliance);
	status->worker_count = layout->worker_count + layout->receiver_count;
	status->port_count = layout->port_count;
	status->wire_count = layout->wire_count;
	for (uint32_t w = 0; w < layout->worker_count; w++)
		look_at_worker(control, w, &status->workers[w]);
	for (uint32_t r = 0; r < layout->receiver_count; r++)
		look_at_receiver(control, r, &status->workers[layout->worker_count + r]);
	for (uint32_t w = 0; w < layout->wire_count; w++)
		look_at_wire(control, w, status);
	outputs_describe(control->outputs, status);
	status->hooks = hook_counters(control->hook);
	status->captures = evidence_counters(control->evidence);
	look_at_alarms(control->detector, &status->alarms);
	return status;
}
