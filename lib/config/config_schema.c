/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_schema.h"

#include "base/compiler.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ROW(path, section, key, member, type, when, min, max, standard, choices, help) \
	{ path #key, #key, type, when, min, max, standard, choices, help, \
		offsetof(struct config_##section, member) },
#define TOP_ROW(...) ROW("", __VA_ARGS__)
#define GROUP_ROW(section, ...) ROW(#section ".", section, __VA_ARGS__)
#define LIST_ROW(section, ...) ROW(#section "[].", section, __VA_ARGS__)

#define KEYS(section, keys) \
	static const struct config_key section##_keys[] = { keys }; \
	static_assert(ARRAY_LEN(section##_keys) <= CONFIG_KEYS_MAX, "CONFIG_KEYS_MAX is too small");
#define TOP_KEYS(section, rows, help) KEYS(section, rows(TOP_ROW, section))
#define GROUP_KEYS(section, rows, help) KEYS(section, rows(GROUP_ROW, section))
#define LIST_KEYS(section, item, rows, max, help) KEYS(section, rows(LIST_ROW, section))
CONFIG_SECTIONS(TOP_KEYS, GROUP_KEYS, LIST_KEYS)

#define SECTION(section, form, max, count_offset, help) \
	{ #section, help, form, section##_keys, ARRAY_LEN(section##_keys), \
		offsetof(struct config, section), sizeof(struct config_##section), max, \
		count_offset },
#define TOP_SECTION(section, rows, help) SECTION(section, CONFIG_FORM_TOP, 1, 0, help)
#define GROUP_SECTION(section, rows, help) SECTION(section, CONFIG_FORM_GROUP, 1, 0, help)
#define LIST_SECTION(section, item, rows, max, help) \
	SECTION(section, CONFIG_FORM_LIST, max, offsetof(struct config, item##_count), help)
static const struct config_section sections[] = { CONFIG_SECTIONS(
		TOP_SECTION, GROUP_SECTION, LIST_SECTION) };

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
		if (sections[i].form != CONFIG_FORM_TOP && strcmp(sections[i].name, name) == 0)
			return &sections[i];
	return NULL;
}

const struct config_key *
config_schema_key(const struct config_section *section, const char *name)
{
	for (size_t k = 0; k < section->key_count; k++)
		if (strcmp(section->keys[k].name, name) == 0)
			return &section->keys[k];
	return NULL;
}

const struct config_key *
config_schema_find(const char *path, const struct config_section **section)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		for (size_t k = 0; k < sections[i].key_count; k++)
			if (strcmp(sections[i].keys[k].path, path) == 0) {
				if (section != NULL)
					*section = &sections[i];
				return &sections[i].keys[k];
			}
	return NULL;
}

size_t
config_schema_count(const struct config_section *section, const struct config *config)
{
	if (section->form != CONFIG_FORM_LIST)
		return 1;
	return *(const size_t *)((const char *)config + section->count_offset);
}

size_t
config_schema_offset(
		const struct config_section *section, const struct config_key *key, size_t index)
{
	return section->offset + index * section->size + key->offset;
}

bool
config_schema_is_list(const struct config_key *key)
{
	return key->type == CONFIG_SET || key->type == CONFIG_WORDS;
}

void
config_schema_path(const struct config_section *section, const struct config_key *key, size_t index,
		char *path, size_t size)
{
	if (section->form == CONFIG_FORM_LIST)
		snprintf(path, size, "%s[%zu].%s", section->name, index, key->name);
	else
		snprintf(path, size, "%s", key->path);
}
