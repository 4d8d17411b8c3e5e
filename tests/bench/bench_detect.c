/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What metering for the detection of floods adds to a packet: two pipelines, with and
 * without it, get the same traffic in turns of half a millisecond or so, and each burst is timed.
 * What is printed is the median burst's time of each, and the median of how far the medians of
 * two turns that lie next to each other are apart: so what else the machine does
 * disturbs it little. The reports, one each 100,000 packets, are timed by themselves.
 *
 *   bench_detect [ROUNDS [NAME]]
 *
 * A flood's SYNs have never been seen and come to a full table of a million slots, so each
 * also evicts one. Everything is counted in the same run, and must be exact.
 */

#include "base/compiler.h"
#include "detect/tick.h"
#include "packet/build.h"
#include "pipeline/pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define SLOTS (1u << 20)
#define TURN_BURSTS 64
#define TICK_TURNS 49
#define TICK_PACKETS (TICK_TURNS * TURN_BURSTS * PIPELINE_BURST_MAX) /* a million a second */
#define ROUNDS 20
#define ROUNDS_MAX 1000
#define CONNECTIONS 50000
#define FRAME_LEN 60
#define IP_SRC 26
#define IP_DST 30
#define TCP_SPORT 34
#define TCP_DPORT 36
#define START (UINT64_C(1616244573) * USEC_PER_SEC)

struct side {
	struct pipeline *pipeline;
	uint64_t now_us;
	uint64_t number; /* of packets so far */
	uint64_t syn, ended;
	double *turns; /* median nanoseconds of a burst's packet, by turn */
	double report_ns; /* for all reports of a run */
};

struct bench {
	const char *name;
	void (*make)(uint8_t *frame, uint64_t number); /* the n-th packet of the traffic */
	uint8_t flags;
	bool is_flood;
};

static uint8_t frames_data[PIPELINE_BURST_MAX][64] CACHE_ALIGNED;
static struct detect_report report;

static double
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void
put32(uint8_t *at, uint32_t value)
{
	value = __builtin_bswap32(value);
	memcpy(at, &value, sizeof(value));
}

static void
put16(uint8_t *at, uint16_t value)
{
	value = __builtin_bswap16(value);
	memcpy(at, &value, sizeof(value));
}

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* A bijection on 32 bits of address and 8 of port, so that none comes twice. */
static void
put_source(uint8_t *frame, uint64_t number)
{
	put32(frame + IP_SRC, (uint32_t)number * UINT32_C(0x9e3779b1));
	put16(frame + TCP_SPORT, (uint16_t)(1024 + (number >> 32)));
}

static void
one_victim(uint8_t *frame, uint64_t number)
{
	put_source(frame, number);
}

static void
sixteen_victims(uint8_t *frame, uint64_t number)
{
	put_source(frame, number);
	put32(frame + IP_DST, UINT32_C(0xc6130001) + (uint32_t)(mix(number) % 16) * 77);
}

static void
random_ports(uint8_t *frame, uint64_t number)
{
	put_source(frame, number);
	put16(frame + TCP_DPORT, (uint16_t)mix(number));
}

static void
carpet(uint8_t *frame, uint64_t number)
{
	put_source(frame, number);
	put32(frame + IP_DST, UINT32_C(0xc6130000) | (mix(number) & 0xff));
}

static void
random_destinations(uint8_t *frame, uint64_t number)
{
	put_source(frame, number);
	put32(frame + IP_DST, (uint32_t)mix(number));
}

/* Packets of a few connections at a time, as bursts of a server's are. */
static void
connection(uint8_t *frame, uint64_t number)
{
	uint32_t id = (uint32_t)(mix(number / 2) % CONNECTIONS);

	put32(frame + IP_SRC, UINT32_C(0x0a000000) + id);
}

static void
build(uint8_t flags)
{
	struct build_tcp tcp = { .ip_version = 4,
		.hop_limit = 64,
		.src_port = 40000,
		.dst_port = 80,
		.seq = 1001,
		.ack = 5001,
		.window = 65535,
		.tcp_flags = flags };

	build_ipv4_mapped(0x0a000000, tcp.src_addr);
	build_ipv4_mapped(0xc6130001, tcp.dst_addr);
	for (uint32_t n = 0; n < PIPELINE_BURST_MAX; n++)
		build_tcp_frame(&tcp, frames_data[n], FRAME_LEN);
}

