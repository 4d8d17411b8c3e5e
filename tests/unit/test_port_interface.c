/* SPDX-License-Identifier: Apache-2.0 */

/* In a network namespace of its own, whose loopback interface nobody misses. */

#include "io/port_interface.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define LOOPBACK_MTU 65536
#define NAME "lo"

static struct ifreq
ask(unsigned long request, void *data)
{
	struct ifreq ifreq = { .ifr_name = NAME };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (data != NULL)
		ifreq.ifr_data = data;
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, request, &ifreq), 0);
	close(fd);
	return ifreq;
}

static int
mtu(void)
{
	return ask(SIOCGIFMTU, NULL).ifr_mtu;
}

static bool
is_up(void)
{
	return (ask(SIOCGIFFLAGS, NULL).ifr_flags & IFF_UP) != 0;
}

static bool
has_gro(void)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GGRO };

	ask(SIOCETHTOOL, &value);
	return value.data != 0;
}

static void
an_interface_is_made_fit_and_set_back(void **state)
{
	struct port_interface interface;
	struct err err;
	const bool had_gro = has_gro();

	(void)state;
	assert_false(is_up());
	assert_int_equal(port_interface_prepare(&interface, NAME, 9000, &err), 0);
	assert_true(is_up());
	assert_int_equal(mtu(), 9000);
	assert_false(has_gro());
	port_interface_restore(&interface);
	assert_int_equal(mtu(), LOOPBACK_MTU);
	assert_int_equal(has_gro(), had_gro);
	assert_true(is_up());
	port_interface_restore(&interface);
}

static void
what_is_as_it_should_be_is_not_touched(void **state)
{
	struct port_interface interface;
	struct err err;

	(void)state;
	assert_int_equal(port_interface_prepare(&interface, NAME, LOOPBACK_MTU, &err), 0);
	assert_int_equal(interface.mtu, 0);
	port_interface_restore(&interface);
	assert_int_equal(mtu(), LOOPBACK_MTU);
}

static void
an_interface_that_is_not_there_is_named(void **state)
{
	struct port_interface interface;
	struct err err;

	(void)state;
	assert_true(port_interface_prepare(&interface, "nowhere0", 1500, &err) < 0);
	assert_non_null(strstr(err.text, "'nowhere0'"));
	port_interface_restore(&interface);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_is_made_fit_and_set_back),
		cmocka_unit_test(what_is_as_it_should_be_is_not_touched),
		cmocka_unit_test(an_interface_that_is_not_there_is_named),
	};

	if (unshare(CLONE_NEWNET) != 0) {
		puts("skipped: a network namespace needs root");
		return 77;
	}
	return cmocka_run_group_tests_name("port_interface", tests, NULL, NULL);
}
