/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Where a file says what: the line of each key, for messages. The layer's own.
 *
 * The reader of values (config_file.c) does not tell lines; this walk over the same text
 * does, and sees what a reader passes over: a key that is there twice, a second document.
 */

#ifndef CONFIG_CONFIG_LINES_H
#define CONFIG_CONFIG_LINES_H

#include "base/err.h"

#include <stddef.h>

enum config_shape {
	CONFIG_SHAPE_VALUE,
	CONFIG_SHAPE_EMPTY,
	CONFIG_SHAPE_LIST,
	CONFIG_SHAPE_KEYS, /* more keys below it */
};

struct config_line {
	char *path; /* "tcp" or "tcp.syn_retries" */
	unsigned int line;
	unsigned int depth; /* 1 for "tcp", 2 for "tcp.syn_retries" */
	enum config_shape shape;
};

/* Zero-initialise. */
struct config_lines {
	struct config_line *lines;
	size_t count;
};

/**
 * @param file
 *   For messages.
 * @param text
 *   @p len bytes of YAML.
 * @param[out] lines
 *   In the order of the text; config_lines_free() in any case.
 * @return
 *   0; -EINVAL with a sentence that names file and line; -ENOMEM.
 */
int config_lines_read(const char *file, const char *text, size_t len, struct config_lines *lines,
		struct err *err);

void config_lines_free(struct config_lines *lines);

#endif /* CONFIG_CONFIG_LINES_H */
