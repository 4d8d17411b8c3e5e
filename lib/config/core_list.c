/* SPDX-License-Identifier: Apache-2.0 */

#include "config/core_list.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct list {
	uint32_t *cores;
	uint32_t count;
	uint32_t max;
	struct err *err;
};

static bool
has(const struct list *list, uint32_t core)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (list->cores[i] == core)
			return true;
	return false;
}

static int
add_range(struct list *list, uint32_t first, uint32_t last)
{
	if (first > last)
		return err_set(list->err, EINVAL, "the range %u-%u runs backwards", first, last);
	for (uint32_t core = first; core <= last; core++) {
		if (has(list, core))
			return err_set(list->err, EINVAL, "core %u is named twice", core);
		if (list->count == list->max)
			return err_set(list->err, E2BIG, "more than %u cores are named", list->max);
		list->cores[list->count++] = core;
	}
	return 0;
}

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " ");
}

/* NULL after a message. */
static const char *
read_core(const struct list *list, const char *at, uint32_t *core)
{
	if (*at < '0' || *at > '9') {
		err_set(list->err, EINVAL, "a number is missing before '%.20s'", at);
		return NULL;
	}
	for (*core = 0; *at >= '0' && *at <= '9'; at++) {
		*core = 10 * *core + (uint32_t)(*at - '0');
		if (*core > CORE_LIST_CORE_MAX) {
			err_set(list->err, EINVAL, "the highest core is %u", CORE_LIST_CORE_MAX);
			return NULL;
		}
	}
	return skip_blanks(at);
}

/* A number or a range. NULL after a message. */
static const char *
read_range(struct list *list, const char *at, int *status)
{
	uint32_t first, last;

	*status = -EINVAL;
	at = read_core(list, skip_blanks(at), &first);
	if (at == NULL)
		return NULL;
	last = first;
	if (*at == '-')
		at = read_core(list, skip_blanks(at + 1), &last);
	if (at == NULL)
		return NULL;
	*status = add_range(list, first, last);
	return *status == 0 ? at : NULL;
}

int
core_list_parse(const char *text, uint32_t *cores, uint32_t max, struct err *err)
{
	struct list list = { .cores = cores, .max = max, .err = err };
	const char *at = skip_blanks(text);
	int status;

	if (*at == '\0')
		return 0;
	for (;; at++) {
		at = read_range(&list, at, &status);
		if (at == NULL)
			return status;
		if (*at == '\0')
			return (int)list.count;
		if (*at != ',')
			return err_set(err, EINVAL, "what is '%.20s'?", at);
	}
}
