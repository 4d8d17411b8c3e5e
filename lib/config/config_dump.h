/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The configuration as text, for the operator.
 */

#ifndef CONFIG_CONFIG_DUMP_H
#define CONFIG_CONFIG_DUMP_H

#include "config/config.h"

#include <stdio.h>

/** A whole file, with a comment for each key, that config_load() reads back. */
void config_dump_yaml(const struct config *config, FILE *out);

/** docs/configuration.md. */
void config_dump_markdown(FILE *out);

#endif /* CONFIG_CONFIG_DUMP_H */
