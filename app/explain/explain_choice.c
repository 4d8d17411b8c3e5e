/* SPDX-License-Identifier: Apache-2.0 */

#include "app/explain/explain_choice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Digits only, no more than @p max. */
static int
read_number(const char *text, uint64_t max, uint64_t *out)
{
	unsigned long long number;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (*end != '\0' || errno != 0 || number > max)
		return -EINVAL;
	*out = number;
	return 0;
}

static int
read_address(const char *text, struct explain_endpoint *endpoint)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (text[0] == '[') {
		char address[INET6_ADDRSTRLEN];
		size_t len = strlen(text);

		if (len < 2 || len - 2 >= sizeof(address) || text[len - 1] != ']')
			return -EINVAL;
		memcpy(address, text + 1, len - 2);
		address[len - 2] = '\0';
		endpoint->ip_version = 6;
		return inet_pton(AF_INET6, address, endpoint->addr) == 1 ? 0 : -EINVAL;
	}
	endpoint->ip_version = 4;
	memcpy(endpoint->addr, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, endpoint->addr + sizeof(mapped)) == 1 ? 0 : -EINVAL;
}

static int
read_endpoint(const char *text, size_t len, struct explain_endpoint *endpoint)
{
	char copy[64];
	char *colon;
	uint64_t port;

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	colon = strrchr(copy, ':');
	if (colon == NULL || read_number(colon + 1, UINT16_MAX, &port) != 0)
		return -EINVAL;
	*colon = '\0';
	endpoint->port = (uint16_t)port;
	return read_address(copy, endpoint);
}

int
explain_choice_read(const char *text, struct explain_choice *choice)
{
	const char *dash = strchr(text, '-');

	*choice = (struct explain_choice){ 0 };
	if (read_number(text, UINT64_MAX, &choice->number) == 0)
		return choice->number > 0 ? 0 : -EINVAL;
	choice->endpoints = dash != NULL ? 2 : 1;
	if (dash != NULL && read_endpoint(dash + 1, strlen(dash + 1), &choice->endpoint[1]) != 0)
		return -EINVAL;
	return read_endpoint(text, dash != NULL ? (size_t)(dash - text) : strlen(text),
			&choice->endpoint[0]);
}

static bool
is_side(const struct explain_endpoint *endpoint, const struct record *record, enum flow_side side)
{
	const struct record_side *of = &record->side[side];

	return endpoint->ip_version == record->ip_version && endpoint->port == of->port &&
			memcmp(endpoint->addr, of->addr, sizeof(of->addr)) == 0;
}

bool
explain_choice_matches(
		const struct explain_choice *choice, uint64_t number, const struct record *record)
{
	const struct explain_endpoint *endpoint = choice->endpoint;

	if (choice->number != 0)
		return choice->number == number;
	for (enum flow_side side = FLOW_CLIENT; side < FLOW_SIDES; side++) {
		if (!is_side(&endpoint[0], record, side))
			continue;
		if (choice->endpoints == 1 || is_side(&endpoint[1], record, flow_peer(side)))
			return true;
	}
	return false;
}
