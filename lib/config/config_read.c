/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_read.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What libcyaml makes of a text. A slot is a value (a char *), a list of words (char **), a
 * section or a list of them (struct group *); NULL: the text does not have it.
 */
struct slot {
	void *data;
	unsigned int count; /* of a list */
};

struct group {
	struct slot keys[CONFIG_KEYS_MAX];
};

struct whole {
	struct group top;
	struct slot sections[CONFIG_SECTION_COUNT];
};

struct schema {
	cyaml_schema_value_t whole;
	cyaml_schema_value_t word;
	cyaml_schema_value_t groups[CONFIG_SECTION_COUNT];
	cyaml_schema_field_t keys[CONFIG_SECTION_COUNT][CONFIG_KEYS_MAX + 1];
	cyaml_schema_field_t fields[CONFIG_SECTION_COUNT + CONFIG_KEYS_MAX + 1];
};

struct config_read {
	struct schema schema;
	struct whole *whole;
};

/* Each array of fields ends with one that has no key; they were zeroed. */

static cyaml_schema_field_t
field_at(const char *name, size_t offset)
{
	return (cyaml_schema_field_t){
		.key = name,
		.data_offset = (uint32_t)(offset + offsetof(struct slot, data)),
		.count_offset = (uint32_t)(offset + offsetof(struct slot, count)),
		.count_size = sizeof(unsigned int),
	};
}

static void
describe_key(struct schema *schema, const struct config_key *key, size_t offset,
		cyaml_schema_field_t *field)
{
	*field = field_at(key->name, offset);
	if (config_schema_is_list(key))
		field->value = (cyaml_schema_value_t){ CYAML_VALUE_SEQUENCE(
				CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, char *, &schema->word, 0,
				CYAML_UNLIMITED) };
	else
		field->value = (cyaml_schema_value_t){ CYAML_VALUE_STRING(
				CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, char, 0,
				CYAML_UNLIMITED) };
}

static void
describe_section(struct schema *schema, const struct config_section *section, size_t index,
		cyaml_schema_field_t *field)
{
	cyaml_schema_field_t *keys = schema->keys[index];

	for (size_t k = 0; k < section->key_count; k++)
		describe_key(schema, &section->keys[k], k * sizeof(struct slot), &keys[k]);
	*field = field_at(section->name,
			offsetof(struct whole, sections) + index * sizeof(struct slot));
	schema->groups[index] = (cyaml_schema_value_t){ CYAML_VALUE_MAPPING(
			CYAML_FLAG_DEFAULT, struct group, keys) };
	if (section->form == CONFIG_FORM_LIST)
		field->value = (cyaml_schema_value_t){ CYAML_VALUE_SEQUENCE(
				CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct group,
				&schema->groups[index], 0, CYAML_UNLIMITED) };
	else
		field->value = (cyaml_schema_value_t){ CYAML_VALUE_MAPPING(
				CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct group, keys) };
}

static void
describe(struct schema *schema)
{
	cyaml_schema_field_t *field = schema->fields;
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);

	schema->word = (cyaml_schema_value_t){ CYAML_VALUE_STRING(
			CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED) };
	schema->whole = (cyaml_schema_value_t){ CYAML_VALUE_MAPPING(
			CYAML_FLAG_POINTER, struct whole, schema->fields) };
	for (size_t i = 0; i < count; i++)
		if (sections[i].form != CONFIG_FORM_TOP)
			describe_section(schema, &sections[i], i, field++);
		else
			for (size_t k = 0; k < sections[i].key_count; k++)
				describe_key(schema, &sections[i].keys[k], k * sizeof(struct slot),
						field++);
}

/* The first of libcyaml's messages says what is wrong, the rest where it was just then. */
static void keep_first_message(cyaml_log_t level, void *ctx, const char *format, va_list args)
		PRINTF_LIKE(3, 0);

static void
keep_first_message(cyaml_log_t level, void *ctx, const char *format, va_list args)
{
	struct err *first = ctx;

	(void)level;
	if (first->text[0] != '\0')
		return;
	vsnprintf(first->text, sizeof(first->text), format, args);
	first->text[strcspn(first->text, "\n")] = '\0';
}

int
config_read_create(const char *text, size_t len, struct config_read **out, struct err *err)
{
	struct err first = { "" };
	const cyaml_config_t cyaml = {
		.log_fn = keep_first_message,
		.log_ctx = &first,
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
		.flags = CYAML_CFG_IGNORE_UNKNOWN_KEYS,
	};
	struct config_read *read = calloc(1, sizeof(*read));
	cyaml_err_t status;

	if (read == NULL)
		return err_set(err, ENOMEM, "out of memory");
	describe(&read->schema);
	status = cyaml_load_data((const uint8_t *)text, len, &cyaml, &read->schema.whole,
			(cyaml_data_t **)&read->whole, NULL);
	if (status != CYAML_OK) {
		free(read);
		return err_set(err, status == CYAML_ERR_OOM ? ENOMEM : EINVAL, "%s (%s)",
				cyaml_strerror(status), first.text);
	}
	*out = read;
	return 0;
}

void
config_read_destroy(struct config_read *read)
{
	const cyaml_config_t cyaml = { .mem_fn = cyaml_mem };

	if (read == NULL)
		return;
	cyaml_free(&cyaml, &read->schema.whole, read->whole, 0);
	free(read);
}

/* A slot that is there. */
static const struct slot *
slot_of(const struct config_read *read, const struct config_section *section)
{
	size_t count;

	return &read->whole->sections[section - config_schema_sections(&count)];
}

size_t
config_read_groups(const struct config_read *read, const struct config_section *section)
{
	const struct slot *slot;

	if (read->whole == NULL)
		return 0;
	if (section->form == CONFIG_FORM_TOP)
		return 1;
	slot = slot_of(read, section);
	if (section->form == CONFIG_FORM_LIST)
		return slot->count;
	return slot->data == NULL ? 0 : 1;
}

const char *const *
config_read_words(const struct config_read *read, const struct config_section *section,
		const struct config_key *key, size_t index, size_t *count)
{
	const struct group *groups = section->form == CONFIG_FORM_TOP
			? &read->whole->top
			: slot_of(read, section)->data;
	const struct slot *slot = &groups[index].keys[key - section->keys];

	if (!config_schema_is_list(key)) {
		*count = 1;
		return slot->data == NULL ? NULL : (const char *const *)&slot->data;
	}
	*count = slot->count;
	return (const char *const *)slot->data;
}
