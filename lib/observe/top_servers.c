/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/top_servers.h"

#include <stdlib.h>

struct top_servers {
	struct space_saving *kept; /* weighs failures */
	struct top_server servers[TOP_SERVERS_KEPT]; /* by place */
};

bool
top_servers_is_failure(enum handshake_result result)
{
	switch (result) {
	case HANDSHAKE_SERVER_SILENT:
	case HANDSHAKE_CLIENT_SILENT:
	case HANDSHAKE_REFUSED:
	case HANDSHAKE_REFUSED_BADACK:
	case HANDSHAKE_CLIENT_RESET:
	case HANDSHAKE_SERVER_RESET:
	case HANDSHAKE_CLIENT_FIN:
	case HANDSHAKE_UNREACHABLE:
	case HANDSHAKE_BAD_SYNACK:
	case HANDSHAKE_ODD_ANSWER:
	case HANDSHAKE_SIMULTANEOUS_INCOMPLETE:
		return true;
	case HANDSHAKE_COMPLETE:
	case HANDSHAKE_SIMULTANEOUS:
	case HANDSHAKE_SYNACK_ONLY: /* these four: no SYN was seen */
	case HANDSHAKE_SYNACK_REFUSED:
	case HANDSHAKE_NO_SYN:
	case HANDSHAKE_MIDSTREAM:
	case HANDSHAKE_ONE_WAY: /* these: not known whether it failed */
	case HANDSHAKE_EVICTED:
	case HANDSHAKE_UNSET:
	case HANDSHAKE_RESULT_COUNT:
		break;
	}
	return false;
}

static bool
is_attempt(const struct record_handshake *handshake)
{
	return handshake->complete || top_servers_is_failure(handshake->result) ||
			handshake->result == HANDSHAKE_ONE_WAY ||
			handshake->result == HANDSHAKE_EVICTED;
}

static uint32_t
follow(struct top_servers *top, const struct space_saving_server *server)
{
	uint32_t place = space_saving_follow(top->kept, server);

	top->servers[place] = (struct top_server){ .server = *server,
		.error = space_saving_error(top->kept, place) };
	return place;
}

static void
count_result(struct top_server *server, const struct record_handshake *handshake)
{
	server->attempts++;
	server->complete += handshake->complete;
	server->failed += top_servers_is_failure(handshake->result);
	server->results[handshake->result]++;
}

void
top_servers_add(struct top_servers *top, const struct record *record)
{
	bool failed = top_servers_is_failure(record->handshake.result);
	struct space_saving_server server = space_saving_server_of(record);
	uint32_t place;

	if (!is_attempt(&record->handshake))
		return;
	place = space_saving_find(top->kept, &server);
	if (place == SPACE_SAVING_NONE) {
		if (!failed && space_saving_is_full(top->kept))
			return;
		place = follow(top, &server);
	}
	count_result(&top->servers[place], &record->handshake);
	if (failed)
		space_saving_add(top->kept, place);
}

uint32_t
top_servers_best(const struct top_servers *top, const struct top_server **best, uint32_t room)
{
	uint32_t count = 0, at;

	for (uint32_t i = 0; i < space_saving_count(top->kept); i++) {
		const struct top_server *server = &top->servers[i];

		if (server->failed == 0 ||
				(count == room && server->failed <= best[room - 1]->failed))
			continue;
		if (count < room)
			count++;
		for (at = count - 1; at > 0 && best[at - 1]->failed < server->failed; at--)
			best[at] = best[at - 1];
		best[at] = server;
	}
	return count;
}

struct top_servers *
top_servers_create(uint64_t seed)
{
	struct top_servers *top = calloc(1, sizeof(*top));

	if (top == NULL)
		return NULL;
	top->kept = space_saving_create(TOP_SERVERS_KEPT, seed);
	if (top->kept == NULL) {
		free(top);
		return NULL;
	}
	return top;
}

void
top_servers_destroy(struct top_servers *top)
{
	if (top == NULL)
		return;
	space_saving_destroy(top->kept);
	free(top);
}
