/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The running appliance as those see it who show it: its workers, ports, wires and outputs.
 *
 * The control thread fills it and it alone reads it. Counters are not copied: pointers lead to
 * the workers' own, which are read as they stand (base/counter.h), so what one reply shows was
 * not all counted at the same instant; each counter alone is exact.
 */

#ifndef OBSERVE_STATUS_H
#define OBSERVE_STATUS_H

#include "detect/detector.h"
#include "observe/evidence_counters.h"
#include "observe/hook_counters.h"
#include "pipeline/counters.h"
#include "pipeline/worker_counters.h"

#include <stdbool.h>
#include <stdint.h>

#define STATUS_WORKERS_MAX 64
#define STATUS_WIRES_MAX 16
#define STATUS_PORTS_MAX (2 * STATUS_WIRES_MAX)
#define STATUS_OUTPUTS_MAX 8
#define STATUS_NAME_LEN 64
#define STATUS_CPU_ANY UINT16_MAX

enum status_tracking {
	STATUS_TRACKING, /* every frame is tracked */
	STATUS_BYPASS_ASKED, /* forwarded without tracking: the operator said so */
	STATUS_BYPASS_OVERLOAD, /* forwarded without tracking: this worker could not keep up */
};

struct status_worker {
	uint16_t id;
	uint16_t cpu; /* the processor it runs on; STATUS_CPU_ANY: any */
	bool is_receiver; /* it receives, hands over and sends */
	int16_t numa_node; /* -1: not known */
	bool is_stalled;
	enum status_tracking tracking;
	uint64_t since_us; /* of stalled or bypass: when it began; else 0 */
	uint64_t flow_slots; /* room in its flow table */
	const struct worker_counters *counters;
	const struct counters *pipeline; /* NULL: a receiver has none */
	const struct port_counters *ports; /* one for each port of the status, in the same order */
};

/* What the port's driver knows. */
struct status_port {
	uint16_t number; /* DPDK's */
	uint16_t wire; /* index in wires */
	char name[STATUS_NAME_LEN]; /* "0000:01:00.0", "net_af_packet0" */
	char interface[16]; /* the Linux interface below it; "": none */
	char driver[STATUS_NAME_LEN];
	char mac[18]; /* 00:00:5e:00:53:01 */
	int16_t numa_node; /* -1: not known */
	uint16_t mtu;
	uint16_t queues;
	bool is_up; /* has link */
	bool is_held_down; /* because the wire's other side has no link */
	uint32_t speed_mbps; /* 0: not known */
	uint64_t missed; /* frames that the driver lost because no worker took them in time */
	uint64_t rx_errors;
	uint64_t no_mbuf; /* frames lost for want of packet buffers */
	uint64_t tx_errors;
};

struct status_wire {
	char name[STATUS_NAME_LEN];
	uint16_t ports[2]; /* indices in ports */
	uint16_t port_count; /* 1: a mirror, receive only */
	bool propagates_link;
};

struct status_output {
	char type[16]; /* "file", "stdout", "unix_stream", "unix_dgram" */
	char path[256]; /* "" for stdout */
	bool is_ready; /* false: it takes nothing just now; `trouble` says why */
	char trouble[160];
	uint64_t lines; /* handed to the file or socket */
	uint64_t lines_lost;
	uint64_t rotations;
};

/* What the detector knows; the alarms live until it is called again. */
struct status_alarms {
	const struct detector_counters *counters; /* NULL: nothing is detected */
	uint32_t active_count;
	uint32_t ended_count;
	const struct alarm *active[DETECTOR_ALARMS]; /* the oldest first */
	const struct alarm *ended[DETECTOR_ENDED]; /* the latest first */
};

/* How many last. */
struct status_alarms_active {
	uint64_t types[ALARM_TYPE_COUNT];
	uint64_t kinds[FLOOD_KIND_COUNT]; /* of those that are floods */
};

struct status {
	const char *version;
	uint64_t started_us;
	uint64_t now_us;
	uint32_t worker_count;
	uint32_t port_count;
	uint32_t wire_count;
	uint32_t output_count;
	struct status_worker workers[STATUS_WORKERS_MAX];
	struct status_port ports[STATUS_PORTS_MAX];
	struct status_wire wires[STATUS_WIRES_MAX];
	struct status_output outputs[STATUS_OUTPUTS_MAX];
	const struct hook_counters *hooks; /* NULL: no program is run for events */
	const struct evidence_counters *captures; /* NULL: attacks are not captured */
	struct status_alarms alarms;
};

static inline struct status_alarms_active
status_alarms_count(const struct status_alarms *alarms)
{
	struct status_alarms_active active = { { 0 }, { 0 } };

	for (uint32_t i = 0; i < alarms->active_count; i++) {
		active.types[alarms->active[i]->type]++;
		if (alarms->active[i]->type == ALARM_SYN_FLOOD)
			active.kinds[alarms->active[i]->kind]++;
	}
	return active;
}

#endif /* OBSERVE_STATUS_H */
