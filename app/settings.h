/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The configuration that a command line asks for: `-c FILE` and `--set KEY=VALUE`.
 */

#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include "base/err.h"
#include "config/config.h"

#include <stddef.h>

/**
 * The defaults, then the file, then the settings of the command line.
 *
 * @param path
 *   NULL: no file.
 * @param sets
 *   What each `--set` gave, in order; the last of a key counts.
 * @return
 *   As config_load().
 */
int settings_load(const char *path, const char *const *sets, size_t n_sets, struct config *config,
		struct err *err);

#endif /* APP_SETTINGS_H */
