/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One number, switch or choice: from the operator's words and back. The layer's own.
 */

#ifndef CONFIG_CONFIG_VALUE_H
#define CONFIG_CONFIG_VALUE_H

#include "base/err.h"
#include "config/config_schema.h"

#include <stddef.h>
#include <stdint.h>

/* Room for any value or range in words. */
#define CONFIG_VALUE_TEXT 96

/**
 * @param key
 *   Of a type whose member is a number, but no CONFIG_SET.
 * @return
 *   0, or -EINVAL with "must be ..., got ..." in @p err.
 */
int config_value_parse(
		const struct config_key *key, const char *text, uint64_t *value, struct err *err);

/** The shortest text that config_value_parse() takes for this value. */
void config_value_print(const struct config_key *key, uint64_t value, char *text, size_t size);

/** What values the key takes: "a number from 1 to 127". */
void config_value_describe(const struct config_key *key, char *text, size_t size);

#endif /* CONFIG_CONFIG_VALUE_H */
