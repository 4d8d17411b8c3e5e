/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Nodes are neither added nor removed on the way, as an alias may lead back into a mapping
 * that is being walked over. A pair that is wrong becomes `-: {}`, a key that nobody knows
 * and that the reader of values passes over; a wrong group becomes an empty one, so that
 * those after it keep their positions.
 */

#include "config/config_walk.h"

#include "config/config_key.h"
#include "config/config_near.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct walk {
	yaml_document_t *document;
	struct config_doc *doc;
	int passed_over; /* the node "-" */
	int empty; /* the node {} */
	size_t unknown; /* keys so far */
};

/* Where in the schema a mapping is. */
struct place {
	const struct config_section *section; /* NULL: at the top */
	size_t index;
};

static unsigned int
line_of(const yaml_node_t *node)
{
	return (unsigned int)node->start_mark.line + 1;
}

static yaml_node_t *
node_of(const struct walk *walk, int id)
{
	return yaml_document_get_node(walk->document, id);
}

/* NULL: no word, or none that a C string holds. */
static const char *
word_of(const yaml_node_t *node)
{
	const char *word;

	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	word = (const char *)node->data.scalar.value;
	return strlen(word) == node->data.scalar.length ? word : NULL;
}

static bool
is_empty(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0;
}

static bool
is_list_of_words(const struct walk *walk, const yaml_node_t *node)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return false;
	for (const int *item = node->data.sequence.items.start;
			item < node->data.sequence.items.top; item++)
		if (word_of(node_of(walk, *item)) == NULL)
			return false;
	return true;
}

/* What a value is that has not the shape which its key takes. */
static const char *
shape_of(const struct config_key *key, const yaml_node_t *value)
{
	if (value->type == YAML_MAPPING_NODE)
		return "keys below it";
	if (value->type == YAML_SEQUENCE_NODE)
		return config_schema_is_list(key) ? "a list of something else" : "a list";
	if (is_empty(value))
		return "nothing";
	return config_schema_is_list(key) ? "a single value; write [one, two]" : "a zero byte";
}

/* From here on, false: it is wrong, and was told. */

static bool
check_value(struct walk *walk, struct place place, const struct config_key *key, unsigned int line,
		const yaml_node_t *value)
{
	char path[CONFIG_PATH_LEN];
	char accepted[CONFIG_KEY_YAML];

	config_schema_path(place.section, key, place.index, path, sizeof(path));
	if (config_schema_is_list(key) ? is_list_of_words(walk, value) : word_of(value) != NULL)
		return config_doc_mark(walk->doc, path, line) == 0;
	config_key_describe(key, accepted, sizeof(accepted));
	config_doc_complain(walk->doc, line, path, "must be %s, got %s", accepted,
			shape_of(key, value));
	config_doubt_add(&walk->doc->doubt, key);
	return false;
}

/* To find what was meant takes long; after so many there is no room to tell it. */
static bool
unknown_key(struct walk *walk, const char *path, const char *shown, unsigned int line)
{
	struct err why = { "unknown key" };
	const struct config_section *section = NULL;
	const struct config_key *meant = NULL;

	if (walk->unknown++ < ERR_LIST_MAX)
		meant = config_near_unknown(path, &section, &why);
	if (meant != NULL)
		config_doubt_add(&walk->doc->doubt, meant);
	if (section != NULL)
		config_doubt_add_section(&walk->doc->doubt, section);
	config_doc_complain(walk->doc, line, shown, "%s", why.text);
	return false;
}

static bool
check_key(struct walk *walk, struct place place, const char *name, unsigned int line,
		const yaml_node_t *value)
{
	const struct config_key *key = config_schema_key(place.section, name);
	char path[CONFIG_TEXT_LEN];
	char shown[CONFIG_TEXT_LEN];

	if (key != NULL)
		return check_value(walk, place, key, line, value);
	if (place.section->form == CONFIG_FORM_LIST) {
		snprintf(path, sizeof(path), "%s[].%s", place.section->name, name);
		snprintf(shown, sizeof(shown), "%s[%zu].%s", place.section->name, place.index,
				name);
		return unknown_key(walk, path, shown, line);
	}
	snprintf(path, sizeof(path), "%s.%s", place.section->name, name);
	return unknown_key(walk, path, path, line);
}

static void walk_mapping(struct walk *walk, struct place place, yaml_node_t *mapping);

/* The keys that a group cannot do without. */
static void
check_required(struct walk *walk, struct place place, unsigned int line)
{
	char path[CONFIG_PATH_LEN];
	char accepted[CONFIG_KEY_YAML];

	for (size_t k = 0; k < place.section->key_count; k++) {
		const struct config_key *key = &place.section->keys[k];

		config_schema_path(place.section, key, place.index, path, sizeof(path));
		if (key->standard != NULL || config_doc_line(walk->doc, path) != 0 ||
				config_doubt_has(&walk->doc->doubt, key))
			continue;
		config_key_describe(key, accepted, sizeof(accepted));
		config_doc_complain(walk->doc, line, path, "is missing; must be %s", accepted);
	}
}

