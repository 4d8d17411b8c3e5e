/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The answers to what a running appliance is asked, whichever way the request came.
 */

#ifndef APP_RUN_ANSWERS_H
#define APP_RUN_ANSWERS_H

#include "app/ask/control_reply.h"

#include <stdint.h>

struct control;

/* Searches of flow tables that may be under way at once. */
#define ANSWERS_SEARCHES_MAX 8

struct answers_waiting;

/* Zero-initialise. */
struct answers {
	uint32_t searches;
	struct answers_waiting *waiting; /* for letters to come back */
};

/** Answer a request now or, where workers must be asked, later. @p control is a struct control. */
void answers_handle(
		void *control, const struct control_request *request, struct control_reply *reply);

/** Give the answers that waited for the workers, who are done. @p control is a struct control. */
void answers_go_on(struct control *control);

#endif /* APP_RUN_ANSWERS_H */
