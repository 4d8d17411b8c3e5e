/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Whether frames come to the worker that they belong to: looked at in debug builds only,
 * frame by frame, and counted.
 *
 * What software steered is hashed once more; what a card steered is hashed as the card should.
 * Linux' own hash, of AF_PACKET's queues, nobody else can compute.
 */

#ifndef APP_WORKER_STEERING_CHECK_H
#define APP_WORKER_STEERING_CHECK_H

#include "packet/frame.h"

#include <stdint.h>

struct leg;
struct worker;

#ifdef SYNWIRE_DEBUG
void steering_check(struct worker *worker, const struct leg *leg, const struct frame *frames,
		uint32_t count);
#else
static inline void
steering_check(struct worker *worker, const struct leg *leg, const struct frame *frames,
		uint32_t count)
{
	(void)worker;
	(void)leg;
	(void)frames;
	(void)count;
}
#endif

#endif /* APP_WORKER_STEERING_CHECK_H */
