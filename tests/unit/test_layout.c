/* SPDX-License-Identifier: Apache-2.0 */

/* Of configurations whose ports need no hardware, or do not exist. */

#include "app/run/layout.h"
#include "base/compiler.h"
#include "io/eal.h"
#include "io/hugepages.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct config config;
	struct layout layout;
	struct err_list errors;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	config_defaults(&f->config);
	f->config.memory.hugepages = 0;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

/* Of one port, if @p second is NULL. */
static void
add_wire(struct fixture *f, const char *first, const char *second)
{
	struct config_wires *wire = &f->config.wires[f->config.wire_count];

	snprintf(wire->name, sizeof(wire->name), "wire%zu", f->config.wire_count++);
	strcpy(wire->ports.word[wire->ports.count++], first);
	if (second != NULL)
		strcpy(wire->ports.word[wire->ports.count++], second);
}

static const struct layout *
made(struct fixture *f)
{
	layout_make(&f->config, &f->layout, &f->errors);
	if (f->errors.count != 0)
		fail_msg("%s", f->errors.errs[0].text);
	return &f->layout;
}

static void
assert_told(struct fixture *f, const char *const *sentences, size_t count)
{
	layout_make(&f->config, &f->layout, &f->errors);
	for (size_t i = 0; i < count && i < f->errors.count; i++)
		if (strstr(f->errors.errs[i].text, sentences[i]) == NULL)
			fail_msg("'%s' is not in: %s", sentences[i], f->errors.errs[i].text);
	assert_int_equal(f->errors.count, count);
}

#define ASSERT_TOLD(f, ...) \
	assert_told(f, (const char *const[]){ __VA_ARGS__ }, \
			ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

/* A processor that this process may use, and one that it may not. */
static uint32_t
some_core(void)
{
	cpu_set_t cpus;
	uint32_t core = 0;

	CPU_ZERO(&cpus);
	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	while (!CPU_ISSET(core, &cpus))
		core++;
	return core;
}

static uint32_t
no_core(void)
{
	cpu_set_t cpus;
	uint32_t core = 0;

	CPU_ZERO(&cpus);
	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	while (CPU_ISSET(core, &cpus))
		core++;
	return core;
}

static void
a_wire_has_two_ports_of_the_same_mtu(void **state)
{
	struct fixture *f = *state;
	const struct layout *layout;

	add_wire(f, "net_ring0", "net_null0,size=100");
	layout = made(f);
	assert_int_equal(layout->wire_count, 1);
	assert_int_equal(layout->port_count, 2);
	assert_int_equal(layout->wires[0].port_count, 2);
	assert_int_equal(layout->wires[0].ports[0], 0);
	assert_int_equal(layout->wires[0].ports[1], 1);
	assert_int_equal(layout->wires[0].mtu, 1500);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(layout->ports[i].mtu, 1500);
		assert_int_equal(layout->ports[i].lock, -1);
	}
	assert_string_equal(layout->ports[0].device.name, "net_ring0");
	assert_string_equal(layout->ports[1].device.args, "size=100");
	assert_int_equal(layout->pci_count, 0);
}

static void
a_mirror_is_a_wire_of_one_port(void **state)
{
	struct fixture *f = *state;
	const struct layout *layout;

	add_wire(f, "net_null0", NULL);
	add_wire(f, "net_ring0", "net_ring1");
	f->config.wires[1].mtu = 9000;
	add_wire(f, "net_ring2", NULL);
	layout = made(f);
	assert_int_equal(layout->wire_count, 3);
	assert_int_equal(layout->port_count, 4);
	assert_int_equal(layout->wires[0].port_count, 1);
	assert_int_equal(layout->wires[1].ports[0], 1);
	assert_int_equal(layout->wires[1].ports[1], 2);
	assert_int_equal(layout->ports[0].mtu, 1500);
	assert_int_equal(layout->ports[1].mtu, 9000);
	assert_int_equal(layout->ports[2].mtu, 9000);
	assert_int_equal(layout->pool.frame_len, 9000 + PORT_DEVICE_OVERHEAD);
}

