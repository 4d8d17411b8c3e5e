/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/prometheus.h"

#include "observe/exposition.h"
#include "observe/prometheus_floods.h"
#include "observe/prometheus_services.h"
#include "observe/status_totals.h"

#include <stddef.h>

/* The counter that lies so many bytes behind the beginning of a structure of counters. */
static uint64_t
counter_at(const void *counters, size_t offset)
{
	return counter_read((const struct counter *)((const char *)counters + offset));
}

static void
label_port(struct exposition *text, const struct status *status, const struct status_port *port)
{
	exposition_label(text, "wire", status->wires[port->wire].name);
	exposition_label(text, "port", port->name);
}

static void
write_of_ports(struct exposition *text, const struct status *status, const char *name,
		const char *reason, size_t offset)
{
	for (uint32_t i = 0; i < status->worker_count; i++) {
		for (uint32_t port = 0; port < status->port_count; port++) {
			exposition_begin(text, name);
			label_port(text, status, &status->ports[port]);
			exposition_label_number(text, "worker", status->workers[i].id);
			if (reason != NULL)
				exposition_label(text, "reason", reason);
			exposition_count(text, counter_at(&status->workers[i].ports[port], offset));
		}
	}
}

static void
write_frames(struct exposition *text, const struct status *status)
{
	struct status_totals totals;

#define X(field, metric, help) \
	exposition_family(text, metric "_total", "counter", help); \
	write_of_ports(text, status, metric "_total", NULL, offsetof(struct port_counters, field));
	PORT_COUNTERS(X)
#undef X
	exposition_family(text, "dropped_packets_total", "counter", "Frames that were not sent on");
#define X(field, reason, help) \
	write_of_ports(text, status, "dropped_packets_total", reason, \
			offsetof(struct port_counters, field));
	PORT_DROPS(X)
#undef X
	status_totals_sum(status, &totals);
	exposition_family(text, "in_flight_packets", "gauge",
			"Frames received and neither sent nor dropped yet");
	exposition_begin(text, "in_flight_packets");
	exposition_count(text, status_totals_in_flight(&totals.frames));
}

static void
begin_of_worker(struct exposition *text, const char *name, const struct status_worker *worker)
{
	exposition_begin(text, name);
	exposition_label_number(text, "worker", worker->id);
}

static void
write_of_workers(struct exposition *text, const struct status *status, const char *name,
		const char *help, size_t offset)
{
	exposition_family(text, name, "counter", help);
	for (uint32_t i = 0; i < status->worker_count; i++) {
		begin_of_worker(text, name, &status->workers[i]);
		exposition_count(text, counter_at(status->workers[i].counters, offset));
	}
}

static void
write_of_pipelines(struct exposition *text, const struct status *status, const char *name,
		const char *help, size_t offset)
{
	exposition_family(text, name, "counter", help);
	for (uint32_t i = 0; i < status->worker_count; i++) {
		if (status->workers[i].pipeline == NULL)
			continue;
		begin_of_worker(text, name, &status->workers[i]);
		exposition_count(text, counter_at(status->workers[i].pipeline, offset));
	}
}

static void
write_counters(struct exposition *text, const struct status *status)
{
#define X(field, metric, help) \
	write_of_workers(text, status, metric "_total", help, \
			offsetof(struct worker_counters, field));
	WORKER_COUNTERS(X)
#undef X
#define X(field, metric, help) \
	write_of_pipelines(text, status, metric "_total", help, offsetof(struct counters, field));
	COUNTERS(X)
#undef X
}

/* A family with a label whose values are words: an array of counters of each pipeline. */
struct words {
	const char *name;
	const char *help;
	const char *label;
	const char *const *words; /* NULL: no counter of that index is told */
	uint32_t count;
	size_t offset;
};

