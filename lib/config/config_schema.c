/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_schema.h"

#include "base/compiler.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define ROW(section, key, member, type, min, max, standard, choices, help) \
	{ #section "." #key, #key, type, min, max, standard, choices, help, \
		offsetof(struct config, section.member) },
#define ROWS(section, rows, help) \
	static const struct config_key section##_keys[] = { rows(ROW, section) };
CONFIG_SECTIONS(ROWS)

#define SECTION(section, rows, help) { #section, help, section##_keys, ARRAY_LEN(section##_keys) },
static const struct config_section sections[] = { CONFIG_SECTIONS(SECTION) };

const struct config_section *
config_schema_sections(size_t *count)
{
	*count = ARRAY_LEN(sections);
	return sections;
}

const struct config_section *
config_schema_section(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	return NULL;
}

const struct config_key *
config_schema_key(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		for (size_t k = 0; k < sections[i].key_count; k++)
			if (strcmp(sections[i].keys[k].path, path) == 0)
				return &sections[i].keys[k];
	return NULL;
}

/* Longer words are told apart by their beginnings alone. */
#define COMPARED_MAX 63

/* Levenshtein's: how many letters to put in, take out or change. One row of the matrix. */
static size_t
edit_distance(const char *a, const char *b)
{
	size_t len_a = strnlen(a, COMPARED_MAX);
	size_t len_b = strnlen(b, COMPARED_MAX);
	size_t row[COMPARED_MAX + 1];

	for (size_t j = 0; j <= len_b; j++)
		row[j] = j;
	for (size_t i = 1; i <= len_a; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len_b; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]);
			size_t shift = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

			diagonal = row[j];
			row[j] = change < shift ? change : shift;
		}
	}
	return row[len_b];
}

/* The key or section that @p path was most likely meant to be, and how far off it is. */
static const char *
nearest_to(const char *path, size_t *least)
{
	const char *nearest = NULL;

	*least = SIZE_MAX;
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		const struct config_section *section = &sections[i];

		for (size_t k = 0; k <= section->key_count; k++) {
			bool is_key = k < section->key_count;
			const char *known = is_key ? section->keys[k].path : section->name;
			size_t distance = edit_distance(path, known);

			if (distance < *least) {
				*least = distance;
				nearest = known;
			}
		}
	}
	return nearest;
}

void
config_schema_unknown(const char *path, struct err *why)
{
	size_t distance;
	const char *nearest = nearest_to(path, &distance);

	if (2 * distance <= strlen(path) + 1)
		err_set(why, EINVAL, "unknown key; did you mean %s?", nearest);
	else
		err_set(why, EINVAL, "unknown key; 'synwire check' lists all");
}
