/* SPDX-License-Identifier: Apache-2.0 */

#include "emitted.h"

static bool
emitted_add(struct emitted_queue *queue, const struct event *event, enum event_kind kind,
		uint64_t now_us)
{
	struct emitted *line = &queue->lines[(queue->first + queue->count) % EMITTED_MAX];
	struct record record;
	size_t len;

	if (queue->count == EMITTED_MAX)
		return false;
	event_to_record(event, &record);
	len = event_json_write(&queue->writer, &record, kind, event->time_us, line->json);
	line->json[len - 1] = '\0';
	line->kind = kind;
	line->event_us = event->time_us;
	line->now_us = now_us;
	queue->count++;
	return true;
}

bool
emitted_take(struct emitted_queue *queue, struct pipeline *pipeline, uint64_t now_us)
{
	/* An event of several kinds is written in this order. */
	static const enum event_kind kinds[] = { EVENT_INCOMPLETE_HANDSHAKE, EVENT_RST,
		EVENT_CONNECTION };
	struct event_batch *batch = pipeline_events(pipeline);
	bool fits = true;

	for (uint32_t i = 0; i < batch->count; i++)
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			if ((batch->events[i].kinds & kinds[k]) != 0)
				fits = emitted_add(queue, &batch->events[i], kinds[k], now_us) &&
						fits;
	batch->count = 0;
	return fits;
}

const struct emitted *
emitted_head(const struct emitted_queue *queue)
{
	return queue->count == 0 ? NULL : &queue->lines[queue->first];
}

void
emitted_pop(struct emitted_queue *queue)
{
	queue->first = (queue->first + 1) % EMITTED_MAX;
	queue->count--;
}