/* The nanoseconds that it took. */
static double
burst(struct side *side, const struct bench *bench)
{
	struct frame frames[PIPELINE_BURST_MAX];
	uint8_t verdicts[PIPELINE_BURST_MAX];
	double start, end;

	for (uint32_t n = 0; n < PIPELINE_BURST_MAX; n++) {
		bench->make(frames_data[n], side->number++);
		frames[n] = (struct frame){ .data = frames_data[n],
			.len = FRAME_LEN,
			.wire_len = FRAME_LEN,
			.time_us = side->now_us++ };
	}
	start = now_ns();
	pipeline_burst(side->pipeline, frames, PIPELINE_BURST_MAX, verdicts);
	end = now_ns();
	pipeline_events(side->pipeline)->count = 0;
	pipeline_tick(side->pipeline, side->now_us);
	pipeline_events(side->pipeline)->count = 0;
	return end - start;
}

static void
take_report(struct side *side)
{
	struct meter *meter = pipeline_meter(side->pipeline);
	double start = now_ns();

	side->now_us = tick_end_us(tick_of(side->now_us - 1));
	if (meter == NULL)
		return;
	meter_report_begin(meter, &report, tick_of(side->now_us) - 1);
	while (!meter_report_step(meter, &report))
		continue;
	side->report_ns += now_ns() - start;
	side->syn += report.unfollowed.syn;
	side->ended += victim_ended(&report.unfollowed);
	for (uint32_t i = 0; i < report.victim_count; i++)
		if (report.victims[i].key.level == VICTIM_PREFIX) {
			side->syn += report.victims[i].counts.syn;
			side->ended += victim_ended(&report.victims[i].counts);
		}
}

static int
by_size(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

static double
median(double *values, uint32_t count)
{
	qsort(values, count, sizeof(*values), by_size);
	return values[count / 2];
}

static double
turn(struct side *side, const struct bench *bench)
{
	double ns[TURN_BURSTS];

	for (uint32_t n = 0; n < TURN_BURSTS; n++)
		ns[n] = burst(side, bench) / PIPELINE_BURST_MAX;
	return median(ns, TURN_BURSTS);
}

static void
make_side(struct side *side, bool detect)
{
	struct pipeline_params params = { .flow_slots = SLOTS,
		.detect = detect,
		.meter = { .prefixes = { 24, 64 },
				.key = { UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344),
						UINT64_C(0xa4093822299f31d0),
						UINT64_C(0x082efa98ec4e6c89) } } };
	size_t size;
	void *memory;

	for (uint32_t i = 0; i < FLOW_HASH_KEY_LEN; i++)
		params.hash_key[i] = (uint8_t)(i * 37 + 11);
	tracker_params_default(&params.tracker);
	size = pipeline_memory_size(&params);
	memory = aligned_alloc(2u << 20, (size + (2u << 20) - 1) & ~(size_t)((2u << 20) - 1));
	if (memory == NULL)
		exit(EXIT_FAILURE);
	madvise(memory, size, MADV_HUGEPAGE);
	memset(memory, 0, size);
	*side = (struct side){ .pipeline = pipeline_init(memory, &params),
		.now_us = START,
		.turns = calloc(ROUNDS_MAX * TICK_TURNS, sizeof(double)) };
	if (side->turns == NULL)
		exit(EXIT_FAILURE);
}

/* SYN, SYN-ACK and ACK of each connection. */
static void
establish(struct side *side)
{
	static const uint8_t flags[] = { TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK };

	for (uint32_t id = 0; id < CONNECTIONS; id++)
		for (uint32_t step = 0; step < ARRAY_LEN(flags); step++) {
			bool answer = step == 1;
			struct build_tcp tcp = { .ip_version = 4,
				.hop_limit = 64,
				.src_port = answer ? 80 : 40000,
				.dst_port = answer ? 40000 : 80,
				.seq = answer ? 5000 : 1000 + (step == 2),
				.ack = answer		    ? 1001
						: step == 2 ? 5001
							    : 0,
				.window = 65535,
				.tcp_flags = flags[step] };
			uint8_t bytes[FRAME_LEN], verdict;
			struct frame frame = { .data = bytes,
				.len = FRAME_LEN,
				.wire_len = FRAME_LEN,
				.time_us = side->now_us++ };

			build_ipv4_mapped(0x0a000000 + id, answer ? tcp.dst_addr : tcp.src_addr);
			build_ipv4_mapped(0xc6130001, answer ? tcp.src_addr : tcp.dst_addr);
			build_tcp_frame(&tcp, bytes, sizeof(bytes));
			pipeline_burst(side->pipeline, &frame, 1, &verdict);
			pipeline_events(side->pipeline)->count = 0;
		}
	take_report(side);
}

