/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/service.h"
#include "app/run/syscall_filter.h"
#include "child.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define SECOND UINT64_C(1000000)
#define SOMEBODY 471100

/* In the place of systemd: a datagram socket that everybody may write to. */
struct fixture {
	char folder[32];
	struct sockaddr_un address;
	int fd;
};

static struct fixture fixture;

static int
open_socket(void **state)
{
	struct sockaddr_un *address = &fixture.address;

	(void)state;

	strcpy(fixture.folder, "/tmp/test_service_XXXXXX");
	assert_non_null(mkdtemp(fixture.folder));
	assert_int_equal(chmod(fixture.folder, 0755), 0);
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s/notify", fixture.folder);
	fixture.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fixture.fd, (struct sockaddr *)address, sizeof(*address)), 0);
	assert_int_equal(chmod(address->sun_path, 0777), 0);
	setenv("NOTIFY_SOCKET", address->sun_path, 1);
	setenv("WATCHDOG_USEC", "10000000", 1);
	unsetenv("WATCHDOG_PID");
	return 0;
}

static int
close_socket(void **state)
{
	(void)state;

	close(fixture.fd);
	unlink(fixture.address.sun_path);
	rmdir(fixture.folder);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	return 0;
}

/* What is sent between sockets of one machine is there when sending returns. */
static void
expect(const char *wanted)
{
	char got[512];
	const ssize_t len = recv(fixture.fd, got, sizeof(got) - 1, 0);

	assert_true(len >= 0);
	got[len] = '\0';
	assert_string_equal(got, wanted);
}

static void
expect_silence(void)
{
	char got[512];

	assert_int_equal(recv(fixture.fd, got, sizeof(got), 0), -1);
	assert_int_equal(errno, EAGAIN);
}

static void
each_step_of_its_life_is_told(void **state)
{
	struct service_watch service = { 0 };

	(void)state;

	service_ready(&service, "2 wires, 4 workers");
	expect("READY=1\nSTATUS=2 wires, 4 workers");
	service_status(&service, "100% of nothing");
	expect("STATUS=100% of nothing");
	service_reloading(&service, 1234567);
	expect("RELOADING=1\nMONOTONIC_USEC=1234567");
	service_ready(&service, "as it was");
	expect("READY=1\nSTATUS=as it was");
	service_stopping(&service);
	expect("STOPPING=1");
	expect_silence();
}

static void
a_sign_of_life_is_given_at_half_the_time(void **state)
{
	struct service_watch service;

	(void)state;

	service_init(&service, 100 * SECOND);
	service_tick(&service, 105 * SECOND - 1, true);
	expect_silence();
	service_tick(&service, 105 * SECOND, true);
	expect("WATCHDOG=1");
	service_tick(&service, 109 * SECOND, true);
	expect_silence();
	service_tick(&service, 117 * SECOND, true);
	expect("WATCHDOG=1");
	expect_silence();
}

static void
who_is_not_healthy_gives_none_until_it_is_again(void **state)
{
	struct service_watch service;

	(void)state;

	service_init(&service, 0);
	service_tick(&service, 5 * SECOND, false);
	service_tick(&service, 6 * SECOND, false);
	expect_silence();
	service_tick(&service, 6 * SECOND + 1, true);
	expect("WATCHDOG=1");
}

static void
nobody_is_bothered_who_did_not_ask(void **state)
{
	struct service_watch service;

	(void)state;

	unsetenv("WATCHDOG_USEC");
	service_init(&service, 0);
	service_tick(&service, 100 * SECOND, true);
	setenv("WATCHDOG_USEC", "10000000", 1);
	setenv("WATCHDOG_PID", "1", 1); /* another process is meant */
	service_init(&service, 0);
	service_tick(&service, 100 * SECOND, true);
	expect_silence();
}

static void
without_systemd_nothing_happens(void **state)
{
	struct service_watch service;

	(void)state;

	unsetenv("NOTIFY_SOCKET");
	service_init(&service, 0);
	service_ready(&service, "nobody hears");
	service_tick(&service, 100 * SECOND, true);
	service_reloading(&service, 1);
	service_stopping(&service);
	expect_silence();
}