static void
walk_group(struct walk *walk, struct place place, int *item)
{
	char path[CONFIG_PATH_LEN];
	yaml_node_t *group = node_of(walk, *item);

	if (group->type == YAML_MAPPING_NODE) {
		walk_mapping(walk, place, group);
		check_required(walk, place, line_of(group));
		return;
	}
	snprintf(path, sizeof(path), "%s[%zu]", place.section->name, place.index);
	config_doc_complain(walk->doc, line_of(group), path, "must be keys with their values");
	config_doubt_add_section(&walk->doc->doubt, place.section);
	*item = walk->empty;
}

static void
walk_list(struct walk *walk, const struct config_section *section, unsigned int line,
		yaml_node_t *list)
{
	int *items = list->data.sequence.items.start;
	size_t count = (size_t)(list->data.sequence.items.top - items);

	if (count > section->max) {
		config_doc_complain(walk->doc, line, section->name, "must be at most %zu, got %zu",
				section->max, count);
		count = section->max;
		list->data.sequence.items.top = items + count;
	}
	for (size_t i = 0; i < count; i++)
		walk_group(walk, (struct place){ section, i }, &items[i]);
}

static bool
check_section(struct walk *walk, const struct config_section *section, unsigned int line,
		yaml_node_t *value)
{
	const bool list = section->form == CONFIG_FORM_LIST;

	if (config_doc_mark(walk->doc, section->name, line) != 0)
		return false;
	if (is_empty(value)) /* it says nothing */
		return false;
	if (list && value->type == YAML_SEQUENCE_NODE) {
		walk_list(walk, section, line, value);
		return true;
	}
	if (!list && value->type == YAML_MAPPING_NODE) {
		walk_mapping(walk, (struct place){ section, 0 }, value);
		return true;
	}
	config_doc_complain(walk->doc, line, section->name, "must have %s below it, indented",
			list ? "a list of '- key: value'" : "its keys");
	config_doubt_add_section(&walk->doc->doubt, section);
	return false;
}

static bool
check_top(struct walk *walk, const char *name, unsigned int line, yaml_node_t *value)
{
	const struct config_section *section = config_schema_section(name);
	const struct config_key *key;

	if (section != NULL)
		return check_section(walk, section, line, value);
	key = config_schema_find(name, &section);
	if (key == NULL)
		return unknown_key(walk, name, name, line);
	if (section->form == CONFIG_FORM_TOP)
		return check_value(walk, (struct place){ section, 0 }, key, line, value);
	config_doc_complain(walk->doc, line, name, "must stand below its section, indented");
	config_doubt_add(&walk->doc->doubt, key);
	return false;
}

static bool
check_pair(struct walk *walk, struct place place, const yaml_node_pair_t *pair)
{
	const yaml_node_t *key = node_of(walk, pair->key);
	const char *name = word_of(key);

	if (name == NULL) {
		config_doc_complain(walk->doc, line_of(key), "", "a key must be a word");
		return false;
	}
	if (place.section == NULL)
		return check_top(walk, name, line_of(key), node_of(walk, pair->value));
	return check_key(walk, place, name, line_of(key), node_of(walk, pair->value));
}

static void
walk_mapping(struct walk *walk, struct place place, yaml_node_t *mapping)
{
	for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
			pair < mapping->data.mapping.pairs.top; pair++)
		if (pair->key != walk->passed_over && !check_pair(walk, place, pair))
			*pair = (yaml_node_pair_t){ walk->passed_over, walk->empty };
}

int
config_walk_document(yaml_document_t *document, struct config_doc *doc)
{
	static const yaml_char_t dash[] = "-";
	const yaml_node_t *root = yaml_document_get_root_node(document);
	struct walk walk = { .document = document, .doc = doc };

	if (root == NULL) /* nothing but comments */
		return 0;
	if (root->type != YAML_MAPPING_NODE)
		return config_doc_complain(doc, line_of(root), "",
				"must hold keys and sections, such as 'tcp:'");
	walk.passed_over = yaml_document_add_scalar(
			document, NULL, dash, 1, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
	walk.empty = yaml_document_add_mapping(document, NULL, YAML_FLOW_MAPPING_STYLE);
	if (walk.passed_over == 0 || walk.empty == 0)
		return err_list_add(doc->errors, ENOMEM, "%s: out of memory", doc->file);
	walk_mapping(&walk, (struct place){ NULL, 0 }, yaml_document_get_root_node(document));
	return 0;
}
