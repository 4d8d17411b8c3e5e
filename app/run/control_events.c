/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/control_events.h"

#include "pipeline/event.h"

#include <stdlib.h>

#include <rte_ring.h>
#include <rte_ring_elem.h>

#define DRAIN_BURST 32
#define DRAIN_TURNS 64

static void
count_quote_back(void *context, struct letter *letter)
{
	struct control *control = context;

	control->letters.quotes_under_way[letter->worker]--;
}

/* Of a storm of errors only as many as this worker keeps up with; the others get theirs. */
static void
pass_quote_to(struct control *control, uint32_t worker, const struct segment *quote)
{
	uint32_t *under_way = &control->letters.quotes_under_way[worker];
	struct letter *letter;

	if (*under_way == LETTERS_QUOTES_MAX)
		return;
	letter = letters_new(MAIL_QUOTE, worker);
	if (letter == NULL)
		return;
	letter->mail.quote = *quote;
	letter->answered = count_quote_back;
	letter->context = control;
	if (letters_post(&control->letters, control->appliance, letter))
		(*under_way)++;
	else
		free(letter);
}

/* To all but the one that asks. */
static void
pass_quote(struct control *control, const struct event *event)
{
	const uint32_t workers = control->appliance->layout.worker_count;

	if (control->is_stopping)
		return;
	for (uint32_t w = 0; w < workers; w++)
		if (w != event->worker)
			pass_quote_to(control, w, &event->quote);
}

static void
take_event(struct control *control, const struct event *event)
{
	struct record record;

	if (event->kinds == EVENT_QUOTE) {
		pass_quote(control, event);
		return;
	}
	event_to_record(event, &record);
	for (uint32_t kinds = event->kinds; kinds != 0; kinds &= kinds - 1) {
		const enum event_kind kind = kinds & -kinds;

		services_add(control->services, &record, kind);
		outputs_event(control->outputs, &record, kind, event->time_us);
	}
}

/* A bounded number of one worker's; gives how many. */
static uint32_t
drain_worker(struct control *control, struct rte_ring *ring)
{
	struct event events[DRAIN_BURST];
	uint32_t taken = 0;

	for (int turn = 0; turn < DRAIN_TURNS; turn++) {
		const uint32_t count = rte_ring_sc_dequeue_burst_elem(
				ring, events, sizeof(events[0]), DRAIN_BURST, NULL);

		for (uint32_t i = 0; i < count; i++)
			take_event(control, &events[i]);
		taken += count;
		if (count < DRAIN_BURST)
			break;
	}
	return taken;
}

uint32_t
control_events_drain(struct control *control)
{
	const struct appliance *appliance = control->appliance;
	uint32_t taken = 0;

	for (uint32_t w = 0; w < appliance->layout.worker_count; w++)
		taken += drain_worker(control, appliance->workers[w].params.events);
	return taken;
}
