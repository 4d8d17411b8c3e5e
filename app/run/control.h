/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The control thread: takes the workers' events and writes them down, makes alarms of what they
 * report of victims, keeps an eye on workers and links, answers who asks, follows signals, and brings all to rest in the end.
 *
 * It may wait, log and allocate, but for nobody in particular: each thing it deals with is
 * bounded, and if it stalls all the same, the workers go on.
 */

#ifndef APP_RUN_CONTROL_H
#define APP_RUN_CONTROL_H

#include "app/ask/control_server.h"
#include "app/ask/event_loop.h"
#include "app/ask/http_server.h"
#include "app/run/answers.h"
#include "app/run/appliance.h"
#include "app/run/control_invariants.h"
#include "app/run/evidence.h"
#include "app/run/hook.h"
#include "app/run/letters.h"
#include "app/run/outputs.h"
#include "app/run/report_round.h"
#include "app/run/service.h"
#include "app/run/watch.h"
#include "config/config.h"
#include "detect/detector.h"
#include "observe/services.h"
#include "observe/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the configuration comes from, for a reload. */
struct control_source {
	const char *path;
	const char *const *sets; /* each `--set KEY=VALUE` */
	size_t n_sets;
};

struct control {
	struct control_source source;
	struct config config; /* in force */
	struct appliance *appliance;
	struct event_loop loop;
	struct event_handler signal_handler;
	int signals; /* descriptor; -1: none */
	struct outputs *outputs;
	struct services *services;
	struct detector *detector; /* NULL: nothing is detected */
	struct report_round round;
	struct evidence *evidence; /* NULL: attacks are not captured */
	struct hook *hook; /* NULL: no program is run for events */
	struct watch watch;
	struct letters letters;
	struct answers answers;
	struct control_server *server;
	struct http_server *http;
	bool has_telemetry;
	struct service_watch service;
	struct status status;
	struct control_invariants invariants;
	bool is_bypassed; /* the operator said so */
	uint64_t bypassed_since_us;
	bool is_stopping;
	uint64_t stop_deadline_us;
	uint64_t tick_us; /* when the next one is due */
	uint64_t stats_us; /* when the next stats event is due */
};

/**
 * Open everything that needs no port: outputs, sockets, signals. Before DPDK starts, so that its
 * threads leave the signals to this one.
 *
 * @param control
 *   With source and config; all else is zero.
 * @param errors
 *   Gets a sentence for each thing that could not be opened; control_fini() in any case.
 */
int control_init(struct control *control, struct appliance *appliance, struct err_list *errors);

/** DPDK runs: answer its telemetry, too. */
int control_open_telemetry(struct control *control, struct err *err);

/**
 * Attend to the running appliance until a signal says stop, and then until it has come to rest.
 *
 * @return
 *   0; -ETIMEDOUT if a worker did not come to rest, and nothing more may be done with it.
 */
int control_run(struct control *control);

/** The status as it is now. */
const struct status *control_look(struct control *control);

/** Have an event of the appliance itself written, and the log say so. */
void control_tell(struct control *control, const struct wire_event *event);

void control_fini(struct control *control);

#endif /* APP_RUN_CONTROL_H */
