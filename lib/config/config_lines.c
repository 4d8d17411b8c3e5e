/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

struct walk {
	const char *file;
	yaml_document_t document;
	struct config_lines *lines;
	struct err *err;
};

static unsigned int
line_of(yaml_mark_t mark)
{
	return (unsigned int)mark.line + 1;
}

static enum config_shape
shape_of(const yaml_node_t *value)
{
	switch (value->type) {
	case YAML_MAPPING_NODE:
		return CONFIG_SHAPE_KEYS;
	case YAML_SEQUENCE_NODE:
		return CONFIG_SHAPE_LIST;
	default:
		return value->data.scalar.length == 0 ? CONFIG_SHAPE_EMPTY : CONFIG_SHAPE_VALUE;
	}
}

static int
add_line(struct walk *walk, const char *section, const yaml_node_t *key, const yaml_node_t *value)
{
	struct config_lines *lines = walk->lines;
	struct config_line *room = reallocarray(
			lines->lines, lines->count + 1, sizeof(*lines->lines));
	struct config_line *line;

	if (room == NULL)
		return err_set(walk->err, ENOMEM, "%s: out of memory", walk->file);
	lines->lines = room;
	line = &room[lines->count];
	if (asprintf(&line->path, "%s%s%s", section == NULL ? "" : section,
			    section == NULL ? "" : ".", key->data.scalar.value) < 0)
		return err_set(walk->err, ENOMEM, "%s: out of memory", walk->file);
	line->line = line_of(key->start_mark);
	line->depth = section == NULL ? 1 : 2;
	line->shape = shape_of(value);
	lines->count++;
	return 0;
}

/* The keys of one mapping and, from the top, of the mappings right below it. */
static int
walk_mapping(struct walk *walk, const char *section, const yaml_node_t *mapping)
{
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
			pair < mapping->data.mapping.pairs.top; pair++) {
		yaml_node_t *key = yaml_document_get_node(&walk->document, pair->key);
		yaml_node_t *value = yaml_document_get_node(&walk->document, pair->value);
		int ret;

		if (key->type != YAML_SCALAR_NODE)
			return err_set(walk->err, EINVAL, "%s:%u: a key must be a word", walk->file,
					line_of(key->start_mark));
		ret = add_line(walk, section, key, value);
		if (ret == 0 && section == NULL && value->type == YAML_MAPPING_NODE)
			ret = walk_mapping(walk, (const char *)key->data.scalar.value, value);
		if (ret != 0)
			return ret;
	}
	return 0;
}

static int
walk_document(struct walk *walk)
{
	yaml_node_t *root = yaml_document_get_root_node(&walk->document);

	if (root == NULL) /* nothing but comments */
		return 0;
	if (root->type != YAML_MAPPING_NODE)
		return err_set(walk->err, EINVAL, "%s:%u: must hold sections, such as 'tcp:'",
				walk->file, line_of(root->start_mark));
	return walk_mapping(walk, NULL, root);
}

static int
syntax_error(const struct walk *walk, const yaml_parser_t *parser)
{
	/* A bad byte has no mark, but an offset; it comes before any line can be told. */
	if (parser->error == YAML_READER_ERROR)
		return err_set(walk->err, EINVAL, "%s: %s, at byte %zu", walk->file,
				parser->problem, parser->problem_offset);
	return err_set(walk->err, EINVAL, "%s:%u: not YAML: %s", walk->file,
			line_of(parser->problem_mark),
			parser->problem == NULL ? "out of memory" : parser->problem);
}

static int
no_more(struct walk *walk)
{
	const yaml_node_t *root = yaml_document_get_root_node(&walk->document);

	if (root == NULL)
		return 0;
	return err_set(walk->err, EINVAL, "%s:%u: a second document begins; only one is read",
			walk->file, line_of(root->start_mark));
}

static int
walk_text(struct walk *walk, yaml_parser_t *parser)
{
	int ret;

	if (!yaml_parser_load(parser, &walk->document))
		return syntax_error(walk, parser);
	ret = walk_document(walk);
	yaml_document_delete(&walk->document);
	if (ret != 0)
		return ret;
	if (!yaml_parser_load(parser, &walk->document))
		return syntax_error(walk, parser);
	ret = no_more(walk);
	yaml_document_delete(&walk->document);
	return ret;
}

int
config_lines_read(const char *file, const char *text, size_t len, struct config_lines *lines,
		struct err *err)
{
	struct walk walk = { .file = file, .lines = lines, .err = err };
	yaml_parser_t parser;
	int ret;

	if (!yaml_parser_initialize(&parser))
		return err_set(err, ENOMEM, "%s: out of memory", file);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	ret = walk_text(&walk, &parser);
	yaml_parser_delete(&parser);
	return ret;
}

void
config_lines_free(struct config_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->lines[i].path);
	free(lines->lines);
	*lines = (struct config_lines){ 0 };
}
