/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The settings that are tried: the present one, and each that differs from it in one or two
 * keys by a step or a few. What differs in more nobody would dare to take from a few captures.
 */

#ifndef APP_ADVISE_GRID_H
#define APP_ADVISE_GRID_H

#include "detect/detector.h"

#include <stdint.h>

/* The keys of the section flood that differ. */
enum grid_key {
	GRID_MIN_SYN,
	GRID_MIN_SLOW_SYN,
	GRID_COMPLETION,
	GRID_WINDOW,
	GRID_KEY_COUNT,
};

enum grid_unit {
	GRID_PPS,
	GRID_PERCENT,
	GRID_TICKS,
};

#define GRID_MAX 64

struct setting {
	uint32_t value[GRID_KEY_COUNT];
	uint32_t changes; /* keys that differ from the present setting */
	uint32_t steps; /* that these are away from it, in all */
};

const char *grid_key_word(enum grid_key key);
enum grid_unit grid_key_unit(enum grid_key key);

/**
 * @param[out] settings
 *   Room for GRID_MAX; the present one is the first, and nearer ones come before others. All
 *   are such as a configuration may hold.
 * @return
 *   How many there are.
 */
uint32_t grid_make(const struct detector_params *present, struct setting *settings);

/** The values that a detector's parameters hold. */
struct setting grid_setting_of(const struct detector_params *params);

/** The other way round: what a setting has no say in stays. */
void grid_apply(const struct setting *setting, struct detector_params *params);

#endif /* APP_ADVISE_GRID_H */
