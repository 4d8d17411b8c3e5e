/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config.h"

#include "config/config_file.h"
#include "config/config_key.h"
#include "config/config_near.h"
#include "config/config_schema.h"

#include <errno.h>
#include <string.h>

void
config_defaults(struct config *config)
{
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);

	memset(config, 0, sizeof(*config));
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < sections[i].key_count; k++)
			if (sections[i].form != CONFIG_FORM_LIST)
				config_key_default(&sections[i].keys[k], 0,
						(char *)config +
								config_schema_offset(&sections[i],
										&sections[i].keys[k],
										0));
}

int
config_load(struct config *config, const char *path, struct err_list *errors)
{
	struct config loaded = *config;
	int ret = config_file_read(&loaded, path, errors);

	if (ret == 0)
		*config = loaded;
	return ret;
}

int
config_peek(struct config *config, const char *path, const char *key, struct err_list *errors)
{
	struct config taken = *config;
	const struct config_section *section;
	int ret = config_file_peek(&taken, path, config_schema_find(key, &section), errors);

	if (ret == 0)
		*config = taken;
	return ret;
}

int
config_set(struct config *config, const char *path, const char *text, struct err *err)
{
	const struct config_section *section;
	const struct config_key *key = config_schema_find(path, &section);
	struct err why;

	if (config_schema_section(path) != NULL)
		err_set(&why, EINVAL, "is no key; its keys are set one at a time");
	else if (key == NULL)
		config_near_unknown(path, &section, &why);
	else if (section->form == CONFIG_FORM_LIST)
		err_set(&why, EINVAL, "is in a list; only a file can set it");
	else if (config_key_parse(key, &text, 1,
				 (char *)config + config_schema_offset(section, key, 0), &why) == 0)
		return 0;
	return err_set(err, EINVAL, "%s: %s", path, why.text);
}
