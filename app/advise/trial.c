/* SPDX-License-Identifier: Apache-2.0 */

#include "app/advise/trial.h"

#include <errno.h>
#include <stddef.h>

/* One worker; and always the same hash, for the same alarms in the same order. */
#define SEED UINT64_C(0x5eed)

int
trial_init(struct trial *trial, const struct setting *settings, uint32_t count,
		const struct detector_params *present, struct err *err)
{
	for (; trial->count < count; trial->count++) {
		struct detector_params params = *present;

		grid_apply(&settings[trial->count], &params);
		trial->detectors[trial->count] = detector_create(&params, SEED);
		if (trial->detectors[trial->count] == NULL)
			return err_set(err, ENOMEM, "no memory left for %u detectors", count);
	}
	return 0;
}

static void
hear(struct trial *trial, uint32_t i)
{
	struct alarm alarm;

	while (detector_next(trial->detectors[i], &alarm))
		if (alarm.type == ALARM_SYN_FLOOD)
			sightings_note(&trial->sightings[i], &alarm);
}

void
trial_take(struct trial *trial, const struct detect_report *report)
{
	for (uint32_t i = 0; i < trial->count; i++) {
		detector_take(trial->detectors[i], report);
		detector_judge(trial->detectors[i], report->tick);
		hear(trial, i);
	}
}

void
trial_finish(struct trial *trial)
{
	for (uint32_t i = 0; i < trial->count; i++) {
		detector_finish(trial->detectors[i]);
		hear(trial, i);
	}
}

void
trial_fini(struct trial *trial)
{
	for (uint32_t i = 0; i < trial->count; i++) {
		detector_destroy(trial->detectors[i]);
		sightings_free(&trial->sightings[i]);
	}
	*trial = (struct trial){ 0 };
}
