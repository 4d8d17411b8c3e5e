/* SPDX-License-Identifier: Apache-2.0 */

/*
 * System calls that are interrupted, do a part, or fail, at random: those below stand before
 * the C library's. Whatever happens, lines stay whole, in order, and counted.
 */

#include "tests/unit/line_output_fixture.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

static struct {
	bool on;
	unsigned int seed;
	int error; /* what a failing write says; 0: none fails */
	bool no_cutting; /* ftruncate() fails: an append-only file */
	bool no_asking; /* poll() says that there is room: there was, but another took it */
	int other; /* a failing write comes after one through this descriptor; 0: none */
	uint32_t interrupted;
	uint32_t shortened;
	uint32_t failed;
} faults;

static bool
one_in(int n)
{
	return faults.on && rand_r(&faults.seed) % n == 0;
}

static bool
interrupt(void)
{
	if (!one_in(4))
		return false;
	faults.interrupted++;
	errno = EINTR;
	return true;
}

/* What a write of so many bytes comes to: -1 is an error. */
static ssize_t
meddle(size_t len)
{
	if (interrupt())
		return -1;
	if (faults.error != 0 && one_in(3)) {
		faults.failed++;
		if (faults.other != 0)
			(void)!syscall(SYS_write, faults.other, "another's\n", (size_t)10);
		errno = faults.error;
		return -1;
	}
	if (len > 1 && one_in(3)) {
		faults.shortened++;
		return 1 + rand_r(&faults.seed) % (int)(len - 1);
	}
	return (ssize_t)len;
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
	const ssize_t n = meddle(len);

	return n < 0 ? -1 : syscall(SYS_write, fd, bytes, (size_t)n);
}

ssize_t
send(int fd, const void *bytes, size_t len, int flags)
{
	const ssize_t n = meddle(len);

	return n < 0 ? -1 : syscall(SYS_sendto, fd, bytes, (size_t)n, flags, NULL, 0);
}

int
ftruncate(int fd, off_t len)
{
	if (interrupt())
		return -1;
	if (faults.no_cutting) {
		errno = EPERM;
		return -1;
	}
	return (int)syscall(SYS_ftruncate, fd, len);
}

ssize_t
pread(int fd, void *bytes, size_t len, off_t at)
{
	return interrupt() ? -1 : syscall(SYS_pread64, fd, bytes, len, at);
}

int
poll(struct pollfd *asked, nfds_t count, int wait_ms)
{
	if (interrupt())
		return -1;
	return faults.no_asking ? 1 : (int)syscall(SYS_poll, asked, count, wait_ms);
}

static void
begin_faults(int error)
{
	memset(&faults, 0, sizeof(faults));
	faults.on = true;
	faults.seed = 11;
	faults.error = error;
}

static int
end_faults(void **state)
{
	faults.on = false;
	return output_teardown(state);
}

/* The buffer empties, however often it takes. */
static void
flush_all(struct output_fixture *f)
{
	for (int i = 0; i < 10000 && output_look(f)->lines_waiting > 0; i++)
		output_flush_later(f);
	assert_int_equal(f->state.lines_waiting, 0);
	assert_int_equal(f->state.lines_lost, 0);
}

/* All files of a rotation, the oldest first. */
static uint32_t
check_rotated(struct output_fixture *f)
{
	uint32_t next = 0, count = 0;
	char name[80];

	for (unsigned int i = (unsigned int)f->state.rotations; i > 0; i--)
		count += output_check_file(output_numbered(f, i, name), &next);
	return count + output_check_file(f->path, &next);
}

static void
open_rotated(struct output_fixture *f)
{
	output_open(f,
			(struct line_output_params){ .kind = LINE_OUTPUT_FILE,
					.rotate_size = 100000,
					.rotate_keep = 1000 });
}

static void
a_file_is_whole_after_every_flush_through_a_disk_that_fails(void **state)
{
	struct output_fixture *f = *state;

	open_rotated(f);
	begin_faults(ENOSPC);
	for (int i = 0; i < 1000; i++) {
		uint32_t next = 0;

		output_put(f, (uint32_t)rand_r(&faults.seed) % 10);
		output_flush_later(f);
		output_check_file(f->path, &next);
		if (i % 100 == 0)
			assert_int_equal(check_rotated(f), f->state.lines);
	}
	flush_all(f);
	assert_true(f->state.rotations > 3);
	assert_int_equal(check_rotated(f), f->put);
	assert_true(faults.interrupted > 50 && faults.shortened > 50 && faults.failed > 20);
}

static void
a_file_that_cannot_be_cut_back_gets_the_rest_of_its_line(void **state)
{
	struct output_fixture *f = *state;
	uint32_t next = 0;

	output_open(f, (struct line_output_params){ .kind = LINE_OUTPUT_FILE });
	begin_faults(ENOSPC);
	faults.no_cutting = true;
	for (int i = 0; i < 500; i++) {
		output_put(f, (uint32_t)rand_r(&faults.seed) % 20);
		output_flush_later(f);
	}
	flush_all(f);
	assert_int_equal(output_check_file(f->path, &next), f->put);
}

static void
a_line_that_another_appended_to_a_torn_one_is_not_cut_off(void **state)
{
	struct output_fixture *f = *state;
	uint32_t others = 0;
	char *bytes;
	size_t len;

	output_open(f, (struct line_output_params){ .kind = LINE_OUTPUT_FILE });
	begin_faults(ENOSPC);
	faults.other = open(f->path, O_WRONLY | O_APPEND);
	for (int i = 0; i < 300; i++) {
		output_put(f, (uint32_t)rand_r(&faults.seed) % 20);
		output_flush_later(f);
	}
	flush_all(f);
	faults.on = false;
	close(faults.other);
	bytes = output_read(f->path, &len);
	for (const char *at = bytes; (at = strstr(at, "another's\n")) != NULL; at++)
		others++;
	assert_int_equal(others, faults.failed);
	free(bytes);
}

