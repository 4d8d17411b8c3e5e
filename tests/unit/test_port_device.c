/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "io/port_device.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct port_device
parsed(const char *text)
{
	struct port_device device;
	struct err err = { "" };

	if (port_device_parse(text, &device, &err) != 0)
		fail_msg("%s", err.text);
	return device;
}

static void
assert_refused(const char *text)
{
	struct port_device device;
	struct err err = { "" };

	assert_int_equal(port_device_parse(text, &device, &err), -EINVAL);
	assert_non_null(strstr(err.text, "is neither a PCI address"));
}

static void
a_pci_address_is_taken_as_the_kernel_writes_it(void **state)
{
	static const struct {
		const char *text, *name;
	} addresses[] = {
		{ "0000:3b:00.1", "0000:3b:00.1" }, { "3b:00.1", "0000:3b:00.1" },
		{ "0000:3B:00.1", "0000:3b:00.1" }, { "3B:0.1", "0000:3b:00.1" },
		{ "e1b2:00:02.0", "e1b2:00:02.0" },
		{ "10000:01:00.0", "10000:01:00.0" }, /* behind Intel's VMD */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		const struct port_device device = parsed(addresses[i].text);

		assert_true(device.is_pci);
		assert_false(device.is_af_packet);
		assert_string_equal(device.name, addresses[i].name);
		assert_string_equal(device.args, "");
		assert_string_equal(device.interface, "");
	}
}

static void
a_pci_device_may_have_arguments(void **state)
{
	const struct port_device device = parsed("3b:00.1,rxq_cqe_comp_en=0,mprq_en=1");

	(void)state;
	assert_true(device.is_pci);
	assert_string_equal(device.name, "0000:3b:00.1");
	assert_string_equal(device.args, "rxq_cqe_comp_en=0,mprq_en=1");
}

static void
a_virtual_device_has_a_name_arguments_and_perhaps_an_interface(void **state)
{
	const struct port_device packet = parsed("net_af_packet0,qpairs=2,iface=eth1");
	const struct port_device null = parsed("net_null0");
	const struct port_device near = parsed("net_af_packet0,ifaces=eth9,iface=eth1");
	const struct port_device pcap = parsed("net_pcap1,rx_iface=eth1,tx_pcap=out.pcap");

	(void)state;
	assert_false(packet.is_pci);
	assert_true(packet.is_af_packet);
	assert_string_equal(packet.name, "net_af_packet0");
	assert_string_equal(packet.args, "qpairs=2,iface=eth1");
	assert_string_equal(packet.interface, "eth1");
	assert_false(null.is_af_packet);
	assert_string_equal(null.name, "net_null0");
	assert_string_equal(null.args, "");
	assert_string_equal(null.interface, "");
	assert_string_equal(near.interface, "eth1");
	assert_string_equal(pcap.interface, ""); /* rx_iface is another argument */
}

