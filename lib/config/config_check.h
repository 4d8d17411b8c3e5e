/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What is wrong between keys, each of which is right alone. What depends on the machine, such
 * as whether a port or a core exists, is left to whoever opens it.
 */

#ifndef CONFIG_CONFIG_CHECK_H
#define CONFIG_CONFIG_CHECK_H

#include "base/err_list.h"
#include "config/config.h"

struct config_doubt;

/**
 * @param config
 *   As config_load() and config_set() made it.
 * @param[out] errors
 *   Gets a sentence, with the keys' names, for each mistake; may be NULL.
 * @return
 *   0, or -EINVAL after a mistake.
 */
int config_check(const struct config *config, struct err_list *errors);

/** The same, and what an appliance must have that a replay need not: a wire. */
int config_check_run(const struct config *config, struct err_list *errors);

/** The layer's own: only what no key in doubt has a part in. */
int config_check_sure(const struct config *config, const struct config_doubt *doubt,
		struct err_list *errors);

#endif /* CONFIG_CONFIG_CHECK_H */
