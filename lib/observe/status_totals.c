/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/status_totals.h"

#include <stdatomic.h>
#include <string.h>

static void
add_port(struct status_frames *frames, const struct port_counters *counters)
{
#define X(field, metric, help) frames->field += counter_read(&counters->field);
	PORT_COUNTERS(X)
	PORT_DROPS(X)
#undef X
}

static void
sum_drops(struct status_frames *frames)
{
#define X(field, reason, help) frames->drops += frames->field;
	PORT_DROPS(X)
#undef X
}

struct status_frames
status_totals_of_port(const struct status *status, uint32_t port)
{
	struct status_frames frames = { 0 };

	for (uint32_t i = 0; i < status->worker_count; i++)
		add_port(&frames, &status->workers[i].ports[port]);
	sum_drops(&frames);
	return frames;
}

struct status_frames
status_totals_of_worker(const struct status *status, uint32_t worker)
{
	struct status_frames frames = { 0 };

	for (uint32_t i = 0; i < status->port_count; i++)
		add_port(&frames, &status->workers[worker].ports[i]);
	sum_drops(&frames);
	return frames;
}

static void
add_worker(struct status_totals *totals, const struct status_worker *worker)
{
#define X(field, metric, help) totals->field += counter_read(&worker->counters->field);
	WORKER_COUNTERS(X)
#undef X
	totals->flow_slots += worker->flow_slots;
	if (worker->pipeline != NULL)
		summary_tables_add(&totals->pipeline, worker->pipeline);
}

/* Whatever was sent or dropped by now had been received before. */
static void
read_received_last(const struct status *status, struct status_frames *frames)
{
	atomic_thread_fence(memory_order_acquire);
	frames->rx_frames = frames->rx_bytes = 0;
	for (uint32_t i = 0; i < status->worker_count; i++) {
		for (uint32_t port = 0; port < status->port_count; port++) {
			const struct port_counters *counters = &status->workers[i].ports[port];

			frames->rx_frames += counter_read(&counters->rx_frames);
			frames->rx_bytes += counter_read(&counters->rx_bytes);
		}
	}
}

void
status_totals_sum(const struct status *status, struct status_totals *totals)
{
	memset(totals, 0, sizeof(*totals));
	for (uint32_t i = 0; i < status->port_count; i++)
		for (uint32_t worker = 0; worker < status->worker_count; worker++)
			add_port(&totals->frames, &status->workers[worker].ports[i]);
	sum_drops(&totals->frames);
	read_received_last(status, &totals->frames);
	for (uint32_t i = 0; i < status->worker_count; i++)
		add_worker(totals, &status->workers[i]);
}

uint64_t
status_totals_in_flight(const struct status_frames *frames)
{
	uint64_t gone = frames->tx_frames + frames->drops;

	return frames->rx_frames > gone ? frames->rx_frames - gone : 0;
}

uint64_t
status_totals_flows(uint64_t opened, uint64_t closed)
{
	return opened > closed ? opened - closed : 0;
}
