/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The values of a YAML text as words, by libcyaml. The layer's own.
 *
 * libcyaml is given a schema that is made of the same rows as everything else. It knows no
 * units and no ranges, so every value is text to it.
 */

#ifndef CONFIG_CONFIG_READ_H
#define CONFIG_CONFIG_READ_H

#include "base/err.h"
#include "config/config_schema.h"

#include <stddef.h>

struct config_read;

/**
 * @param text
 *   Of the shape of the schema; keys that it does not have are passed over.
 * @param[out] out
 *   config_read_destroy() it.
 * @return
 *   0; a negative errno value with a sentence.
 */
int config_read_create(const char *text, size_t len, struct config_read **out, struct err *err);

void config_read_destroy(struct config_read *read);

/** How many groups the text has of a section; 0: it does not name it. */
size_t config_read_groups(const struct config_read *read, const struct config_section *section);

/**
 * The words of a value: one, or those of a list.
 *
 * @return
 *   NULL: the text does not name the key.
 */
const char *const *config_read_words(const struct config_read *read,
		const struct config_section *section, const struct config_key *key, size_t index,
		size_t *count);

#endif /* CONFIG_CONFIG_READ_H */
