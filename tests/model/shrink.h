/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * From a seed that shows a difference to the shortest sequence found that still does.
 */

#ifndef MODEL_SHRINK_H
#define MODEL_SHRINK_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Compare both trackers on one seed.
 *
 * @param print
 *   Where they differ, shrink the sequence and print it with both answers.
 * @return
 *   Whether they agree.
 */
bool shrink_unless_agreed(uint64_t seed, bool print);

#endif /* MODEL_SHRINK_H */
