/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Who keeps an eye on workers and links, and what is done about what it sees:
 * - a worker whose turns stand still is said to be stalled;
 * - one that found its queues full in every turn for long cannot keep up: with `fail: open` it
 *   forwards without tracking, until it has had time to spare for long;
 * - a port without link gets nothing to send; the other side of its wire is taken down too, so
 *   that who is behind it notices, and comes back with it.
 *
 * Called by the control thread each tick; time is an argument. What it finds it tells to
 * whoever it was given, as wire events.
 */

#ifndef APP_RUN_WATCH_H
#define APP_RUN_WATCH_H

#include "app/run/appliance.h"
#include "config/config.h"
#include "observe/wire_json.h"

#include <stdbool.h>
#include <stdint.h>

/* How a worker fares, from tick to tick. */
struct watch_load {
	uint64_t turns; /* as of the last tick */
	uint64_t full_turns;
	uint64_t moved_us; /* when its turns were last seen to go on */
	uint64_t full_since_us; /* every turn was full since; 0: not so */
	uint64_t spare_since_us; /* most turns were not; 0: not so */
};

/* What a tick says of a load. */
enum watch_finding {
	WATCH_NOTHING,
	WATCH_OVERLOADED, /* it could not keep up for long */
	WATCH_RELIEVED, /* it has had time to spare for long */
};

struct watch_thread {
	struct watch_load load;
	bool is_stalled;
	bool is_overloaded; /* and forwards without tracking for that */
	uint64_t stalled_since_us;
	uint64_t bypass_since_us;
};

struct watch_port {
	bool is_known; /* its link was asked for at least once */
	bool is_there;
	bool is_up;
	bool is_held_down; /* by us, for the other side's sake */
	uint32_t speed_mbps;
	uint64_t patience_us; /* until then no link is no news: it is coming up */
};

struct watch_params {
	uint64_t stalled_after_us;
	uint64_t overload_after_us;
	uint64_t overload_until_us;
	bool fails_open;
};

struct watch {
	struct appliance *appliance;
	const struct config *config; /* names and what may be done; the control thread's */
	struct watch_thread threads[STATUS_WORKERS_MAX];
	struct watch_port ports[STATUS_PORTS_MAX];
	void (*tell)(void *context, const struct wire_event *event);
	void (*set_bypass)(void *context, uint32_t worker, bool bypassed);
	void *context;
};

void watch_init(struct watch *watch, uint64_t now_us);

void watch_tick(struct watch *watch, uint64_t now_us);

/** Let links come up again that were held down: the end is near. */
void watch_release_links(struct watch *watch);

/**
 * Judge a load; the part of watch_tick() that needs no worker.
 *
 * @param turns, full_turns
 *   The worker's counters now.
 */
enum watch_finding watch_judge(struct watch_load *load, const struct watch_params *params,
		uint64_t turns, uint64_t full_turns, uint64_t now_us);

#endif /* APP_RUN_WATCH_H */
