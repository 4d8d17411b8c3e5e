/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The command line of `synwire generate`, from words to the generator's parameters.
 */

#ifndef APP_GENERATE_OPTIONS_H
#define APP_GENERATE_OPTIONS_H

#include "app/generate/generator.h"
#include "base/err.h"

#include <stdbool.h>

struct options {
	struct generator_params params;
	const char *out; /* a file, or "-" */
	const char *truth; /* a file; NULL: none */
	bool help;
};

/**
 * Read them.
 *
 * @return
 *   0, or -EINVAL with the sentence in @p err.
 */
int options_read(int argc, char **argv, struct options *options, struct err *err);

#endif /* APP_GENERATE_OPTIONS_H */
