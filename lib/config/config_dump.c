/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_dump.h"

#include "config/config_schema.h"
#include "config/config_value.h"

#include <string.h>

#define WIDTH 96

/* Words, filled into lines of a comment. */
static void
print_comment(FILE *out, const char *indent, const char *text)
{
	size_t at = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (at == 0 || at + 1 + len > WIDTH) {
			fprintf(out, "%s%s#", at == 0 ? "" : "\n", indent);
			at = strlen(indent) + 1;
		}
		fprintf(out, " %.*s", (int)len, text);
		at += 1 + len;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void
print_key(FILE *out, const struct config *config, const struct config_key *key)
{
	char accepted[CONFIG_VALUE_TEXT];
	char value[CONFIG_VALUE_TEXT];
	char range[2 * CONFIG_VALUE_TEXT];

	config_value_describe(key, accepted, sizeof(accepted));
	config_value_print(key, *(const uint64_t *)((const char *)config + key->offset), value,
			sizeof(value));
	snprintf(range, sizeof(range), "(%s; default %s)", accepted, key->standard);
	print_comment(out, "  ", key->help);
	print_comment(out, "  ", range);
	fprintf(out, "  %s: %s\n", key->name, value);
}

void
config_dump_yaml(const struct config *config, FILE *out)
{
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			fputc('\n', out);
		print_comment(out, "", sections[i].help);
		fprintf(out, "%s:\n", sections[i].name);
		for (size_t k = 0; k < sections[i].key_count; k++)
			print_key(out, config, &sections[i].keys[k]);
	}
}

static const char markdown_head[] =
		"<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
		"# Configuration\n"
		"\n"
		"<!-- Made by `synwire check --document` from the rows in lib/config/config.h. -->\n"
		"\n"
		"A configuration is one YAML file of sections and keys, given with `-c FILE`. Every key\n"
		"may be left out and then has its default; a key that is not listed here is an error.\n"
		"`--set SECTION.KEY=VALUE` sets a key on the command line and wins over the file.\n"
		"\n"
		"`synwire check -c FILE` says what is wrong and on which line, or prints the whole\n"
		"configuration with the defaults filled in. `conf/replay.yaml` is an example.\n"
		"\n"
		"A time is a number with its unit: `2h`, `90m`, `120s`, `250ms`, `50us`, `1d`. A plain\n"
		"number is seconds.\n";

void
config_dump_markdown(FILE *out)
{
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);
	char accepted[CONFIG_VALUE_TEXT];

	fputs(markdown_head, out);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "\n## `%s`\n\n%s\n\n", sections[i].name, sections[i].help);
		fputs("| key | value | default | meaning |\n| --- | --- | --- | --- |\n", out);
		for (size_t k = 0; k < sections[i].key_count; k++) {
			const struct config_key *key = &sections[i].keys[k];

			config_value_describe(key, accepted, sizeof(accepted));
			fprintf(out, "| `%s` | %s | `%s` | %s |\n", key->path, accepted,
					key->standard, key->help);
		}
	}
}
