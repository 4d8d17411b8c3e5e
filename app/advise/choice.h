/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Which setting to recommend.
 *
 * Those are considered that err least, in floods missed and false alarms together, and among
 * these miss least. A few captures cannot tell more of their delays than a tick is long: of
 * those that are as fast as the fastest but for a tick, the one is chosen that is nearest to
 * the present setting, which is itself the nearest.
 */

#ifndef APP_ADVISE_CHOICE_H
#define APP_ADVISE_CHOICE_H

#include "app/advise/grid.h"
#include "app/advise/score.h"

/** @return The index of the recommended one. @p count is 1 at least. */
uint32_t choice_make(const struct setting *settings, const struct score *scores, uint32_t count);

/** How many errors a setting makes. */
static inline uint64_t
choice_errors(const struct score *score)
{
	return (uint64_t)score->missed + score->false_alarms;
}

#endif /* APP_ADVISE_CHOICE_H */
