/* SPDX-License-Identifier: Apache-2.0 */

#include "app/advise/sighting.h"

#include <stdlib.h>

#define ROOM_AT_FIRST 16

/* Those under way are among the last. */
static struct sighting *
find(struct sightings *sightings, uint32_t id)
{
	for (uint32_t i = sightings->count; i > 0; i--)
		if (sightings->list[i - 1].id == id)
			return &sightings->list[i - 1];
	return NULL;
}

static bool
make_room(struct sightings *sightings)
{
	const uint32_t room = sightings->room == 0 ? ROOM_AT_FIRST : 2 * sightings->room;
	struct sighting *list;

	if (sightings->count < sightings->room)
		return true;
	if (room > SIGHTINGS_MAX)
		return false;
	list = realloc(sightings->list, room * sizeof(*list));
	if (list == NULL)
		return false;
	sightings->list = list;
	sightings->room = room;
	return true;
}

static void
begin(struct sightings *sightings, const struct alarm *alarm)
{
	if (!make_room(sightings)) {
		sightings->more++;
		return;
	}
	sightings->list[sightings->count++] = (struct sighting){
		.id = alarm->id,
		.target = target_of_alarm(alarm),
		.onset_us = alarm->onset_us,
		.told_us = alarm->time_us,
		.ended_us = UINT64_MAX,
		.is_down = alarm->kind == FLOOD_SERVER_DOWN,
	};
}

void
sightings_note(struct sightings *sightings, const struct alarm *alarm)
{
	struct sighting *sighting;

	if (alarm->phase == ALARM_START) {
		begin(sightings, alarm);
		return;
	}
	sighting = find(sightings, alarm->id);
	if (sighting == NULL)
		return;
	if (sighting->is_down && alarm->kind != FLOOD_SERVER_DOWN) {
		sighting->is_down = false;
		sighting->told_us = alarm->time_us;
	}
	if (alarm->phase == ALARM_END)
		sighting->ended_us = alarm->ended_us;
}

void
sightings_free(struct sightings *sightings)
{
	free(sightings->list);
	*sightings = (struct sightings){ 0 };
}
