/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One text: checked, and as YAML has it. The layer's own.
 */

#ifndef CONFIG_CONFIG_TEXT_H
#define CONFIG_CONFIG_TEXT_H

#include "base/err.h"
#include "config/config_schema.h"

#include <stddef.h>

/* Room for any text as YAML: each letter may need a backslash. */
#define CONFIG_TEXT_YAML (2 * CONFIG_TEXT_LEN + 2)

/**
 * @param key
 *   Of a type whose member is a text, or of CONFIG_WORDS for one of its words.
 * @param[out] value
 *   CONFIG_TEXT_LEN bytes.
 * @return
 *   0, or -EINVAL with "must be ..., got ..." in @p err.
 */
int config_text_parse(const struct config_key *key, const char *text, char *value, struct err *err);

/** In quotes where it needs them. */
void config_text_print(const char *value, char *yaml, size_t size);

/** What texts the key takes: "an IPv4 or IPv6 address". */
void config_text_describe(const struct config_key *key, char *text, size_t size);

#endif /* CONFIG_CONFIG_TEXT_H */
