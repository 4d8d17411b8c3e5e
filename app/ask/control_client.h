/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Asks a running appliance by its control socket, and waits for the answer.
 */

#ifndef APP_ASK_CONTROL_CLIENT_H
#define APP_ASK_CONTROL_CLIENT_H

#include "base/err.h"

#include <jansson.h>

#define CONTROL_CLIENT_PATIENCE_MS 10000

/**
 * @param patience_ms
 *   For all of it.
 * @param[out] answer
 *   A JSON object, whose reference is the caller's; NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int control_client_ask(const char *path, const json_t *request, int patience_ms, json_t **answer,
		struct err *err);

/**
 * Ask for a command: what went wrong, there or on the way, is told on standard error.
 *
 * @param program
 *   "synwire COMMAND".
 * @param request
 *   Its reference is taken.
 * @return
 *   The answer, {"ok":true, ...}; NULL after an error.
 */
json_t *control_client_run(const char *program, const char *path, json_t *request);

#endif /* APP_ASK_CONTROL_CLIENT_H */