static void
where_the_ports_steer_each_has_a_queue_for_each_worker(void **state)
{
	struct fixture *f = *state;
	const struct layout *layout;

	add_wire(f, "net_ring0", "net_ring1");
	f->config.workers.count = 4;
	f->config.workers.receivers = 2; /* of no use without software steering */
	layout = made(f);
	assert_int_equal(layout->worker_count, 4);
	assert_int_equal(layout->receiver_count, 0);
	assert_int_equal(layout->queues, 4);
	assert_int_equal(layout->pool.queues, 8);
	assert_int_equal(layout->pool.threads, 5);
	assert_int_equal(layout->pool.rings, 0);
}

static void
where_software_steers_each_port_has_one_queue(void **state)
{
	struct fixture *f = *state;
	const struct layout *layout;

	add_wire(f, "net_ring0", "net_ring1");
	f->config.workers.count = 4;
	f->config.workers.receivers = 2;
	f->config.workers.steering = CONFIG_STEERING_SOFTWARE;
	layout = made(f);
	assert_int_equal(layout->receiver_count, 2);
	assert_int_equal(layout->queues, 1);
	assert_int_equal(layout->pool.queues, 2);
	assert_int_equal(layout->pool.threads, 7);
	assert_int_equal(layout->pool.rings, 2 * 4 * 2 * RECEIVER_RING_ROOM);
	assert_int_equal(layout_worker_lcore(0), 1);
	assert_int_equal(layout_receiver_lcore(layout, 0), 5);
}

static void
the_memory_holds_the_buffers(void **state)
{
	struct fixture *f = *state;
	const struct layout *layout;

	add_wire(f, "net_ring0", "net_ring1");
	f->config.workers.count = 8;
	layout = made(f);
	assert_true(layout->memory_mb > frame_pool_memory_mb(&layout->pool));
}

static void
threads_go_to_the_cores_that_are_named_and_else_to_any(void **state)
{
	struct fixture *f = *state;
	const uint32_t core = some_core();
	const struct layout *layout;

	add_wire(f, "net_ring0", "net_ring1");
	f->config.workers.steering = CONFIG_STEERING_SOFTWARE;
	snprintf(f->config.workers.cores, sizeof(f->config.workers.cores), "%u", core);
	layout = made(f);
	assert_int_equal(layout->cpus[0], EAL_CPU_ANY);
	assert_int_equal(layout->cpus[layout_worker_lcore(0)], core);
	assert_int_equal(layout->cpus[layout_receiver_lcore(layout, 0)], EAL_CPU_ANY);
	f->config.workers.cores[0] = '\0';
	snprintf(f->config.control.cores, sizeof(f->config.control.cores), "%u", core);
	snprintf(f->config.workers.receiver_cores, sizeof(f->config.workers.receiver_cores), "%u",
			core);
	layout = made(f);
	assert_int_equal(layout->cpus[0], core);
	assert_int_equal(layout->cpus[layout_worker_lcore(0)], EAL_CPU_ANY);
	assert_int_equal(layout->cpus[layout_receiver_lcore(layout, 0)], core);
}

static void
each_core_that_is_not_there_is_told(void **state)
{
	struct fixture *f = *state;
	const uint32_t none = no_core();
	char first[64], second[64], third[64];

	add_wire(f, "net_ring0", "net_ring1");
	f->config.workers.steering = CONFIG_STEERING_SOFTWARE;
	snprintf(f->config.workers.cores, sizeof(f->config.workers.cores), "%u,%u,1023",
			some_core(), none);
	snprintf(f->config.control.cores, sizeof(f->config.control.cores), "%u", none);
	snprintf(first, sizeof(first), "control.cores: there is no core %u here; there are ", none);
	snprintf(second, sizeof(second), "workers.cores: there is no core %u here", none);
	snprintf(third, sizeof(third), "workers.cores: there is no core 1023 here");
	ASSERT_TOLD(f, first, second, third);
}

static void
all_mistakes_are_told(void **state)
{
	struct fixture *f = *state;

	add_wire(f, "net_af_packet0,iface=nowhere", "eth1");
	add_wire(f, "ffff:ff:1f.7", "net_af_xdp0");
	snprintf(f->config.workers.cores, sizeof(f->config.workers.cores), "%u", no_core());
	ASSERT_TOLD(f, "workers.cores: there is no core",
			"wire0: net_af_packet0: there is no interface 'nowhere'",
			"wire0: eth1: is neither a PCI address",
			"wire1: ffff:ff:1f.7: there is no such PCI device",
			"wire1: net_af_xdp0: needs iface=NAME");
}

