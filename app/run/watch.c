/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/watch.h"

#include "app/run/watch_link.h"
#include "base/usec.h"

static bool
has_lasted(uint64_t since_us, uint64_t now_us, uint64_t long_us)
{
	return since_us != 0 && usec_since(since_us, now_us) >= long_us;
}

static void
note_since(uint64_t *since_us, bool holds, uint64_t now_us)
{
	if (!holds)
		*since_us = 0;
	else if (*since_us == 0)
		*since_us = now_us;
}

enum watch_finding
watch_judge(struct watch_load *load, const struct watch_params *params, uint64_t turns,
		uint64_t full_turns, uint64_t now_us)
{
	const uint64_t taken = turns - load->turns, full = full_turns - load->full_turns;

	load->turns = turns;
	load->full_turns = full_turns;
	if (taken == 0)
		return WATCH_NOTHING;
	load->moved_us = now_us;
	note_since(&load->full_since_us, full == taken, now_us);
	note_since(&load->spare_since_us, full <= taken / 2, now_us);
	if (has_lasted(load->full_since_us, now_us, params->overload_after_us))
		return WATCH_OVERLOADED;
	if (has_lasted(load->spare_since_us, now_us, params->overload_until_us))
		return WATCH_RELIEVED;
	return WATCH_NOTHING;
}

static void
tell_stall(struct watch *watch, uint32_t id, bool stalled)
{
	const struct watch_thread *thread = &watch->threads[id];

	watch->tell(watch->context,
			&(struct wire_event){
					.what = stalled ? WIRE_WORKER_STALLED
							: WIRE_WORKER_RECOVERED,
					.worker = (int)id,
					.since_us = thread->stalled_since_us,
					.detail = stalled
							? "its turns stand still; frames for it wait"
							  " or are lost at its ports"
							: NULL,
			});
}

static void
check_stall(struct watch *watch, uint32_t id, const struct watch_params *params, uint64_t now_us)
{
	struct watch_thread *thread = &watch->threads[id];
	const bool stalled = usec_since(thread->load.moved_us, now_us) >= params->stalled_after_us;

	if (stalled == thread->is_stalled)
		return;
	thread->is_stalled = stalled;
	if (stalled)
		thread->stalled_since_us = thread->load.moved_us;
	tell_stall(watch, id, stalled);
	if (!stalled)
		thread->stalled_since_us = 0;
}

static void
set_overload(struct watch *watch, uint32_t id, bool overloaded, uint64_t now_us)
{
	struct watch_thread *thread = &watch->threads[id];

	thread->is_overloaded = overloaded;
	watch->set_bypass(watch->context, id, overloaded);
	watch->tell(watch->context,
			&(struct wire_event){
					.what = overloaded ? WIRE_BYPASS_ON : WIRE_BYPASS_OFF,
					.worker = (int)id,
					.reason = WIRE_OVERLOAD,
					.since_us = thread->bypass_since_us,
			});
	thread->bypass_since_us = overloaded ? now_us : 0;
}

static void
check_load(struct watch *watch, uint32_t id, const struct worker_counters *counters,
		const struct watch_params *params, uint64_t now_us)
{
	struct watch_thread *thread = &watch->threads[id];
	const enum watch_finding finding = watch_judge(&thread->load, params,
			counter_read(&counters->turns), counter_read(&counters->full_turns),
			now_us);
	const bool is_worker = id < watch->appliance->layout.worker_count;

	check_stall(watch, id, params, now_us);
	if (!is_worker)
		return; /* a receiver tracks nothing that it could leave */
	if (finding == WATCH_OVERLOADED && params->fails_open && !thread->is_overloaded)
		set_overload(watch, id, true, now_us);
	else if (thread->is_overloaded && (finding == WATCH_RELIEVED || !params->fails_open))
		set_overload(watch, id, false, now_us);
}

void
watch_init(struct watch *watch, uint64_t now_us)
{
	for (uint32_t i = 0; i < STATUS_WORKERS_MAX; i++)
		watch->threads[i].load.moved_us = now_us;
	watch_link_init(watch, now_us);
}

void
watch_tick(struct watch *watch, uint64_t now_us)
{
	const struct config *config = watch->config;
	const struct layout *layout = &watch->appliance->layout;
	const struct watch_params params = {
		.stalled_after_us = config->workers.stalled_after_us,
		.overload_after_us = config->overload.after_us,
		.overload_until_us = config->overload.until_us,
		.fails_open = config->top.fail == CONFIG_FAIL_OPEN,
	};

	for (uint32_t w = 0; w < layout->worker_count; w++)
		check_load(watch, w, &watch->appliance->workers[w].counters, &params, now_us);
	for (uint32_t r = 0; r < layout->receiver_count; r++)
		check_load(watch, layout->worker_count + r,
				&watch->appliance->receivers[r].counters, &params, now_us);
	watch_link_tick(watch, now_us);
}
