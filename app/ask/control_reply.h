/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Where the answer to a request goes, and who answers. Whoever handles a request knows
 * neither whether a socket's client or a telemetry thread waits, nor whether it still does:
 * a reply stays valid until it is answered, and is answered exactly once, at once or later.
 */

#ifndef APP_ASK_CONTROL_REPLY_H
#define APP_ASK_CONTROL_REPLY_H

#include "app/ask/control_request.h"
#include "base/compiler.h"

#include <jansson.h>

/* Embedded in what waits. */
struct control_reply {
	/* Takes the reference; without an answer, whoever waits sees an end. Frees the reply. */
	void (*deliver)(struct control_reply *reply, json_t *answer);
};

struct control_handler {
	/* On the control thread; the request is there during the call only. */
	void (*handle)(void *context, const struct control_request *request,
			struct control_reply *reply);
	void *context;
};

/**
 * Answer. The reply is gone after it.
 *
 * @param answer
 *   {"ok":true, ...}; its reference is taken. NULL: there was no memory for one.
 */
void control_reply_send(struct control_reply *reply, json_t *answer);

/** Answer {"ok":false,"error":"..."}. */
void control_reply_error(struct control_reply *reply, const char *format, ...) PRINTF_LIKE(2, 3);

#endif /* APP_ASK_CONTROL_REPLY_H */
