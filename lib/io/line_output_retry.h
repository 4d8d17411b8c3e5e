/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What failed is tried again after a second; at once where the clock was set back.
 */

#ifndef IO_LINE_OUTPUT_RETRY_H
#define IO_LINE_OUTPUT_RETRY_H

#include "base/usec.h"

#include <stdbool.h>

struct line_output_retry {
	bool was_tried;
	uint64_t tried_us;
};

static inline bool
line_output_retry_is_due(const struct line_output_retry *retry, uint64_t now_us)
{
	/* The difference to a time before is huge, too. */
	return !retry->was_tried || now_us - retry->tried_us >= USEC_PER_SEC;
}

static inline void
line_output_retry_note(struct line_output_retry *retry, uint64_t now_us)
{
	*retry = (struct line_output_retry){ .was_tried = true, .tried_us = now_us };
}

#endif /* IO_LINE_OUTPUT_RETRY_H */
