/* SPDX-License-Identifier: Apache-2.0 */

#include "app/replay/replay.h"

#include "app/command.h"
#include "app/params.h"
#include "app/replay/progress.h"
#include "app/replay/replay_names.h"
#include "app/replay/reporter.h"
#include "app/worker/self_check.h"
#include "app/worker/worker.h"
#include "io/capture_file.h"
#include "io/capture_port.h"
#include "io/capture_sink.h"
#include "io/eal.h"
#include "io/node_memory.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

#define WORKER_LCORE 1

/* Two milliseconds of a worker's events at a million a second, in half of a usual L2 cache. */
#define EVENT_RING_ROOM 2048

/*
 * Finding no event, the control thread looks again a few times before it sleeps: a sleep
 * may last a millisecond, in which the worker fills the ring and has to wait.
 */
#define IDLE_LOOKS 1000
#define IDLE_NSEC 50000

/* A TCP segment without data and its record in the file: no capture holds more flows. */
#define FLOW_MIN_BYTES 70

/* The table is made larger than it can be filled, so that its buckets do not overflow. */
#define FLOW_ROOM_FACTOR 4
#define FLOW_SLOTS_MIN 4096

struct replay {
	const struct replay_options *options;
	uint64_t total_bytes; /* of all captures */
	struct eal *eal;
	struct rte_mempool *pool;
	struct rte_ring *events;
	struct rte_ring *mail;
	struct report_rings reports;
	void *memory; /* the pipeline's */
	size_t memory_size;
	struct capture_sink *sink;
	struct reporter *reporter;
	struct worker worker;
	struct port_counters frames; /* in from all captures, and out */
	struct progress progress;
	uint64_t elapsed_us;
	bool started;
};

static void
tell(const struct replay *replay, const char *text)
{
	fprintf(stderr, "%s: %s\n", replay->options->program, text);
}

/* Every capture is looked at before any output is made. */
static int
check_captures(struct replay *replay, struct err *err)
{
	for (uint32_t i = 0; i < replay->options->n_captures; i++) {
		struct capture_file *file;
		const int rc = capture_file_open(replay->options->captures[i], &file, err);

		if (rc < 0)
			return rc;
		replay->total_bytes += capture_file_size(file);
		capture_file_close(file);
	}
	return 0;
}

static uint32_t
choose_flow_slots(uint64_t capture_bytes, uint32_t most)
{
	uint64_t slots = capture_bytes / FLOW_MIN_BYTES * FLOW_ROOM_FACTOR;

	if (slots < FLOW_SLOTS_MIN)
		slots = FLOW_SLOTS_MIN;
	return slots < most ? (uint32_t)slots : most;
}

static int
make_worker(struct replay *replay, int time_offset, struct err *err)
{
	struct pipeline_params pipeline = replay->options->pipeline;
	struct worker_params params = {
		.events = replay->events,
		.mail = replay->mail,
		.reports = &replay->reports,
		.timeouts = pipeline.tracker.timeouts,
		.time_offset = (size_t)time_offset,
	};

	params_make_repeatable(&pipeline);
	pipeline.flow_slots = choose_flow_slots(replay->total_bytes, pipeline.flow_slots);
	replay->memory_size = pipeline_memory_size(&pipeline);
	replay->memory = node_memory_take(replay->memory_size,
			(int)rte_lcore_to_socket_id(WORKER_LCORE),
			"the flow table (--flows makes it smaller)", err);
	if (replay->memory == NULL)
		return -ENOMEM;
	params.pipeline = pipeline_init(replay->memory, &pipeline);
	worker_init(&replay->worker, &params);
	replay->worker.leg_count = 1;
	replay->worker.legs[0].received = &replay->frames;
	replay->worker.legs[0].sent = &replay->frames;
	return 0;
}

