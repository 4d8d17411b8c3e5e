/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the rules of config_check.c and its neighbours have in common. The layer's own.
 */

#ifndef CONFIG_CONFIG_CHECK_RULE_H
#define CONFIG_CONFIG_CHECK_RULE_H

#include "base/compiler.h"
#include "base/err_list.h"
#include "config/config.h"

#include <stddef.h>

/* A configuration that is being looked at, and what was found wrong so far. */
struct check {
	const struct config *config;
	struct err_list *errors;
	int status;
};

/** Something is wrong: a sentence that begins with the key's name. */
void config_check_complain(struct check *check, const char *format, ...) PRINTF_LIKE(2, 3);

/** Complain of a key, a number or a text, that does nothing and was not left at its default. */
void config_check_idle_key(struct check *check, const char *path, size_t index, const char *why);

#endif /* CONFIG_CONFIG_CHECK_RULE_H */
