/* SPDX-License-Identifier: Apache-2.0 */

#include "app/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* `--set KEY=VALUE` */
static int
apply(struct config *config, const char *set, struct err *err)
{
	const char *equals = strchr(set, '=');
	struct err why;
	char *key;
	int ret;

	if (equals == NULL)
		return err_set(err, EINVAL, "--set %s: must be KEY=VALUE", set);
	key = strndup(set, (size_t)(equals - set));
	if (key == NULL)
		return err_set(err, ENOMEM, "out of memory");
	ret = config_set(config, key, equals + 1, &why);
	free(key);
	return ret == 0 ? 0 : err_set(err, -ret, "--set %s", why.text);
}

int
settings_load(const char *path, const char *const *sets, size_t n_sets, struct config *config,
		struct err *err)
{
	int ret = 0;

	config_defaults(config);
	if (path != NULL)
		ret = config_load(config, path, err);
	for (size_t i = 0; i < n_sets && ret == 0; i++)
		ret = apply(config, sets[i], err);
	return ret;
}
