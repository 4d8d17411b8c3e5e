/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/control_socket.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char folder[64];
	char path[96];
};

static int
make_place(void **state)
{
	static struct place place;

	snprintf(place.folder, sizeof(place.folder), "/tmp/control_socket.XXXXXX");
	assert_non_null(mkdtemp(place.folder));
	snprintf(place.path, sizeof(place.path), "%s/sock", place.folder);
	*state = &place;
	return 0;
}

static int
remove_place(void **state)
{
	struct place *place = *state;

	unlink(place->path);
	return rmdir(place->folder);
}

static struct control_socket
opened(const char *path, mode_t mode)
{
	struct control_socket socket;
	struct err err = { "" };

	if (control_socket_open(path, mode, &socket, &err) != 0)
		fail_msg("%s", err.text);
	return socket;
}

static mode_t
mode_of(const char *path)
{
	struct stat found;

	assert_int_equal(lstat(path, &found), 0);
	return found.st_mode & 07777;
}

static int
try_connect(const char *path)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address;
	int rc;

	assert_int_equal(control_socket_address(path, &address, NULL), 0);
	rc = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : -errno;
	close(fd);
	return rc;
}

static void
its_mode_is_the_one_asked_for_whatever_the_umask(void **state)
{
	const struct place *place = *state;
	const mode_t masks[] = { 0, 0077, 0777 };

	for (size_t i = 0; i < 3; i++) {
		const mode_t before = umask(masks[i]);
		struct control_socket socket = opened(place->path, 0620);

		umask(before);
		assert_int_equal(mode_of(place->path), 0620);
		assert_int_equal(try_connect(place->path), 0);
		control_socket_close(&socket);
		assert_int_equal(access(place->path, F_OK), -1);
	}
}

static void
its_folder_is_made_but_not_the_one_above(void **state)
{
	const struct place *place = *state;
	const mode_t before = umask(0077);
	char path[128], folder[96];
	struct control_socket socket;
	struct err err;

	snprintf(folder, sizeof(folder), "%s/made", place->folder);
	snprintf(path, sizeof(path), "%s/sock", folder);
	socket = opened(path, 0600);
	umask(before);
	assert_int_equal(mode_of(folder), 0755);
	control_socket_close(&socket);
	assert_int_equal(rmdir(folder), 0);

	snprintf(path, sizeof(path), "%s/not/made/sock", place->folder);
	assert_int_equal(control_socket_open(path, 0600, &socket, &err), -ENOENT);
	assert_non_null(strstr(err.text, "not/made"));
}

/* As kill -9 leaves it: the file is there, and nobody listens. */
static void
a_socket_left_behind_is_replaced(void **state)
{
	const struct place *place = *state;
	struct control_socket socket = opened(place->path, 0600);

	close(socket.fd);
	assert_int_equal(try_connect(place->path), -ECONNREFUSED);
	socket = opened(place->path, 0600);
	assert_int_equal(try_connect(place->path), 0);
	control_socket_close(&socket);
}

static void
a_socket_where_somebody_answers_is_left_alone(void **state)
{
	const struct place *place = *state;
	struct control_socket first = opened(place->path, 0600), second;
	struct err err;

	assert_int_equal(control_socket_open(place->path, 0600, &second, &err), -EADDRINUSE);
	assert_non_null(strstr(err.text, "another synwire answers on"));
	assert_non_null(strstr(err.text, place->path));
	assert_int_equal(try_connect(place->path), 0);
	control_socket_close(&first);
}

static void
a_living_socket_with_a_full_backlog_is_left_alone_too(void **state)
{
	const struct place *place = *state;
	struct control_socket first = opened(place->path, 0600), second;

	assert_int_equal(listen(first.fd, 0), 0);
	assert_int_equal(try_connect(place->path), 0);
	assert_int_equal(control_socket_open(place->path, 0600, &second, NULL), -EADDRINUSE);
	control_socket_close(&first);
}

static void
a_file_that_is_no_socket_is_left_alone(void **state)
{
	const struct place *place = *state;
	struct control_socket socket;
	struct err err;

	fclose(fopen(place->path, "w"));
	assert_int_equal(control_socket_open(place->path, 0600, &socket, &err), -EEXIST);
	assert_non_null(strstr(err.text, "no socket"));
	assert_int_equal(access(place->path, F_OK), 0);
}

static void
closing_removes_no_socket_of_somebody_else(void **state)
{
	const struct place *place = *state;
	struct control_socket first = opened(place->path, 0600), second;

	unlink(place->path);
	second = opened(place->path, 0600);
	control_socket_close(&first);
	assert_int_equal(try_connect(place->path), 0);
	control_socket_close(&second);
}

static void
a_path_that_fits_no_socket_is_told(void **state)
{
	char path[200];
	struct control_socket socket;
	struct err err;

	(void)state;

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(control_socket_open(path, 0600, &socket, &err), -ENAMETOOLONG);
	assert_non_null(strstr(err.text, "107 bytes"));
	assert_int_equal(control_socket_open("", 0600, &socket, &err), -EINVAL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)
	const struct CMUnitTest tests[] = {
		TEST(its_mode_is_the_one_asked_for_whatever_the_umask),
		TEST(its_folder_is_made_but_not_the_one_above),
		TEST(a_socket_left_behind_is_replaced),
		TEST(a_socket_where_somebody_answers_is_left_alone),
		TEST(a_living_socket_with_a_full_backlog_is_left_alone_too),
		TEST(a_file_that_is_no_socket_is_left_alone),
		TEST(closing_removes_no_socket_of_somebody_else),
		TEST(a_path_that_fits_no_socket_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
