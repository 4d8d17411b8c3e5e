/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A configuration and a file to read it from, for the tests of lib/config.
 */

#ifndef CONFIG_FIXTURE_H
#define CONFIG_FIXTURE_H

#include "base/err_list.h"
#include "config/config.h"
#include "config/config_schema.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct scratch {
	char path[64];
	struct config config;
	struct err_list errors;
};

static inline int
config_fixture_set_up(void **state)
{
	struct scratch *scratch = calloc(1, sizeof(*scratch));
	int fd;

	if (scratch == NULL)
		return -1;
	snprintf(scratch->path, sizeof(scratch->path), "/tmp/synwire-config-XXXXXX");
	fd = mkstemp(scratch->path);
	if (fd < 0)
		return -1;
	close(fd);
	config_defaults(&scratch->config);
	*state = scratch;
	return 0;
}

static inline int
config_fixture_tear_down(void **state)
{
	struct scratch *scratch = *state;

	unlink(scratch->path);
	free(scratch);
	return 0;
}

#define WITH_SCRATCH(test) \
	cmocka_unit_test_setup_teardown(test, config_fixture_set_up, config_fixture_tear_down)

static inline int
load_bytes(struct scratch *scratch, const void *bytes, size_t len)
{
	FILE *file = fopen(scratch->path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	scratch->errors = (struct err_list){ 0 };
	return config_load(&scratch->config, scratch->path, &scratch->errors);
}

static inline int
load(struct scratch *scratch, const char *text)
{
	return load_bytes(scratch, text, strlen(text));
}

static inline void
assert_loaded(struct scratch *scratch, const char *text)
{
	if (load(scratch, text) != 0)
		fail_msg("%s", scratch->errors.errs[0].text);
	assert_int_equal(scratch->errors.count, 0);
}

/* Each of @p whys, up to NULL, follows the file's name in its sentence, or is the sentence. */
static inline void
assert_all_refused(struct scratch *scratch, const char *text, const char *const *whys)
{
	struct config before = scratch->config;
	size_t path_len = strlen(scratch->path);
	size_t count;

	assert_int_equal(load(scratch, text), -EINVAL);
	for (count = 0; whys[count] != NULL; count++) {
		const char *got = scratch->errors.errs[count].text;

		if (strncmp(got, scratch->path, path_len) == 0)
			got += path_len;
		assert_string_equal(got, whys[count]);
	}
	assert_int_equal(scratch->errors.count, count);
	assert_memory_equal(&scratch->config, &before, sizeof(before));
}

static inline void
assert_refused(struct scratch *scratch, const char *text, const char *why)
{
	const char *const whys[] = { why, NULL };

	assert_all_refused(scratch, text, whys);
}

/* Another value than the default, that the key takes. */
static inline void
move_off_default(const struct config_key *key, void *value)
{
	static const char *const texts[] = {
		[CONFIG_TEXT] = "/tmp/a \"b\" \\ #c: d",
		[CONFIG_NAME] = "other",
		[CONFIG_CORES] = "2-5, 8",
		[CONFIG_ADDRESS] = "2001:db8::1",
	};
	uint64_t *number = value;

	switch (key->type) {
	case CONFIG_TEXT:
	case CONFIG_NAME:
	case CONFIG_CORES:
	case CONFIG_ADDRESS:
		memset(value, 0, CONFIG_TEXT_LEN);
		memcpy(value, texts[key->type], strlen(texts[key->type]));
		break;
	case CONFIG_SET:
		*number = 1 << 1;
		break;
	case CONFIG_WORDS:
		*(struct config_words *)value = (struct config_words){ 2,
			{ "0000:03:00.0", "net_tap0,iface=a" } };
		break;
	default:
		*number = *number == key->max ? key->min : key->max;
		break;
	}
}

/* All keys, with two groups in each list. */
static inline void
move_all_off_default(struct config *config)
{
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);

	for (size_t i = 0; i < count; i++) {
		const struct config_section *section = &sections[i];
		size_t groups = section->form == CONFIG_FORM_LIST ? 2 : 1;

		if (section->form == CONFIG_FORM_LIST)
			*(size_t *)((char *)config + section->count_offset) = groups;
		for (size_t g = 0; g < groups; g++)
			for (size_t k = 0; k < section->key_count; k++)
				move_off_default(&section->keys[k],
						(char *)config +
								config_schema_offset(section,
										&section->keys[k],
										g));
	}
}

#endif /* CONFIG_FIXTURE_H */
