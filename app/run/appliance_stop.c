/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How the appliance comes to rest, so that no frame is lost on the way: the receivers close
 * their ports, the workers finish what is in flight, the receivers send that, and then the
 * workers report the connections that are still open.
 */

#include "app/run/appliance.h"

#include <rte_launch.h>
#include <rte_lcore.h>

static bool
are_at_rest(uint32_t first, uint32_t count)
{
	for (uint32_t lcore = first; lcore < first + count; lcore++)
		if (rte_eal_get_lcore_state(lcore) == RUNNING)
			return false;
	return true;
}

static void
set_all(struct appliance *appliance, bool closing)
{
	for (uint32_t r = 0; r < appliance->layout.receiver_count; r++) {
		struct receiver *receiver = &appliance->receivers[r];

		atomic_store_explicit(closing ? &receiver->close : &receiver->stop, true,
				memory_order_release);
	}
}

static bool
are_closed(const struct appliance *appliance)
{
	for (uint32_t r = 0; r < appliance->layout.receiver_count; r++)
		if (!atomic_load_explicit(&appliance->receivers[r].is_closed, memory_order_acquire))
			return false;
	return true;
}

static void
stop_workers(struct appliance *appliance)
{
	for (uint32_t w = 0; w < appliance->layout.worker_count; w++)
		worker_stop(&appliance->workers[w]);
}

/* Where the threads have all come back, and are waited for no longer than a moment. */
static void
collect(uint32_t first, uint32_t count)
{
	for (uint32_t lcore = first; lcore < first + count; lcore++)
		rte_eal_wait_lcore(lcore);
}

static void
report_open(struct appliance *appliance)
{
	for (uint32_t w = 0; w < appliance->layout.worker_count; w++)
		rte_eal_remote_launch(
				worker_finish, &appliance->workers[w], layout_worker_lcore(w));
}

static void
stop_ports(struct appliance *appliance)
{
	for (uint32_t i = 0; i < appliance->layout.port_count; i++)
		port_stop(&appliance->layout.ports[i]);
}

/* What a phase waits for. */
static bool
is_phase_over(const struct appliance *appliance)
{
	const struct layout *layout = &appliance->layout;

	switch (appliance->phase) {
	case APPLIANCE_RUNNING:
	case APPLIANCE_STOPPED:
		break;
	case APPLIANCE_CLOSING:
		return are_closed(appliance);
	case APPLIANCE_DRAINING:
	case APPLIANCE_REPORTING:
		return are_at_rest(layout_worker_lcore(0), layout->worker_count);
	case APPLIANCE_SENDING:
		return are_at_rest(layout_receiver_lcore(layout, 0), layout->receiver_count);
	}
	return true;
}

static void
begin_next_phase(struct appliance *appliance)
{
	const struct layout *layout = &appliance->layout;

	switch (++appliance->phase) {
	case APPLIANCE_RUNNING:
	case APPLIANCE_STOPPED:
		collect(layout_worker_lcore(0), layout->worker_count);
		stop_ports(appliance);
		break;
	case APPLIANCE_CLOSING:
		set_all(appliance, true);
		break;
	case APPLIANCE_DRAINING:
		stop_workers(appliance);
		break;
	case APPLIANCE_SENDING:
		collect(layout_worker_lcore(0), layout->worker_count);
		set_all(appliance, false);
		break;
	case APPLIANCE_REPORTING:
		collect(layout_receiver_lcore(layout, 0), layout->receiver_count);
		report_open(appliance);
		break;
	}
}

bool
appliance_stop_step(struct appliance *appliance)
{
	if (appliance->phase != APPLIANCE_STOPPED && is_phase_over(appliance))
		begin_next_phase(appliance);
	return appliance->phase == APPLIANCE_STOPPED;
}