static void
more_threads_than_there_is_room_for_are_told(void **state)
{
	struct fixture *f = *state;

	add_wire(f, "net_ring0", "eth1");
	f->config.workers.count = 64;
	f->config.workers.receivers = 1;
	f->config.workers.steering = CONFIG_STEERING_SOFTWARE;
	ASSERT_TOLD(f, "workers: no more than 64 workers and receivers in all",
			"wire0: eth1: is neither");
	f->errors.count = 0;
	f->config.workers.count = 63;
	ASSERT_TOLD(f, "wire0: eth1: is neither");
}

static void
ports_of_a_wire_that_have_different_mtus_are_told(void **state)
{
	struct fixture *f = *state;
	struct port_device lo;
	char sentence[128];
	struct err err;

	assert_int_equal(port_device_parse("net_pcap0,iface=lo", &lo, &err), 0);
	if (port_device_check(&lo, &err) < 0 || port_device_mtu(&lo) == 1500)
		skip(); /* loopback is not to be had, or is like another */
	add_wire(f, "net_pcap0,iface=lo", "net_ring1");
	snprintf(sentence, sizeof(sentence),
			"wire0: net_pcap0 has an MTU of %u, net_ring1 of 1500; set both alike",
			port_device_mtu(&lo));
	ASSERT_TOLD(f, sentence);
	f->errors.count = 0;
	f->config.wires[0].mtu = 1400;
	assert_int_equal(made(f)->wires[0].mtu, 1400);
}

static void
a_port_s_arguments_are_completed_for_the_queues_and_the_mtu(void **state)
{
	struct fixture *f = *state;
	struct port_device lo;
	const struct layout *layout;
	struct err err;

	assert_int_equal(port_device_parse("net_af_packet0,iface=lo", &lo, &err), 0);
	if (port_device_check(&lo, &err) < 0)
		skip();
	add_wire(f, "net_af_packet0,iface=lo", NULL);
	f->config.wires[0].mtu = 3000;
	f->config.workers.count = 2;
	layout = made(f);
	assert_string_equal(layout->ports[0].device.args,
			"iface=lo,qpairs=2,framesz=4096,blocksz=4096,framecnt=1024");
	assert_int_equal(layout->pool.frame_room, 4096);
	f->config.workers.count = 3;
	strcat(f->config.wires[0].ports.word[0], ",qpairs=2");
	ASSERT_TOLD(f, "net_af_packet0: qpairs=2, but 3 is needed");
}

static void
want_of_hugepages_is_told_before_dpdk_starts(void **state)
{
	struct fixture *f = *state;
	struct err err;

	add_wire(f, "net_ring0", "net_ring1");
	f->config.memory.hugepages = 1;
	layout_make(&f->config, &f->layout, &f->errors);
	if (hugepages_check(f->layout.memory_mb, f->config.dpdk.prefix, &err) == 0)
		skip(); /* this machine has them */
	assert_int_equal(f->errors.count, 1);
	assert_memory_equal(f->errors.errs[0].text, "memory.hugepages: ", 18);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_wire_has_two_ports_of_the_same_mtu),
		TEST(a_mirror_is_a_wire_of_one_port),
		TEST(where_the_ports_steer_each_has_a_queue_for_each_worker),
		TEST(where_software_steers_each_port_has_one_queue),
		TEST(the_memory_holds_the_buffers),
		TEST(threads_go_to_the_cores_that_are_named_and_else_to_any),
		TEST(each_core_that_is_not_there_is_told),
		TEST(all_mistakes_are_told),
		TEST(more_threads_than_there_is_room_for_are_told),
		TEST(ports_of_a_wire_that_have_different_mtus_are_told),
		TEST(a_port_s_arguments_are_completed_for_the_queues_and_the_mtu),
		TEST(want_of_hugepages_is_told_before_dpdk_starts),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
