/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/exposition.h"

#include "base/usec.h"
#include "observe/utf8.h"

#include <inttypes.h>

void
exposition_family(struct exposition *text, const char *name, const char *type, const char *help)
{
	fprintf(text->out, "# HELP synwire_%s %s\n# TYPE synwire_%s %s\n", name, help, name, type);
}

void
exposition_begin(struct exposition *text, const char *name)
{
	fprintf(text->out, "synwire_%s", name);
	text->has_labels = false;
}

static void
put_escaped(FILE *out, const char *value)
{
	for (uint32_t len; *value != '\0'; value += len == 0 ? 1 : len) {
		len = utf8_len(value);
		if (len == 0)
			fputc('?', out);
		else if (*value == '\n')
			fputs("\\n", out);
		else if (*value == '"' || *value == '\\')
			fprintf(out, "\\%c", *value);
		else
			fwrite(value, 1, len, out);
	}
}

void
exposition_label(struct exposition *text, const char *key, const char *value)
{
	fprintf(text->out, "%c%s=\"", text->has_labels ? ',' : '{', key);
	put_escaped(text->out, value);
	fputc('"', text->out);
	text->has_labels = true;
}

void
exposition_label_number(struct exposition *text, const char *key, uint32_t value)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%" PRIu32, value);
	exposition_label(text, key, digits);
}

void
exposition_count(struct exposition *text, uint64_t value)
{
	fprintf(text->out, "%s %" PRIu64 "\n", text->has_labels ? "}" : "", value);
}

void
exposition_seconds(struct exposition *text, uint64_t us)
{
	fprintf(text->out, "%s %" PRIu64 ".%06" PRIu64 "\n", text->has_labels ? "}" : "",
			us / USEC_PER_SEC, us % USEC_PER_SEC);
}

void
exposition_ratio(struct exposition *text, double ratio)
{
	fprintf(text->out, "%s %.4f\n", text->has_labels ? "}" : "", ratio);
}
