/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/services.h"

#include "observe/top_servers.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

struct services {
	struct space_saving *kept; /* weighs attempts */
	struct service services[SERVICES_KEPT]; /* by place */
};

static_assert(sizeof(struct services) < 3 << 20, "a few MiB");

static uint32_t
follow(struct services *services, const struct space_saving_server *server)
{
	uint32_t place = space_saving_follow(services->kept, server);

	services->services[place] = (struct service){ .server = *server,
		.error = space_saving_error(services->kept, place) };
	return place;
}

static void
count_completed(struct service *service, const struct record_handshake *handshake)
{
	service->completed++;
	service->late += handshake->given_up;
	if (handshake->has_synack_us)
		recent_latency_record(&service->server_share, handshake->synack_us);
	if (handshake->has_ack_us)
		recent_latency_record(&service->client_share, handshake->ack_us);
}

static void
count_incomplete(struct service *service, enum handshake_result result)
{
	if (result == HANDSHAKE_REFUSED || result == HANDSHAKE_REFUSED_BADACK)
		service->refused++;
	else if (result == HANDSHAKE_SERVER_SILENT)
		service->server_silent++;
	else if (result == HANDSHAKE_CLIENT_SILENT)
		service->client_silent++;
	else if (top_servers_is_failure(result))
		service->other++;
	else
		service->unknown++;
}

/* An ACK may complete a handshake whose SYN was not seen: that is no attempt. */
static bool
is_counted(const struct record_handshake *handshake, enum event_kind kind)
{
	return kind == EVENT_INCOMPLETE_HANDSHAKE ||
			(kind == EVENT_HANDSHAKE && handshake->complete);
}

void
services_add(struct services *services, const struct record *record, enum event_kind kind)
{
	const struct record_handshake *handshake = &record->handshake;
	struct space_saving_server server = space_saving_server_of(record);
	bool is_late = kind == EVENT_HANDSHAKE && handshake->given_up;
	uint32_t place;

	if (!is_counted(handshake, kind))
		return;
	place = space_saving_find(services->kept, &server);
	if (place == SPACE_SAVING_NONE && is_late)
		return; /* its attempt is not in the numbers any more */
	if (place == SPACE_SAVING_NONE)
		place = follow(services, &server);
	if (kind == EVENT_HANDSHAKE)
		count_completed(&services->services[place], handshake);
	else
		count_incomplete(&services->services[place], handshake->result);
	if (is_late)
		return;
	services->services[place].attempts++;
	space_saving_add(services->kept, place);
}

uint64_t
services_failures(const struct service *service)
{
	return service->refused + service->server_silent + service->client_silent + service->other;
}

static uint64_t
rank_of(const struct service *service, enum services_order order)
{
	return order == SERVICES_BY_FAILURES ? services_failures(service) : service->attempts;
}

uint32_t
services_best(const struct services *services, const struct service **best, uint32_t room,
		enum services_order order)
{
	uint32_t count = 0, at;

	for (uint32_t i = 0; i < space_saving_count(services->kept); i++) {
		const struct service *service = &services->services[i];
		uint64_t rank = rank_of(service, order);

		if (rank == 0 || room == 0 ||
				(count == room && rank <= rank_of(best[room - 1], order)))
			continue;
		if (count < room)
			count++;
		for (at = count - 1; at > 0 && rank_of(best[at - 1], order) < rank; at--)
			best[at] = best[at - 1];
		best[at] = service;
	}
	return count;
}

uint32_t
services_count(const struct services *services)
{
	return space_saving_count(services->kept);
}

struct services *
services_create(uint64_t seed)
{
	struct services *services = calloc(1, sizeof(*services));

	if (services == NULL)
		return NULL;
	services->kept = space_saving_create(SERVICES_KEPT, seed);
	if (services->kept == NULL) {
		free(services);
		return NULL;
	}
	return services;
}

void
services_destroy(struct services *services)
{
	if (services == NULL)
		return;
	space_saving_destroy(services->kept);
	free(services);
}
