/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A reader for the lines that tcpdump prints of TCP segments and of the ICMP errors that
 * quote one, and what makes a frame of such a line again. README.md beside this file
 * tells what may be written.
 *
 * Idea: a line plus what earlier lines told (the numbers that tcpdump printed relative,
 * the sequence number that it does not print of a bare ACK) gives the segment whole.
 *
 * Invariant: the reader is strict. It takes what tcpdump prints and the attributes of
 * README.md, and nothing else; it reads no byte behind the line's end, allocates nothing,
 * and its memory does not grow. An error names file, line, column and what was expected.
 */

#ifndef SCENARIO_TCPDUMP_LINE_H
#define SCENARIO_TCPDUMP_LINE_H

#include "base/err.h"
#include "packet/build.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONVERSATIONS_MAX 1024
#define WRAP_LABELS_MAX 4
#define WRAP_HEADERS_MAX 6

/* One pair of endpoints, and what tcpdump remembers of it with what we add. */
struct conversation {
	uint8_t addr[2][16];
	uint16_t port[2];
	bool based; /* numbers with an ACK are relative from here on, to: */
	uint32_t base[2];
	bool has_next[2];
	uint32_t next[2]; /* the end of what this endpoint has sent */
	bool has_syn[2];
	uint32_t syn_end[2]; /* of its last SYN, which counts once it is answered */
	bool has_ack[2];
	uint32_t ack[2]; /* its last acknowledgement */
};

/* What is remembered from line to line; tcpdump_reader_init() it. */
struct tcpdump_reader {
	const char *file; /* for messages */
	uint64_t day_us; /* the day of lines that print no date */
	bool absolute; /* numbers are as tcpdump -S prints them */
	uint32_t count;
	struct conversation conversations[CONVERSATIONS_MAX];
};

enum wrap_fragment {
	WRAP_WHOLE,
	WRAP_FRAGMENT_FIRST,
	WRAP_FRAGMENT_LATER,
};

/* What lies around the segment, and what was done to it; all zero is nothing. */
struct wrap {
	uint8_t label_count;
	uint32_t label[WRAP_LABELS_MAX]; /* MPLS, outermost first */
	bool pppoe;
	uint8_t header_count;
	uint8_t header[WRAP_HEADERS_MAX]; /* IPv6 extension headers, by their protocol number */
	uint8_t fragment; /* enum wrap_fragment */
	bool bad_checksum;
	uint32_t cut; /* bytes of the frame that the capture holds; 0: all */
};

/* An ICMP error; the segment it quotes is the line's tcp. */
struct icmp_error {
	uint8_t type;
	uint8_t code;
	uint8_t src_addr[16]; /* it goes to the quoted segment's source */
	uint8_t hop_limit;
	uint16_t len; /* of the ICMP message */
};

struct tcpdump_line {
	uint64_t time_us;
	bool is_icmp;
	struct build_tcp tcp; /* numbers absolute */
	struct icmp_error icmp;
	struct wrap wrap;
};

/** @p file is for messages only and must outlive the reader. */
void tcpdump_reader_init(struct tcpdump_reader *reader, const char *file);

/** Whether the line starts as a packet does: with a time, or a date. */
bool tcpdump_line_starts(const char *text, size_t len);

/** Whether tcpdump -v printed the rest of this packet on the next line. */
bool tcpdump_line_goes_on(const char *text, size_t len);

/**
 * Read one packet.
 *
 * @param text
 *   @p len bytes, no newline; where tcpdump prints two lines (-v), both with a blank between.
 * @param number
 *   The line's, for messages.
 * @return
 *   0, or -EINVAL with the reason in @p err; the reader is then as it was before.
 */
int tcpdump_line_read(struct tcpdump_reader *reader, const char *text, size_t len, unsigned number,
		struct tcpdump_line *line, struct err *err);

/**
 * Read "ADDR.PORT > ADDR.PORT: seq N, ack N": from here on this conversation's numbers
 * are relative to these, as where tcpdump saw a start that the scenario leaves out.
 */
int tcpdump_base_read(struct tcpdump_reader *reader, const char *text, size_t len, unsigned number,
		struct err *err);

/** Read "2021-03-20 12:49:33.192719", the date optional. */
int tcpdump_time_read(const struct tcpdump_reader *reader, const char *text, size_t len,
		unsigned number, uint64_t *time_us, struct err *err);

/**
 * Make the frame.
 *
 * @param[out] wire_len
 *   The whole frame's length; more than is returned where {cut N} says so.
 * @return
 *   The bytes written to @p out; 0 if they do not fit or could not be built.
 */
size_t tcpdump_line_frame(
		const struct tcpdump_line *line, uint8_t *out, size_t room, size_t *wire_len);

#endif /* SCENARIO_TCPDUMP_LINE_H */
