/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_guard.h"

#include <errno.h>
#include <stdbool.h>
#include <yaml.h>

/* What has been seen so far. */
struct seen {
	unsigned int level;
	unsigned int anchors;
	unsigned int directives;
};

static void
look_at(struct seen *seen, yaml_token_type_t type)
{
	switch (type) {
	case YAML_BLOCK_SEQUENCE_START_TOKEN:
	case YAML_BLOCK_MAPPING_START_TOKEN:
	case YAML_FLOW_SEQUENCE_START_TOKEN:
	case YAML_FLOW_MAPPING_START_TOKEN:
		seen->level++;
		break;
	case YAML_BLOCK_END_TOKEN:
	case YAML_FLOW_SEQUENCE_END_TOKEN:
	case YAML_FLOW_MAPPING_END_TOKEN:
		/* One that closes nothing is the parser's to refuse. */
		seen->level -= seen->level > 0 ? 1 : 0;
		break;
	case YAML_ANCHOR_TOKEN:
		seen->anchors++;
		break;
	case YAML_VERSION_DIRECTIVE_TOKEN:
	case YAML_TAG_DIRECTIVE_TOKEN:
		seen->directives++;
		break;
	default:
		break;
	}
}

static const char *
too_much(const struct seen *seen)
{
	if (seen->level > CONFIG_GUARD_LEVELS)
		return "nested too deeply; a configuration has no more than 3 levels";
	if (seen->anchors > CONFIG_GUARD_ANCHORS)
		return "too many anchors; a configuration needs none";
	if (seen->directives > CONFIG_GUARD_DIRECTIVES)
		return "too many directives; a configuration needs none";
	return NULL;
}

static int
scan(struct config_doc *doc, yaml_parser_t *parser)
{
	struct seen seen = { .level = 0 };
	yaml_token_t token;

	while (yaml_parser_scan(parser, &token)) {
		const bool is_last = token.type == YAML_STREAM_END_TOKEN;
		const unsigned int line = (unsigned int)token.start_mark.line + 1;
		const char *why;

		look_at(&seen, token.type);
		yaml_token_delete(&token);
		why = too_much(&seen);
		if (why != NULL) {
			doc->broken_line = line;
			return config_doc_complain(doc, line, "", "%s", why);
		}
		if (is_last)
			return 0;
	}
	return 0; /* no YAML; the parser comes to it, too */
}

int
config_guard_check(struct config_doc *doc, const char *text, size_t len)
{
	yaml_parser_t parser;
	int ret;

	if (!yaml_parser_initialize(&parser))
		return err_list_add(doc->errors, ENOMEM, "%s: out of memory", doc->file);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	ret = scan(doc, &parser);
	yaml_parser_delete(&parser);
	return ret;
}
