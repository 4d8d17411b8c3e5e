/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a running appliance cannot take from a new configuration.
 */

#ifndef CONFIG_CONFIG_FIXED_H
#define CONFIG_CONFIG_FIXED_H

#include "base/err_list.h"
#include "config/config.h"

#include <stddef.h>

/**
 * @param[out] errors
 *   Gets a sentence for each key that differs and is not CONFIG_LIVE; may be NULL.
 * @return
 *   How many these are; 0: @p wanted can take the place of @p running.
 */
size_t config_fixed_changes(
		const struct config *running, const struct config *wanted, struct err_list *errors);

#endif /* CONFIG_CONFIG_FIXED_H */
