/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/control.h"

#include "app/run/control_doors.h"
#include "app/run/control_events.h"
#include "app/run/control_floods.h"
#include "app/run/reload.h"
#include "app/run/tracking.h"
#include "base/compiler.h"
#include "base/usec.h"
#include "log/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define TICK_US (100 * USEC_PER_MSEC)

/* With a full ring this still keeps up with some million events a second. */
#define IDLE_WAIT_MS 5
#define STOPPING_WAIT_MS 1

/* A worker that has not come to rest by then, and tells nothing any more, never will. */
#define STOP_PATIENCE_US (10 * USEC_PER_SEC)

/* For a disk to have the first line, and for it and readers to take the last. */
#define FIRST_PATIENCE_US USEC_PER_SEC
#define LAST_PATIENCE_US (2 * USEC_PER_SEC)

/* The clock on the wall is set, rather than slewed, by more than this. */
#define CLOCK_STEP_US (10 * USEC_PER_MSEC)

static uint64_t
now_us(const struct control *control)
{
	return appliance_now_us(control->appliance);
}

static uint64_t
monotonic_us(const struct control *control)
{
	return now_us(control) - control->appliance->clock_offset_us;
}

static void
tell(void *context, const struct wire_event *event)
{
	control_tell(context, event);
}

static void
tell_what(struct control *control, enum wire_what what)
{
	control_tell(control, &(struct wire_event){ .what = what, .worker = WIRE_NO_WORKER });
}

static void
set_overload(void *context, uint32_t worker, bool bypassed)
{
	(void)bypassed; /* the watch remembers */
	tracking_post(context, worker);
}

static void
set_clock(struct control *control, uint64_t shift_us)
{
	outputs_set_clock(control->outputs, shift_us);
	evidence_set_clock(control->evidence, shift_us);
}

static void
follow_clock(struct control *control)
{
	struct timespec wall;
	uint64_t shift_us;

	clock_gettime(CLOCK_REALTIME, &wall);
	shift_us = (uint64_t)wall.tv_sec * USEC_PER_SEC + (uint64_t)wall.tv_nsec / 1000 -
			now_us(control);
	if ((int64_t)shift_us > (int64_t)CLOCK_STEP_US ||
			(int64_t)shift_us < -(int64_t)CLOCK_STEP_US)
		set_clock(control, shift_us);
	else
		set_clock(control, 0);
}

static void
tell_stats(struct control *control, uint64_t now)
{
	if (now < control->stats_us)
		return;
	if (control->stats_us != 0)
		outputs_stats(control->outputs, control_look(control));
	control->stats_us = now + control->config.stats.interval_us;
}

static void
tell_outputs(struct control *control)
{
	struct outputs_change change;

	while (outputs_next_change(control->outputs, &change))
		control_tell(control,
				&(struct wire_event){
						.what = change.is_ready ? WIRE_OUTPUT_RECOVERED
									: WIRE_OUTPUT_FAILED,
						.output = change.name,
						.worker = WIRE_NO_WORKER,
						.since_us = change.is_ready ? change.since_us : 0,
						.detail = change.is_ready ? NULL : change.trouble,
				});
}

static void
tick(struct control *control)
{
	const uint64_t now = now_us(control), monotonic = monotonic_us(control);

	if (now < control->tick_us)
		return;
	control->tick_us = now + TICK_US;
	follow_clock(control);
	if (!control->is_stopping) {
		watch_tick(&control->watch, now);
		tell_stats(control, now);
	}
	control_invariants_tick(control);
	control_doors_tick(control, monotonic);
	outputs_flush(control->outputs, now);
	tell_outputs(control);
	service_tick(&control->service, monotonic, true);
}

static void
begin_stop(struct control *control)
{
	if (control->is_stopping)
		return;
	control->is_stopping = true;
	control->stop_deadline_us = now_us(control) + STOP_PATIENCE_US;
	service_stopping(&control->service);
	log_line(LOG_WEIGHT_INFO, "stopping: what is in flight is sent first");
}

static void
follow_signal(struct control *control, uint32_t signal)
{
	struct err_list errors = { .count = 0 };

	switch (signal) {
	case SIGHUP:
		if (!control->is_stopping)
			reload(control, &errors);
		break;
	case SIGUSR1:
		outputs_reopen(control->outputs);
		break;
	default:
		begin_stop(control);
		break;
	}
}

static void
read_signals(void *context, uint32_t events)
{
	struct control *control = context;
	struct signalfd_siginfo info;

	(void)events;
	while (read(control->signals, &info, sizeof(info)) == sizeof(info))
		follow_signal(control, info.ssi_signo);
}

/*
 * Those that ask for nothing here would end the process all the same, and cut the wire: a
 * mistaken kill(1) shall not do that. SIGQUIT, and all that tell of a fault, are left alone.
 */
