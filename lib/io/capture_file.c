/* SPDX-License-Identifier: Apache-2.0 */

#include "io/capture_file.h"

#include "base/usec.h"
#include "io/capture_time.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pcap/pcap.h>

struct capture_file {
	pcap_t *pcap; /* owns the stream below it */
	int fd; /* the stream's */
	uint64_t size;
	uint64_t frames;
	enum capture_end end;
	char end_text[PCAP_ERRBUF_SIZE + 128];
};

static int
check_kind(const char *path, const struct stat *st, struct err *err)
{
	if (S_ISDIR(st->st_mode))
		return err_set(err, EISDIR, "%s: is a folder, not a capture", path);
	/* The port that reads a capture opens it anew, through this descriptor. */
	if (!S_ISREG(st->st_mode))
		return err_set(err, EINVAL,
				"%s: is a pipe or a device, and a capture is read more than once;"
				" write it to a file first",
				path);
	if (st->st_size == 0)
		return err_set(err, ENODATA, "%s: is empty", path);
	return 0;
}

static int
open_regular(const char *path, struct capture_file *file, struct err *err)
{
	struct stat st;
	int rc;

	if (strcmp(path, "-") == 0)
		return err_set(err, EINVAL,
				"standard input cannot be read as a capture, which is read more"
				" than once; write it to a file first");
	/* Not to wait for the other end of a pipe only to refuse it. */
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file->fd < 0 || fstat(file->fd, &st) != 0) {
		rc = errno;
		return err_set(err, rc, "%s: cannot be opened: %s", path, strerror(rc));
	}
	file->size = (uint64_t)st.st_size;
	return check_kind(path, &st, err);
}

