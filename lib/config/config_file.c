/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_file.h"

#include "config/config_check.h"
#include "config/config_doc.h"
#include "config/config_key.h"
#include "config/config_read.h"
#include "config/config_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a text that is broken in several places. */
#define PEEK_TRIES 16

struct bytes {
	char *text;
	size_t len;
};

/* Whoever waits for a pipe or a device to say something may wait for ever. */
static int
open_file(const char *path, FILE **file, struct err_list *errors)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	int ret = 0;

	if (fd < 0)
		return err_list_add(errors, errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &status) != 0)
		ret = err_list_add(errors, errno, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		ret = err_list_add(errors, EINVAL, "%s: is %s; must be a regular file", path,
				S_ISDIR(status.st_mode) ? "a directory" : "a pipe or a device");
	else if ((*file = fdopen(fd, "r")) == NULL)
		ret = err_list_add(errors, errno, "%s: %s", path, strerror(errno));
	if (ret != 0)
		close(fd);
	return ret;
}

static int
read_bytes(const char *path, struct bytes *bytes, struct err_list *errors)
{
	FILE *file = NULL;
	int ret = open_file(path, &file, errors);

	if (ret != 0)
		return ret;
	bytes->text = malloc(CONFIG_FILE_MAX + 1);
	if (bytes->text == NULL)
		ret = err_list_add(errors, ENOMEM, "%s: out of memory", path);
	else
		bytes->len = fread(bytes->text, 1, CONFIG_FILE_MAX + 1, file);
	if (ret == 0 && ferror(file))
		ret = err_list_add(errors, EIO, "%s: %s", path, strerror(errno));
	if (ret == 0 && bytes->len > CONFIG_FILE_MAX)
		ret = err_list_add(errors, EINVAL,
				"%s: larger than %u bytes; is it a configuration?", path,
				CONFIG_FILE_MAX);
	fclose(file);
	return ret;
}

static void
take_value(struct config *config, const struct config_read *read,
		const struct config_section *section, const struct config_key *key, size_t index,
		struct config_doc *doc)
{
	void *value = (char *)config + config_schema_offset(section, key, index);
	char path[CONFIG_PATH_LEN];
	struct err why;
	size_t count;
	const char *const *words = config_read_words(read, section, key, index, &count);

	/* A list may be there without words; otherwise, an alias shares what was wrong elsewhere. */
	config_schema_path(section, key, index, path, sizeof(path));
	if (config_doc_line(doc, path) == 0 || (words == NULL && !config_schema_is_list(key)) ||
			config_key_parse(key, words, count, value, &why) == 0)
		return;
	config_doubt_add(&doc->doubt, key);
	config_doc_complain(doc, config_doc_line(doc, path), path, "%s", why.text);
}

/* A list that is named takes the place of the one before. */
static void
begin_list(struct config *config, const struct config_section *section, size_t count)
{
	*(size_t *)((char *)config + section->count_offset) = count;
	memset((char *)config + section->offset, 0, section->max * section->size);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < section->key_count; k++)
			config_key_default(&section->keys[k], i,
					(char *)config +
							config_schema_offset(section,
									&section->keys[k], i));
}

static void
take_section(struct config *config, const struct config_read *read,
		const struct config_section *section, struct config_doc *doc)
{
	size_t count = config_read_groups(read, section);

	if (section->form == CONFIG_FORM_LIST && config_doc_line(doc, section->name) != 0)
		begin_list(config, section, count);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < section->key_count; k++)
			take_value(config, read, section, &section->keys[k], i, doc);
}

static int
take_values(struct config *config, struct config_doc *doc)
{
	struct config_read *read;
	struct err why;
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);
	int ret = config_read_create(doc->text, doc->len, &read, &why);

	if (ret != 0)
		return err_list_add(doc->errors, -ret, "%s: %s", doc->file, why.text);
	for (size_t i = 0; i < count; i++)
		take_section(config, read, &sections[i], doc);
	config_read_destroy(read);
	return 0;
}

int
config_file_read(struct config *config, const char *path, struct err_list *errors)
{
	struct config_doc doc = { .file = path, .errors = errors };
	struct bytes bytes = { 0 };
	int ret = read_bytes(path, &bytes, errors);

	if (ret == 0)
		ret = config_doc_read(&doc, bytes.text, bytes.len);
	if (ret == 0 && doc.text != NULL)
		ret = take_values(config, &doc);
	if (ret == 0 && doc.status != 0) {
		ret = doc.status;
		config_check_sure(config, &doc.doubt, errors);
	}
	config_doc_free(&doc);
	free(bytes.text);
	return ret;
}

/* Only the lines before it; false: these are all. */
static bool
cut_before(struct bytes *bytes, unsigned int line)
{
	size_t at = 0;

	for (unsigned int l = 1; l < line; l++) {
		const char *end = memchr(bytes->text + at, '\n', bytes->len - at);

		if (end == NULL)
			return false;
		at = (size_t)(end - bytes->text) + 1;
	}
	if (line == 0 || at == bytes->len)
		return false;
	bytes->len = at;
	return true;
}

/* What is missed at the end tells no line that could be cut. */
static bool
cut_last_line(struct bytes *bytes)
{
	size_t at = bytes->len;

	if (at == 0)
		return false;
	at--;
	while (at > 0 && bytes->text[at - 1] != '\n')
		at--;
	bytes->len = at;
	return true;
}

/* As far as it is YAML. */
static int
read_sound_part(struct config_doc *doc, struct bytes *bytes)
{
	struct err_list *const errors = doc->errors;
	int ret = config_doc_read(doc, bytes->text, bytes->len);

	doc->errors = NULL; /* what follows from the first mistake is no other */
	for (int tries = 0; ret == -EINVAL && tries < PEEK_TRIES; tries++) {
		if (!cut_before(bytes, doc->broken_line) && !cut_before(bytes, doc->broken_from) &&
				!cut_last_line(bytes))
			break;
		ret = config_doc_read(doc, bytes->text, bytes->len);
	}
	doc->errors = errors;
	return ret;
}

/* Whether it says what @p wanted is, or says nothing of it. */
static bool
is_sure(const struct config_doc *doc, const struct config_key *wanted, bool is_whole)
{
	if (config_doubt_has(&doc->doubt, wanted))
		return false;
	return is_whole || config_doc_line(doc, wanted->path) != 0;
}

int
config_file_peek(struct config *config, const char *path, const struct config_key *wanted,
		struct err_list *errors)
{
	struct config_doc doc = { .file = path, .errors = errors };
	struct bytes bytes = { 0 };
	size_t len;
	int ret = read_bytes(path, &bytes, errors);

	len = bytes.len;
	if (ret == 0)
		ret = read_sound_part(&doc, &bytes);
	if (ret == 0 && doc.text != NULL)
		ret = take_values(config, &doc);
	if (ret == 0 && !is_sure(&doc, wanted, bytes.len == len))
		ret = -EINVAL;
	config_doc_free(&doc);
	free(bytes.text);
	return ret;
}
