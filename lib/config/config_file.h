/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A configuration file. The layer's own; others call config_load().
 */

#ifndef CONFIG_CONFIG_FILE_H
#define CONFIG_CONFIG_FILE_H

#include "base/err_list.h"
#include "config/config.h"
#include "config/config_schema.h"

#include <stdint.h>

/* A file that is larger is none of ours. */
#define CONFIG_FILE_MAX (UINT32_C(1) << 16) /* bytes */

/** As config_load(), but @p config may be half changed after an error. */
int config_file_read(struct config *config, const char *path, struct err_list *errors);

/** As config_peek(), but @p config may be half changed after an error. */
int config_file_peek(struct config *config, const char *path, const struct config_key *wanted,
		struct err_list *errors);

#endif /* CONFIG_CONFIG_FILE_H */