static void
systemd_that_is_gone_is_no_reason_to_end(void **state)
{
	struct service_watch service = { 0 };

	(void)state;

	close(fixture.fd);
	service_ready(&service, "nobody hears");
	unlink(fixture.address.sun_path);
	service_stopping(&service);
}

/* The kernel has room for some datagrams, and for no more until one is read. */
static int
fill_up(void)
{
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int sent = 0;

	while (sendto(fd, "x", 1, 0, (struct sockaddr *)&fixture.address,
			       sizeof(fixture.address)) == 1)
		sent++;
	close(fd);
	assert_true(sent > 0);
	return sent;
}

static void
read_all(int count)
{
	for (int i = 0; i < count; i++)
		expect("x");
}

static void
systemd_that_does_not_read_is_not_waited_for_and_is_told_later(void **state)
{
	struct service_watch service;
	int filling;

	(void)state;

	service_init(&service, 100 * SECOND);
	filling = fill_up();
	service_reloading(&service, 7);
	service_ready(&service, "as it was");
	service_tick(&service, 105 * SECOND, true);
	read_all(filling);
	expect_silence();
	service_tick(&service, 106 * SECOND, true);
	expect("RELOADING=1\nMONOTONIC_USEC=7");
	expect("READY=1\nSTATUS=as it was");
	expect("WATCHDOG=1");
	expect_silence();
}

static void
of_more_than_can_wait_the_latest_are_told(void **state)
{
	struct service_watch service;
	int filling;

	(void)state;

	unsetenv("WATCHDOG_USEC");
	service_init(&service, 0);
	filling = fill_up();
	for (int i = 0; i < 2 * SERVICE_WAITING_MAX; i++)
		service_reloading(&service, (uint64_t)i);
	service_stopping(&service);
	read_all(filling);
	service_tick(&service, 1, true);
	for (int i = SERVICE_WAITING_MAX + 1; i < 2 * SERVICE_WAITING_MAX; i++) {
		char wanted[64];

		snprintf(wanted, sizeof(wanted), "RELOADING=1\nMONOTONIC_USEC=%d", i);
		expect(wanted);
	}
	expect("STOPPING=1");
	expect_silence();
}

static void
an_abstract_name_is_found_too(void **state)
{
	static const char name[] = "@test_service_abstract";
	struct service_watch service = { 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	char got[64] = "";

	(void)state;

	memcpy(address.sun_path + 1, name + 1, sizeof(name) - 2);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
					 (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
							 sizeof(name) - 1)),
			0);
	setenv("NOTIFY_SOCKET", name, 1);
	service_stopping(&service);
	assert_int_equal(recv(fd, got, sizeof(got) - 1, 0), (int)strlen("STOPPING=1"));
	assert_string_equal(got, "STOPPING=1");
	close(fd);
}

static void
speak_with_nothing_left(void)
{
	struct service_watch service = { 0 };
	const struct syscall_filter_needs needs = { .programs = false };
	struct err err = { "" };

	if (geteuid() != 0)
		_exit(CHILD_SKIPS);
	child_assert(setgroups(0, NULL) == 0 && setresgid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
	child_assert(setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
	child_assert(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	if (syscall_filter_load(&needs, &err) != 0)
		_exit(CHILD_SKIPS);
	service_ready(&service, "as somebody");
}

static void
it_is_heard_after_all_privileges_are_gone(void **state)
{
	(void)state;

	child_run(speak_with_nothing_left);
	expect("READY=1\nSTATUS=as somebody");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_socket, close_socket)
	const struct CMUnitTest tests[] = {
		TEST(each_step_of_its_life_is_told),
		TEST(a_sign_of_life_is_given_at_half_the_time),
		TEST(who_is_not_healthy_gives_none_until_it_is_again),
		TEST(nobody_is_bothered_who_did_not_ask),
		TEST(without_systemd_nothing_happens),
		TEST(systemd_that_is_gone_is_no_reason_to_end),
		TEST(systemd_that_does_not_read_is_not_waited_for_and_is_told_later),
		TEST(of_more_than_can_wait_the_latest_are_told),
		TEST(an_abstract_name_is_found_too),
		TEST(it_is_heard_after_all_privileges_are_gone),
	};
#undef TEST

	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
