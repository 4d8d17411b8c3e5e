/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/watch_link.h"

#include "base/usec.h"
#include "io/port_link.h"
#include "log/log.h"

/* A link that was let come up needs so long, while the two ends find out about each other. */
#define PATIENCE_US (5 * USEC_PER_SEC)

static void
tell(struct watch *watch, enum wire_what what, uint32_t wire, uint32_t port, const char *detail)
{
	watch->tell(watch->context,
			&(struct wire_event){
					.what = what,
					.wire = watch->config->wires[wire].name,
					.port = watch->appliance->layout.ports[port].device.name,
					.worker = WIRE_NO_WORKER,
					.detail = detail,
			});
}

static void
tell_change(struct watch *watch, uint32_t wire, uint32_t port, const struct port_link *link)
{
	if (!link->is_there)
		tell(watch, WIRE_PORT_STOPPED, wire, port,
				link->wants_reset ? "its card was reset; start synwire again"
						  : "its interface is gone; start synwire again"
						    " when it is back");
	else
		tell(watch, link->is_up ? WIRE_LINK_UP : WIRE_LINK_DOWN, wire, port, NULL);
}

/* Tell what has changed, and keep workers from sending where there is no link. */
static void
look_at_port(struct watch *watch, uint32_t wire, uint32_t index, uint64_t now_us)
{
	struct watch_port *port = &watch->ports[index];
	struct port_link link = { .is_there = port->is_there, .is_up = port->is_up };
	bool changed;

	port_link_ask(&watch->appliance->layout.ports[index], &link);
	atomic_store_explicit(
			&watch->appliance->port_is_down[index], !link.is_up, memory_order_relaxed);
	if (!link.is_up && link.is_there && now_us < port->patience_us && port->is_known)
		return;
	changed = port->is_known ? link.is_up != port->is_up || link.is_there != port->is_there
				 : !link.is_up;
	port->is_known = true;
	port->is_there = link.is_there;
	port->is_up = link.is_up;
	port->speed_mbps = link.speed_mbps;
	/* What we did ourselves was told as that. */
	if (changed && !(port->is_held_down && link.is_there))
		tell_change(watch, wire, index, &link);
}

static void
hold(struct watch *watch, uint32_t wire, uint32_t index, bool down, uint64_t now_us)
{
	struct watch_port *port = &watch->ports[index];
	struct err err;

	if (port_link_set(&watch->appliance->layout.ports[index], !down, &err) < 0) {
		log_line(LOG_WEIGHT_WARNING, "%s", err.text);
		/* Once is enough to say so; the next change of the other side is another try. */
	} else {
		tell(watch, down ? WIRE_HELD_DOWN : WIRE_RELEASED, wire, index,
				down ? "the other side of the wire has no link"
				     : "the other side of the wire has its link back");
	}
	port->is_held_down = down;
	port->patience_us = down ? 0 : now_us + PATIENCE_US;
}

/* Its own link is lost: not one that was taken down, nor one that is still coming up. */
static bool
has_lost_link(const struct watch_port *port, uint64_t now_us)
{
	return !port->is_held_down && !port->is_up && now_us >= port->patience_us;
}

static void
propagate(struct watch *watch, uint32_t wire, uint32_t index, uint32_t other, bool wanted,
		uint64_t now_us)
{
	const struct watch_port *port = &watch->ports[index];
	const struct watch_port *peer = &watch->ports[other];
	const bool lost = wanted && has_lost_link(port, now_us);

	if (lost && !peer->is_held_down && peer->is_there)
		hold(watch, wire, other, true, now_us);
	else if (peer->is_held_down && (!wanted || port->is_up))
		hold(watch, wire, other, false, now_us);
}

void
watch_link_init(struct watch *watch, uint64_t now_us)
{
	for (uint32_t i = 0; i < STATUS_PORTS_MAX; i++)
		watch->ports[i] = (struct watch_port){
			.is_there = true,
			.is_up = true,
			.patience_us = now_us + PATIENCE_US,
		};
}

void
watch_link_tick(struct watch *watch, uint64_t now_us)
{
	const struct layout *layout = &watch->appliance->layout;

	for (uint32_t i = 0; i < layout->wire_count; i++) {
		const struct layout_wire *wire = &layout->wires[i];
		const bool wanted = watch->config->wires[i].link_propagation != 0;

		for (uint32_t n = 0; n < wire->port_count; n++)
			look_at_port(watch, i, wire->ports[n], now_us);
		if (wire->port_count < 2)
			continue;
		propagate(watch, i, wire->ports[0], wire->ports[1], wanted, now_us);
		propagate(watch, i, wire->ports[1], wire->ports[0], wanted, now_us);
	}
}

void
watch_release_links(struct watch *watch)
{
	struct err err;

	for (uint32_t i = 0; i < watch->appliance->layout.port_count; i++) {
		if (!watch->ports[i].is_held_down)
			continue;
		if (port_link_set(&watch->appliance->layout.ports[i], true, &err) < 0)
			log_line(LOG_WEIGHT_WARNING, "%s", err.text);
		watch->ports[i].is_held_down = false;
	}
}
