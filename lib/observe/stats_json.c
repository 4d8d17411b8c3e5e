/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/stats_json.h"

#include "base/usec.h"
#include "observe/floods_json.h"
#include "observe/json_value.h"
#include "observe/status_totals.h"

/* Sets a field to a new reference; if there is no memory for it, it is left out. */
#define SET(object, key, value) json_object_set_new(object, key, value)
#define SET_COUNT(object, key, count) SET(object, key, json_value_count(count))

static json_t *
proof_object(const struct status_frames *frames)
{
	json_t *proof = json_object();

	SET_COUNT(proof, "rx", frames->rx_frames);
	SET_COUNT(proof, "tx", frames->tx_frames);
	SET_COUNT(proof, "drops", frames->drops);
	SET_COUNT(proof, "in_flight", status_totals_in_flight(frames));
	return proof;
}

static void
set_frames(json_t *object, const struct status_frames *frames)
{
#define X(field, metric, help) SET_COUNT(object, metric, frames->field);
	PORT_COUNTERS(X)
#undef X
}

static json_t *
drops_object(const struct status_frames *frames)
{
	json_t *drops = json_object();

#define X(field, reason, help) SET_COUNT(drops, reason, frames->field);
	PORT_DROPS(X)
#undef X
	return drops;
}

static json_t *
counters_object(const struct status_totals *totals)
{
	json_t *counters = json_object();

	set_frames(counters, &totals->frames);
#define X(field, metric, help) SET_COUNT(counters, metric, totals->field);
	WORKER_COUNTERS(X)
#undef X
#define X(field, metric, help) SET_COUNT(counters, metric, totals->pipeline.field);
	COUNTERS(X)
#undef X
	return counters;
}

static json_t *
hooks_object(const struct hook_counters *hooks)
{
	json_t *object = json_object();

#define X(field, metric, help) SET_COUNT(object, #field, hooks->field);
	HOOK_COUNTERS(X)
#undef X
	return object;
}

static json_t *
captures_object(const struct evidence_counters *captures)
{
	json_t *object = json_object();

#define X(field, metric, help) SET_COUNT(object, #field, captures->field);
	EVIDENCE_COUNTERS(X)
#undef X
	return object;
}

static json_t *
kinds_object(const struct summary_totals *totals)
{
	json_t *kinds = json_object();

#define X(id, name, help) SET_COUNT(kinds, name, totals->packets[id]);
	PACKET_KINDS(X)
#undef X
	return kinds;
}

static void
set_verdicts(json_t *stats, const struct summary_totals *totals)
{
	json_t *handshakes = json_object(), *ends = json_object(), *resets = json_object();

#define X(id, word, silent) SET_COUNT(handshakes, word, totals->handshakes[id]);
	HANDSHAKE_RESULTS(X)
#undef X
#define X(id, word) SET_COUNT(ends, word, totals->ends[id]);
	END_HOWS(X)
#undef X
#define X(id, word) SET_COUNT(resets, word, totals->rst_verdicts[id]);
	RST_VERDICTS(X)
#undef X
	SET(stats, "handshakes", handshakes);
	SET(stats, "ends", ends);
	SET(stats, "rst_verdicts", resets);
}

static json_t *
flows_object(uint64_t opened, uint64_t closed, uint64_t room)
{
	json_t *flows = json_object();

	SET_COUNT(flows, "in_use", status_totals_flows(opened, closed));
	SET_COUNT(flows, "room", room);
	return flows;
}

static const char *
bypass_word(enum status_tracking tracking)
{
	switch (tracking) {
	case STATUS_BYPASS_ASKED:
		return "operator";
	case STATUS_BYPASS_OVERLOAD:
		return "overload";
	case STATUS_TRACKING:
		break;
	}
	return NULL;
}

static void
set_state(json_t *object, const struct status_worker *worker)
{
	const char *bypass = bypass_word(worker->tracking);

	SET_COUNT(object, "worker", worker->id);
	if (worker->cpu != STATUS_CPU_ANY)
		SET_COUNT(object, "cpu", worker->cpu);
	if (worker->is_receiver)
		SET(object, "receiver", json_true());
	if (worker->numa_node >= 0)
		SET(object, "numa_node", json_integer(worker->numa_node));
	SET(object, "stalled", json_boolean(worker->is_stalled));
	SET(object, "bypass", bypass != NULL ? json_string(bypass) : json_null());
	if (worker->since_us != 0)
		SET(object, "since", json_value_time(worker->since_us));
}

