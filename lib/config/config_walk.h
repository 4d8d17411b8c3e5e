/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Over all keys of a YAML document, as config_doc.h promises. The layer's own.
 */

#ifndef CONFIG_CONFIG_WALK_H
#define CONFIG_CONFIG_WALK_H

#include "config/config_doc.h"

#include <yaml.h>

/**
 * Mark what is there, complain of what is wrong, and leave the rest.
 *
 * @return
 *   0; -EINVAL if it has not even keys at the top, -ENOMEM.
 */
int config_walk_document(yaml_document_t *document, struct config_doc *doc);

#endif /* CONFIG_CONFIG_WALK_H */
