/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A world of servers and clients, without packets: handshakes begin and end at moments, and
 * what they amount to by tick is reported to a detector as a meter would.
 */

#ifndef TESTS_UNIT_DETECTOR_FIXTURE_H
#define TESTS_UNIT_DETECTOR_FIXTURE_H

#include "detect/detector.h"
#include "detect/tick.h"

#include <stdlib.h>
#include <string.h>

#define WORLD_TICKS 610
#ifndef WORLD_VICTIMS
#define WORLD_VICTIMS 608 /* 256 services, their addresses, and some more */
#endif
#define WORLD_START UINT64_C(16000000000) /* its first tick */
#define WORLD_NOTICES 4096

enum world_end {
	WORLD_COMPLETED,
	WORLD_REFUSED,
	WORLD_RESET,
	WORLD_NEVER
};

struct world {
	struct detector_params params;
	struct victim_key keys[WORLD_VICTIMS];
	uint32_t victims;
	struct victim_counts (*counts)[WORLD_VICTIMS]; /* by tick */
	struct sources *sources; /* what is added to all suspects while a flood is on; NULL: none */
	uint64_t random;
	struct alarm notices[WORLD_NOTICES];
	uint32_t notice_count;
};

static inline struct world *
world_create(void)
{
	struct world *world = calloc(1, sizeof(*world));

	world->counts = calloc(WORLD_TICKS, sizeof(*world->counts));
	world->random = 1;
	detector_params_default(&world->params);
	return world;
}

static inline void
world_destroy(struct world *world)
{
	free(world->counts);
	free(world->sources);
	free(world);
}

static inline uint32_t
world_random(struct world *world, uint32_t below)
{
	world->random = world->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)((world->random >> 33) % below);
}

static inline uint32_t
world_victim(struct world *world, const struct victim_key *key)
{
	uint32_t at = 0;

	while (at < world->victims && !victim_key_equal(&world->keys[at], key))
		at++;
	if (at == world->victims)
		world->keys[world->victims++] = *key;
	return at;
}

/* The service at 198.51.100.NUMBER, or in a further prefix. */
static inline struct victim_key
world_service(uint32_t number, uint16_t port)
{
	const uint8_t bytes[16] = {
		[10] = 0xff, [11] = 0xff, 198, 51, (uint8_t)(100 + number / 256), (uint8_t)number
	};
	struct victim_key key = { .port = port, .level = VICTIM_SERVICE };

	memcpy(key.addr, bytes, sizeof(bytes));
	return key;
}

static inline struct victim_counts *
world_counts(struct world *world, const struct victim_key *key, uint64_t time_us)
{
	const uint64_t tick = tick_of(time_us);

	return tick < WORLD_TICKS ? &world->counts[tick][world_victim(world, key)] : NULL;
}

#define WORLD_ADD(world, service, time_us, field) WORLD_ADD_MANY(world, service, time_us, field, 1)

#define WORLD_ADD_MANY(world, service, time_us, field, many) \
	do { \
		struct victim_key key_ = *(service); \
		for (;;) { \
			struct victim_counts *counts_ = world_counts(world, &key_, time_us); \
			struct victim_key whole_; \
			if (counts_ != NULL) \
				counts_->field += (many); \
			if (key_.level == VICTIM_PREFIX) \
				break; \
			victim_parent(&key_, &(world)->params.prefixes, &whole_); \
			key_ = whole_; \
		} \
	} while (0)

/* One handshake, answered after answer_us (0: never) and at its end after end_us. */
static inline void
world_handshake(struct world *world, const struct victim_key *service, uint64_t start_us,
		uint64_t answer_us, uint64_t end_us, enum world_end end)
{
	WORLD_ADD(world, service, start_us, syn);
	if (answer_us != 0)
		WORLD_ADD(world, service, start_us + answer_us, synack);
	if (end == WORLD_COMPLETED) {
		WORLD_ADD(world, service, start_us + end_us, completed);
		WORLD_ADD(world, service, start_us + end_us, delay[victim_delay_class(end_us)]);
	} else if (end == WORLD_REFUSED) {
		WORLD_ADD(world, service, start_us + end_us, refused);
	} else if (end == WORLD_RESET) {
		WORLD_ADD(world, service, start_us + end_us, client_reset);
	}
}

/* Honest clients: pps of them, each at a moment of its own, done after a round trip or so. */
static inline void
world_clients(struct world *world, const struct victim_key *service, double pps, uint64_t from_us,
		uint64_t to_us, uint32_t round_trip_us)
{
	double at = (double)from_us;

	while ((at += (double)world_random(world, 2000000) / pps) < (double)to_us)
		world_handshake(world, service, (uint64_t)at, 300,
				round_trip_us / 2 + world_random(world, round_trip_us) + 300,
				WORLD_COMPLETED);
}

