/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What was meant by a key that does not exist. The layer's own.
 */

#ifndef CONFIG_CONFIG_NEAR_H
#define CONFIG_CONFIG_NEAR_H

#include "base/err.h"
#include "config/config_schema.h"

/**
 * @param path
 *   As in struct config_key, with [] where a list has a position.
 * @param[out] why
 *   "unknown key; did you mean ...?"
 * @param[out] section
 *   The section that was probably meant, where it is one; otherwise NULL.
 * @return
 *   The key that was probably meant, where it is one and no section; NULL: who knows.
 */
const struct config_key *config_near_unknown(
		const char *path, const struct config_section **section, struct err *why);

#endif /* CONFIG_CONFIG_NEAR_H */
