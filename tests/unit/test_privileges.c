/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Each test becomes another user in a process of its own. That user exists only there: the
 * process puts a passwd and a group file of its own over the machine's.
 */

#include "app/run/privileges.h"
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define USER "synwire-test"
#define UID 471100
#define GID 471200
#define GROUP_A 471300
#define GROUP_B 471400

#define NET_ADMIN PRIVILEGES_BIT(CAP_NET_ADMIN)

static void
cover(const char *path, const char *text)
{
	char made[] = "/tmp/test_privileges_XXXXXX";
	const int fd = mkstemp(made);

	child_assert(fd >= 0 && fchmod(fd, 0644) == 0);
	child_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0);
	child_assert(mount(made, path, NULL, MS_BIND, NULL) == 0);
	child_assert(unlink(made) == 0);
}

/* Skips where even root may not have namespaces of its own. */
static void
make_user(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNS | CLONE_NEWNET) != 0 ||
			mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		_exit(CHILD_SKIPS);
	cover("/etc/passwd",
			"root:x:0:0::/root:/bin/sh\n"
			"toor:x:0:0::/root:/bin/sh\n" USER ":x:471100:471200::/:/bin/false\n");
	cover("/etc/group",
			"root:x:0:\n" USER ":x:471200:\n"
			"a:x:471300:root," USER "\nb:x:471400:" USER "\nc:x:471500:root\n");
}

static struct privileges
prepare(const char *user)
{
	struct privileges privileges;
	struct err err = { "" };
	const int rc = privileges_prepare(&privileges, user, &err);

	if (rc != 0)
		fprintf(stderr, "%s\n", err.text);
	child_assert(rc == 0);
	return privileges;
}

static void
drop(const struct privileges *privileges, uint64_t kept)
{
	struct err err = { "" };
	const int rc = privileges_drop(privileges, kept, &err);

	if (rc != 0)
		fprintf(stderr, "%s\n", err.text);
	child_assert(rc == 0);
}

static void
refuses(const char *user, int code, const char *sentence)
{
	struct privileges privileges;
	struct err err = { "" };
	const int rc = privileges_prepare(&privileges, user, &err);

	if (strcmp(err.text, sentence) != 0)
		fprintf(stderr, "got: %s\n", err.text);
	child_assert(rc == -code && strcmp(err.text, sentence) == 0);
}

/* The kernel keeps all of this for each thread; so does this look at the calling one only. */
static void
expect_capabilities(uint64_t wanted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	child_assert(syscall(SYS_capget, &header, data) == 0);
	child_assert(data[0].permitted == (uint32_t)wanted &&
			data[0].effective == (uint32_t)wanted);
	child_assert(data[1].permitted == wanted >> 32 && data[1].effective == wanted >> 32);
	child_assert(data[0].inheritable == 0 && data[1].inheritable == 0);
}

static void
expect_user(void)
{
	uid_t uid[3];
	gid_t gid[3];
	gid_t groups[8];

	child_assert(getresuid(&uid[0], &uid[1], &uid[2]) == 0);
	child_assert(getresgid(&gid[0], &gid[1], &gid[2]) == 0);
	for (int i = 0; i < 3; i++)
		child_assert(uid[i] == UID && gid[i] == GID);
	child_assert(getgroups(8, groups) == 3);
	child_assert(groups[0] == GID && groups[1] == GROUP_A && groups[2] == GROUP_B);
}

static void
expect_nothing_to_gain(void)
{
	child_assert(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	for (int capability = 0; capability <= CAP_LAST_CAP; capability++)
		child_assert(prctl(PR_CAPBSET_READ, capability, 0, 0, 0) <= 0);
}

static void
expect_no_way_back(void)
{
	child_assert(setuid(0) == -1 && errno == EPERM);
	child_assert(setgroups(0, NULL) == -1 && errno == EPERM);
	child_assert(open("/etc/shadow", O_RDONLY) == -1 && errno == EACCES);
	child_assert(chroot("/") == -1 && errno == EPERM);
	child_assert(socket(AF_PACKET, SOCK_RAW, 0) == -1 && errno == EPERM);
}

static int
set_loopback(short flags)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = flags };
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	const int rc = ioctl(fd, SIOCSIFFLAGS, &request);
	const int code = errno;

	close(fd);
	return rc == 0 ? 0 : code;
}

static void
look_at_all(void)
{
	expect_user();
	expect_capabilities(0);
	expect_nothing_to_gain();
	expect_no_way_back();
	child_assert(set_loopback(IFF_UP) == EPERM);
}