static inline void
world_flood(struct world *world, const struct victim_key *service, double pps, uint64_t from_us,
		uint64_t to_us, bool is_answered, uint32_t reset_percent)
{
	double at = (double)from_us;

	while (at < (double)to_us) {
		const bool resets = world_random(world, 100) < reset_percent;

		world_handshake(world, service, (uint64_t)at, is_answered ? 300 : 0, 20000,
				resets ? WORLD_RESET : WORLD_NEVER);
		at += 1000000.0 / pps;
	}
}

/* As world_handshake(), of so many at the same moment. */
static inline void
world_handshakes(struct world *world, const struct victim_key *service, uint64_t start_us,
		uint64_t answer_us, uint64_t end_us, bool complete, uint32_t many)
{
	const uint64_t done_us = start_us + end_us;

	WORLD_ADD_MANY(world, service, start_us, syn, many);
	WORLD_ADD_MANY(world, service, start_us + answer_us, synack, many);
	if (!complete)
		return;
	WORLD_ADD_MANY(world, service, done_us, completed, many);
	WORLD_ADD_MANY(world, service, done_us, delay[victim_delay_class(end_us)], many);
}

/* As world_clients() and world_flood(), of so many that a millisecond's are taken together. */
static inline void
world_crowd(struct world *world, const struct victim_key *service, double pps, uint64_t from_us,
		uint64_t to_us, uint32_t round_trip_us, bool complete)
{
	const uint32_t mean = (uint32_t)(pps / 1000);

	for (uint64_t at = from_us; at < to_us; at += 1000) {
		/* A tenth more or fewer than usual: as uneven as a hundred at random are. */
		const uint32_t many = mean - mean / 10 + world_random(world, mean / 5 + 1);
		const uint32_t end_us = round_trip_us / 2 + world_random(world, round_trip_us) +
				300;

		world_handshakes(world, service, at, 300, end_us, complete, many);
	}
}

static inline void
world_report(struct world *world, struct detect_report *report, uint64_t tick)
{
	const struct victim_counts none = { 0 };

	report->tick = WORLD_START + tick;
	report->victim_count = report->sources_count = report->scanner_count = 0;
	if (world->sources != NULL) {
		report->sources_count = 1;
		report->sources[0] = *world->sources;
	}
	for (uint32_t i = 0; i < world->victims; i++) {
		struct report_victim *victim = &report->victims[report->victim_count];

		if (memcmp(&world->counts[tick][i], &none, sizeof(none)) == 0)
			continue;
		victim->key = world->keys[i];
		victim->counts = world->counts[tick][i];
		victim->sources = world->sources != NULL ? 0 : REPORT_NO_SOURCES;
		report->victim_count++;
	}
}

/* Let time pass, up to a tick; the detector's notices are kept. */
static inline void
world_run(struct world *world, uint64_t ticks)
{
	struct detect_report *report = calloc(1, sizeof(*report));
	struct detector *detector = detector_create(&world->params, 12345);
	struct alarm *notice = world->notices;

	for (uint64_t tick = 0; tick < ticks; tick++) {
		world_report(world, report, tick);
		detector_take(detector, report);
		detector_judge(detector, WORLD_START + tick);
		while (detector_next(detector, notice) &&
				notice < &world->notices[WORLD_NOTICES - 1])
			notice++;
	}
	detector_finish(detector);
	while (detector_next(detector, notice) && notice < &world->notices[WORLD_NOTICES - 1])
		notice++;
	world->notice_count = (uint32_t)(notice - world->notices);
	detector_destroy(detector);
	free(report);
}

static inline uint64_t
world_time(uint64_t alarm_us)
{
	return alarm_us - tick_start_us(WORLD_START);
}

/* The n-th notice of a type and phase; NULL: there is none. */
static const struct alarm *
world_find(const struct world *world, enum alarm_type type, enum alarm_phase phase, uint32_t n)
{
	for (uint32_t i = 0; i < world->notice_count; i++)
		if (world->notices[i].type == type && world->notices[i].phase == phase && n-- == 0)
			return &world->notices[i];
	return NULL;
}

static inline uint32_t
world_count(const struct world *world, enum alarm_type type, enum alarm_phase phase)
{
	uint32_t count = 0;

	while (world_find(world, type, phase, count) != NULL)
		count++;
	return count;
}

#endif /* TESTS_UNIT_DETECTOR_FIXTURE_H */
