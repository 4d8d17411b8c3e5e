/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The floods that are in the captures, by which settings are judged: as the user says, or,
 * where nobody says anything, those that more than half of the settings tell of.
 */

#ifndef APP_ADVISE_TRUE_FLOODS_H
#define APP_ADVISE_TRUE_FLOODS_H

#include "app/advise/cluster.h"
#include "app/advise/target.h"

struct true_flood {
	struct target target;
	uint64_t from_us, to_us;
	uint32_t votes; /* settings that tell of it; 0 where the user does */
};

struct true_floods {
	bool are_voted; /* else the user says so */
	uint32_t count;
	struct true_flood list[CLUSTERS_MAX];
};

/**
 * As the user says.
 *
 * @return
 *   0, or -EINVAL with the sentence in @p err: there are no frames at that time.
 */
int true_floods_claimed(struct true_floods *floods, const struct claim *claims, uint32_t count,
		uint64_t first_us, uint64_t last_us, struct err *err);

/** As settings vote. A flood is from the median of their onsets to the median of their ends. */
void true_floods_voted(struct true_floods *floods, struct clusters *clusters, uint32_t settings);

#endif /* APP_ADVISE_TRUE_FLOODS_H */
