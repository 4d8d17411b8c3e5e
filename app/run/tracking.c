/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/tracking.h"

#include "log/log.h"

#include <stdlib.h>

/* A worker tracks if neither the operator nor its load says otherwise. */
void
tracking_post(struct control *control, uint32_t worker)
{
	struct letter *letter = letters_new(MAIL_TRACKING, worker);

	if (letter == NULL)
		return;
	letter->mail.tracking = !control->is_bypassed &&
			!control->watch.threads[worker].is_overloaded;
	if (letters_post(&control->letters, control->appliance, letter))
		return;
	log_line(LOG_WEIGHT_ERROR, "worker %u has stopped reading its letters", worker);
	free(letter);
}

void
tracking_set_bypass(struct control *control, bool bypassed)
{
	const uint64_t since_us = control->bypassed_since_us;

	if (bypassed == control->is_bypassed)
		return;
	control->is_bypassed = bypassed;
	control->bypassed_since_us = bypassed ? appliance_now_us(control->appliance) : 0;
	for (uint32_t w = 0; w < control->appliance->layout.worker_count; w++)
		tracking_post(control, w);
	control_tell(control,
			&(struct wire_event){
					.what = bypassed ? WIRE_BYPASS_ON : WIRE_BYPASS_OFF,
					.worker = WIRE_NO_WORKER,
					.reason = WIRE_OPERATOR,
					.since_us = since_us,
			});
}
