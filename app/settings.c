/* SPDX-License-Identifier: Apache-2.0 */

#include "app/settings.h"

#include "config/config_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* `--set KEY=VALUE` */
static int
apply(struct config *config, const char *set, struct err_list *errors)
{
	const char *equals = strchr(set, '=');
	struct err why;
	char *key;
	int ret;

	if (equals == NULL)
		return err_list_add(errors, EINVAL, "--set %s: must be KEY=VALUE", set);
	key = strndup(set, (size_t)(equals - set));
	if (key == NULL)
		return err_list_add(errors, ENOMEM, "out of memory");
	ret = config_set(config, key, equals + 1, &why);
	free(key);
	return ret == 0 ? 0 : err_list_add(errors, -ret, "--set %s", why.text);
}

int
settings_load(const char *path, const char *const *sets, size_t n_sets, struct config *config,
		struct err_list *errors)
{
	int status = 0;

	config_defaults(config);
	if (path != NULL)
		status = config_load(config, path, errors);
	for (size_t i = 0; i < n_sets; i++) {
		int ret = apply(config, sets[i], errors);

		status = ret != 0 ? ret : status;
	}
	return status != 0 ? status : config_check(config, errors);
}
