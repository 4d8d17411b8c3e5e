/* SPDX-License-Identifier: Apache-2.0 */

/* What the tests of the reader share: lines, and a reader to read them with. */

#ifndef SCENARIO_TEST_READER_H
#define SCENARIO_TEST_READER_H

#include "tcpdump_line.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SYN \
	"12:49:33.192719 IP 192.168.0.60.39002 > 192.168.0.61.80: Flags [S], seq 284972257, " \
	"win 64240, options [mss 1460,sackOK,TS val 2670079469 ecr 0,nop,wscale 7], length 0"
#define SYN_ACK \
	"12:49:33.192983 IP 192.168.0.61.80 > 192.168.0.60.39002: Flags [S.], seq 1986854381, " \
	"ack 284972258, win 65160, options [mss 1460,sackOK,TS val 1699876837 ecr 2670079469," \
	"nop,wscale 7], length 0"
#define GET \
	"12:49:33.193037 IP 192.168.0.60.39002 > 192.168.0.61.80: Flags [P.], seq 1:77, ack 1, " \
	"win 502, length 76: HTTP: GET / HTTP/1.1"
#define ACK \
	"12:49:33.193013 IP 192.168.0.60.39002 > 192.168.0.61.80: Flags [.], ack 1, win 502, " \
	"length 0"
#define SYN6 \
	"12:49:33.192719 IP6 2001:db8::60.39002 > 2001:db8::61.80: Flags [S], seq 284972257, " \
	"win 64240, length 0"
#define HOST_UNREACHABLE \
	"12:49:36.200000 IP 192.168.0.1 > 192.168.0.60: ICMP host 192.168.0.61 unreachable, " \
	"length 68 {quotes 192.168.0.60.39002 > 192.168.0.61.80 seq 284972257}"

static struct tcpdump_reader reader;
static struct err err;

static inline int
setup(void **state)
{
	(void)state;

	tcpdump_reader_init(&reader, "case.scn");
	memset(&err, 0, sizeof(err));
	return 0;
}

/* From a copy of its own size, so that a sanitizer sees a read behind its end. */
static inline int
read_len(const char *text, size_t len, struct tcpdump_line *line)
{
	char *copy = malloc(len + (len == 0));
	int rc;

	assert_non_null(copy);
	memcpy(copy, text, len);
	rc = tcpdump_line_read(&reader, copy, len, 7, line, &err);
	free(copy);
	return rc;
}

static inline struct tcpdump_line
read_good(const char *text)
{
	struct tcpdump_line line;

	if (read_len(text, strlen(text), &line) < 0)
		fail_msg("%s\n%s", text, err.text);
	return line;
}

#endif /* SCENARIO_TEST_READER_H */
