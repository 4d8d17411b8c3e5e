/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The value of a key, of whatever type. The layer's own.
 */

#ifndef CONFIG_CONFIG_KEY_H
#define CONFIG_CONFIG_KEY_H

#include "base/err.h"
#include "config/config_schema.h"
#include "config/config_text.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for any value as YAML; the longest is a list of texts. */
#define CONFIG_KEY_YAML (CONFIG_WORDS_MAX * (CONFIG_TEXT_YAML + 2) + 2)

/**
 * @param words
 *   @p count texts: of a list as many as it has, otherwise one.
 * @param[out] value
 *   The member in struct config; unchanged after an error.
 * @return
 *   0, or -EINVAL with "must be ..., got ..." in @p err.
 */
int config_key_parse(const struct config_key *key, const char *const *words, size_t count,
		void *value, struct err *err);

/**
 * @param index
 *   Its position, where it is in a list of groups.
 */
void config_key_default(const struct config_key *key, size_t index, void *value);

bool config_key_equal(const struct config_key *key, const void *a, const void *b);

/** As a file has it, on one line. */
void config_key_print(const struct config_key *key, const void *value, char *yaml, size_t size);

/** What it takes. */
void config_key_describe(const struct config_key *key, char *text, size_t size);

#endif /* CONFIG_CONFIG_KEY_H */
