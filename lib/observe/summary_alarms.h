/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The part of the summary about attacks.
 */

#ifndef OBSERVE_SUMMARY_ALARMS_H
#define OBSERVE_SUMMARY_ALARMS_H

#include "detect/alarm.h"

#include <stdint.h>
#include <stdio.h>

/* Shown, of more. */
#define SUMMARY_ALARMS_SHOWN 10

/**
 * Print a title and a row for each, or nothing if there is none.
 *
 * @param alarms
 *   As their last notices said.
 * @param more
 *   So many besides those given.
 * @param first_us
 *   When the run began.
 */
void summary_alarms_print(FILE *out, const struct alarm *const *alarms, uint32_t count,
		uint64_t more, uint64_t first_us);

#endif /* OBSERVE_SUMMARY_ALARMS_H */
