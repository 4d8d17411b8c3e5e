/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_doubt.h"

/* In which section it is, and which of its keys. */
static uint64_t
place_of(const struct config_key *key, size_t *index)
{
	const struct config_section *section;
	size_t count;

	config_schema_find(key->path, &section);
	*index = (size_t)(section - config_schema_sections(&count));
	return UINT64_C(1) << (key - section->keys);
}

void
config_doubt_add(struct config_doubt *doubt, const struct config_key *key)
{
	size_t index;
	uint64_t bit = place_of(key, &index);

	doubt->keys[index] |= bit;
}

void
config_doubt_add_section(struct config_doubt *doubt, const struct config_section *section)
{
	for (size_t k = 0; k < section->key_count; k++)
		config_doubt_add(doubt, &section->keys[k]);
}

bool
config_doubt_has(const struct config_doubt *doubt, const struct config_key *key)
{
	size_t index;
	uint64_t bit = place_of(key, &index);

	return (doubt->keys[index] & bit) != 0;
}
