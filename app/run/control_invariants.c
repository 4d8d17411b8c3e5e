/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/control_invariants.h"

#include "app/run/control.h"
#include "app/worker/self_check.h"
#include "log/log.h"

static void
look_at_worker(struct control *control, uint32_t w)
{
	struct invariant_breach breach;
	char text[INVARIANT_TEXT_MAX];

	if (control->invariants.is_told[w] ||
			!self_check_breach(&control->appliance->workers[w], &breach))
		return;
	control->invariants.is_told[w] = true;
	invariant_text(&breach, text);
	log_line(LOG_WEIGHT_ERROR, "worker %u: does not hold: %s", w, text);
}

void
control_invariants_look(struct control *control)
{
	struct control_invariants *invariants = &control->invariants;
	char text[STATUS_CHECK_TEXT_MAX];
	struct status_totals totals;

	for (uint32_t w = 0; w < control->appliance->layout.worker_count; w++)
		look_at_worker(control, w);
	status_totals_sum(control_look(control), &totals);
	if (status_check(&invariants->sums, &totals, text))
		return;
	invariants->sums_broken++;
	if (!invariants->sums_are_told)
		log_line(LOG_WEIGHT_ERROR, "all workers together: does not hold: %s", text);
	invariants->sums_are_told = true;
}
