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
	(void)state;

	service_ready("2 wires, 4 workers");
	expect("READY=1\nSTATUS=2 wires, 4 workers");
	service_status("100% of nothing");
	expect("STATUS=100% of nothing");
	service_reloading(1234567);
	expect("RELOADING=1\nMONOTONIC_USEC=1234567");
	service_ready("as it was");
	expect("READY=1\nSTATUS=as it was");
	service_stopping();
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
	service_ready("nobody hears");
	service_tick(&service, 100 * SECOND, true);
	service_reloading(1);
	service_stopping();
	expect_silence();
}

static void
systemd_that_is_gone_is_no_reason_to_end(void **state)
{
	(void)state;

	close(fixture.fd);
	service_ready("nobody hears");
	unlink(fixture.address.sun_path);
	service_stopping();
}

static void
speak_with_nothing_left(void)
{
	const struct syscall_filter_needs needs = { .programs = false };
	struct err err = { "" };

	if (geteuid() != 0)
		_exit(CHILD_SKIPS);
	child_assert(setgroups(0, NULL) == 0 && setresgid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
	child_assert(setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
	child_assert(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	if (syscall_filter_load(&needs, &err) != 0)
		_exit(CHILD_SKIPS);
	service_ready("as somebody");
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
		TEST(it_is_heard_after_all_privileges_are_gone),
	};
#undef TEST

	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
