/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The rows of CONFIG_SECTIONS as data, for those who walk over all keys. The layer's own.
 */

#ifndef CONFIG_CONFIG_SCHEMA_H
#define CONFIG_CONFIG_SCHEMA_H

#include "config/config.h"

#include <stddef.h>
#include <stdint.h>

enum config_type {
	CONFIG_NUMBER,
	CONFIG_POWER_OF_TWO,
	CONFIG_DURATION, /* 2h, 90m, 120s, 250ms, 50us; a plain number is seconds */
	CONFIG_SWITCH, /* true or false */
	CONFIG_CHOICE, /* one of a few words */
};

struct config_key {
	const char *path; /* section.name */
	const char *name;
	enum config_type type;
	uint64_t min;
	uint64_t max;
	const char *standard; /* the default, as a file would have it */
	const char *choices; /* with CONFIG_CHOICE: words, separated by spaces */
	const char *help;
	size_t offset; /* of the uint64_t in struct config */
};

struct config_section {
	const char *name;
	const char *help;
	const struct config_key *keys;
	size_t key_count;
};

/** All sections, in the order in which they are shown. */
const struct config_section *config_schema_sections(size_t *count);

/** NULL: there is no such section. */
const struct config_section *config_schema_section(const char *name);

/** The key of a whole path; NULL: there is none. */
const struct config_key *config_schema_key(const char *path);

/** What a message says of a key or section that does not exist: "unknown key; did you mean ...?" */
void config_schema_unknown(const char *path, struct err *why);

#endif /* CONFIG_CONFIG_SCHEMA_H */
