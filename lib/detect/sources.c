/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/sources.h"
void
sources_reset(struct sources *sources)
{
	*sources = (struct sources){ 0 };
}
void
sources_add(struct sources *sources, const uint64_t addr[2], bool ipv6, uint64_t hash)
{
	(void)sources;
	(void)addr;
	(void)ipv6;
	(void)hash;
}
void
sources_merge(struct sources *sources, const struct sources *more)
{
	(void)sources;
	(void)more;
}
double
sources_estimate(const struct sources *sources)
{
	(void)sources;
	return 0;
}