/* Everything that needs the EAL but no file of the user's. */
static int
make_engine(struct replay *replay, struct err *err)
{
	const struct eal_options eal = { .workers = 1, .memory_mb = CAPTURE_PORT_MEMORY_MB };
	int rc = eal_start(&eal, &replay->eal, err);

	if (rc < 0)
		return rc;
	replay->pool = capture_port_pool_create(PIPELINE_BURST_MAX, err);
	if (replay->pool == NULL)
		return -ENOMEM;
	replay->events = rte_ring_create_elem("events", sizeof(struct event), EVENT_RING_ROOM,
			SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	replay->mail = rte_ring_create(
			"mail", MAIL_ROOM, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (replay->events == NULL || replay->mail == NULL)
		return err_set(err, ENOMEM, "no memory left for the events");
	if (replay->options->pipeline.detect)
		rc = report_rings_make(&replay->reports, REPORT_RINGS_REPLAY,
				(int)rte_lcore_to_socket_id(WORKER_LCORE), err);
	if (rc < 0)
		return rc;
	rc = capture_port_time_offset(err);
	return rc < 0 ? rc : make_worker(replay, rc, err);
}

static int
open_outputs(struct replay *replay, struct err *err)
{
	const struct replay_options *options = replay->options;
	const struct reporter_params params = {
		.json_path = options->json,
		.events = replay->events,
		.reports = &replay->reports,
		.detector = &options->detector,
		.evidence = &options->evidence,
		.mail = replay->mail,
		.sink = options->sink,
		.program = options->program,
	};
	int rc = reporter_create(&params, &replay->reporter, err);

	if (rc == 0)
		rc = replay_names_check(options, err);
	if (rc == 0)
		rc = capture_sink_open(options->out, (int)replay->worker.params.time_offset,
				&replay->sink, err);
	return rc;
}

static bool
is_interrupted(const struct replay *replay)
{
	return atomic_load_explicit(replay->options->interrupt, memory_order_relaxed);
}

static bool
is_output_lost(const struct replay *replay)
{
	return reporter_error(replay->reporter) != 0 || capture_sink_error(replay->sink) != 0;
}

static void
show_progress(struct replay *replay)
{
	/* A frame's record in a pcap file has 16 bytes of its own. */
	const uint64_t frames = counter_read(&replay->frames.rx_frames);
	const uint64_t bytes = counter_read(&replay->frames.rx_bytes) + 16 * frames;

	progress_update(&replay->progress, bytes, frames);
}

/* The control thread's part while the worker is at work. */
static void
attend(struct replay *replay, lcore_function_t *work)
{
	const struct timespec idle = { .tv_nsec = IDLE_NSEC };
	uint32_t looks = 0;

	rte_eal_remote_launch(work, &replay->worker, WORKER_LCORE);
	while (rte_eal_get_lcore_state(WORKER_LCORE) == RUNNING) {
		if (is_interrupted(replay) || is_output_lost(replay))
			worker_stop(&replay->worker);
		show_progress(replay);
		if (reporter_drain(replay->reporter) != 0)
			looks = 0;
		else if (++looks < IDLE_LOOKS)
			sched_yield();
		else
			nanosleep(&idle, NULL);
	}
	rte_eal_wait_lcore(WORKER_LCORE);
	while (reporter_drain(replay->reporter) != 0)
		;
}

/* The port only knows that something is wrong with a file; reading it once more tells what. */
static int
tell_how_far(const struct replay *replay, const char *path)
{
	enum capture_end end;
	struct capture_file *file;
	struct frame frame;
	struct err err;

	if (capture_file_open(path, &file, &err) < 0) {
		tell(replay, err.text);
		return -EIO;
	}
	do
		end = capture_file_next(file, &frame);
	while (end == CAPTURE_END_NOT_YET);
	fprintf(stderr, "%s: %s: %s; replayed up to there, %" PRIu64 " packets\n",
			replay->options->program, path, capture_file_end_text(file),
			capture_file_frames(file));
	capture_file_close(file);
	return end == CAPTURE_END_DAMAGED ? -EIO : 0;
}

static int
check_losses(const struct replay *replay, const char *path, uint16_t port)
{
	struct capture_port_state state;

	capture_port_ask(port, &state);
	if (state.no_mbuf != 0) {
		fprintf(stderr, "%s: %s: %" PRIu64 " packets lost for want of buffers\n",
				replay->options->program, path, state.no_mbuf);
		return -ENOBUFS;
	}
	return state.unreadable == 0 ? 0 : tell_how_far(replay, path);
}

static int
replay_one(struct replay *replay, const char *path)
{
	struct leg *leg = &replay->worker.legs[0];
	struct capture_file *file;
	struct err err;
	int rc = capture_file_open(path, &file, &err);

	if (rc == 0)
		rc = capture_port_open(capture_file_descriptor(file), path, replay->pool,
				&leg->rx_port, &err);
	if (rc < 0) {
		tell(replay, err.text);
		capture_file_close(file);
		return rc;
	}
	leg->rx_queue = CAPTURE_PORT_QUEUE;
	leg->tx_port = capture_sink_port(replay->sink);
	leg->tx_queue = CAPTURE_SINK_QUEUE;
	attend(replay, worker_replay_run);
	rc = check_losses(replay, path, leg->rx_port);
	capture_port_close(leg->rx_port);
	capture_file_close(file);
	return rc;
}

/* A capture that is damaged does not keep the others from being read. */
static int
replay_all(struct replay *replay)
{
	const uint64_t started_us = progress_clock_us();
	int result = 0;

	progress_start(&replay->progress, replay->total_bytes);
	for (uint32_t i = 0; i < replay->options->n_captures; i++) {
		if (is_interrupted(replay) || is_output_lost(replay))
			break;
		if (replay_one(replay, replay->options->captures[i]) < 0)
			result = -EIO;
	}
	if (!is_output_lost(replay)) {
		attend(replay, worker_finish);
		reporter_end_alarms(replay->reporter);
	}
	progress_end(&replay->progress);
	replay->elapsed_us = progress_clock_us() - started_us;
	return result;
}

static int
print_summary(const struct replay *replay)
{
	const struct worker *worker = &replay->worker;
	const struct port_counters *frames = &replay->frames;
	const struct counters *counters = pipeline_counters(worker->params.pipeline);
	const struct summary_drop drops[] = {
#define X(field, metric, help) { help, counter_read(&frames->field) },
		PORT_DROPS(X)
#undef X
	};
	const struct summary_run run = {
		.counters = &counters,
		.workers = 1,
		.rx_frames = counter_read(&frames->rx_frames),
		.rx_bytes = counter_read(&frames->rx_bytes),
		.tx_frames = counter_read(&frames->tx_frames),
		.drops = drops,
		.drop_reasons = ARRAY_LEN(drops),
		.elapsed_us = replay->elapsed_us,
		.first_us = worker->first_us != UINT64_MAX ? worker->first_us : 0,
		.last_us = worker->last_us,
	};
	const char *json = replay->options->json, *out = replay->options->out;
	const bool stdout_taken = (json != NULL && strcmp(json, "-") == 0) ||
			(out != NULL && strcmp(out, "-") == 0);
	FILE *stream = stdout_taken ? stderr : stdout;

	reporter_print_summary(replay->reporter, &run, stream);
	if (fflush(stream) == 0 && !ferror(stream))
		return 0;
	fprintf(stderr, "%s: the summary cannot be written: %s\n", replay->options->program,
			strerror(errno));
	return -EIO;
}

/* Each output that failed is told. */
static int
close_outputs(struct replay *replay)
{
	struct err err;
	int result = 0;

	if (capture_sink_close(replay->sink, &err) < 0) {
		tell(replay, err.text);
		result = -EIO;
	}
	replay->sink = NULL;
	if (reporter_finish(replay->reporter, &err) < 0) {
		tell(replay, err.text);
		result = -EIO;
	}
	return result;
}

static int
check_invariants(const struct replay *replay)
{
	struct invariant_breach breach;
	char text[INVARIANT_TEXT_MAX];

	if (!self_check_breach(&replay->worker, &breach))
		return 0;
	invariant_text(&breach, text);
	fprintf(stderr, "%s: does not hold: %s\n", replay->options->program, text);
	return -EIO;
}

static int
run(struct replay *replay)
{
	int result;

	replay->started = true;
	result = replay_all(replay);
	if (check_invariants(replay) < 0)
		result = -EIO;
	if (close_outputs(replay) < 0)
		return -EIO;
	if (is_interrupted(replay)) {
		tell(replay, "interrupted; what was read by then is reported as if it were all");
		result = -EINTR;
	}
	if (!replay->options->quiet && replay->options->sink == NULL && print_summary(replay) < 0)
		result = -EIO;
	return result;
}

static void
stop(struct replay *replay)
{
	reporter_destroy(replay->reporter);
	capture_sink_close(replay->sink, NULL);
	node_memory_give(replay->memory, replay->memory_size);
	report_rings_free(&replay->reports);
	rte_ring_free(replay->mail);
	rte_ring_free(replay->events);
	eal_stop(replay->eal);
}

int
replay_run(const struct replay_options *options, struct replay_span *span)
{
	struct replay replay = { .options = options };
	struct err err;
	int rc;

	rc = check_captures(&replay, &err);
	if (rc == 0)
		rc = replay_names_check(options, &err);
	if (rc == 0)
		rc = make_engine(&replay, &err);
	if (rc == 0)
		rc = open_outputs(&replay, &err);
	if (rc < 0)
		tell(&replay, err.text);
	else
		rc = run(&replay);
	if (span != NULL && replay.started)
		*span = (struct replay_span){ replay.worker.first_us, replay.worker.last_us };
	stop(&replay);
	if (rc == -EEXIST)
		return COMMAND_USAGE;
	return rc < 0 ? COMMAND_FAILED : COMMAND_FINE;
}
