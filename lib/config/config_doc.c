/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_doc.h"

#include "config/config_guard.h"
#include "config/config_walk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

int
config_doc_complain(struct config_doc *doc, unsigned int line, const char *path, const char *format,
		...)
{
	struct err why;
	va_list args;

	va_start(args, format);
	vsnprintf(why.text, sizeof(why.text), format, args);
	va_end(args);
	doc->status = err_list_add(doc->errors, EINVAL, "%s:%u: %s%s%s", doc->file, line, path,
			*path == '\0' ? "" : ": ", why.text);
	return doc->status;
}

static int
out_of_memory(struct config_doc *doc)
{
	doc->status = err_list_add(doc->errors, ENOMEM, "%s: out of memory", doc->file);
	return doc->status;
}

unsigned int
config_doc_line(const struct config_doc *doc, const char *path)
{
	for (size_t i = 0; i < doc->mark_count; i++)
		if (strcmp(doc->marks[i].path, path) == 0)
			return doc->marks[i].line;
	return 0;
}

int
config_doc_mark(struct config_doc *doc, const char *path, unsigned int line)
{
	unsigned int first = config_doc_line(doc, path);
	struct config_mark *marks;

	if (first != 0)
		return config_doc_complain(doc, line, path, "is on line %u already", first);
	marks = reallocarray(doc->marks, doc->mark_count + 1, sizeof(*marks));
	if (marks == NULL)
		return out_of_memory(doc);
	doc->marks = marks;
	marks += doc->mark_count++;
	snprintf(marks->path, sizeof(marks->path), "%s", path);
	marks->line = line;
	return 0;
}

static int
syntax_error(struct config_doc *doc, const yaml_parser_t *parser)
{
	/* A bad byte has no mark, but an offset; it comes before any line can be told. */
	if (parser->error == YAML_READER_ERROR)
		return err_list_add(doc->errors, EINVAL, "%s: %s, at byte %zu", doc->file,
				parser->problem, parser->problem_offset);
	if (parser->problem == NULL)
		return out_of_memory(doc);
	doc->broken_line = (unsigned int)parser->problem_mark.line + 1;
	if (parser->context != NULL)
		doc->broken_from = (unsigned int)parser->context_mark.line + 1;
	return config_doc_complain(doc, doc->broken_line, "", "not YAML: %s", parser->problem);
}

static int
check_no_more(struct config_doc *doc, yaml_parser_t *parser)
{
	const yaml_node_t *root;
	yaml_document_t document;

	if (!yaml_parser_load(parser, &document))
		return syntax_error(doc, parser);
	root = yaml_document_get_root_node(&document);
	if (root != NULL)
		config_doc_complain(doc, (unsigned int)root->start_mark.line + 1, "",
				"a second document begins; only one is read");
	yaml_document_delete(&document);
	return 0;
}

/* Consumes the document. */
static int
write_text(struct config_doc *doc, yaml_document_t *document)
{
	FILE *file = open_memstream(&doc->text, &doc->len);
	yaml_emitter_t emitter;
	int done;

	if (file == NULL || !yaml_emitter_initialize(&emitter)) {
		if (file != NULL)
			fclose(file);
		yaml_document_delete(document);
		return out_of_memory(doc);
	}
	yaml_emitter_set_output_file(&emitter, file);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, -1);
	done = yaml_emitter_dump(&emitter, document) && yaml_emitter_flush(&emitter);
	yaml_emitter_delete(&emitter);
	if (fclose(file) != 0 || !done)
		return out_of_memory(doc);
	return 0;
}

static int
read_documents(struct config_doc *doc, yaml_parser_t *parser)
{
	yaml_document_t document;
	int ret;

	if (!yaml_parser_load(parser, &document))
		return syntax_error(doc, parser);
	ret = check_no_more(doc, parser);
	if (ret == 0)
		ret = config_walk_document(&document, doc);
	if (ret == 0 && yaml_document_get_root_node(&document) != NULL)
		return write_text(doc, &document);
	yaml_document_delete(&document);
	return ret;
}

int
config_doc_read(struct config_doc *doc, const char *text, size_t len)
{
	yaml_parser_t parser;
	int ret;

	doc->broken_line = 0;
	doc->broken_from = 0;
	ret = config_guard_check(doc, text, len);
	if (ret != 0)
		return ret;
	if (!yaml_parser_initialize(&parser))
		return out_of_memory(doc);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	ret = read_documents(doc, &parser);
	yaml_parser_delete(&parser);
	return ret;
}

void
config_doc_free(struct config_doc *doc)
{
	free(doc->marks);
	free(doc->text);
	*doc = (struct config_doc){ 0 };
}
