/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/layout.h"

#include "config/core_list.h"
#include "io/eal.h"
#include "io/hugepages.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

/* DPDK's own needs, and those of drivers. */
#define BASE_MEMORY_MB 64

/* The processors that this process may use, as "0-1,4". */
static void
describe_cpus(const cpu_set_t *cpus, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t first = 0; first < CPU_SETSIZE && used < size; first++) {
		size_t last = first;

		if (!CPU_ISSET(first, cpus))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cpus))
			last++;
		used += (size_t)snprintf(text + used, size - used,
				last > first ? "%s%zu-%zu" : "%s%zu", used > 0 ? "," : "", first,
				last);
		first = last;
	}
}

/* Of a list that is not empty the first cores go to the lcores; which of them are not there? */
static void
place_threads(struct layout *layout, const char *key, const char *list, uint32_t first_lcore,
		uint32_t count, struct err_list *errors)
{
	uint32_t cores[CORE_LIST_MAX];
	const int named = core_list_parse(list, cores, CORE_LIST_MAX, NULL);
	char available[256];
	cpu_set_t cpus;

	for (uint32_t i = 0; i < count; i++)
		layout->cpus[first_lcore + i] = EAL_CPU_ANY;
	if (named <= 0)
		return;
	CPU_ZERO(&cpus);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	describe_cpus(&cpus, available, sizeof(available));
	for (int i = 0; i < named; i++)
		if (!CPU_ISSET(cores[i], &cpus))
			err_list_add(errors, ENODEV, "%s: there is no core %u here; there are %s",
					key, cores[i], available);
	for (uint32_t i = 0; i < count && i < (uint32_t)named; i++)
		layout->cpus[first_lcore + i] = cores[i];
}

static void
place_all_threads(const struct config *config, struct layout *layout, struct err_list *errors)
{
	layout->worker_count = (uint32_t)config->workers.count;
	if (config->workers.steering == CONFIG_STEERING_SOFTWARE)
		layout->receiver_count = (uint32_t)config->workers.receivers;
	layout->queues = layout->receiver_count > 0 ? 1 : (uint16_t)layout->worker_count;
	if (1 + layout->worker_count + layout->receiver_count > LAYOUT_THREADS_MAX) {
		err_list_add(errors, E2BIG, "workers: no more than %d workers and receivers in all",
				LAYOUT_THREADS_MAX - 1);
		return;
	}
	place_threads(layout, "control.cores", config->control.cores, 0, 1, errors);
	place_threads(layout, "workers.cores", config->workers.cores, layout_worker_lcore(0),
			layout->worker_count, errors);
	place_threads(layout, "workers.receiver_cores", config->workers.receiver_cores,
			layout_receiver_lcore(layout, 0), layout->receiver_count, errors);
}

/* The wire's, or else that of its ports, which must agree. */
static uint32_t
choose_mtu(const struct config_wires *wire, const struct port *ports, uint32_t count,
		struct err_list *errors)
{
	uint32_t mtu = (uint32_t)wire->mtu;

	for (uint32_t i = 0; i < count && wire->mtu == 0; i++) {
		const uint32_t own = port_device_mtu(&ports[i].device);

		if (i > 0 && own != mtu)
			err_list_add(errors, EINVAL,
					"%s: %s has an MTU of %u, %s of %u; set both alike, or mtu:"
					" for the wire",
					wire->name, ports[0].device.name, mtu, ports[i].device.name,
					own);
		mtu = own;
	}
	return mtu;
}

/* What is wrong whatever the machine has is told apart from what this one lacks. */
static void
complain(struct layout *layout, struct err_list *errors, int code, const char *wire,
		const struct err *why)
{
	layout->is_misconfigured |= code == EINVAL;
	err_list_add(errors, code, "%s%s%s", wire, *wire != '\0' ? ": " : "", why->text);
}

static void
add_wire(struct layout *layout, const struct config_wires *from, struct err_list *errors)
{
	struct layout_wire *wire = &layout->wires[layout->wire_count++];
	struct port *ports = &layout->ports[layout->port_count];
	const size_t errors_before = err_list_total(errors);
	struct err err;
	int rc;

	wire->port_count = from->ports.count;
	for (uint32_t i = 0; i < from->ports.count; i++) {
		wire->ports[i] = layout->port_count++;
		ports[i].lock = -1;
		rc = port_device_parse(from->ports.word[i], &ports[i].device, &err);
		if (rc == 0)
			rc = port_device_check(&ports[i].device, &err);
		if (rc < 0)
			complain(layout, errors, -rc, from->name, &err);
	}
	if (err_list_total(errors) != errors_before)
		return;
	wire->mtu = choose_mtu(from, ports, from->ports.count, errors);
	for (uint32_t i = 0; i < from->ports.count; i++)
		ports[i].mtu = wire->mtu;
}

static void
note_port(struct layout *layout, struct port *port, struct err_list *errors)
{
	const uint32_t frame_len = port->mtu + PORT_DEVICE_OVERHEAD;
	uint32_t frame_room = 0;
	struct err err;

	if (port_device_complete(&port->device, layout->queues, port->mtu, &frame_room, &err) < 0)
		complain(layout, errors, EINVAL, "", &err);
	if (layout->pool.frame_len < frame_len)
		layout->pool.frame_len = frame_len;
	if (layout->pool.frame_room < frame_room)
		layout->pool.frame_room = frame_room;
	layout->pool.queues += layout->queues;
	if (port->device.is_pci)
		layout->pci[layout->pci_count++] = port->device.name;
}

/* Each node that has a port gets a pool that would do for all. */
static uint32_t
count_pools(const struct layout *layout)
{
	uint64_t nodes = 0;

	for (uint32_t i = 0; i < layout->port_count; i++)
		nodes |= UINT64_C(1)
				<< ((uint32_t)(1 + port_device_node(&layout->ports[i].device)) %
						   64);
	return (uint32_t)__builtin_popcountll(nodes);
}

static void
count_memory(const struct config *config, struct layout *layout, struct err_list *errors)
{
	struct err err;

	layout->pool.hugepages = config->memory.hugepages;
	layout->pool.threads = 1 + layout->worker_count + layout->receiver_count;
	layout->pool.rings = layout->receiver_count * layout->worker_count * 2 * RECEIVER_RING_ROOM;
	layout->memory_mb = BASE_MEMORY_MB +
			count_pools(layout) * frame_pool_memory_mb(&layout->pool);
	if (config->memory.hugepages &&
			hugepages_check(layout->memory_mb, config->dpdk.prefix, &err) < 0)
		err_list_add(errors, ENOMEM, "memory.hugepages: %s", err.text);
}

void
layout_make(const struct config *config, struct layout *layout, struct err_list *errors)
{
	const size_t errors_before = err_list_total(errors);

	*layout = (struct layout){ .worker_count = 0 };
	place_all_threads(config, layout, errors);
	for (size_t i = 0; i < config->wire_count; i++)
		add_wire(layout, &config->wires[i], errors);
	if (err_list_total(errors) != errors_before)
		return; /* what follows would complain of the same things again */
	for (uint32_t i = 0; i < layout->port_count; i++)
		note_port(layout, &layout->ports[i], errors);
	count_memory(config, layout, errors);
}
