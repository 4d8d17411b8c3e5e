/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The rows of CONFIG_SECTIONS as data, for those who walk over all keys. The layer's own.
 */

#ifndef CONFIG_CONFIG_SCHEMA_H
#define CONFIG_CONFIG_SCHEMA_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_ONE_MORE(...) +1
#define CONFIG_SECTION_COUNT (0 CONFIG_SECTIONS(CONFIG_ONE_MORE, CONFIG_ONE_MORE, CONFIG_ONE_MORE))

/* A section has no more keys than this. */
#define CONFIG_KEYS_MAX 16

/* Room for the path of a key, with the position in its list. */
#define CONFIG_PATH_LEN 64

enum config_type {
	CONFIG_NUMBER,
	CONFIG_OCTAL, /* 0600 */
	CONFIG_POWER_OF_TWO,
	CONFIG_SIZE, /* 64KiB, 10MiB, 1GiB; a plain number is bytes */
	CONFIG_DURATION, /* 2h, 90m, 120s, 250ms, 50us; a plain number is seconds */
	CONFIG_SWITCH, /* true or false */
	CONFIG_CHOICE, /* one of a few words */
	CONFIG_TEXT, /* printable characters */
	CONFIG_NAME, /* a text of letters, digits, '.', '_' and '-' */
	CONFIG_CORES, /* a text that core_list.h takes */
	CONFIG_ADDRESS, /* a text: an IPv4 or IPv6 address */
	CONFIG_SET, /* a list of some of a few words */
	CONFIG_WORDS, /* a list of texts */
};

enum config_when {
	CONFIG_FIXED,
	CONFIG_LIVE,
};

struct config_key {
	const char *path; /* mode, tcp.syn_retries, wires[].mtu */
	const char *name;
	enum config_type type;
	enum config_when when;
	uint64_t min;
	uint64_t max;
	const char *standard;
	const char *choices;
	const char *help;
	size_t offset; /* in struct config_<section> */
};

enum config_form {
	CONFIG_FORM_TOP, /* its keys stand at the top */
	CONFIG_FORM_GROUP,
	CONFIG_FORM_LIST, /* of groups */
};

struct config_section {
	const char *name;
	const char *help;
	enum config_form form;
	const struct config_key *keys;
	size_t key_count;
	size_t offset; /* in struct config */
	size_t size; /* of one group */
	size_t max; /* groups */
	size_t count_offset; /* of their number, a size_t in struct config, with CONFIG_FORM_LIST */
};

/** All sections, in the order in which they are shown. */
const struct config_section *config_schema_sections(size_t *count);

/** NULL: there is no such section. */
const struct config_section *config_schema_section(const char *name);

/** The key of a name within its section; NULL: there is none. */
const struct config_key *config_schema_key(const struct config_section *section, const char *name);

/**
 * The key of a whole path, as in struct config_key.
 *
 * @param[out] section
 *   Its section; may be NULL.
 */
const struct config_key *config_schema_find(
		const char *path, const struct config_section **section);

/** How many groups of keys a configuration has of a section: 1, or the length of the list. */
size_t config_schema_count(const struct config_section *section, const struct config *config);

/** Where a value is, in bytes from the beginning of struct config. */
size_t config_schema_offset(
		const struct config_section *section, const struct config_key *key, size_t index);

/** Whether it is a list of words. */
bool config_schema_is_list(const struct config_key *key);

/** The path for people: "wires[1].mtu". */
void config_schema_path(const struct config_section *section, const struct config_key *key,
		size_t index, char *path, size_t size);

#endif /* CONFIG_CONFIG_SCHEMA_H */