static json_t *
worker_object(const struct status *status, uint32_t n)
{
	const struct status_worker *worker = &status->workers[n];
	struct status_frames frames = status_totals_of_worker(status, n);
	json_t *object = json_object();

	set_state(object, worker);
	set_frames(object, &frames);
	SET_COUNT(object, "drops", frames.drops);
#define X(field, metric, help) SET_COUNT(object, metric, counter_read(&worker->counters->field));
	WORKER_COUNTERS(X)
#undef X
	if (worker->pipeline != NULL)
		SET(object, "flows",
				flows_object(counter_read(&worker->pipeline->flows_opened),
						counter_read(&worker->pipeline->flows_closed),
						worker->flow_slots));
	return object;
}

json_t *
stats_json_port(const struct status *status, uint32_t port)
{
	const struct status_port *from = &status->ports[port];
	struct status_frames frames = status_totals_of_port(status, port);
	json_t *object = json_object();

	SET(object, "port", json_value_text(from->name));
	SET(object, "wire", json_value_text(status->wires[from->wire].name));
	SET(object, "link", json_string(from->is_up ? "up" : "down"));
	SET(object, "held_down", json_boolean(from->is_held_down));
	set_frames(object, &frames);
	SET(object, "dropped", drops_object(&frames));
	SET_COUNT(object, "missed", from->missed);
	SET_COUNT(object, "rx_errors", from->rx_errors);
	SET_COUNT(object, "no_mbuf", from->no_mbuf);
	SET_COUNT(object, "tx_errors", from->tx_errors);
	return object;
}

static json_t *
output_object(const struct status_output *output)
{
	json_t *object = json_object();

	SET(object, "type", json_value_text(output->type));
	if (output->path[0] != '\0')
		SET(object, "path", json_value_text(output->path));
	SET(object, "ready", json_boolean(output->is_ready));
	if (output->trouble[0] != '\0')
		SET(object, "trouble", json_value_text(output->trouble));
	SET_COUNT(object, "lines", output->lines);
	SET_COUNT(object, "lines_lost", output->lines_lost);
	SET_COUNT(object, "rotations", output->rotations);
	return object;
}

static void
set_parts(json_t *stats, const struct status *status)
{
	json_t *workers = json_array(), *ports = json_array(), *outputs = json_array();

	for (uint32_t i = 0; i < status->worker_count; i++)
		json_array_append_new(workers, worker_object(status, i));
	for (uint32_t i = 0; i < status->port_count; i++)
		json_array_append_new(ports, stats_json_port(status, i));
	for (uint32_t i = 0; i < status->output_count; i++)
		json_array_append_new(outputs, output_object(&status->outputs[i]));
	SET(stats, "workers", workers);
	SET(stats, "ports", ports);
	SET(stats, "outputs", outputs);
}

json_t *
stats_json_object(const struct status *status)
{
	struct status_totals totals;
	json_t *stats = json_object();

	status_totals_sum(status, &totals);
	SET(stats, "version", json_value_text(status->version));
	SET(stats, "started", json_value_time(status->started_us));
	SET_COUNT(stats, "uptime_s", usec_since(status->started_us, status->now_us) / USEC_PER_SEC);
	SET(stats, "proof", proof_object(&totals.frames));
	SET(stats, "dropped", drops_object(&totals.frames));
	SET(stats, "flows",
			flows_object(totals.pipeline.flows_opened, totals.pipeline.flows_closed,
					totals.flow_slots));
	SET(stats, "counters", counters_object(&totals));
	if (status->hooks != NULL)
		SET(stats, "hooks", hooks_object(status->hooks));
	if (status->captures != NULL)
		SET(stats, "captures", captures_object(status->captures));
	SET(stats, "frames", kinds_object(&totals.pipeline));
	set_verdicts(stats, &totals.pipeline);
	if (status->alarms.counters != NULL)
		SET(stats, "alarms", floods_json_stats(&status->alarms));
	set_parts(stats, status);
	return stats;
}

size_t
stats_json_write(const struct status *status, char *out)
{
	json_t *line = json_object();
	size_t len;

	SET(line, "timestamp", json_value_time(status->now_us));
	SET(line, "event_type", json_string("stats"));
	SET(line, "stats", stats_json_object(status));
	len = json_value_line(line, out, STATS_JSON_LINE_MAX);
	json_decref(line);
	return len;
}
