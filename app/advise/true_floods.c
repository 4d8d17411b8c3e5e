/* SPDX-License-Identifier: Apache-2.0 */

#include "app/advise/true_floods.h"

#include "app/advise/median.h"

#include <errno.h>

int
true_floods_claimed(struct true_floods *floods, const struct claim *claims, uint32_t count,
		uint64_t first_us, uint64_t last_us, struct err *err)
{
	floods->are_voted = false;
	floods->count = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct true_flood *flood = &floods->list[floods->count++];

		*flood = (struct true_flood){
			.target = claims[i].target,
			.from_us = moment_us(&claims[i].from, first_us),
			.to_us = moment_us(&claims[i].to, first_us),
		};
		if (flood->to_us <= flood->from_us)
			return err_set(err, EINVAL, "--flood %s: it ends before it begins",
					claims[i].text);
		if (flood->from_us > last_us || flood->to_us < first_us)
			return err_set(err, EINVAL,
					"--flood %s: no packet of the captures is of that time, "
					"they last %.1f seconds",
					claims[i].text,
					(double)usec_since(first_us, last_us) /
							(double)USEC_PER_SEC);
	}
	return 0;
}

void
true_floods_voted(struct true_floods *floods, struct clusters *clusters, uint32_t settings)
{
	floods->are_voted = true;
	floods->count = 0;
	for (uint32_t i = 0; i < clusters->count; i++) {
		struct cluster *cluster = &clusters->list[i];

		if (2 * cluster->votes <= settings)
			continue;
		floods->list[floods->count++] = (struct true_flood){
			.target = cluster->target,
			.from_us = median_of(cluster->onset_us, cluster->votes),
			.to_us = median_of(cluster->ended_us, cluster->votes),
			.votes = cluster->votes,
		};
	}
}
