/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A piece of work whose cost is wanted. Each is made for one kind of traffic and so many
 * flows, does one round at a time and tells what of it took time, and finds out by counting
 * whether it has done what it should.
 */

#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include "tests/bench/pipeline/clock.h"
#include "tests/bench/pipeline/traffic.h"

struct work {
	const struct stage *stage;
	enum traffic_kind traffic;
	uint32_t flows;
	void *state; /* the stage's own */
};

struct round {
	uint64_t packets;
	double ns;
};

/* Each returns 0, or negative with the sentence. What init() has taken, fini() gives back. */
struct stage {
	const char *name;
	const char *purpose;
	uint32_t traffics; /* bit n: it can be done with traffic of kind n */
	uint32_t flows_max; /* 0: as many as asked for */
	const struct stage *beside; /* the same by other means, to be done in turn with it */
	int (*init)(struct work *work, struct err *err);
	int (*round)(struct work *work, struct round *round, struct err *err);
	void (*fini)(struct work *work);
};

#define WORK_TRAFFIC(kind) (UINT32_C(1) << (kind))
#define WORK_TRAFFIC_ALL (WORK_TRAFFIC(TRAFFIC_KIND_COUNT) - 1)
/* Of a table that knows no packets, the kind says nothing: any one. */
#define WORK_TRAFFIC_NONE WORK_TRAFFIC(TRAFFIC_ESTABLISHED)

extern const struct stage work_source, work_parse, work_hash;
extern const struct stage work_tracker;
extern const struct stage work_pipeline, work_undetected;
extern const struct stage work_table_hit, work_table_miss, work_table_insert, work_table_flood;
extern const struct stage work_rte_hit, work_rte_miss, work_rte_insert, work_rte_flood;

#endif /* BENCH_WORK_H */