static void
check(const struct bench *bench, struct side *side)
{
	const struct counters *counters = pipeline_counters(side->pipeline);
	uint64_t evicted = counter_read(&counters->flows_evicted);
	uint64_t packets = bench->is_flood ? side->number : CONNECTIONS;

	if (side->syn != packets || (bench->is_flood && side->ended != evicted) ||
			counter_read(&counters->flows_untracked) != 0) {
		printf("%s: counted %llu of %llu SYNs, %llu ends of %llu\n", bench->name,
				(unsigned long long)side->syn, (unsigned long long)packets,
				(unsigned long long)side->ended, (unsigned long long)evicted);
		exit(EXIT_FAILURE);
	}
}

static void
run(const struct bench *bench, struct side sides[2], uint32_t rounds)
{
	const uint32_t turns = rounds * TICK_TURNS;
	double *more = calloc(turns, sizeof(*more));

	if (more == NULL)
		exit(EXIT_FAILURE);
	build(bench->flags);
	sides[1].report_ns = 0;
	for (uint32_t n = 0; n < turns; n++) {
		/* Who is first changes, so that it does not matter. */
		for (uint32_t i = 0; i < 2; i++)
			sides[(n + i) % 2].turns[n] = turn(&sides[(n + i) % 2], bench);
		more[n] = sides[1].turns[n] - sides[0].turns[n];
		if (n % TICK_TURNS == TICK_TURNS - 1)
			for (uint32_t i = 0; i < 2; i++)
				take_report(&sides[i]);
	}
	check(bench, &sides[1]);
	printf("%-20s off %6.1f ns, on %6.1f ns a packet; median of differences %+6.2f; "
	       "reports %.2f; counts exact\n",
			bench->name, median(sides[0].turns, turns), median(sides[1].turns, turns),
			median(more, turns), sides[1].report_ns / rounds / TICK_PACKETS);
	free(more);
}

int
main(int argc, char **argv)
{
	static const struct bench benches[] = {
		{ "established", connection, TCP_ACK, false },
		{ "one victim", one_victim, TCP_SYN, true },
		{ "16 victims", sixteen_victims, TCP_SYN, true },
		{ "random ports", random_ports, TCP_SYN, true },
		{ "a /24", carpet, TCP_SYN, true },
		{ "random destinations", random_destinations, TCP_SYN, true },
	};
	uint32_t rounds = argc > 1 ? (uint32_t)atoi(argv[1]) : ROUNDS;
	struct side sides[2];

	if (rounds == 0 || rounds > ROUNDS_MAX)
		return EXIT_FAILURE;
	make_side(&sides[0], false);
	make_side(&sides[1], true);
	for (uint32_t n = 0; n < 2; n++)
		establish(&sides[n]);
	if (argc < 3 || strcmp(argv[2], benches[0].name) == 0)
		run(&benches[0], sides, rounds);
	/* Fill both tables first; what comes then is counted from a fresh start. */
	build(benches[1].flags);
	for (uint32_t n = 0; n < 2; n++) {
		sides[n].number = 0;
		sides[n].syn = sides[n].ended = 0;
		for (uint32_t tick = 0; tick < 15; tick++) {
			for (uint32_t i = 0; i < TICK_TURNS; i++)
				turn(&sides[n], &benches[1]);
			take_report(&sides[n]);
		}
	}
	for (uint32_t i = 1; i < ARRAY_LEN(benches); i++)
		if (argc < 3 || strcmp(argv[2], benches[i].name) == 0)
			run(&benches[i], sides, rounds);
	return EXIT_SUCCESS;
}
