/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/schedule.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define ROOM_FIRST 1024

void
schedule_init(struct schedule *schedule)
{
	*schedule = (struct schedule){ 0 };
}

void
schedule_fini(struct schedule *schedule)
{
	for (uint32_t i = 0; i < schedule->count; i++)
		free(schedule->heap[i].dialogue);
	for (uint32_t i = 0; i < schedule->idle_count; i++)
		free(schedule->idle[i]);
	free(schedule->heap);
	free(schedule->idle);
}

static int
make_room(struct schedule *schedule)
{
	uint32_t room = schedule->room == 0 ? ROOM_FIRST : 2 * schedule->room;
	struct schedule_entry *heap;
	struct dialogue **idle;

	if (room <= schedule->room)
		return -ENOMEM;
	heap = reallocarray(schedule->heap, room, sizeof(*heap));
	if (heap == NULL)
		return -ENOMEM;
	schedule->heap = heap;
	idle = reallocarray(schedule->idle, room, sizeof(struct dialogue *));
	if (idle == NULL)
		return -ENOMEM;
	schedule->idle = idle;
	schedule->room = room;
	return 0;
}

static bool
is_before(const struct schedule_entry *a, const struct schedule_entry *b)
{
	return a->time_us != b->time_us ? a->time_us < b->time_us : a->serial < b->serial;
}

static void
sift_up(struct schedule *schedule, uint32_t at)
{
	struct schedule_entry entry = schedule->heap[at];

	while (at > 0 && is_before(&entry, &schedule->heap[(at - 1) / 2])) {
		schedule->heap[at] = schedule->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	schedule->heap[at] = entry;
}

static void
sift_down(struct schedule *schedule, uint32_t at)
{
	struct schedule_entry entry = schedule->heap[at];
	uint32_t child;

	while ((child = 2 * at + 1) < schedule->count) {
		if (child + 1 < schedule->count &&
				is_before(&schedule->heap[child + 1], &schedule->heap[child]))
			child++;
		if (!is_before(&schedule->heap[child], &entry))
			break;
		schedule->heap[at] = schedule->heap[child];
		at = child;
	}
	schedule->heap[at] = entry;
}

int
schedule_add(struct schedule *schedule, const struct dialogue *dialogue)
{
	struct dialogue *copy;

	if (schedule->count == schedule->room && make_room(schedule) < 0)
		return -ENOMEM;
	copy = schedule->idle_count > 0 ? schedule->idle[--schedule->idle_count]
					: malloc(sizeof(*copy));
	if (copy == NULL)
		return -ENOMEM;
	*copy = *dialogue;
	schedule->heap[schedule->count] = (struct schedule_entry){
		.time_us = copy->time_us,
		.serial = schedule->serial++,
		.dialogue = copy,
	};
	sift_up(schedule, schedule->count++);
	return 0;
}

struct dialogue *
schedule_first(const struct schedule *schedule)
{
	return schedule->count > 0 ? schedule->heap[0].dialogue : NULL;
}

void
schedule_update_first(struct schedule *schedule)
{
	schedule->heap[0].time_us = schedule->heap[0].dialogue->time_us;
	sift_down(schedule, 0);
}

void
schedule_remove_first(struct schedule *schedule)
{
	schedule->idle[schedule->idle_count++] = schedule->heap[0].dialogue;
	schedule->heap[0] = schedule->heap[--schedule->count];
	if (schedule->count > 0)
		sift_down(schedule, 0);
}
