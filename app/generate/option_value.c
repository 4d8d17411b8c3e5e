/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/option_value.h"

#include "base/usec.h"
#include "packet/build.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VLAN_MAX 4094
#define PORT_MAX 65535
#define PORT_DEFAULT 80

int
option_value_number(const char *name, const char *text, uint64_t least, uint64_t most,
		uint64_t *number, struct err *err)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
			value > most)
		return err_set(err, EINVAL, "%s is a number from %llu to %llu, not '%s'", name,
				(unsigned long long)least, (unsigned long long)most, text);
	*number = value;
	return 0;
}

int
option_value_seconds(
		const char *name, const char *text, double most, uint64_t *time_us, struct err *err)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end != '\0' || !(seconds > 0 && seconds <= most))
		return err_set(err, EINVAL, "%s is a number of seconds, not '%s'", name, text);
	*time_us = (uint64_t)(seconds * (double)USEC_PER_SEC);
	return 0;
}

int
option_value_start(const char *text, uint64_t *start_us, struct err *err)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	time_t seconds;
	uint64_t number = 0;

	if (end != NULL && (strcmp(end, "Z") == 0 || *end == '\0')) {
		seconds = timegm(&tm);
		if (seconds >= 0 && (uint64_t)seconds < CAPTURE_END_US / USEC_PER_SEC) {
			*start_us = (uint64_t)seconds * USEC_PER_SEC;
			return 0;
		}
	} else if (option_value_number("", text, 0, CAPTURE_END_US / USEC_PER_SEC - 1, &number,
				   NULL) == 0) {
		*start_us = number * USEC_PER_SEC;
		return 0;
	}
	return err_set(err, EINVAL,
			"--start is a time from 1970 to 2105, such as 2026-01-01T00:00:00Z, not '%s'",
			text);
}

int
option_value_vlan(const char *text, struct generator_params *params, struct err *err)
{
	uint64_t id = 0;
	int rc = option_value_number("--vlan", text, 1, VLAN_MAX, &id, err);

	if (rc < 0)
		return rc;
	if (params->vlan_count == SEGMENT_VLANS)
		return err_set(err, EINVAL, "--vlan may be given %d times at most", SEGMENT_VLANS);
	params->vlan[params->vlan_count++] = (uint16_t)id;
	return 0;
}

int
option_value_victim(const char *text, struct generator_params *params, struct err *err)
{
	char addr[64];
	const char *said = text;
	const char *port = strrchr(text, ':');
	struct in_addr ipv4;
	uint64_t number = PORT_DEFAULT;
	size_t len;

	if (text[0] == '[' && strchr(text, ']') != NULL) {
		len = strcspn(++text, "]");
		port = text[len + 1] == '\0' ? NULL : text + len + 1;
	} else {
		if (port != NULL && strchr(text, ':') != port)
			port = NULL;
		len = port != NULL ? (size_t)(port - text) : strlen(text);
	}
	if (len >= sizeof(addr) || (port != NULL && *port != ':'))
		return err_set(err, EINVAL, "--victim is ADDR:PORT or [ADDR]:PORT, not '%s'", said);
	memcpy(addr, text, len);
	addr[len] = '\0';
	if (inet_pton(AF_INET, addr, &ipv4) == 1) {
		params->ip_version = 4;
		build_ipv4_mapped(ntohl(ipv4.s_addr), params->victim_addr);
	} else if (inet_pton(AF_INET6, addr, params->victim_addr) == 1) {
		params->ip_version = 6;
	} else {
		return err_set(err, EINVAL, "--victim: '%s' is no IPv4 or IPv6 address", addr);
	}
	if (port != NULL &&
			option_value_number("--victim: the port", port + 1, 1, PORT_MAX, &number,
					err) < 0)
		return -EINVAL;
	params->victim_port = (uint16_t)number;
	return 0;
}

int
option_value_with(const char *text, uint8_t *with, struct err *err)
{
	static const struct {
		const char *word;
		uint8_t flags;
	} words[] = {
		{ "syn", SYN },
		{ "synack", SYN_ACK },
		{ "ack", ACK },
		{ "rst", RST },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(text, words[i].word) == 0) {
			*with = words[i].flags;
			return 0;
		}
	}
	return err_set(err, EINVAL, "--with is syn, synack, ack or rst, not '%s'", text);
}
