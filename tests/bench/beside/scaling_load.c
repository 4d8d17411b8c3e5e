/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Workers side by side, as an appliance with several has them: each with a core, a pipeline and
 * traffic in memory of its own, and nothing shared but the machine. Run by `scaling`.
 *
 * In each round one works alone, each time another, and then all at once. Prints a line for each
 * worker of each: round, workers at work, million packets a second of its processor's time, and
 * of the clock on the wall. What has to be done between two passes takes time, but counts in
 * neither. All counts are checked after each pass; one that is wrong ends it.
 */

#include "tests/bench/pipeline/engine.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORKERS_MAX 256
#define ALL (-1)

struct worker {
	struct crew *crew;
	int number, core;
	struct traffic traffic;
	struct engine engine;
	uint64_t packets;
	double cpu_s, wall_s; /* in passes */
};

struct crew {
	enum traffic_kind kind;
	uint32_t flows;
	int count;
	pthread_barrier_t begins, ended;
	int at_work; /* a worker's number, or ALL */
	bool over;
	atomic_bool enough;
	struct worker workers[WORKERS_MAX];
};

static void
fail(const char *what)
{
	fprintf(stderr, "scaling_load: %s\n", what);
	exit(EXIT_FAILURE);
}

static double
seconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* On its core, so that its memory is near. A flood's table is full, any other half full. */
static void
get_ready(struct worker *worker)
{
	const struct crew *crew = worker->crew;
	const uint32_t slots = crew->kind == TRAFFIC_FLOOD ? crew->flows : 2 * crew->flows;
	struct err err = { "" };
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((size_t)worker->core, &cpus);
	if (pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus) != 0)
		fail("a core cannot be had");
	if (traffic_init(&worker->traffic, crew->kind, crew->flows, &err) < 0 ||
			engine_init(&worker->engine, slots, true, &err) < 0 ||
			engine_prepare(&worker->engine, &worker->traffic, &err) < 0)
		fail(err.text);
}

static void
one_pass(struct worker *worker)
{
	struct err err = { "" };
	double cpu, wall;

	engine_renew(&worker->engine, &worker->traffic);
	wall = seconds_of(CLOCK_MONOTONIC);
	cpu = seconds_of(CLOCK_THREAD_CPUTIME_ID);
	engine_pass(&worker->engine, &worker->traffic);
	worker->cpu_s += seconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu;
	worker->wall_s += seconds_of(CLOCK_MONOTONIC) - wall;
	worker->packets += worker->traffic.count;
	if (engine_check(&worker->engine, &worker->traffic, &err) < 0)
		fail(err.text);
}

static void *
work(void *arg)
{
	struct worker *worker = arg;
	struct crew *crew = worker->crew;

	get_ready(worker);
	for (;;) {
		pthread_barrier_wait(&crew->begins);
		if (crew->over)
			return NULL;
		worker->packets = 0;
		worker->cpu_s = worker->wall_s = 0;
		if (crew->at_work == ALL || crew->at_work == worker->number)
			do
				one_pass(worker);
			while (!atomic_load(&crew->enough));
		pthread_barrier_wait(&crew->ended);
	}
}

static void
measure(struct crew *crew, int round, int at_work, double seconds)
{
	const struct timespec nap = { (time_t)seconds,
		(long)((seconds - (double)(time_t)seconds) * 1e9) };

	crew->at_work = at_work;
	atomic_store(&crew->enough, false);
	pthread_barrier_wait(&crew->begins);
	nanosleep(&nap, NULL);
	atomic_store(&crew->enough, true);
	pthread_barrier_wait(&crew->ended);
	for (int i = 0; i < crew->count; i++) {
		const struct worker *worker = &crew->workers[i];
		const double packets = (double)worker->packets / 1e6;

		if (worker->packets > 0)
			printf("%d %d %.6f %.6f\n", round, at_work == ALL ? crew->count : 1,
					packets / worker->cpu_s, packets / worker->wall_s);
	}
	fflush(stdout);
}

static enum traffic_kind
find_kind(const char *name)
{
	for (int kind = 0; kind < TRAFFIC_KIND_COUNT; kind++)
		if (strcmp(name, traffic_name((enum traffic_kind)kind)) == 0)
			return (enum traffic_kind)kind;
	fail("no such kind of traffic");
	return TRAFFIC_KIND_COUNT;
}

int
main(int argc, char **argv)
{
	static struct crew crew;
	pthread_t threads[WORKERS_MAX];
	int rounds;

	if (argc < 6 || argc - 5 > WORKERS_MAX)
		fail("usage: scaling_load KIND FLOWS ROUNDS SECONDS CORE...");
	crew.kind = find_kind(argv[1]);
	crew.flows = (uint32_t)strtoul(argv[2], NULL, 10);
	rounds = atoi(argv[3]);
	crew.count = argc - 5;
	pthread_barrier_init(&crew.begins, NULL, (unsigned int)crew.count + 1);
	pthread_barrier_init(&crew.ended, NULL, (unsigned int)crew.count + 1);
	for (int i = 0; i < crew.count; i++) {
		crew.workers[i] = (struct worker){
			.crew = &crew, .number = i, .core = atoi(argv[5 + i])
		};
		if (pthread_create(&threads[i], NULL, work, &crew.workers[i]) != 0)
			fail("no thread");
	}
	for (int round = 0; round < rounds; round++) {
		measure(&crew, round, round % crew.count, strtod(argv[4], NULL));
		measure(&crew, round, ALL, strtod(argv[4], NULL));
	}
	crew.over = true;
	pthread_barrier_wait(&crew.begins);
	for (int i = 0; i < crew.count; i++)
		pthread_join(threads[i], NULL);
	return EXIT_SUCCESS;
}
