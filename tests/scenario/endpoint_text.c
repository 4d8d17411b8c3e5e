/* SPDX-License-Identifier: Apache-2.0 */

#include "base/usec.h"
#include "tcpdump_text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <time.h>

static int
two_digits(struct cursor *cursor, uint64_t max, const char *stop, uint64_t *out, const char *what)
{
	const char *from = cursor->at;

	if (cursor_number(cursor, max, out, what) < 0)
		return -EINVAL;
	if (cursor->at - from != 2) {
		cursor->at = from;
		return cursor_fail(cursor, what);
	}
	return stop == NULL ? 0 : cursor_expect(cursor, stop);
}

static bool
starts_with_date(const struct cursor *cursor)
{
	return cursor->end - cursor->at > 10 && cursor->at[4] == '-';
}

static int
date_read(struct cursor *cursor, uint64_t *day_us)
{
	uint64_t year, month, day;
	struct tm date = { 0 };

	if (cursor_number(cursor, 9999, &year, "a year") < 0 || cursor_expect(cursor, "-") < 0 ||
			two_digits(cursor, 12, "-", &month, "a month of two digits") < 0 ||
			two_digits(cursor, 31, " ", &day, "a day of two digits") < 0)
		return -EINVAL;
	if (year < 1970 || month == 0 || day == 0)
		return cursor_fail(cursor, "a date from 1970-01-01 on before this");
	date.tm_year = (int)year - 1900;
	date.tm_mon = (int)month - 1;
	date.tm_mday = (int)day;
	*day_us = (uint64_t)timegm(&date) * USEC_PER_SEC;
	return 0;
}

int
endpoint_time(struct cursor *cursor, uint64_t day_us, uint64_t *time_us)
{
	uint64_t hour, minute, second, usec;
	const char *from;

	if (starts_with_date(cursor) && date_read(cursor, &day_us) < 0)
		return -EINVAL;
	if (two_digits(cursor, 23, ":", &hour, "a time as 12:49:33.192719") < 0 ||
			two_digits(cursor, 59, ":", &minute, "minutes of two digits") < 0 ||
			two_digits(cursor, 59, ".", &second, "seconds of two digits") < 0)
		return -EINVAL;
	from = cursor->at;
	if (cursor_number(cursor, 999999, &usec, "microseconds of six digits") < 0)
		return -EINVAL;
	if (cursor->at - from != 6) {
		cursor->at = from;
		return cursor_fail(cursor, "microseconds of six digits");
	}
	*time_us = day_us + ((hour * 60 + minute) * 60 + second) * USEC_PER_SEC + usec;
	return 0;
}

/* Split "192.168.0.60.39002" at its last dot. */
static int
port_split(struct cursor *cursor, char *text, uint16_t *port)
{
	struct cursor digits = *cursor;
	char *dot = strrchr(text, '.');
	uint64_t value;

	if (dot == NULL)
		return cursor_fail(cursor, "an address, a dot and a port number (tcpdump -n)");
	*dot = '\0';
	digits.at = dot + 1;
	digits.end = dot + 1 + strlen(dot + 1);
	if (cursor_at_end(&digits) || digits.end - digits.at > 5)
		return cursor_fail(cursor, "a port number behind the address's last dot");
	for (value = 0; digits.at < digits.end; digits.at++) {
		if (*digits.at < '0' || *digits.at > '9')
			return cursor_fail(cursor, "a port number behind the address's last dot");
		value = value * 10 + (uint64_t)(*digits.at - '0');
	}
	if (value > UINT16_MAX)
		return cursor_fail(cursor, "a port of at most 65535");
	*port = (uint16_t)value;
	return 0;
}

static bool
address_from_text(const char *text, uint8_t *ip_version, uint8_t addr[16])
{
	struct in_addr ipv4;

	if (inet_pton(AF_INET, text, &ipv4) == 1) {
		*ip_version = 4;
		build_ipv4_mapped(ntohl(ipv4.s_addr), addr);
		return true;
	}
	*ip_version = 6;
	return inet_pton(AF_INET6, text, addr) == 1;
}

int
endpoint_read(struct cursor *cursor, uint8_t *ip_version, uint8_t addr[16], uint16_t *port)
{
	struct cursor from = *cursor;
	struct word word = cursor_word(cursor, " ,");
	char text[INET6_ADDRSTRLEN + 8];

	if (word.len > 0 && word.text[word.len - 1] == ':') {
		word.len--;
		cursor->at--;
	}
	if (!word_copy(word, text, sizeof(text)))
		return cursor_fail(&from, "a numeric address (tcpdump -n)");
	if (port != NULL && port_split(&from, text, port) < 0)
		return -EINVAL;
	if (!address_from_text(text, ip_version, addr))
		return cursor_fail(&from, "a numeric address (tcpdump -n)");
	return 0;
}

int
endpoint_pair(struct cursor *cursor, struct build_tcp *tcp)
{
	uint8_t dst_version;

	if (endpoint_read(cursor, &tcp->ip_version, tcp->src_addr, &tcp->src_port) < 0 ||
			cursor_expect(cursor, " > ") < 0)
		return -EINVAL;
	if (endpoint_read(cursor, &dst_version, tcp->dst_addr, &tcp->dst_port) < 0)
		return -EINVAL;
	if (dst_version != tcp->ip_version)
		return cursor_fail(cursor, "two addresses of one IP version before this");
	return 0;
}
