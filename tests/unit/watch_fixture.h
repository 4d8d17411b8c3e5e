/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A watch over an appliance of which only counters and links are there: the counters are
 * turned by hand, and each port is a device with a cable, that can be taken down and can
 * vanish. What the watch tells and does is written down.
 */

#ifndef TESTS_WATCH_FIXTURE_H
#define TESTS_WATCH_FIXTURE_H

#include "app/run/watch.h"
#include "base/usec.h"
#include "io/port_link.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WATCH_START (UINT64_C(1700000000) * USEC_PER_SEC)
#define WATCH_TICK (100 * USEC_PER_MSEC)
#define WATCH_TOLD_ROOM 64
#define WATCH_WORKERS 2

struct watch_device {
	bool has_cable; /* and someone at its far end */
	bool is_down; /* taken down */
	bool is_gone;
	bool refuses; /* to be taken down or brought up */
	uint32_t speed_mbps;
};

struct watch_fixture {
	struct appliance appliance;
	struct config config;
	struct watch watch;
	struct watch_device devices[STATUS_PORTS_MAX];
	uint64_t now_us;
	uint32_t told_count;
	struct wire_event told[WATCH_TOLD_ROOM];
	uint32_t bypass_count; /* how often set_bypass() was called */
	bool is_bypassed[STATUS_WORKERS_MAX];
};

static struct watch_fixture *watch_fixture;

static inline struct watch_device *
watch_device_of(const struct port *port)
{
	return &watch_fixture->devices[port - watch_fixture->appliance.layout.ports];
}

/* In the place of io/port_link.c. */
void
port_link_ask(const struct port *port, struct port_link *link)
{
	const struct watch_device *device = watch_device_of(port);

	link->is_there = !device->is_gone;
	link->is_up = device->has_cable && !device->is_down && !device->is_gone;
	link->speed_mbps = device->speed_mbps;
}

int
port_link_set(const struct port *port, bool up, struct err *err)
{
	struct watch_device *device = watch_device_of(port);

	if (device->refuses)
		return err_set(err, EPERM, "%s: refuses", port->device.name);
	device->is_down = !up;
	return 0;
}

static inline void
watch_note_event(void *context, const struct wire_event *event)
{
	struct watch_fixture *f = context;

	assert_true(f->told_count < WATCH_TOLD_ROOM);
	f->told[f->told_count++] = *event;
}

static inline void
watch_note_bypass(void *context, uint32_t worker, bool bypassed)
{
	struct watch_fixture *f = context;

	f->bypass_count++;
	f->is_bypassed[worker] = bypassed;
}

static inline void
watch_add_wire(struct watch_fixture *f, uint32_t port_count)
{
	struct layout *layout = &f->appliance.layout;
	struct layout_wire *wire = &layout->wires[layout->wire_count];
	struct config_wires *config = &f->config.wires[layout->wire_count];

	snprintf(config->name, sizeof(config->name), "wire%u", layout->wire_count++);
	config->link_propagation = 1;
	wire->port_count = port_count;
	for (uint32_t n = 0; n < port_count; n++) {
		struct port *port = &layout->ports[layout->port_count];

		snprintf(port->device.name, sizeof(port->device.name), "port%u",
				layout->port_count);
		f->devices[layout->port_count].has_cable = true;
		wire->ports[n] = layout->port_count++;
	}
}

/* Two workers, a receiver, and a wire of two ports that have link. */
static inline int
watch_setup(void **state)
{
	struct watch_fixture *f = calloc(1, sizeof(*f));
	struct worker *workers = aligned_alloc(CACHE_LINE, WATCH_WORKERS * sizeof(*workers));

	if (f == NULL || workers == NULL)
		return -1;
	f->appliance.workers = memset(workers, 0, WATCH_WORKERS * sizeof(*workers));
	f->appliance.receivers = calloc(1, sizeof(*f->appliance.receivers));
	f->appliance.layout.worker_count = WATCH_WORKERS;
	f->appliance.layout.receiver_count = 1;
	f->config.workers.stalled_after_us = 1 * USEC_PER_SEC;
	f->config.overload.after_us = 3 * USEC_PER_SEC;
	f->config.overload.until_us = 10 * USEC_PER_SEC;
	f->config.top.fail = CONFIG_FAIL_OPEN;
	watch_add_wire(f, 2);
	f->watch = (struct watch){
		.appliance = &f->appliance,
		.config = &f->config,
		.tell = watch_note_event,
		.set_bypass = watch_note_bypass,
		.context = f,
	};
	f->now_us = WATCH_START;
	watch_fixture = f;
	watch_init(&f->watch, f->now_us);
	*state = f;
	return f->appliance.receivers != NULL ? 0 : -1;
}

static inline int
watch_teardown(void **state)
{
	struct watch_fixture *f = *state;

	free(f->appliance.workers);
	free(f->appliance.receivers);
	free(f);
	return 0;
}

#define watch_test(name) cmocka_unit_test_setup_teardown(name, watch_setup, watch_teardown)

static inline void
watch_tick_at(struct watch_fixture *f, uint64_t now_us)
{
	f->now_us = now_us;
	watch_tick(&f->watch, now_us);
}

/* How often @p what was told. */
static inline uint32_t
watch_count(const struct watch_fixture *f, enum wire_what what)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < f->told_count; i++)
		count += f->told[i].what == what;
	return count;
}

#endif /* TESTS_WATCH_FIXTURE_H */
