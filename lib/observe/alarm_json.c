/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/alarm_json.h"

#include <inttypes.h>
#include <stdio.h>

size_t
alarm_json_write(struct event_json *json, const struct alarm *alarm, char *out)
{
	char time[TIMESTAMP_LEN];

	timestamp_write(&json->dates, alarm->time_us + json->shift_us, time);
	return (size_t)snprintf(out, ALARM_JSON_LINE_MAX,
			"{\"timestamp\":\"%.*s\",\"event_type\":\"%s\",\"flood_id\":%" PRIu32
			",\"phase\":\"%s\"}\n",
			(int)sizeof(time), time, alarm_type_word(alarm->type), alarm->id,
			alarm_phase_word(alarm->phase));
}
