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

/* Zero-initialise. */
struct answers {
	uint32_t searches;
};

/** Answer a request now or, where workers must be asked, later. @p control is a struct control. */
void answers_handle(
		void *control, const struct control_request *request, struct control_reply *reply);

#endif /* APP_RUN_ANSWERS_H */