static void
what_is_neither_a_pci_address_nor_a_virtual_device_is_refused(void **state)
{
	static const char *const texts[] = { "", ",iface=eth1", "eth1", "0000:3b:00", "3b:00.1x",
		"0000:3b:00.1 ", "-1:00.0", "0x1:00.0", "3b:00.12", "0000:3b:00.g",
		"af_packet0,iface=eth1" };
	char long_name[PORT_DEVICE_NAME_LEN + 1], long_args[10 + PORT_DEVICE_ARGS_LEN - 64 + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_refused(texts[i]);
	memset(long_name, 'x', sizeof(long_name));
	memcpy(long_name, "net_", 4);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_refused(long_name);
	memset(long_args, 'x', sizeof(long_args));
	memcpy(long_args, "net_null0,", 10);
	long_args[sizeof(long_args) - 1] = '\0';
	assert_refused(long_args);
}

static void
assert_not_there(const char *text, const char *sentence)
{
	const struct port_device device = parsed(text);
	struct err err = { "" };

	assert_true(port_device_check(&device, &err) < 0);
	if (strstr(err.text, sentence) == NULL)
		fail_msg("%s", err.text);
}

static void
a_device_that_is_not_there_is_refused_with_what_to_do(void **state)
{
	(void)state;
	assert_not_there(
			"ffff:ff:1f.7", "ffff:ff:1f.7: there is no such PCI device; 'dpdk-devbind");
	assert_not_there("net_af_packet0,iface=nowhere",
			"net_af_packet0: there is no interface 'nowhere'; 'ip link'");
	assert_not_there("net_af_packet0", "net_af_packet0: needs iface=NAME");
	assert_not_there("net_af_xdp0,start_queue=0", "net_af_xdp0: needs iface=NAME");
}

static void
a_device_without_hardware_is_always_there(void **state)
{
	const struct port_device device = parsed("net_null0");
	struct err err;

	(void)state;
	assert_int_equal(port_device_check(&device, &err), 0);
}

static uint32_t
mtu_of_loopback(void)
{
	FILE *file = fopen("/sys/class/net/lo/mtu", "r");
	unsigned int mtu = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%u", &mtu), 1);
	fclose(file);
	return mtu;
}

static void
the_mtu_of_a_device_is_that_of_its_interface(void **state)
{
	const struct port_device lo = parsed("net_af_packet0,iface=lo");
	const struct port_device nowhere = parsed("net_af_packet0,iface=nowhere");
	const struct port_device null = parsed("net_null0");

	(void)state;
	assert_int_equal(port_device_mtu(&lo), mtu_of_loopback());
	assert_int_equal(port_device_mtu(&nowhere), 0);
	assert_int_equal(port_device_mtu(&null), 1500);
}

static void
an_interface_s_name_is_taken_whole_or_not_at_all(void **state)
{
	struct port_device device;
	struct err err = { "" };

	(void)state;
	assert_string_equal(parsed("net_af_packet0,iface=fifteen-letters").interface,
			"fifteen-letters");
	assert_true(port_device_parse("net_af_packet0,iface=sixteen--letters", &device, &err) < 0);
	assert_non_null(strstr(err.text, "'sixteen--letters'"));
	assert_string_equal(parsed("net_tap0,iface=tap7").interface, "");
}

/* The arguments and the room, once a device is complete. */
static void
assert_completed(const char *text, uint32_t queues, uint32_t mtu, const char *args, uint32_t room)
{
	struct port_device device = parsed(text);
	uint32_t frame_room = 1;
	struct err err = { "" };

	if (port_device_complete(&device, queues, mtu, &frame_room, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(device.args, args);
	assert_int_equal(frame_room, room);
}

static void
an_af_packet_device_gets_a_queue_for_each_worker(void **state)
{
	(void)state;
	assert_completed("net_af_packet0,iface=a", 1, 1500, "iface=a,framecnt=2048", 2048);
	assert_completed("net_af_packet0,iface=a", 4, 1500, "iface=a,qpairs=4,framecnt=2048", 2048);
	assert_completed("net_af_packet0,iface=a,qpairs=4,framecnt=512", 4, 1500,
			"iface=a,qpairs=4,framecnt=512", 2048);
	assert_completed("net_af_packet0,qpairs=1,iface=a", 1, 1500,
			"qpairs=1,iface=a,framecnt=2048", 2048);
}

/* 22 bytes of Ethernet and tags, and 66 that a slot keeps for itself. */
static void
an_af_packet_device_gets_room_for_the_longest_frame(void **state)
{
	(void)state;
	assert_completed("net_af_packet0,iface=a", 1, 2048 - 88, "iface=a,framecnt=2048", 2048);
	assert_completed("net_af_packet0,iface=a", 1, 2048 - 87,
			"iface=a,framesz=4096,blocksz=4096,framecnt=1024", 4096);
	assert_completed("net_af_packet0,iface=a", 2, 9000,
			"iface=a,qpairs=2,framesz=16384,blocksz=16384,framecnt=512", 16384);
	assert_completed("net_af_packet0,iface=a,framesz=2048", 1, 1500, "iface=a,framesz=2048",
			2048);
	assert_completed("net_af_packet0,iface=a,framesz=9088,blocksz=9088", 1, 9000,
			"iface=a,framesz=9088,blocksz=9088", 9088);
}

static void
the_longest_arguments_are_completed_too(void **state)
{
	char text[PORT_DEVICE_ARGS_LEN + 32] = "net_af_packet0,iface=a,";
	struct port_device device;
	uint32_t room;
	struct err err;

	(void)state;
	for (size_t len = strlen(text); len < 15 + PORT_DEVICE_ARGS_LEN - 65; len++)
		text[len] = 'x';
	device = parsed(text);
	assert_int_equal(strlen(device.args), PORT_DEVICE_ARGS_LEN - 65);
	assert_int_equal(port_device_complete(&device, 64, 9216, &room, &err), 0);
	assert_non_null(strstr(device.args, ",qpairs=64,framesz=16384,blocksz=16384"));
}

static void
other_devices_are_left_as_they_are(void **state)
{
	(void)state;
	assert_completed("net_null0", 4, 9000, "", 0);
	assert_completed("3b:00.0,mprq_en=1", 4, 9000, "mprq_en=1", 0);
}

static void
assert_not_completed(const char *text, uint32_t queues, uint32_t mtu, const char *sentence)
{
	struct port_device device = parsed(text);
	uint32_t frame_room;
	struct err err = { "" };

	assert_int_equal(port_device_complete(&device, queues, mtu, &frame_room, &err), -EINVAL);
	assert_string_equal(err.text, sentence);
}

static void
arguments_that_do_not_fit_the_wire_are_refused(void **state)
{
	(void)state;
	assert_not_completed("net_af_packet0,iface=a,qpairs=2", 4, 1500,
			"net_af_packet0: qpairs=2, but 4 is needed: a queue for each worker, or one"
			" where software steers; leave qpairs out, or set workers.count");
	assert_not_completed("net_af_packet0,framesz=9087,iface=a", 1, 9000,
			"net_af_packet0: framesz=9087 is too small for an MTU of 9000, which needs"
			" 9088 or more");
}

/* Nobody else's: the name has the number of this process. */
static struct port_device
own_device(const char *letter)
{
	char text[64];

	snprintf(text, sizeof(text), "net_af_packet0,iface=%s%d", letter, (int)getpid());
	return parsed(text);
}

static void
an_interface_is_locked_until_the_lock_is_closed(void **state)
{
	const struct port_device device = own_device("a"), other = own_device("b");
	struct err err = { "" };
	const int lock = port_device_lock(&device, &err);
	const int of_other = port_device_lock(&other, &err);
	int again;

	(void)state;
	assert_true(lock >= 0);
	assert_true(of_other >= 0);
	assert_int_equal(port_device_lock(&device, &err), -EBUSY);
	assert_non_null(strstr(err.text, device.interface));
	assert_non_null(strstr(err.text, "is in use by another synwire"));
	close(lock);
	again = port_device_lock(&device, &err);
	assert_true(again >= 0);
	close(again);
	close(of_other);
}

/* One that takes the name up to the end of the other's is another. */
static void
a_pci_device_is_locked_by_its_address(void **state)
{
	struct port_device device = own_device("x"), other;
	struct err err;
	int lock, of_other;

	(void)state;
	device.interface[0] = '\0';
	device.is_pci = true;
	snprintf(device.name, sizeof(device.name), "%x:00:00.1", (unsigned int)getpid());
	other = device;
	strcat(other.name, "0");
	lock = port_device_lock(&device, &err);
	of_other = port_device_lock(&other, &err);
	assert_true(lock >= 0);
	assert_true(of_other >= 0);
	assert_int_equal(port_device_lock(&device, &err), -EBUSY);
	close(lock);
	close(of_other);
}

static void
devices_without_hardware_are_not_locked(void **state)
{
	const struct port_device device = parsed("net_null0");
	struct err err;
	const int first = port_device_lock(&device, &err);
	const int second = port_device_lock(&device, &err);

	(void)state;
	assert_true(first >= 0);
	assert_true(second >= 0);
	close(first);
	close(second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pci_address_is_taken_as_the_kernel_writes_it),
		cmocka_unit_test(a_pci_device_may_have_arguments),
		cmocka_unit_test(a_virtual_device_has_a_name_arguments_and_perhaps_an_interface),
		cmocka_unit_test(what_is_neither_a_pci_address_nor_a_virtual_device_is_refused),
		cmocka_unit_test(a_device_that_is_not_there_is_refused_with_what_to_do),
		cmocka_unit_test(a_device_without_hardware_is_always_there),
		cmocka_unit_test(the_mtu_of_a_device_is_that_of_its_interface),
		cmocka_unit_test(an_interface_s_name_is_taken_whole_or_not_at_all),
		cmocka_unit_test(an_af_packet_device_gets_a_queue_for_each_worker),
		cmocka_unit_test(an_af_packet_device_gets_room_for_the_longest_frame),
		cmocka_unit_test(the_longest_arguments_are_completed_too),
		cmocka_unit_test(other_devices_are_left_as_they_are),
		cmocka_unit_test(arguments_that_do_not_fit_the_wire_are_refused),
		cmocka_unit_test(an_interface_is_locked_until_the_lock_is_closed),
		cmocka_unit_test(a_pci_device_is_locked_by_its_address),
		cmocka_unit_test(devices_without_hardware_are_not_locked),
	};

	return cmocka_run_group_tests_name("port_device", tests, NULL, NULL);
}