static void
ignore_strays(void)
{
	static const int strays[] = { SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR };

	for (size_t i = 0; i < ARRAY_LEN(strays); i++)
		signal(strays[i], SIG_IGN);
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		signal(number, SIG_IGN);
}

static int
open_signals(struct control *control, struct err *err)
{
	sigset_t signals;

	ignore_strays();
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	control->signals = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (control->signals < 0)
		return err_set(err, errno, "signals cannot be waited for: %s", strerror(errno));
	control->signal_handler = (struct event_handler){ .ready = read_signals,
		.context = control };
	return event_loop_add(
			&control->loop, control->signals, EPOLLIN, &control->signal_handler, err);
}

int
control_init(struct control *control, struct appliance *appliance, struct err_list *errors)
{
	const size_t errors_before = err_list_total(errors);
	uint64_t seed = 0;
	struct err err;

	control->appliance = appliance;
	control->signals = -1;
	control->loop.fd = -1;
	if (event_loop_init(&control->loop, &err) < 0)
		return err_list_add(errors, EIO, "%s", err.text);
	if (getrandom(&seed, sizeof(seed), 0) < 0)
		return err_list_add(errors, EIO, "the kernel gives no random numbers");
	control->services = services_create(seed);
	if (control->services == NULL)
		return err_list_add(errors, ENOMEM, "no memory left for the services");
	outputs_open(&control->config, NULL, &control->outputs, errors);
	control_floods_open(control, errors);
	control_doors_open(control, errors);
	if (open_signals(control, &err) < 0)
		err_list_add(errors, EIO, "%s", err.text);
	return err_list_total(errors) == errors_before ? 0 : -EIO;
}

/* Outputs get a moment to take what waits for them. */
static void
flush_all(struct control *control, bool (*are_busy)(const struct outputs *), uint64_t patience_us)
{
	const uint64_t until_us = now_us(control) + patience_us;
	const struct timespec moment = { .tv_nsec = 1000000 };

	outputs_flush(control->outputs, now_us(control));
	while (are_busy(control->outputs) && now_us(control) < until_us) {
		nanosleep(&moment, NULL);
		outputs_flush(control->outputs, now_us(control));
	}
}

static void
begin(struct control *control)
{
	const struct layout *layout = &control->appliance->layout;
	const uint64_t now = now_us(control);
	char detail[96];

	control->status.started_us = now;
	control->is_bypassed = control->config.top.mode == CONFIG_MODE_BYPASS;
	control->bypassed_since_us = control->is_bypassed ? now : 0;
	control->watch.appliance = control->appliance;
	control->watch.config = &control->config;
	control->watch.tell = tell;
	control->watch.set_bypass = set_overload;
	control->watch.context = control;
	watch_init(&control->watch, now);
	control_floods_begin(control);
	service_init(&control->service, monotonic_us(control));
	snprintf(detail, sizeof(detail), "%u workers, %u receivers, %u ports in %u wires",
			layout->worker_count, layout->receiver_count, layout->port_count,
			layout->wire_count);
	control_tell(control,
			&(struct wire_event){ .what = WIRE_STARTED,
					.worker = WIRE_NO_WORKER,
					.detail = detail });
	/* Who is told that it is ready finds its start written, whatever ends it then. */
	flush_all(control, outputs_are_writing, FIRST_PATIENCE_US);
	service_ready(&control->service, "running");
}

static void
end(struct control *control)
{
	watch_release_links(&control->watch);
	letters_fini(&control->letters);
	answers_go_on(control);
	control_floods_end(control);
	outputs_stats(control->outputs, control_look(control));
	tell_what(control, WIRE_STOPPED);
	flush_all(control, outputs_are_waiting, LAST_PATIENCE_US);
}

int
control_run(struct control *control)
{
	bool at_rest;
	uint32_t drained;

	begin(control);
	do {
		int wait_ms = control->is_stopping ? STOPPING_WAIT_MS : IDLE_WAIT_MS;

		/* What is drained after all have come to rest is the last. */
		at_rest = control->is_stopping && appliance_stop_step(control->appliance);
		drained = control_events_drain(control);
		control_floods_turn(control);
		letters_collect(&control->letters);
		answers_go_on(control);
		tick(control);
		if (drained == 0) /* a socket's queue may be short, and its reader quick */
			outputs_flush(control->outputs, now_us(control));
		if (drained > 0) {
			wait_ms = 0;
			control->stop_deadline_us = now_us(control) + STOP_PATIENCE_US;
		}
		event_loop_run_once(&control->loop, wait_ms);
		if (control->is_stopping && now_us(control) > control->stop_deadline_us)
			return -ETIMEDOUT;
	} while (!at_rest || drained > 0);
	end(control);
	return 0;
}

void
control_fini(struct control *control)
{
	control_doors_close(control);
	control_floods_close(control);
	if (control->signals >= 0)
		close(control->signals);
	outputs_close(control->outputs);
	services_destroy(control->services);
	if (control->loop.fd >= 0)
		event_loop_fini(&control->loop);
}