static void
a_torn_end_is_seen_through_interrupted_calls(void **state)
{
	struct output_fixture *f = *state;

	for (int i = 0; i < 20; i++) {
		output_write(f->path, "old\n");
		begin_faults(0);
		faults.seed = (unsigned int)i;
		output_open(f, (struct line_output_params){ .kind = LINE_OUTPUT_FILE });
		line_output_put(f->out, "new\n", 4);
		line_output_close(f->out, NULL);
		f->out = NULL;
		faults.on = false;
		output_assert_holds(f->path, "old\nnew\n");
	}
}

/* What is read of one connection after another, or of a pipe. */
struct reading {
	int listener;
	int fd; /* -1: nobody is connected */
	uint32_t next;
	uint32_t lines;
	uint32_t connections;
	size_t len;
	char bytes[1 << 22]; /* all that one of these tests writes */
};

/* True: the other side has closed. */
static bool
read_all(struct reading *r)
{
	ssize_t n;

	while ((n = read(r->fd, r->bytes + r->len, sizeof(r->bytes) - r->len)) > 0)
		r->len += (size_t)n;
	return n == 0;
}

/* What a broken connection left torn is thrown away. */
static void
end_connection(struct reading *r)
{
	const char *newline = memrchr(r->bytes, '\n', r->len);

	if (newline != NULL)
		r->lines += output_check(r->bytes, (size_t)(newline + 1 - r->bytes), &r->next);
	r->len = 0;
	r->connections++;
	close(r->fd);
	r->fd = -1;
}

static void
read_connections(struct reading *r)
{
	for (;;) {
		if (r->fd < 0)
			r->fd = accept4(r->listener, NULL, NULL, SOCK_NONBLOCK);
		if (r->fd < 0 || !read_all(r))
			return;
		end_connection(r);
	}
}

static int
listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 100), 0);
	return fd;
}

/* What becomes of a stream with these faults. */
static struct reading *
stream_through(struct output_fixture *f, int error)
{
	static struct reading r;

	r = (struct reading){ .fd = -1, .listener = listen_at(f->path) };
	output_open(f, (struct line_output_params){ .kind = LINE_OUTPUT_UNIX_STREAM });
	begin_faults(error);
	for (int i = 0; i < 500; i++) {
		output_put(f, (uint32_t)rand_r(&faults.seed) % 20);
		output_flush_later(f);
		read_connections(&r);
	}
	flush_all(f);
	faults.on = false;
	assert_int_equal(line_output_close(f->out, NULL), 0);
	f->out = NULL;
	read_connections(&r);
	close(r.listener);
	return &r;
}

static void
a_stream_that_breaks_again_and_again_gives_every_line_whole(void **state)
{
	struct output_fixture *f = *state;
	const struct reading *r = stream_through(f, EPIPE);

	assert_true(r->connections > 100);
	assert_int_equal(r->lines, f->put);
}

static void
a_stream_that_is_interrupted_stays_connected(void **state)
{
	struct output_fixture *f = *state;
	const struct reading *r = stream_through(f, 0);

	assert_int_equal(r->connections, 1);
	assert_int_equal(r->lines, f->put);
}

static void
a_pipe_that_is_interrupted_gets_every_line_once(void **state)
{
	static struct reading r;
	struct output_fixture *f = *state;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	r.fd = open(f->path, O_RDONLY | O_NONBLOCK);
	output_open(f, (struct line_output_params){ .kind = LINE_OUTPUT_FILE });
	begin_faults(EAGAIN);
	for (int i = 0; i < 500; i++) {
		output_put(f, (uint32_t)rand_r(&faults.seed) % 4);
		output_flush(f);
		read_all(&r);
	}
	flush_all(f);
	read_all(&r);
	assert_int_equal(output_check(r.bytes, r.len, &r.next), f->put);
	close(r.fd);
}

static void
another_that_fills_stdout_first_makes_nobody_wait(void **state)
{
	struct output_fixture *f = *state;
	int ends[2];

	output_pipe(ends);
	assert_int_equal(output_open_stdout(ends[1], &f->out, NULL), 0);
	output_put(f, 1000);
	begin_faults(0);
	faults.no_asking = true;
	assert_true(output_flush(f)->lines > 0);
	assert_true(f->state.lines_waiting > 0);
	close(ends[0]);
	close(ends[1]);
}

#define fault_test(name) cmocka_unit_test_setup_teardown(name, output_setup, end_faults)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		fault_test(a_file_is_whole_after_every_flush_through_a_disk_that_fails),
		fault_test(a_file_that_cannot_be_cut_back_gets_the_rest_of_its_line),
		fault_test(a_line_that_another_appended_to_a_torn_one_is_not_cut_off),
		fault_test(a_torn_end_is_seen_through_interrupted_calls),
		fault_test(a_stream_that_breaks_again_and_again_gives_every_line_whole),
		fault_test(a_stream_that_is_interrupted_stays_connected),
		fault_test(another_that_fills_stdout_first_makes_nobody_wait),
		fault_test(a_pipe_that_is_interrupted_gets_every_line_once),
	};

	return cmocka_run_group_tests_name("line_output_faults", tests, NULL, NULL);
}
