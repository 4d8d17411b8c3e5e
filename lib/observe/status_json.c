/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/status_json.h"

#include "base/usec.h"
#include "observe/json_value.h"
#include "observe/stats_json.h"

#define SET(object, key, value) json_object_set_new(object, key, value)
#define SET_COUNT(object, key, count) SET(object, key, json_value_count(count))

json_t *
status_json_stats(const struct status *status)
{
	json_t *reply = json_object();

	SET(reply, "timestamp", json_value_time(status->now_us));
	SET(reply, "stats", stats_json_object(status));
	return reply;
}

static json_t *
port_object(const struct status *status, uint32_t n)
{
	const struct status_port *port = &status->ports[n];
	json_t *object = stats_json_port(status, n);

	SET_COUNT(object, "number", port->number);
	if (port->interface[0] != '\0')
		SET(object, "interface", json_value_text(port->interface));
	SET(object, "driver", json_value_text(port->driver));
	SET(object, "mac", json_value_text(port->mac));
	if (port->numa_node >= 0)
		SET(object, "numa_node", json_integer(port->numa_node));
	SET_COUNT(object, "mtu", port->mtu);
	SET_COUNT(object, "queues", port->queues);
	if (port->speed_mbps != 0)
		SET_COUNT(object, "speed_mbps", port->speed_mbps);
	return object;
}

static json_t *
wire_object(const struct status *status, const struct status_wire *wire)
{
	json_t *object = json_object(), *ports = json_array();

	SET(object, "wire", json_value_text(wire->name));
	SET(object, "mirror", json_boolean(wire->port_count == 1));
	SET(object, "link_propagation", json_boolean(wire->propagates_link));
	for (uint32_t i = 0; i < wire->port_count; i++)
		json_array_append_new(ports, port_object(status, wire->ports[i]));
	SET(object, "ports", ports);
	return object;
}

json_t *
status_json_wires(const struct status *status)
{
	json_t *reply = json_object(), *wires = json_array();

	for (uint32_t i = 0; i < status->wire_count; i++)
		json_array_append_new(wires, wire_object(status, &status->wires[i]));
	SET(reply, "timestamp", json_value_time(status->now_us));
	SET(reply, "wires", wires);
	return reply;
}

static json_t *
share_object(const struct recent_latency *latency)
{
	json_t *object = json_object();

	SET_COUNT(object, "p50", recent_latency_percentile(latency, 500));
	SET_COUNT(object, "p90", recent_latency_percentile(latency, 900));
	SET_COUNT(object, "p99", recent_latency_percentile(latency, 990));
	SET_COUNT(object, "max", latency->max_us);
	SET_COUNT(object, "count", latency->count);
	return object;
}

static json_t *
service_object(const struct service *service)
{
	const struct space_saving_server *server = &service->server;
	json_t *object = json_object();

	SET(object, "dest_ip", json_value_address(server->addr, server->ip_version));
	SET_COUNT(object, "dest_port", server->port);
	SET_COUNT(object, "attempts", service->attempts);
#define X(field, help) SET_COUNT(object, #field, service->field);
	SERVICE_RESULTS(X)
#undef X
	SET_COUNT(object, "late", service->late);
	SET_COUNT(object, "error", service->error);
	if (service->server_share.count > 0)
		SET(object, "synack_us", share_object(&service->server_share));
	if (service->client_share.count > 0)
		SET(object, "ack_us", share_object(&service->client_share));
	return object;
}

json_t *
status_json_services(const struct services *services, uint32_t room, enum services_order order)
{
	const struct service *best[SERVICES_KEPT];
	uint32_t count = services_best(
			services, best, room < SERVICES_KEPT ? room : SERVICES_KEPT, order);
	json_t *reply = json_object(), *list = json_array();

	for (uint32_t i = 0; i < count; i++)
		json_array_append_new(list, service_object(best[i]));
	SET_COUNT(reply, "followed", services_count(services));
	SET_COUNT(reply, "room", SERVICES_KEPT);
	SET(reply, "services", list);
	return reply;
}

static void
set_endpoints(json_t *flow, const struct record *record)
{
	const struct record_side *client = &record->side[FLOW_CLIENT];
	const struct record_side *server = &record->side[FLOW_SERVER];
	json_t *vlans = json_array();

	SET(flow, "src_ip", json_value_address(client->addr, record->ip_version));
	SET_COUNT(flow, "src_port", client->port);
	SET(flow, "dest_ip", json_value_address(server->addr, record->ip_version));
	SET_COUNT(flow, "dest_port", server->port);
	for (uint32_t i = 0; i < record->vlan_count; i++)
		json_array_append_new(vlans, json_integer(record->vlan[i]));
	if (record->vlan_count > 0)
		json_object_set(flow, "vlan", vlans);
	json_decref(vlans);
}

static json_t *
handshake_object(const struct record_handshake *handshake)
{
	const char *silent = verdict_silent_word(handshake->silent);
	json_t *object = json_object();

	SET(object, "result", json_string(verdict_handshake_word(handshake->result)));
	SET(object, "silent", silent != NULL ? json_string(silent) : json_null());
	return object;
}

json_t *
status_json_flow(const struct record *record, enum hs_state state, uint64_t now_us)
{
	const struct record_side *client = &record->side[FLOW_CLIENT];
	const struct record_side *server = &record->side[FLOW_SERVER];
	json_t *flow = json_object();

	SET_COUNT(flow, "flow_id", record->flow_id);
	SET_COUNT(flow, "worker", record->worker);
	set_endpoints(flow, record);
	SET(flow, "state", json_string(hs_fsm_state_word(state)));
	if (record->handshake.result != HANDSHAKE_UNSET)
		SET(flow, "handshake", handshake_object(&record->handshake));
	SET(flow, "start", json_value_time(record->start_us));
	SET_COUNT(flow, "age_ms", usec_since(record->start_us, now_us) / USEC_PER_MSEC);
	SET_COUNT(flow, "idle_ms", usec_since(record->end_us, now_us) / USEC_PER_MSEC);
	SET_COUNT(flow, "pkts_toserver", client->pkts);
	SET_COUNT(flow, "pkts_toclient", server->pkts);
	SET_COUNT(flow, "bytes_toserver", client->bytes);
	SET_COUNT(flow, "bytes_toclient", server->bytes);
	return flow;
}
