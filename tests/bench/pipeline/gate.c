/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/bench/pipeline/gate.h"

#include "app/generate/options.h"
#include "base/compiler.h"
#include "io/capture_file.h"
#include "tests/bench/pipeline/engine.h"
#include "tests/bench/pipeline/expect.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOTS (UINT32_C(1) << 20)

struct gate {
	const char *kind;
	uint64_t complete, incomplete, rst;
};

static const struct gate gates[] = {
	{ "mixed", 65536, 14564, 656 },
	{ "handshakes", 65536, 0, 0 },
	{ "synflood", 0, 262144, 0 },
};

static int
generate(const char *kind, const char *path, uint64_t *packets, struct err *err)
{
	char *words[] = { (char *)"generate", (char *)kind, (char *)"-o", (char *)path };
	struct generator_stats stats;
	struct generator generator;
	struct capture_writer *writer;
	struct options options;
	int rc, closed;

	optind = 0; /* getopt's, who was here before */
	if (options_read(ARRAY_LEN(words), words, &options, err) < 0)
		return -1;
	generator_init(&generator, &options.params);
	if (capture_writer_open(path, &writer, err) < 0)
		return -1;
	rc = generator_run(&generator, writer, &stats, err);
	closed = capture_writer_close(writer, err);
	*packets = stats.packets;
	return rc < 0 ? rc : closed;
}

static int
check(const struct gate *gate, struct engine *engine, uint64_t packets, struct err *err)
{
	const struct counters *counters = pipeline_counters(engine->pipeline);
	int rc;

	engine->fed = packets;
	rc = expect(0, "frames", counter_read(&counters->frames), packets, err);
	if (rc < 0 || engine_finish(engine, err) < 0)
		return -1;
	rc = expect(rc, "handshakes complete",
			counter_read(&counters->handshakes[HANDSHAKE_COMPLETE]), gate->complete,
			err);
	rc = expect(rc, "handshakes incomplete", engine->told.incomplete, gate->incomplete, err);
	return expect(rc, "mid-connection RSTs",
			counter_read(&counters->rst_verdicts[RST_MID_CONNECTION]), gate->rst, err);
}

static void
play(struct engine *engine, struct capture_file *file)
{
	struct frame frame;

	while (capture_file_next(file, &frame) == CAPTURE_END_NOT_YET) {
		engine->now_us = frame.time_us;
		engine_burst(engine, &frame, 1);
	}
}

static int
pass_one(const struct gate *gate, const char *path, struct err *err)
{
	struct capture_file *file;
	struct engine engine;
	uint64_t packets;
	int rc;

	if (generate(gate->kind, path, &packets, err) < 0 ||
			capture_file_open(path, &file, err) < 0)
		return -1;
	rc = engine_init(&engine, SLOTS, true, err);
	if (rc == 0) {
		play(&engine, file);
		rc = check(gate, &engine, packets, err);
		engine_fini(&engine);
	}
	capture_file_close(file);
	return rc;
}

int
gate_pass(struct err *err)
{
	int rc = 0;

	for (uint32_t i = 0; i < ARRAY_LEN(gates) && rc == 0; i++) {
		int file = memfd_create(gates[i].kind, MFD_CLOEXEC);
		struct err why;
		char path[64];

		if (file < 0)
			return err_set(err, errno, "no memory for a capture");
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
		rc = pass_one(&gates[i], path, &why);
		close(file);
		if (rc < 0)
			err_set(err, ERANGE, "exactness gate, %s: %.400s", gates[i].kind, why.text);
	}
	return rc;
}
