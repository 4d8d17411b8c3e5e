/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_near.h"

#include <errno.h>
#include <string.h>

/* Longer words are told apart by their beginnings alone. */
#define COMPARED_MAX 63

struct near {
	const char *path;
	const struct config_key *key; /* NULL: a section */
	size_t distance;
};

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

static void
consider(struct near *near, const char *meant, const char *path, const struct config_key *key)
{
	size_t distance = edit_distance(meant, path);

	if (distance < near->distance)
		*near = (struct near){ path, key, distance };
}

static struct near
nearest_to(const char *meant)
{
	struct near near = { .distance = SIZE_MAX };
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);

	for (size_t i = 0; i < count; i++) {
		const struct config_section *section = &sections[i];

		if (section->form != CONFIG_FORM_TOP)
			consider(&near, meant, section->name, NULL);
		for (size_t k = 0; k < section->key_count; k++)
			consider(&near, meant, section->keys[k].path, &section->keys[k]);
	}
	return near;
}

const struct config_key *
config_near_unknown(const char *path, const struct config_section **section, struct err *why)
{
	struct near near = nearest_to(path);

	*section = NULL;
	if (2 * near.distance > strlen(path) + 1) {
		err_set(why, EINVAL, "unknown key; 'synwire check' lists all");
		return NULL;
	}
	err_set(why, EINVAL, "unknown key; did you mean %s?", near.path);
	if (near.key == NULL)
		*section = config_schema_section(near.path);
	return near.key;
}
