/* SPDX-License-Identifier: Apache-2.0 */

#include "pipeline/event.h"

void
event_to_record(const struct event *event, struct record *record)
{
	record_unpack(&event->flow, record);
	record->worker = event->worker;
	record->end = (enum end_how)event->end;
	record->blind = event->blind;
}
