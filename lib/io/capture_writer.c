/* SPDX-License-Identifier: Apache-2.0 */

#include "io/capture_writer.h"

#include "base/usec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>

/* The snapshot length that tcpdump writes: no frame is longer. */
#define CAPTURE_WRITER_SNAPLEN 262144

/* Each system call is worth a thousand small frames. */
#define CAPTURE_WRITER_BUFFER (1 << 20)

struct capture_writer {
	pcap_t *format; /* holds link type and snapshot length; no capture behind it */
	pcap_dumper_t *dumper; /* owns the file */
	FILE *file;
	char *name; /* for people */
	int error; /* errno of the first failure, 0 */
};

static FILE *
open_stream(const char *path)
{
	FILE *file;
	int fd;

	if (strcmp(path, "-") != 0)
		return fopen(path, "we");
	fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	file = fdopen(fd, "w");
	if (file == NULL)
		close(fd);
	return file;
}

/* pcap_dump() and its kin tell no errors: the stream does. */
static void
note_error(struct capture_writer *writer)
{
	if (writer->error == 0 && ferror(writer->file))
		writer->error = errno != 0 ? errno : EIO;
}

static int
tell_error(const struct capture_writer *writer, struct err *err)
{
	if (writer->error == 0)
		return 0;
	if (writer->error == EPIPE)
		return err_set(err, EPIPE, "%s: cannot be written: its reader has gone",
				writer->name);
	return err_set(err, writer->error, "%s: cannot be written: %s", writer->name,
			strerror(writer->error));
}

static int
start_file(struct capture_writer *writer, struct err *err)
{
	/* Without the large buffer it is only slower. */
	setvbuf(writer->file, NULL, _IOFBF, CAPTURE_WRITER_BUFFER);
	writer->dumper = pcap_dump_fopen(writer->format, writer->file);
	if (writer->dumper == NULL)
		return err_set(err, EIO, "%s: cannot be written: %s", writer->name,
				pcap_geterr(writer->format));
	return 0;
}

/* Takes over the stream; NULL: errno says why there is none. */
static int
take_stream(struct capture_writer *writer, FILE *file, struct err *err)
{
	writer->file = file;
	if (file != NULL)
		return start_file(writer, err);
	writer->error = errno;
	return tell_error(writer, err);
}

static int
prepare(struct capture_writer *writer, const char *path, struct err *err)
{
	writer->name = strdup(strcmp(path, "-") == 0 ? "standard output" : path);
	writer->format = pcap_open_dead(DLT_EN10MB, CAPTURE_WRITER_SNAPLEN);
	if (writer->name == NULL || writer->format == NULL)
		return err_set(err, ENOMEM, "%s: no memory left to write it", path);
	return 0;
}

static void
destroy(struct capture_writer *writer)
{
	if (writer->format != NULL)
		pcap_close(writer->format);
	free(writer->name);
	free(writer);
}

static struct capture_writer *
create(const char *path, struct err *err)
{
	struct capture_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL) {
		err_set(err, ENOMEM, "%s: no memory left to write it", path);
		return NULL;
	}
	if (prepare(writer, path, err) == 0)
		return writer;
	destroy(writer);
	return NULL;
}

static int
finish_opening(struct capture_writer *made, FILE *file, struct capture_writer **writer,
		struct err *err)
{
	const int rc = take_stream(made, file, err);

	if (rc == 0)
		*writer = made;
	else
		destroy(made); /* the library closes a stream it could not write its header to */
	return rc;
}

int
capture_writer_open(const char *path, struct capture_writer **writer, struct err *err)
{
	struct capture_writer *made = create(path, err);

	*writer = NULL;
	return made != NULL ? finish_opening(made, open_stream(path), writer, err) : -ENOMEM;
}

int
capture_writer_adopt(int fd, const char *name, struct capture_writer **writer, struct err *err)
{
	struct capture_writer *made = create(name, err);
	FILE *file = made != NULL ? fdopen(fd, "w") : NULL;

	*writer = NULL;
	if (file == NULL) {
		const int error = errno;

		close(fd);
		errno = error;
	}
	return made != NULL ? finish_opening(made, file, writer, err) : -ENOMEM;
}

int
capture_writer_write(struct capture_writer *writer, const uint8_t *data, uint32_t len,
		uint32_t wire_len, uint64_t time_us)
{
	const struct pcap_pkthdr header = {
		.ts = { .tv_sec = (time_t)(time_us / USEC_PER_SEC),
				.tv_usec = (suseconds_t)(time_us % USEC_PER_SEC) },
		.caplen = len,
		.len = wire_len,
	};

	if (writer->error != 0)
		return -writer->error;
	errno = 0;
	pcap_dump((u_char *)writer->dumper, &header, data);
	note_error(writer);
	return -writer->error;
}

int
capture_writer_flush(struct capture_writer *writer, struct err *err)
{
	errno = 0;
	if (pcap_dump_flush(writer->dumper) != 0)
		note_error(writer);
	return tell_error(writer, err);
}

int
capture_writer_close(struct capture_writer *writer, struct err *err)
{
	int rc;

	if (writer == NULL)
		return 0;
	rc = capture_writer_flush(writer, err);
	pcap_dump_close(writer->dumper);
	destroy(writer);
	return rc;
}
