/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a text must not be, so that whoever parses it is done soon. The layer's own.
 *
 * A running appliance reads its file in the thread that everybody else waits for. libyaml
 * takes a time that grows with the square of the levels, of the anchors and of the
 * directives. So its scanner goes over the text first, in a time that grows with its length.
 */

#ifndef CONFIG_CONFIG_GUARD_H
#define CONFIG_CONFIG_GUARD_H

#include "config/config_doc.h"

#include <stddef.h>

#define CONFIG_GUARD_LEVELS 16
#define CONFIG_GUARD_ANCHORS 64
#define CONFIG_GUARD_DIRECTIVES 8

/**
 * @return
 *   0: it can be parsed, if only to learn that it is not YAML; otherwise a negative errno
 *   value after a sentence.
 */
int config_guard_check(struct config_doc *doc, const char *text, size_t len);

#endif /* CONFIG_CONFIG_GUARD_H */