static void
write_words(struct exposition *text, const struct status *status, const struct words *words)
{
	exposition_family(text, words->name, "counter", words->help);
	for (uint32_t i = 0; i < status->worker_count; i++) {
		const struct status_worker *worker = &status->workers[i];

		for (uint32_t n = 0; n < words->count && worker->pipeline != NULL; n++) {
			if (words->words[n] == NULL)
				continue;
			begin_of_worker(text, words->name, worker);
			exposition_label(text, words->label, words->words[n]);
			exposition_count(text,
					counter_at(worker->pipeline,
							words->offset + n * sizeof(struct counter)));
		}
	}
}

static void
write_verdicts(struct exposition *text, const struct status *status)
{
#define X(id, word, ...) [id] = word,
	static const char *const kinds[PACKET_KIND_COUNT] = { PACKET_KINDS(X) };
	static const char *const results[HANDSHAKE_RESULT_COUNT] = { HANDSHAKE_RESULTS(X) };
#undef X
#define X(id, word) [id] = word,
	static const char *const ends[END_HOW_COUNT] = { END_HOWS(X) };
	static const char *const resets[RST_VERDICT_COUNT] = { RST_VERDICTS(X) };
#undef X
	static const struct words families[] = {
		{ "frame_kinds_total", "Frames by what they carry", "kind", kinds,
				PACKET_KIND_COUNT, offsetof(struct counters, packets) },
		{ "handshakes_total", "Connections that left the flow table, by handshake.result",
				"result", results, HANDSHAKE_RESULT_COUNT,
				offsetof(struct counters, handshakes) },
		{ "ends_total", "Connections that left the flow table, by end.how", "how", ends,
				END_HOW_COUNT, offsetof(struct counters, ends) },
		{ "rst_verdicts_total", "RSTs, as finally judged", "verdict", resets,
				RST_VERDICT_COUNT, offsetof(struct counters, rst_verdicts) },
	};

	for (uint32_t i = 0; i < ARRAY_LEN(families); i++)
		write_words(text, status, &families[i]);
}

static void
write_flows(struct exposition *text, const struct status *status)
{
	exposition_family(text, "flows", "gauge", "Connections in the flow table");
	for (uint32_t i = 0; i < status->worker_count; i++) {
		const struct counters *pipeline = status->workers[i].pipeline;

		if (pipeline == NULL)
			continue;
		begin_of_worker(text, "flows", &status->workers[i]);
		exposition_count(text,
				status_totals_flows(counter_read(&pipeline->flows_opened),
						counter_read(&pipeline->flows_closed)));
	}
	exposition_family(text, "flow_slots", "gauge", "Room in the flow table");
	for (uint32_t i = 0; i < status->worker_count; i++) {
		if (status->workers[i].pipeline == NULL)
			continue;
		begin_of_worker(text, "flow_slots", &status->workers[i]);
		exposition_count(text, status->workers[i].flow_slots);
	}
}

static void
write_bypass(struct exposition *text, const struct status_worker *worker, const char *reason,
		enum status_tracking tracking)
{
	begin_of_worker(text, "worker_bypass", worker);
	exposition_label(text, "reason", reason);
	exposition_count(text, worker->tracking == tracking);
}

static void
write_workers(struct exposition *text, const struct status *status)
{
	exposition_family(text, "worker_stalled", "gauge",
			"1 while the worker does not come round its loop");
	for (uint32_t i = 0; i < status->worker_count; i++) {
		begin_of_worker(text, "worker_stalled", &status->workers[i]);
		exposition_count(text, status->workers[i].is_stalled);
	}
	exposition_family(text, "worker_bypass", "gauge",
			"1 while the worker forwards frames without tracking them");
	for (uint32_t i = 0; i < status->worker_count; i++) {
		write_bypass(text, &status->workers[i], "operator", STATUS_BYPASS_ASKED);
		write_bypass(text, &status->workers[i], "overload", STATUS_BYPASS_OVERLOAD);
	}
}

