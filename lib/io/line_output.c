/* SPDX-License-Identifier: Apache-2.0 */

#include "io/line_output.h"

#include "io/line_buffer.h"
#include "io/line_output_file.h"
#include "io/line_output_pipe.h"
#include "io/line_output_retry.h"
#include "io/line_output_socket.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct line_output {
	enum line_output_kind kind;
	union {
		struct line_output_file file;
		struct line_output_socket sock;
		int pipe; /* standard output */
	};
	struct line_buffer buffer;
	uint64_t lines;
	uint64_t lines_lost;
	/*
	 * Down: the last attempt to write or connect failed. The next is made after a second, or
	 * at once if none was made within the last.
	 */
	bool is_down;
	bool is_stalled; /* not down, but the last flush found no room for a single byte */
	struct line_output_retry retry;
	int error; /* errno of what brought it down; a socket begins so: ENOTCONN */
	char trouble[128]; /* and its sentence */
};

static bool
is_socket(const struct line_output *out)
{
	return out->kind == LINE_OUTPUT_UNIX_STREAM || out->kind == LINE_OUTPUT_UNIX_DGRAM;
}

static int
open_socket(struct line_output *out, int type, const char *path, struct err *err)
{
	out->is_down = true;
	out->error = ENOTCONN;
	snprintf(out->trouble, sizeof(out->trouble), "not connected yet");
	return line_output_socket_init(&out->sock, type, path, err);
}

static int
open_stdout(struct line_output *out, struct err *err)
{
	out->pipe = line_output_pipe_stdout();
	if (out->pipe < 0)
		return err_set(err, -out->pipe, "standard output: cannot be written: %s",
				strerror(-out->pipe));
	return 0;
}

static int
open_kind(struct line_output *out, const struct line_output_params *params, struct err *err)
{
	switch (params->kind) {
	case LINE_OUTPUT_FILE:
		return line_output_file_open(&out->file, params->path, params->rotate_size,
				params->rotate_keep, err);
	case LINE_OUTPUT_STDOUT:
		return open_stdout(out, err);
	case LINE_OUTPUT_UNIX_STREAM:
		return open_socket(out, SOCK_STREAM, params->path, err);
	case LINE_OUTPUT_UNIX_DGRAM:
		return open_socket(out, SOCK_DGRAM, params->path, err);
	}
	return err_set(err, EINVAL, "no such kind of output");
}

int
line_output_open(const struct line_output_params *params, struct line_output **out, struct err *err)
{
	struct line_output *made = calloc(1, sizeof(*made));
	int rc;

	*out = NULL;
	if (made == NULL || line_buffer_init(&made->buffer) != 0) {
		free(made);
		return err_set(err, ENOMEM, "no memory left for an output");
	}
	made->kind = params->kind;
	rc = open_kind(made, params, err);
	if (rc < 0) {
		line_buffer_fini(&made->buffer);
		free(made);
		return rc;
	}
	*out = made;
	return 0;
}

void
line_output_put(struct line_output *out, const char *line, size_t len)
{
	if (!line_buffer_put(&out->buffer, line, len))
		out->lines_lost++;
}

uint64_t
line_output_take_over(struct line_output *out, struct line_buffer *lines)
{
	return line_buffer_move(lines, &out->buffer);
}

bool
line_output_is_half_full(const struct line_output *out)
{
	return line_buffer_waiting(&out->buffer) >= LINE_BUFFER_SIZE / 2;
}

static void
say(struct line_output *out, const char *what, int error)
{
	out->error = error;
	if (error == EPIPE || error == ECONNRESET)
		snprintf(out->trouble, sizeof(out->trouble), "its reader has gone");
	else if (error == EAGAIN) /* connect() says so */
		snprintf(out->trouble, sizeof(out->trouble),
				"its reader accepts no more connections");
	else
		snprintf(out->trouble, sizeof(out->trouble), "%s: %s", what, strerror(error));
}

/*
 * The next connection begins with a whole line. A file or pipe keeps what it has of the line,
 * and gets the rest.
 */
static void
go_down(struct line_output *out, int error)
{
	out->is_down = true;
	say(out, "cannot be written", error);
	if (is_socket(out)) {
		line_output_socket_disconnect(&out->sock);
		line_buffer_rewind(&out->buffer);
	}
}

