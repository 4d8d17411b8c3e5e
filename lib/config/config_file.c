/* SPDX-License-Identifier: Apache-2.0 */

/*
 * libcyaml reads the values, by a schema made of the same rows as everything else; every
 * value is text to it, as it knows no units. It names no line for a value, and for most
 * errors the line before: so libyaml, which is below it, walks the text first and tells
 * where each key stands (config_lines.h), and what is wrong with the keys is said from that.
 */

#include "config/config_file.h"

#include "base/compiler.h"
#include "config/config_lines.h"
#include "config/config_schema.h"
#include "config/config_value.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libcyaml makes of a file: NULL where it does not say. */
#define TEXT_MEMBER(section, key, ...) char *key;
#define TEXT_STRUCT(section, rows, help) \
	struct section##_text { \
		rows(TEXT_MEMBER, section) \
	};
CONFIG_SECTIONS(TEXT_STRUCT)

struct config_text {
#define SECTION_MEMBER(section, rows, help) struct section##_text *section;
	CONFIG_SECTIONS(SECTION_MEMBER)
};

#define KEY_FIELD(section, key, ...) \
	CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_OPTIONAL, struct section##_text, key, 0, \
			CYAML_UNLIMITED),
#define KEY_FIELDS(section, rows, help) \
	static const cyaml_schema_field_t section##_fields[] = { \
		rows(KEY_FIELD, section) CYAML_FIELD_END, \
	};
CONFIG_SECTIONS(KEY_FIELDS)

#define SECTION_FIELD(section, rows, help) \
	CYAML_FIELD_MAPPING_PTR(#section, CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER_NULL, \
			struct config_text, section, section##_fields),
static const cyaml_schema_field_t fields[] = {
	CONFIG_SECTIONS(SECTION_FIELD) CYAML_FIELD_END,
};

static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config_text, fields),
};

struct reading {
	const char *path;
	char *text;
	size_t len;
	struct config_lines lines;
	struct err *err;
};

static int
read_text(struct reading *reading)
{
	FILE *file = fopen(reading->path, "re");
	int ret = 0;

	if (file == NULL)
		return err_set(reading->err, errno, "%s: %s", reading->path, strerror(errno));
	reading->text = malloc(CONFIG_FILE_MAX + 1);
	if (reading->text == NULL)
		ret = err_set(reading->err, ENOMEM, "%s: out of memory", reading->path);
	else
		reading->len = fread(reading->text, 1, CONFIG_FILE_MAX + 1, file);
	if (ret == 0 && ferror(file))
		ret = err_set(reading->err, EIO, "%s: %s", reading->path, strerror(errno));
	if (ret == 0 && reading->len > CONFIG_FILE_MAX)
		ret = err_set(reading->err, EINVAL,
				"%s: larger than %u bytes; is it a configuration?", reading->path,
				CONFIG_FILE_MAX);
	fclose(file);
	return ret;
}

static unsigned int
line_of(const struct config_lines *lines, const char *path)
{
	for (size_t i = 0; i < lines->count; i++)
		if (strcmp(lines->lines[i].path, path) == 0)
			return lines->lines[i].line;
	return 1;
}

/* What is wrong with one key, before any value is looked at; false: nothing. */
static bool
is_wrong(const struct config_line *line, struct err *why)
{
	bool is_section = config_schema_section(line->path) != NULL;
	bool is_key = config_schema_key(line->path) != NULL;

	if (!is_section && !is_key)
		config_schema_unknown(line->path, why);
	else if (is_key && line->depth == 1)
		err_set(why, EINVAL, "must stand below its section, indented");
	else if (is_section &&
			(line->shape == CONFIG_SHAPE_VALUE || line->shape == CONFIG_SHAPE_LIST))
		err_set(why, EINVAL, "must have its keys below it, indented");
	else if (is_key && (line->shape == CONFIG_SHAPE_KEYS || line->shape == CONFIG_SHAPE_LIST))
		err_set(why, EINVAL, "must be a single value");
	else
		return false;
	return true;
}

static int
check_keys(const struct reading *reading)
{
	for (size_t i = 0; i < reading->lines.count; i++) {
		const struct config_line *line = &reading->lines.lines[i];
		unsigned int first = line_of(&reading->lines, line->path);
		struct err why;

		if (first != line->line)
			err_set(&why, EINVAL, "is on line %u already", first);
		else if (!is_wrong(line, &why))
			continue;
		return err_set(reading->err, EINVAL, "%s:%u: %s: %s", reading->path, line->line,
				line->path, why.text);
	}
	return 0;
}

static int
take_value(const struct reading *reading, struct config *config, const char *path, const char *text)
{
	const struct config_key *key = config_schema_key(path);
	struct err why;

	if (text == NULL)
		return 0;
	if (config_value_parse(key, text, (uint64_t *)((char *)config + key->offset), &why) == 0)
		return 0;
	return err_set(reading->err, EINVAL, "%s:%u: %s: %s", reading->path,
			line_of(&reading->lines, path), path, why.text);
}

static int
take_values(const struct reading *reading, struct config *config, const struct config_text *text)
{
	int ret = 0;

#define TAKE_KEY(section, key, ...) \
	if (ret == 0 && text->section != NULL) \
		ret = take_value(reading, config, #section "." #key, text->section->key);
#define TAKE_SECTION(section, rows, help) rows(TAKE_KEY, section)
	CONFIG_SECTIONS(TAKE_SECTION)
	return ret;
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

static int
read_values(const struct reading *reading, struct config *config)
{
	struct err first = { "" };
	const cyaml_config_t cyaml = {
		.log_fn = keep_first_message,
		.log_ctx = &first,
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
	};
	struct config_text *text = NULL;
	cyaml_err_t status = cyaml_load_data((const uint8_t *)reading->text, reading->len, &cyaml,
			&schema, (cyaml_data_t **)&text, NULL);
	int ret = 0;

	if (status != CYAML_OK)
		return err_set(reading->err, EINVAL, "%s: %s (%s)", reading->path,
				cyaml_strerror(status), first.text);
	if (text != NULL)
		ret = take_values(reading, config, text);
	cyaml_free(&cyaml, &schema, text, 0);
	return ret;
}

int
config_file_read(struct config *config, const char *path, struct err *err)
{
	struct reading reading = { .path = path, .err = err };
	int ret = read_text(&reading);

	if (ret == 0)
		ret = config_lines_read(path, reading.text, reading.len, &reading.lines, err);
	if (ret == 0)
		ret = check_keys(&reading);
	if (ret == 0)
		ret = read_values(&reading, config);
	config_lines_free(&reading.lines);
	free(reading.text);
	return ret;
}