/* Captures are often kept compressed; the sentence should say what to do then. */
static const char *
name_compression(int fd)
{
	static const struct {
		char magic[6];
		uint8_t len;
		const char *tool;
	} kinds[] = {
		{ "\x1f\x8b", 2, "gunzip" },
		{ "\x28\xb5\x2f\xfd", 4, "unzstd" },
		{ "\xfd\x37\x7a\x58\x5a", 5, "unxz" },
		{ "\x04\x22\x4d\x18", 4, "unlz4" },
		{ "BZh", 3, "bunzip2" },
		{ "PK\x03\x04", 4, "unzip" },
	};
	char head[sizeof(kinds[0].magic)] = "";

	if (pread(fd, head, sizeof(head), 0) < 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (memcmp(head, kinds[i].magic, kinds[i].len) == 0)
			return kinds[i].tool;
	return NULL;
}

/* The library tells apart what a user must know only in its text. */
static bool
is_cut(const char *text)
{
	return strstr(text, "truncated") != NULL;
}

static int
tell_foreign(const char *path, int fd, const char *text, struct err *err)
{
	const char *tool = name_compression(fd);

	if (tool != NULL)
		return err_set(err, EILSEQ, "%s: is compressed; unpack it with %s first", path,
				tool);
	if (is_cut(text))
		return err_set(err, EILSEQ,
				"%s: is cut off in the file header; nothing can be read", path);
	if (strcmp(text, "unknown file format") == 0)
		return err_set(err, EILSEQ,
				"%s: is neither a pcap nor a pcapng capture;"
				" 'editcap -F pcap' converts many other kinds",
				path);
	return err_set(err, EILSEQ, "%s: cannot be read as a capture: %s", path, text);
}

#define TCPREWRITE \
	"'tcprewrite --dlt=enet --enet-smac=02:00:00:00:00:01 --enet-dmac=02:00:00:00:00:02" \
	" -i IN -o OUT'"

/* How to get an Ethernet header in the place of another, as far as anything is known to do it. */
static const char *
name_converter(int link_type)
{
	switch (link_type) {
	case DLT_C_HDLC:
	case DLT_IEEE802_11:
	case DLT_IEEE802_11_RADIO:
	case DLT_JUNIPER_ETHER:
	case DLT_LINUX_SLL:
	case DLT_LOOP:
	case DLT_NULL:
	case DLT_PPP_SERIAL:
	case DLT_RAW:
		return "; " TCPREWRITE " converts";
	case DLT_LINUX_SLL2:
		return "; " TCPREWRITE " (tcpreplay 4.5 or later) converts";
	default:
		return "; synwire reads Ethernet only, and knows no program that converts it";
	}
}

struct link_name {
	char text[160];
};

static struct link_name
name_link_type(int link_type)
{
	const char *name = pcap_datalink_val_to_name(link_type);
	struct link_name made;

	if (name != NULL)
		snprintf(made.text, sizeof(made.text), "%s (%s)", name,
				pcap_datalink_val_to_description(link_type));
	else
		snprintf(made.text, sizeof(made.text), "%d", link_type);
	return made;
}

static int
check_link_type(const char *path, int link_type, struct err *err)
{
	if (link_type == DLT_EN10MB)
		return 0;
	return err_set(err, EPROTONOSUPPORT, "%s: holds link type %s, not Ethernet%s", path,
			name_link_type(link_type).text, name_converter(link_type));
}

static int
open_capture(const char *path, struct capture_file *file, struct err *err)
{
	char text[PCAP_ERRBUF_SIZE];
	FILE *stream;

	stream = fdopen(file->fd, "r");
	if (stream == NULL)
		return err_set(err, ENOMEM, "%s: no memory left to read it", path);
	file->pcap = pcap_fopen_offline(stream, text);
	if (file->pcap == NULL) {
		tell_foreign(path, file->fd, text, err);
		fclose(stream);
		file->fd = -1;
		return -EILSEQ;
	}
	return check_link_type(path, pcap_datalink(file->pcap), err);
}

int
capture_file_open(const char *path, struct capture_file **file, struct err *err)
{
	struct capture_file *made = calloc(1, sizeof(*made));
	int rc;

	*file = NULL;
	if (made == NULL)
		return err_set(err, ENOMEM, "%s: no memory left to read it", path);
	made->fd = -1;
	rc = open_regular(path, made, err);
	if (rc == 0)
		rc = open_capture(path, made, err);
	if (rc < 0) {
		capture_file_close(made);
		return rc;
	}
	*file = made;
	return 0;
}

void
capture_file_close(struct capture_file *file)
{
	if (file == NULL)
		return;
	if (file->pcap != NULL)
		pcap_close(file->pcap);
	else if (file->fd >= 0)
		close(file->fd);
	free(file);
}

/*
 * The link type of an interface that made the library stop at a file that is whole, or -1.
 * Its text has the number in the file, which for raw IP is not the library's own.
 */
static int
foreign_link_type(const char *text)
{
	static const int raw_ip_in_files = 101;
	int link_type;

	if (strstr(text, "different from the type of the first interface") == NULL ||
			sscanf(text, "an interface has a type %d", &link_type) != 1)
		return -1;
	return link_type == raw_ip_in_files ? DLT_RAW : link_type;
}

/* Half a sentence about what follows the last frame, from the library's own. */
static void
describe_damage(struct capture_file *file, const char *text)
{
	const bool mixed = strstr(text, "an interface has a snapshot length") != NULL;
	const int foreign = foreign_link_type(text);

	if (foreign >= 0) {
		snprintf(file->end_text, sizeof(file->end_text),
				"an interface has link type %s, not Ethernet ('tshark -r IN -Y"
				" \"frame.interface_id == 0\" -w ONE' and then 'editcap -F pcap -T"
				" ether ONE OUT' keep the first interface)",
				name_link_type(foreign).text);
		return;
	}

	snprintf(file->end_text, sizeof(file->end_text), "%s: %s%s",
			mixed ? "more than one kind of interface" : "damaged", text,
			mixed ? " ('editcap -F pcap IN OUT' joins them)" : "");
}

static void
note_end(struct capture_file *file, int result)
{
	const char *text = pcap_geterr(file->pcap);

	if (result == PCAP_ERROR_BREAK) {
		file->end = CAPTURE_END_WHOLE;
	} else if (is_cut(text)) {
		file->end = CAPTURE_END_CUT;
		snprintf(file->end_text, sizeof(file->end_text),
				"cut off in the middle of a packet");
	} else {
		file->end = CAPTURE_END_DAMAGED;
		describe_damage(file, text);
	}
}

enum capture_end
capture_file_next(struct capture_file *file, struct frame *frame)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int result;

	if (file->end != CAPTURE_END_NOT_YET)
		return file->end;
	result = pcap_next_ex(file->pcap, &header, &data);
	if (result != 1) {
		note_end(file, result);
		return file->end;
	}
	file->frames++;
	frame->data = (uint8_t *)(uintptr_t)data; /* the library's buffer; ours until the next */
	frame->len = header->caplen;
	frame->wire_len = header->len > header->caplen ? header->len : header->caplen;
	frame->time_us = capture_time_us(
			(uint64_t)header->ts.tv_sec * USEC_PER_SEC + (uint64_t)header->ts.tv_usec);
	return CAPTURE_END_NOT_YET;
}

const char *
capture_file_end_text(const struct capture_file *file)
{
	return file->end_text;
}

uint64_t
capture_file_frames(const struct capture_file *file)
{
	return file->frames;
}

uint64_t
capture_file_size(const struct capture_file *file)
{
	return file->size;
}

int
capture_file_descriptor(const struct capture_file *file)
{
	return file->fd;
}
