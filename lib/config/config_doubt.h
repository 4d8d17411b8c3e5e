/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The keys of which a file says something wrong. The layer's own.
 *
 * So that each mistake is told once: what follows from a key in doubt is not looked at, and
 * what does not is.
 */

#ifndef CONFIG_CONFIG_DOUBT_H
#define CONFIG_CONFIG_DOUBT_H

#include "config/config_schema.h"

#include <stdbool.h>

/* Zero-initialise. */
struct config_doubt {
	uint64_t keys[CONFIG_SECTION_COUNT]; /* a bit for each of a section's */
};

void config_doubt_add(struct config_doubt *doubt, const struct config_key *key);

/** All keys of a section. */
void config_doubt_add_section(struct config_doubt *doubt, const struct config_section *section);

bool config_doubt_has(const struct config_doubt *doubt, const struct config_key *key);

#endif /* CONFIG_CONFIG_DOUBT_H */