/* X(field, name, type, help): of struct status_port. */
#define PORT_METRICS(X) \
	X(is_up, "port_up", "gauge", "1 while the port has link") \
	X(is_held_down, "port_held_down", "gauge", \
			"1 while the port is kept down because the wire's other side has no link") \
	X(missed, "port_missed_packets_total", "counter", \
			"Frames that the port lost because no worker took them in time") \
	X(no_mbuf, "port_no_buffer_packets_total", "counter", \
			"Frames lost for want of packet buffers") \
	X(rx_errors, "port_rx_errors_total", "counter", "Frames that came in broken") \
	X(tx_errors, "port_tx_errors_total", "counter", "Frames that could not be sent")

static void
write_ports(struct exposition *text, const struct status *status)
{
#define X(field, name, type, help) \
	exposition_family(text, name, type, help); \
	for (uint32_t i = 0; i < status->port_count; i++) { \
		exposition_begin(text, name); \
		label_port(text, status, &status->ports[i]); \
		exposition_count(text, status->ports[i].field); \
	}
	PORT_METRICS(X)
#undef X
}

/* X(field, name, type, help): of struct status_output. */
#define OUTPUT_METRICS(X) \
	X(is_ready, "output_ready", "gauge", "1 while the output takes lines") \
	X(lines, "output_lines_total", "counter", "Lines that the output took") \
	X(lines_lost, "output_lost_lines_total", "counter", \
			"Lines that the output did not take in time") \
	X(rotations, "output_rotations_total", "counter", "Rotations of the output's file")

/* Two outputs may be of one type and path, so their number is part of their name. */
static void
begin_of_output(struct exposition *text, const char *name, const struct status *status, uint32_t n)
{
	exposition_begin(text, name);
	exposition_label_number(text, "output", n);
	exposition_label(text, "type", status->outputs[n].type);
	exposition_label(text, "path", status->outputs[n].path);
}

static void
write_outputs(struct exposition *text, const struct status *status)
{
#define X(field, name, type, help) \
	exposition_family(text, name, type, help); \
	for (uint32_t i = 0; i < status->output_count; i++) { \
		begin_of_output(text, name, status, i); \
		exposition_count(text, status->outputs[i].field); \
	}
	OUTPUT_METRICS(X)
#undef X
}

static void
write_hooks(struct exposition *text, const struct hook_counters *hooks)
{
	if (hooks == NULL)
		return;
#define X(field, metric, help) \
	exposition_family(text, metric "_total", "counter", help); \
	exposition_begin(text, metric "_total"); \
	exposition_count(text, hooks->field);
	HOOK_COUNTERS(X)
#undef X
}

static void
write_captures(struct exposition *text, const struct evidence_counters *captures)
{
	if (captures == NULL)
		return;
#define X(field, metric, help) \
	exposition_family(text, metric "_total", "counter", help); \
	exposition_begin(text, metric "_total"); \
	exposition_count(text, captures->field);
	EVIDENCE_COUNTERS(X)
#undef X
}

static void
write_process(struct exposition *text, const struct status *status)
{
	exposition_family(text, "build_info", "gauge", "1; the version is a label");
	exposition_begin(text, "build_info");
	exposition_label(text, "version", status->version);
	exposition_count(text, 1);
	exposition_family(text, "start_time_seconds", "gauge",
			"When the appliance began to forward, since 1970");
	exposition_begin(text, "start_time_seconds");
	exposition_seconds(text, status->started_us);
}

void
prometheus_write(FILE *out, const struct status *status, const struct services *services)
{
	struct exposition text = { .out = out };

	write_process(&text, status);
	write_frames(&text, status);
	write_counters(&text, status);
	write_verdicts(&text, status);
	write_flows(&text, status);
	write_workers(&text, status);
	write_ports(&text, status);
	write_outputs(&text, status);
	write_hooks(&text, status->hooks);
	write_captures(&text, status->captures);
	prometheus_services_write(&text, services);
	prometheus_floods_write(&text, &status->alarms);
}
