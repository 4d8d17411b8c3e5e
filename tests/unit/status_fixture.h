/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A running appliance to show: two workers, a wire of two ports and a mirror, three
 * outputs. Its counters hold values that tell each from every other.
 */

#ifndef TESTS_STATUS_FIXTURE_H
#define TESTS_STATUS_FIXTURE_H

#include "base/compiler.h"
#include "observe/status.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FIXTURE_STARTED_US UINT64_C(1616244572192719) /* 2021-03-20T12:49:32.192719Z */
#define FIXTURE_NOW_US (FIXTURE_STARTED_US + UINT64_C(12000000000))
#define FIXTURE_WORKERS 2
#define FIXTURE_PORTS 3

struct status_fixture {
	struct status status;
	struct worker_counters workers[FIXTURE_WORKERS];
	struct counters pipelines[FIXTURE_WORKERS];
	struct port_counters ports[FIXTURE_WORKERS][FIXTURE_PORTS];
};

/* Structures of counters only. */
static inline void
fixture_count_up(void *counters, size_t size, uint64_t first)
{
	for (size_t i = 0; i < size / sizeof(struct counter); i++)
		counter_add((struct counter *)counters + i, first + i);
}

/* A port's counters, so that what came in went out, but for three frames and one on its way. */
static inline void
fixture_port_counters(struct port_counters *counters, uint64_t frames)
{
	counter_add(&counters->rx_frames, frames + 4);
	counter_add(&counters->rx_bytes, 100 * (frames + 4));
	counter_add(&counters->tx_frames, frames);
	counter_add(&counters->tx_bytes, 100 * frames);
	counter_add(&counters->drop_tx_full, 2);
	counter_add(&counters->drop_worker_full, 1);
}

static inline void
fixture_ports(struct status *status)
{
	static const char *const names[] = { "0000:01:00.0", "0000:01:00.1", "net_af_packet0" };

	status->port_count = FIXTURE_PORTS;
	for (uint16_t i = 0; i < FIXTURE_PORTS; i++) {
		struct status_port *port = &status->ports[i];

		*port = (struct status_port){ .number = i,
			.wire = i / 2,
			.numa_node = -1,
			.mtu = 1500,
			.queues = 2,
			.is_up = i != 1,
			.is_held_down = i == 1,
			.speed_mbps = i == 2 ? 0 : 10000,
			.missed = 10u + i,
			.rx_errors = 20u + i,
			.no_mbuf = 30u + i,
			.tx_errors = 40u + i };
		snprintf(port->name, sizeof(port->name), "%s", names[i]);
		snprintf(port->driver, sizeof(port->driver), "net_ice");
		snprintf(port->mac, sizeof(port->mac), "00:00:5e:00:53:0%u", i);
	}
	snprintf(status->ports[2].interface, sizeof(status->ports[2].interface), "eth2");
}

static inline void
fixture_wires(struct status *status)
{
	status->wire_count = 2;
	status->wires[0] = (struct status_wire){
		.name = "uplink", .ports = { 0, 1 }, .port_count = 2, .propagates_link = true
	};
	status->wires[1] = (struct status_wire){ .name = "span", .ports = { 2 }, .port_count = 1 };
}

static inline void
fixture_outputs(struct status *status)
{
	status->output_count = 3;
	status->outputs[0] = (struct status_output){
		.type = "stdout", .is_ready = true, .lines = 1000
	};
	status->outputs[1] = (struct status_output){ .type = "file",
		.path = "/var/log/synwire/events.json",
		.is_ready = true,
		.lines = 2000,
		.rotations = 3 };
	status->outputs[2] = (struct status_output){ .type = "unix_stream",
		.path = "/run/collector.sock",
		.trouble = "nobody listens",
		.lines = 5,
		.lines_lost = 1995 };
}

static inline void
fixture_workers(struct status_fixture *fixture)
{
	struct status *status = &fixture->status;

	status->worker_count = FIXTURE_WORKERS;
	for (uint16_t i = 0; i < FIXTURE_WORKERS; i++) {
		status->workers[i] = (struct status_worker){ .id = i,
			.cpu = (uint16_t)(2 + i),
			.numa_node = (int16_t)(i == 0 ? 0 : -1),
			.is_stalled = i == 1,
			.tracking = i == 1 ? STATUS_BYPASS_OVERLOAD : STATUS_TRACKING,
			.since_us = i == 1 ? FIXTURE_NOW_US - 5000000 : 0,
			.flow_slots = 65536,
			.counters = &fixture->workers[i],
			.pipeline = &fixture->pipelines[i],
			.ports = fixture->ports[i] };
		fixture_count_up(&fixture->workers[i],
				offsetof(struct worker_counters, events_lost) +
						sizeof(struct counter),
				100u * (i + 1));
		fixture_count_up(&fixture->pipelines[i],
				offsetof(struct counters, rst_verdicts) +
						sizeof(fixture->pipelines[i].rst_verdicts),
				1000u * (i + 1));
		for (uint32_t port = 0; port < FIXTURE_PORTS; port++)
			fixture_port_counters(
					&fixture->ports[i][port], 10000u * (i + 1) + 1000u * port);
		/* flows_closed was counted after flows_opened: more flows than that were opened. */
		counter_add(&fixture->pipelines[i].flows_opened, 51u + i);
	}
}

static inline void
fixture_init(struct status_fixture *fixture)
{
	memset(fixture, 0, sizeof(*fixture));
	fixture->status.version = "1.2.3";
	fixture->status.started_us = FIXTURE_STARTED_US;
	fixture->status.now_us = FIXTURE_NOW_US;
	fixture_ports(&fixture->status);
	fixture_wires(&fixture->status);
	fixture_outputs(&fixture->status);
	fixture_workers(fixture);
}

#endif /* TESTS_STATUS_FIXTURE_H */
