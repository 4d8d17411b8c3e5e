/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_dump.h"

#include "config/config_key.h"
#include "config/config_schema.h"

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

static const char *
when_text(const struct config_key *key)
{
	return key->when == CONFIG_LIVE ? "can change while running" : "needs a restart";
}

static void
print_default(const struct config_key *key, char *text, size_t size)
{
	if (key->standard == NULL)
		snprintf(text, size, "must be given");
	else if (*key->standard == '\0')
		snprintf(text, size, "default empty");
	else
		snprintf(text, size, "default %s", key->standard);
}

/* What a key means and takes. */
static void
print_help(FILE *out, const char *indent, const struct config_key *key)
{
	char accepted[CONFIG_KEY_YAML];
	char standard[CONFIG_KEY_YAML];
	char rest[3 * CONFIG_KEY_YAML];

	config_key_describe(key, accepted, sizeof(accepted));
	print_default(key, standard, sizeof(standard));
	snprintf(rest, sizeof(rest), "(%s; %s; %s)", accepted, standard, when_text(key));
	print_comment(out, indent, key->help);
	print_comment(out, indent, rest);
}

static void
print_value(FILE *out, const struct config *config, const struct config_section *section,
		const struct config_key *key, size_t index)
{
	char yaml[CONFIG_KEY_YAML];

	config_key_print(key, (const char *)config + config_schema_offset(section, key, index),
			yaml, sizeof(yaml));
	fprintf(out, "%s: %s\n", key->name, yaml);
}

static void
print_keys(FILE *out, const struct config *config, const struct config_section *section)
{
	const char *indent = section->form == CONFIG_FORM_TOP ? "" : "  ";

	for (size_t k = 0; k < section->key_count; k++) {
		print_help(out, indent, &section->keys[k]);
		fputs(indent, out);
		print_value(out, config, section, &section->keys[k], 0);
	}
}

/* The keys are explained once, with the first group. */
static void
print_groups(FILE *out, const struct config *config, const struct config_section *section)
{
	for (size_t i = 0; i < config_schema_count(section, config); i++)
		for (size_t k = 0; k < section->key_count; k++) {
			if (i == 0)
				print_help(out, k == 0 ? "  " : "    ", &section->keys[k]);
			fputs(k == 0 ? "  - " : "    ", out);
			print_value(out, config, section, &section->keys[k], i);
		}
}

/* Of a list without groups: what one would have. */
static void
print_outline(FILE *out, const struct config_section *section)
{
	for (size_t k = 0; k < section->key_count; k++) {
		print_help(out, "  ", &section->keys[k]);
		fprintf(out, "  # %s %s:\n", k == 0 ? "-" : " ", section->keys[k].name);
	}
}

void
config_dump_yaml(const struct config *config, FILE *out)
{
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);

	for (size_t i = 0; i < count; i++) {
		const struct config_section *section = &sections[i];

		if (i > 0)
			fputc('\n', out);
		print_comment(out, "", section->help);
		if (section->form == CONFIG_FORM_TOP)
			fputc('\n', out);
		else
			fprintf(out, "%s:\n", section->name);
		if (section->form != CONFIG_FORM_LIST)
			print_keys(out, config, section);
		else if (config_schema_count(section, config) > 0)
			print_groups(out, config, section);
		else
			print_outline(out, section);
	}
}

static const char markdown_head[] =
		"<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
		"# Configuration\n"
		"\n"
		"<!-- Made by `synwire check --document` from lib/config/config_rows.h. -->\n"
		"\n"
		"A configuration is one YAML file of sections and keys, given with `-c FILE`. Every key\n"
		"that has a default may be left out; a key that is not listed here is an error.\n"
		"`--set SECTION.KEY=VALUE` sets a key on the command line and wins over the file; it\n"
		"reaches all keys but those in lists.\n"
		"\n"
		"`synwire check -c FILE` says all that is wrong and on which line, or prints the whole\n"
		"configuration with the defaults filled in. The files in `conf/` are examples.\n"
		"\n"
		"- A time is a number with its unit: `2h`, `90m`, `120s`, `250ms`, `50us`, `1d`. A plain\n"
		"  number is seconds.\n"
		"- A size is a number of bytes, or of `KiB`, `MiB`, `GiB` or `TiB`: `64MiB`.\n"
		"- Cores are numbers and ranges: `2-5,8`.\n"
		"- A list is written `[a, b]`, or with a line `- a` for each.\n"
		"- `wires[].name` is the name of each wire: `wires` is a list, in which every wire begins\n"
		"  with `- `. In a default, `#` is its position in the list, from 0.\n"
		"\n"
		"A running appliance takes a changed file on SIGHUP or `synwire reload`: the keys that are\n"
		"marked `live`. For the others it must be started anew, and it says so.\n";

static void
print_row(FILE *out, const struct config_key *key)
{
	char accepted[CONFIG_KEY_YAML];
	const char *tick = key->standard == NULL || *key->standard == '\0' ? "" : "`";

	config_key_describe(key, accepted, sizeof(accepted));
	fprintf(out, "| `%s` | %s | %s%s%s | %s | %s |\n", key->path, accepted, tick,
			key->standard == NULL ? "must be given" : key->standard, tick,
			key->when == CONFIG_LIVE ? "live" : "restart", key->help);
}

void
config_dump_markdown(FILE *out)
{
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);

	fputs(markdown_head, out);
	for (size_t i = 0; i < count; i++) {
		const struct config_section *section = &sections[i];

		if (section->form == CONFIG_FORM_TOP)
			fprintf(out, "\n## Without a section\n\n%s\n\n", section->help);
		else
			fprintf(out, "\n## `%s`\n\n%s\n\n", section->name, section->help);
		fputs("| key | value | default | change | meaning |\n"
		      "| --- | --- | --- | --- | --- |\n",
				out);
		for (size_t k = 0; k < section->key_count; k++)
			print_row(out, &section->keys[k]);
	}
}
