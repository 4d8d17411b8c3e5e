/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/prometheus_services.h"

#include "base/compiler.h"
#include "observe/address.h"
#include "observe/prometheus.h"

static void
begin(struct exposition *text, const char *name, const struct service *service)
{
	const struct space_saving_server *server = &service->server;
	char endpoint[ADDRESS_ENDPOINT_LEN_MAX + 1];

	*address_endpoint_write(server->addr, server->port, server->ip_version, endpoint) = '\0';
	exposition_begin(text, name);
	exposition_label(text, "service", endpoint);
}

static void
write_attempts(struct exposition *text, const struct service *const *best, uint32_t count)
{
	const char *name = "service_attempts_total";

	exposition_family(text, name, "counter", "Handshakes with a service that were judged");
	for (uint32_t i = 0; i < count; i++) {
		begin(text, name, best[i]);
		exposition_count(text, best[i]->attempts);
	}
}

static void
write_results(struct exposition *text, const struct service *const *best, uint32_t count)
{
	const char *name = "service_handshakes_total";

	exposition_family(text, name, "counter", "What became of handshakes with a service");
	for (uint32_t i = 0; i < count; i++) {
#define X(field, help) \
	begin(text, name, best[i]); \
	exposition_label(text, "result", #field); \
	exposition_count(text, best[i]->field);
		SERVICE_RESULTS(X)
#undef X
	}
}

static void
write_share(struct exposition *text, const struct service *service, const char *share,
		const struct recent_latency *latency)
{
	static const struct {
		const char *word;
		uint32_t per_mille;
	} quantiles[] = { { "0.5", 500 }, { "0.9", 900 }, { "0.99", 990 } };

	if (latency->count == 0)
		return;
	for (uint32_t i = 0; i < ARRAY_LEN(quantiles); i++) {
		begin(text, "service_connect_seconds", service);
		exposition_label(text, "share", share);
		exposition_label(text, "quantile", quantiles[i].word);
		exposition_seconds(
				text, recent_latency_percentile(latency, quantiles[i].per_mille));
	}
	begin(text, "service_connect_seconds_sum", service);
	exposition_label(text, "share", share);
	exposition_seconds(text, latency->sum_us);
	begin(text, "service_connect_seconds_count", service);
	exposition_label(text, "share", share);
	exposition_count(text, latency->count);
}

void
prometheus_services_write(struct exposition *text, const struct services *services)
{
	const struct service *best[PROMETHEUS_SERVICES];
	uint32_t count = services_best(services, best, PROMETHEUS_SERVICES, SERVICES_BY_ATTEMPTS);

	exposition_family(text, "services", "gauge", "Services that are followed");
	exposition_begin(text, "services");
	exposition_count(text, services_count(services));
	write_attempts(text, best, count);
	write_results(text, best, count);
	exposition_family(text, "service_connect_seconds", "summary",
			"Time to connect: the server's share from SYN to SYN-ACK, the client's from "
			"there to its ACK; quantiles of the latest");
	for (uint32_t i = 0; i < count; i++) {
		write_share(text, best[i], "server", &best[i]->server_share);
		write_share(text, best[i], "client", &best[i]->client_share);
	}
}
