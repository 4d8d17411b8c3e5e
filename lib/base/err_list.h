/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Several sentences for the user, where one would hide the others: all that is wrong with
 * a configuration, say, so that it is mended in one go.
 *
 * The list has a fixed room; what comes after is counted, so the reader knows of it.
 */

#ifndef BASE_ERR_LIST_H
#define BASE_ERR_LIST_H

#include "base/compiler.h"
#include "base/err.h"

#include <stddef.h>
#include <stdio.h>

#define ERR_LIST_MAX 32

/* Zero-initialise. */
struct err_list {
	size_t count;
	size_t more; /* sentences that found no room */
	struct err errs[ERR_LIST_MAX];
};

/**
 * Write one more sentence.
 *
 * @param list
 *   Where it goes; may be NULL.
 * @param code
 *   A positive errno value.
 * @return
 *   -code, as err_set().
 */
int err_list_add(struct err_list *list, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/** How many there were, also of those without room. */
static inline size_t
err_list_total(const struct err_list *list)
{
	return list->count + list->more;
}

/** A line "prefix: sentence" for each, and one for those without room. */
void err_list_print(const struct err_list *list, const char *prefix, FILE *out);

#endif /* BASE_ERR_LIST_H */
