/* SPDX-License-Identifier: Apache-2.0 */

#include "app/worker/self_check.h"

#include "app/worker/worker.h"

#include <stdatomic.h>

bool
self_check_breach(const struct worker *worker, struct invariant_breach *breach)
{
	if (counter_read(&worker->counters.invariants_broken) == 0)
		return false;
	atomic_thread_fence(memory_order_acquire);
	*breach = worker->breach;
	return true;
}

#ifdef SYNWIRE_DEBUG
void
self_check(struct worker *worker)
{
	struct invariant_breach breach;

	if (invariant_step(worker->params.pipeline, &worker->invariants, &breach))
		return;
	if (counter_read(&worker->counters.invariants_broken) == 0)
		worker->breach = breach;
	atomic_thread_fence(memory_order_release);
	counter_add(&worker->counters.invariants_broken, 1);
}
#endif
