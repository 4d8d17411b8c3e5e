/* SPDX-License-Identifier: Apache-2.0 */

#include "base/err_list.h"

#include <stdarg.h>

int
err_list_add(struct err_list *list, int code, const char *format, ...)
{
	va_list args;
	struct err *err;

	if (list == NULL)
		return -code;
	if (list->count == ERR_LIST_MAX) {
		list->more++;
		return -code;
	}
	err = &list->errs[list->count++];
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return -code;
}

void
err_list_print(const struct err_list *list, const char *prefix, FILE *out)
{
	for (size_t i = 0; i < list->count; i++)
		fprintf(out, "%s: %s\n", prefix, list->errs[i].text);
	if (list->more > 0)
		fprintf(out, "%s: and %zu more\n", prefix, list->more);
}
