/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/control.h"
#include "log/log.h"

#include <stdio.h>

static void
log_event(const struct wire_event *event)
{
	char worker[32] = "";

	if (event->worker != WIRE_NO_WORKER)
		snprintf(worker, sizeof(worker), " worker %d", event->worker);
	log_line(LOG_WEIGHT_INFO, "%s%s%s%s%s%s%s%s%s%s", wire_json_what_word(event->what),
			event->wire != NULL ? " wire " : "", event->wire != NULL ? event->wire : "",
			event->port != NULL ? " port " : "", event->port != NULL ? event->port : "",
			event->output != NULL ? " " : "",
			event->output != NULL ? event->output : "", worker,
			event->detail != NULL ? ": " : "",
			event->detail != NULL ? event->detail : "");
}

void
control_tell(struct control *control, const struct wire_event *event)
{
	log_event(event);
	outputs_wire_event(control->outputs, event, appliance_now_us(control->appliance));
}