static void
drop_everything(void)
{
	const gid_t more[] = { 0, 471500 };
	struct child_thread thread;
	struct privileges privileges;

	make_user();
	child_assert(setgroups(2, more) == 0); /* as a login of root's gives */
	privileges = prepare(USER);
	child_start(&thread, look_at_all);
	child_assert(privileges.drop && privileges.uid == UID && privileges.gid == GID);
	drop(&privileges, 0);
	look_at_all();
	child_finish(&thread);
}

static void
drop_all_but_one(void)
{
	struct child_thread thread;
	struct privileges privileges;

	make_user();
	privileges = prepare(USER);
	child_start(&thread, look_at_all);
	drop(&privileges, NET_ADMIN);
	expect_user();
	expect_capabilities(NET_ADMIN);
	expect_nothing_to_gain();
	expect_no_way_back();
	child_assert(set_loopback(IFF_UP) == 0 && set_loopback(0) == 0);
	child_finish(&thread);
}

static void
stay(void)
{
	struct privileges privileges = prepare("");

	child_assert(!privileges.drop);
	child_assert(privileges.uid == geteuid() && privileges.gid == getegid());
	drop(&privileges, NET_ADMIN);
	child_assert(privileges.uid == geteuid());
	child_assert(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	if (geteuid() == 0)
		expect_nothing_to_gain();
}

static void
ask_for_users_that_do_not_serve(void)
{
	make_user();
	refuses("nobody-here", ENOENT,
			"privileges.user: there is no user 'nobody-here'; 'useradd --system nobody-here' makes one");
	refuses("toor", EINVAL,
			"privileges.user: 'toor' is root, who gives up nothing; name another user, or leave the key out");
	child_assert(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
}

static void
ask_as_somebody(void)
{
	if (geteuid() == 0)
		child_assert(setresuid(UID, UID, UID) == 0);
	refuses("root", EPERM,
			"privileges.user: only root can become 'root'; start as root, or leave the key out");
}

static void
give_up(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	child_assert(syscall(SYS_capget, &header, data) == 0);
	data[0].permitted &= ~(1u << capability);
	data[0].effective &= ~(1u << capability);
	child_assert(syscall(SYS_capset, &header, data) == 0);
}

static void
keep_what_is_not_there(void)
{
	struct privileges privileges;
	struct err err;

	make_user();
	privileges = prepare(USER);
	give_up(CAP_NET_ADMIN);
	child_assert(privileges_drop(&privileges, NET_ADMIN, &err) == -EPERM);
	child_assert(strncmp(err.text, "the capability 'net_admin' is needed", 36) == 0);
	child_assert(geteuid() == 0);
}

static void
lack_what_the_change_takes(void)
{
	struct privileges privileges;
	struct err err;

	make_user();
	privileges = prepare(USER);
	give_up(CAP_SETUID);
	child_assert(privileges_drop(&privileges, 0, &err) == -EPERM);
	child_assert(strstr(err.text, "the kernel refuses to make this process user 471100") !=
			NULL);
}

static void
all_threads_give_up_everything(void **state)
{
	(void)state;

	child_run(drop_everything);
}

static void
the_calling_thread_alone_keeps_and_uses_what_it_asks_for(void **state)
{
	(void)state;

	child_run(drop_all_but_one);
}

static void
without_a_user_to_become_nothing_is_lost_but_the_ways_to_gain(void **state)
{
	(void)state;

	child_run(stay);
}

static void
a_user_that_is_not_there_or_is_root_is_refused_before_anything_is_changed(void **state)
{
	(void)state;

	child_run(ask_for_users_that_do_not_serve);
}

static void
nobody_but_root_becomes_another_user(void **state)
{
	(void)state;

	child_run(ask_as_somebody);
}

static void
a_capability_that_is_not_there_to_be_kept_is_named(void **state)
{
	(void)state;

	child_run(keep_what_is_not_there);
}

static void
a_kernel_that_refuses_the_change_is_not_taken_for_one_that_made_it(void **state)
{
	(void)state;

	child_run(lack_what_the_change_takes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_threads_give_up_everything),
		cmocka_unit_test(the_calling_thread_alone_keeps_and_uses_what_it_asks_for),
		cmocka_unit_test(without_a_user_to_become_nothing_is_lost_but_the_ways_to_gain),
		cmocka_unit_test(
				a_user_that_is_not_there_or_is_root_is_refused_before_anything_is_changed),
		cmocka_unit_test(nobody_but_root_becomes_another_user),
		cmocka_unit_test(a_capability_that_is_not_there_to_be_kept_is_named),
		cmocka_unit_test(
				a_kernel_that_refuses_the_change_is_not_taken_for_one_that_made_it),
	};

	return cmocka_run_group_tests_name("privileges", tests, NULL, NULL);
}
