/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The configuration that a command line asks for: `-c FILE` and `--set KEY=VALUE`.
 */

#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include "base/err_list.h"
#include "config/config.h"

#include <stddef.h>

/**
 * The defaults, then the file, then the settings of the command line; and whether all these
 * go together.
 *
 * @param path
 *   NULL: no file.
 * @param sets
 *   What each `--set` gave, in order; the last of a key counts.
 * @param[out] errors
 *   Gets a sentence for each mistake.
 * @return
 *   0; a negative errno value after a mistake, and @p config is of no use.
 */
int settings_load(const char *path, const char *const *sets, size_t n_sets, struct config *config,
		struct err_list *errors);

#endif /* APP_SETTINGS_H */
