/* SPDX-License-Identifier: Apache-2.0 */

/* DPDK 22.11 does not promise to keep its waiting instructions' names; later ones did. */
#define ALLOW_EXPERIMENTAL_API

#include "app/worker/idle.h"

#include <sys/prctl.h>
#include <time.h>

#include <rte_cpuflags.h>
#include <rte_cycles.h>
#include <rte_pause.h>
#include <rte_power_intrinsics.h>

/* Between two bursts of a busy wire nobody should rest. */
#define TURNS_BEFORE_REST 64

#define PAUSE_USEC 2
#define PAUSES 16 /* where the processor has nothing better */
#define SLEEP_NSEC 50000

/* Of the thread that rests, so not when the struct is made. */
static void
get_ready(struct idle *idle)
{
	struct rte_cpu_intrinsics has = { 0 };

	rte_cpu_get_intrinsics_support(&has);
	idle->can_pause = has.power_pause;
	idle->pause_ticks = rte_get_tsc_hz() / 1000000 * PAUSE_USEC;
	prctl(PR_SET_TIMERSLACK, 1); /* else the kernel adds 50 us to each sleep */
	idle->is_ready = true;
}

static void
pause_a_little(const struct idle *idle)
{
	if (idle->can_pause && rte_power_pause(rte_get_tsc_cycles() + idle->pause_ticks) == 0)
		return;
	for (int i = 0; i < PAUSES; i++)
		rte_pause();
}

void
idle_rest(struct idle *idle)
{
	const struct timespec nap = { .tv_nsec = SLEEP_NSEC };

	if (idle->turns < TURNS_BEFORE_REST) {
		idle->turns++;
		return;
	}
	if (!idle->is_ready)
		get_ready(idle);
	switch ((enum idle_mode)atomic_load_explicit(&idle->mode, memory_order_relaxed)) {
	case IDLE_POLL:
		break;
	case IDLE_PAUSE:
		pause_a_little(idle);
		break;
	case IDLE_SLEEP:
		nanosleep(&nap, NULL);
		break;
	}
}
