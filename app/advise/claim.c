/* SPDX-License-Identifier: Apache-2.0 */

/* What a user says of a flood, from the words. */

#include "app/advise/target.h"
#include "base/usec.h"
#include "packet/build.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WHOM_MAX 64
#define SECONDS_MAX 1e10
#define SECONDS_LEN_MAX 24
#define PORT_MAX 65535

/* A number that is all of the word. */
static bool
read_number(const char *word, uint32_t least, uint32_t most, uint32_t *number)
{
	const size_t len = strspn(word, "0123456789");

	if (len == 0 || len > 6 || word[len] != '\0')
		return false;
	*number = (uint32_t)strtoul(word, NULL, 10);
	return *number >= least && *number <= most;
}

static bool
read_address(const char *word, struct target *target)
{
	struct in_addr ipv4;

	target->bits = 128;
	if (inet_pton(AF_INET, word, &ipv4) == 1) {
		build_ipv4_mapped(ntohl(ipv4.s_addr), target->addr);
		return true;
	}
	target->ipv6 = true;
	return inet_pton(AF_INET6, word, target->addr) == 1;
}

static bool
read_prefix(char *whom, char *slash, struct target *target)
{
	uint32_t bits;

	*slash = '\0';
	if (!read_address(whom, target) ||
			!read_number(slash + 1, 1, target->ipv6 ? 128 : 32, &bits))
		return false;
	target->bits = (uint8_t)(bits + (target->ipv6 ? 0 : 96));
	for (uint32_t bit = target->bits; bit < 128; bit++)
		target->addr[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	return true;
}

/* Where the port begins, which is cut off with all that is around the address; NULL: none. */
static char *
cut_port(char **whom)
{
	char *colon = strchr(*whom, ':');

	if ((*whom)[0] == '[') {
		char *close = strchr(*whom, ']');

		if (close == NULL)
			return NULL;
		*close = '\0';
		++*whom;
		return close[1] == ':' ? close + 2 : close[1] == '\0' ? NULL : close;
	}
	if (colon == NULL || strchr(colon + 1, ':') != NULL)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static bool
read_whom(const char *text, size_t len, struct target *target)
{
	char copy[WHOM_MAX], *whom = copy, *port;
	uint32_t number = 0;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	*target = (struct target){ 0 };
	if (strchr(whom, '/') != NULL)
		return read_prefix(whom, strchr(whom, '/'), target);
	port = cut_port(&whom);
	if (port != NULL && !read_number(port, 1, PORT_MAX, &number))
		return false;
	target->port = (uint16_t)number;
	return read_address(whom, target);
}

/* Behind the number of seconds, or NULL. */
static const char *
read_seconds(const char *text, uint64_t *us)
{
	const size_t len = strspn(text, "0123456789.");
	char *end;
	double seconds;

	if (len == 0 || len > SECONDS_LEN_MAX)
		return NULL;
	seconds = strtod(text, &end);
	if (end != text + len || !(seconds < SECONDS_MAX))
		return NULL;
	*us = (uint64_t)(seconds * (double)USEC_PER_SEC + 0.5);
	return end;
}

static const char *
read_moment(const char *text, struct moment *moment)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	uint64_t fraction_us = 0;
	time_t seconds;

	moment->is_relative = end == NULL;
	if (end == NULL)
		return read_seconds(text, &moment->us);
	if (*end == '.')
		end = read_seconds(end, &fraction_us);
	seconds = timegm(&tm);
	if (end == NULL || *end != 'Z' || seconds < 0)
		return NULL;
	moment->us = (uint64_t)seconds * USEC_PER_SEC + fraction_us;
	return end + 1;
}

static bool
read_times(const char *text, struct claim *claim)
{
	const char *end = read_moment(text, &claim->from);

	if (end == NULL || *end != '-')
		return false;
	end = read_moment(end + 1, &claim->to);
	return end != NULL && *end == '\0';
}

int
claim_read(const char *text, struct claim *claim, struct err *err)
{
	const char *at = strrchr(text, '@');

	*claim = (struct claim){ .text = text };
	if (at == NULL)
		return err_set(err, EINVAL, "--flood is ADDR[:PORT]@FROM-TO, not '%s'", text);
	if (!read_whom(text, (size_t)(at - text), &claim->target))
		return err_set(err, EINVAL,
				"--flood %s: '%.*s' is no ADDR, ADDR:PORT, [ADDR]:PORT or ADDR/BITS",
				text, (int)(at - text), text);
	if (!read_times(at + 1, claim))
		return err_set(err, EINVAL,
				"--flood %s: '%s' is no FROM-TO: each is seconds from the first "
				"frame, or a time such as 2026-01-01T00:00:05Z",
				text, at + 1);
	if (claim->from.is_relative == claim->to.is_relative && claim->to.us <= claim->from.us)
		return err_set(err, EINVAL, "--flood %s: it ends before it begins", text);
	return 0;
}

uint64_t
moment_us(const struct moment *moment, uint64_t first_us)
{
	return moment->us + (moment->is_relative ? first_us : 0);
}
