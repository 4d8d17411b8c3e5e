/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config.h"

#include "config/config_file.h"
#include "config/config_schema.h"
#include "config/config_value.h"

#include <errno.h>
#include <string.h>

static int
set_key(struct config *config, const struct config_key *key, const char *text, struct err *err)
{
	return config_value_parse(key, text, (uint64_t *)((char *)config + key->offset), err);
}

void
config_defaults(struct config *config)
{
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);

	/* A default that its own row does not take is found by test_config.c. */
	memset(config, 0, sizeof(*config));
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < sections[i].key_count; k++)
			set_key(config, &sections[i].keys[k], sections[i].keys[k].standard, NULL);
}

int
config_load(struct config *config, const char *path, struct err *err)
{
	struct config loaded = *config;
	int ret = config_file_read(&loaded, path, err);

	if (ret == 0)
		*config = loaded;
	return ret;
}

int
config_set(struct config *config, const char *path, const char *text, struct err *err)
{
	const struct config_key *key = config_schema_key(path);
	struct err why;

	if (key == NULL)
		config_schema_unknown(path, &why);
	else if (set_key(config, key, text, &why) == 0)
		return 0;
	return err_set(err, EINVAL, "%s: %s", path, why.text);
}