/* Whether a write may be tried: it is not down, or could be brought up. */
static bool
come_up(struct line_output *out, uint64_t now_us)
{
	int rc = 0;

	if (!out->is_down)
		return true;
	if (!line_output_retry_is_due(&out->retry, now_us))
		return false;
	line_output_retry_note(&out->retry, now_us);
	if (is_socket(out))
		rc = line_output_socket_connect(&out->sock);
	if (rc < 0)
		say(out, "no reader is connected", -rc);
	out->is_down = rc < 0;
	return rc == 0;
}

static ssize_t
write_some(struct line_output *out)
{
	const char *bytes;
	const size_t len = line_buffer_peek(&out->buffer, &bytes);

	if (out->kind == LINE_OUTPUT_FILE)
		return line_output_file_write(&out->file, bytes, len);
	if (out->kind == LINE_OUTPUT_STDOUT)
		return line_output_pipe_write(out->pipe, bytes, len);
	return line_output_socket_send(&out->sock, bytes, len);
}

/* False: no more just now. */
static bool
hand_over(struct line_output *out)
{
	const ssize_t n = write_some(out);

	if (n == 0 || n == -EAGAIN)
		return false;
	if (n > 0) {
		out->lines += line_buffer_take(&out->buffer, (size_t)n);
	} else if (n == -EMSGSIZE && out->kind == LINE_OUTPUT_UNIX_DGRAM) {
		line_buffer_drop(&out->buffer);
		out->lines_lost++;
	} else {
		go_down(out, (int)-n);
	}
	return true;
}

/* What is to be done without lines, too. */
static void
tidy(struct line_output *out, uint64_t now_us)
{
	if (out->kind == LINE_OUTPUT_FILE) {
		if (line_output_file_tidy(&out->file, now_us))
			line_buffer_rewind(&out->buffer);
	} else if (is_socket(out) && !out->is_down && line_output_socket_has_hung_up(&out->sock)) {
		go_down(out, EPIPE);
	}
}

void
line_output_flush(struct line_output *out, uint64_t now_us)
{
	const size_t before = line_buffer_waiting(&out->buffer);

	do
		tidy(out, now_us);
	while (come_up(out, now_us) && line_buffer_waiting(&out->buffer) > 0 && hand_over(out));
	out->is_stalled = !out->is_down && before > 0 &&
			line_buffer_waiting(&out->buffer) >= before;
}

void
line_output_reopen(struct line_output *out)
{
	if (out->kind == LINE_OUTPUT_FILE)
		line_output_file_was_moved(&out->file);
}

static const char *
trouble_of(const struct line_output *out)
{
	if (out->is_down)
		return out->trouble;
	if (out->is_stalled)
		return "its reader takes nothing just now";
	return out->kind == LINE_OUTPUT_FILE ? out->file.trouble : "";
}

void
line_output_state(const struct line_output *out, struct line_output_state *state)
{
	*state = (struct line_output_state){
		.lines = out->lines,
		.lines_lost = out->lines_lost,
		.lines_waiting = out->buffer.lines,
		.bytes_waiting = out->buffer.tail - out->buffer.head,
		.rotations = out->kind == LINE_OUTPUT_FILE ? out->file.rotations : 0,
		.is_ready = !out->is_down && !out->is_stalled,
	};
	snprintf(state->trouble, sizeof(state->trouble), "%s", trouble_of(out));
}

static const char *
name_of(const struct line_output *out)
{
	if (out->kind == LINE_OUTPUT_STDOUT)
		return "standard output";
	return out->kind == LINE_OUTPUT_FILE ? out->file.path : out->sock.reader.sun_path;
}

static int
tell_left(const struct line_output *out, struct err *err)
{
	if (out->buffer.lines == 0)
		return 0;
	return err_set(err, out->is_down ? out->error : EAGAIN,
			"%s: %" PRIu64 " lines were left unwritten: %s", name_of(out),
			out->buffer.lines,
			out->is_down ? out->trouble : "its reader did not take them in time");
}

static int
close_kind(struct line_output *out, struct err *err)
{
	int rc = 0;

	if (out->kind == LINE_OUTPUT_STDOUT)
		close(out->pipe);
	else if (is_socket(out))
		line_output_socket_disconnect(&out->sock);
	else
		rc = line_output_file_close(&out->file, err);
	return rc;
}

int
line_output_close(struct line_output *out, struct err *err)
{
	int rc, closed;

	if (out == NULL)
		return 0;
	out->retry.was_tried = false;
	line_output_flush(out, 0);
	rc = tell_left(out, err);
	closed = close_kind(out, rc == 0 ? err : NULL);
	line_buffer_fini(&out->buffer);
	free(out);
	return rc < 0 ? rc : closed;
}
