/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_fixed.h"

#include "config/config_key.h"
#include "config/config_schema.h"

#include <errno.h>

static size_t
compare_key(const struct config *running, const struct config *wanted,
		const struct config_section *section, const struct config_key *key, size_t index,
		struct err_list *errors)
{
	size_t offset = config_schema_offset(section, key, index);
	const void *old = (const char *)running + offset;
	const void *new = (const char *)wanted + offset;
	char path[CONFIG_PATH_LEN];
	char from[CONFIG_KEY_YAML];
	char to[CONFIG_KEY_YAML];

	if (key->when == CONFIG_LIVE || config_key_equal(key, old, new))
		return 0;
	config_schema_path(section, key, index, path, sizeof(path));
	config_key_print(key, old, from, sizeof(from));
	config_key_print(key, new, to, sizeof(to));
	err_list_add(errors, EINVAL, "%s: needs a restart to change from %.150s to %.150s", path,
			from, to);
	return 1;
}

static bool
has_fixed_key(const struct config_section *section)
{
	for (size_t k = 0; k < section->key_count; k++)
		if (section->keys[k].when == CONFIG_FIXED)
			return true;
	return false;
}

static size_t
compare_section(const struct config *running, const struct config *wanted,
		const struct config_section *section, struct err_list *errors)
{
	size_t old = config_schema_count(section, running);
	size_t new = config_schema_count(section, wanted);
	size_t changes = 0;

	if (!has_fixed_key(section))
		return 0;
	if (old != new) {
		err_list_add(errors, EINVAL,
				"%s: needs a restart to change from %zu to %zu in number",
				section->name, old, new);
		return 1;
	}
	for (size_t i = 0; i < old; i++)
		for (size_t k = 0; k < section->key_count; k++)
			changes += compare_key(
					running, wanted, section, &section->keys[k], i, errors);
	return changes;
}

size_t
config_fixed_changes(
		const struct config *running, const struct config *wanted, struct err_list *errors)
{
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);
	size_t changes = 0;

	for (size_t i = 0; i < count; i++)
		changes += compare_section(running, wanted, &sections[i], errors);
	return changes;
}
