/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The text of a configuration file, before any value is looked at. The layer's own.
 *
 * The reader of values (config_read.h) tells no lines, and stops at the first thing that it
 * does not expect. So the document passes here first: what is no key, stands in the wrong
 * place, has the wrong shape or is there twice is told with its line, and made into
 * something that the reader passes over. Then all that is left has the shape of the schema,
 * and its values can be judged, too.
 */

#ifndef CONFIG_CONFIG_DOC_H
#define CONFIG_CONFIG_DOC_H

#include "base/err_list.h"
#include "config/config_doubt.h"
#include "config/config_schema.h"

#include <stddef.h>

/* A key or section that the file names. */
struct config_mark {
	char path[CONFIG_PATH_LEN];
	unsigned int line;
};

/* Zero-initialise. */
struct config_doc {
	const char *file; /* for messages */
	struct err_list *errors; /* gets a sentence for each mistake; may be NULL */
	int status; /* of the last mistake; 0: none */
	unsigned int broken_line; /* from which on it is no YAML, or none to be parsed; 0: none */
	unsigned int broken_from; /* where that began which does not end there; 0: as above */
	struct config_doubt doubt; /* the keys that the mistakes are about */
	struct config_mark *marks;
	size_t mark_count;
	char *text; /* what is left, as YAML; NULL: nothing */
	size_t len;
};

/**
 * @param doc
 *   With `file` and `errors`; config_doc_free() in any case.
 * @param text
 *   @p len bytes of YAML.
 * @return
 *   0: what is left can be read, whatever `status` says; otherwise a negative errno value,
 *   and nothing can be.
 */
int config_doc_read(struct config_doc *doc, const char *text, size_t len);

void config_doc_free(struct config_doc *doc);

/**
 * A mistake.
 *
 * @param path
 *   "" where it is not about a key.
 * @return
 *   -EINVAL.
 */
int config_doc_complain(struct config_doc *doc, unsigned int line, const char *path,
		const char *format, ...) PRINTF_LIKE(4, 5);

/**
 * @return
 *   0; a negative errno value after a mistake: it is there already, and the first counts.
 */
int config_doc_mark(struct config_doc *doc, const char *path, unsigned int line);

/** The line of a key or section; 0: it is not there. */
unsigned int config_doc_line(const struct config_doc *doc, const char *path);

#endif /* CONFIG_CONFIG_DOC_H */
