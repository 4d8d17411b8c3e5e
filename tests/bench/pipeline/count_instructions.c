/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A fixed piece of work, for valgrind to count the instructions of: one kind of traffic goes
 * through a pipeline, a few thousand connections for as many passes as are asked for. What is
 * to be counted happens in count_instructions_burst(), and nothing else does. Prints how many
 * packets that were, once every count has come out right; or how this was built, which the
 * instructions depend on. Run by tests/bench/instructions.
 *
 *   count_instructions KIND [undetected]     without the detection of floods
 */

#include "base/compiler.h"
#include "tests/bench/pipeline/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_OF(number) #number
#define WORD(number) WORD_OF(number)
#ifdef __clang__
#define COMPILER "clang " WORD(__clang_major__)
#else
#define COMPILER "gcc " WORD(__GNUC__)
#endif

#define FLOWS 4096
#define PASSES 8

void count_instructions_burst(struct engine *engine, const struct frame *frames, uint32_t count);

__attribute__((noinline)) void
count_instructions_burst(struct engine *engine, const struct frame *frames, uint32_t count)
{
	uint8_t verdicts[PIPELINE_BURST_MAX];

	pipeline_burst(engine->pipeline, frames, count, verdicts);
}

static void
pass(struct engine *engine, const struct traffic *traffic)
{
	struct frame frames[TRAFFIC_BURST];
	uint32_t count;

	for (uint32_t n = 0; n < traffic->count; n += count) {
		count = traffic_burst(traffic, n, engine->now_us, frames);
		count_instructions_burst(engine, frames, count);
		engine_burst(engine, NULL, 0); /* takes the events, and lets time go on */
	}
	engine->fed += traffic->expect.packets;
	engine->fed_bytes += traffic->expect.bytes;
}

static int
run(struct engine *engine, struct traffic *traffic, struct err *err)
{
	if (engine_prepare(engine, traffic, err) < 0)
		return -1;
	for (uint32_t n = 0; n < PASSES; n++) {
		engine_renew(engine, traffic);
		pass(engine, traffic);
		if (engine_check(engine, traffic, err) < 0)
			return -1;
	}
	printf("%" PRIu64 "\n", (uint64_t)PASSES * traffic->count);
	return 0;
}

static int
count(enum traffic_kind kind, bool detect, struct err *err)
{
	struct traffic traffic;
	struct engine engine;
	int rc;

	if (traffic_init(&traffic, kind, FLOWS, err) < 0)
		return -1;
	rc = engine_init(&engine, kind == TRAFFIC_FLOOD ? FLOWS : 2 * FLOWS, detect, err);
	if (rc == 0) {
		rc = run(&engine, &traffic, err);
		engine_fini(&engine);
	}
	traffic_fini(&traffic);
	return rc;
}

int
main(int argc, char **argv)
{
	struct err err = { "the kind is not known" };
	bool detect = argc < 3 || strcmp(argv[2], "undetected") != 0;

	if (argc == 2 && strcmp(argv[1], "--built") == 0) {
		puts(COMPILER " " BUILT);
		return EXIT_SUCCESS;
	}
	for (uint32_t kind = 0; argc >= 2 && kind < TRAFFIC_KIND_COUNT; kind++)
		if (strcmp(traffic_name(kind), argv[1]) == 0 && count(kind, detect, &err) == 0)
			return EXIT_SUCCESS;
	fprintf(stderr, "count_instructions: %s: %s\n", argc >= 2 ? argv[1] : "one kind wanted",
			err.text);
	return EXIT_FAILURE;
}
