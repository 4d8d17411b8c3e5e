/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detector.h"

#include <stdlib.h>
struct detector {
	struct detector_counters counters;
};
void
detector_params_default(struct detector_params *params)
{
	*params = (struct detector_params){ .prefixes = { 24, 64 },
		.min_syn_pps = 60,
		.min_slow_syn_pps = 20,
		.max_completion = 0.3,
		.window_ticks = 2,
		.hold_ticks = 100,
		.update_ticks = 100,
		.scan_min_targets = 64,
		.storm_min_pps = 1000 };
}
struct detector *
detector_create(const struct detector_params *p, uint32_t w, uint64_t s)
{
	(void)p;
	(void)w;
	(void)s;
	return calloc(1, sizeof(struct detector));
}
void
detector_destroy(struct detector *d)
{
	free(d);
}
void
detector_retune(struct detector *d, const struct detector_params *p)
{
	(void)d;
	(void)p;
}
void
detector_take(struct detector *d, uint32_t w, const struct detect_report *r)
{
	(void)d;
	(void)w;
	(void)r;
}
void
detector_judge(struct detector *d, uint64_t t)
{
	(void)d;
	(void)t;
}
void
detector_finish(struct detector *d)
{
	(void)d;
}
bool
detector_next(struct detector *d, struct alarm *a)
{
	(void)d;
	(void)a;
	return false;
}
void
detector_note_capture(struct detector *d, uint32_t i, const char *p)
{
	(void)d;
	(void)i;
	(void)p;
}
uint32_t
detector_active(const struct detector *d, const struct alarm **a, uint32_t r)
{
	(void)d;
	(void)a;
	(void)r;
	return 0;
}
uint32_t
detector_ended(const struct detector *d, const struct alarm **a, uint32_t r)
{
	(void)d;
	(void)a;
	(void)r;
	return 0;
}
const struct detector_counters *
detector_counters(const struct detector *d)
{
	return &d->counters;
}
