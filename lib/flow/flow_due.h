/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Coarse times modulo 2^16: the bounds in a bucket. See FLOW_TABLE_DUE_SHIFT.
 */

#ifndef FLOW_FLOW_DUE_H
#define FLOW_FLOW_DUE_H

#include "flow/flow_table.h"

#include <stdint.h>

static inline uint16_t
flow_due_unit(uint64_t time_us)
{
	return (uint16_t)(time_us >> FLOW_TABLE_DUE_SHIFT);
}

/** How far @p due lies ahead of @p now; what has passed is negative. */
static inline int16_t
flow_due_ahead(uint16_t due, uint16_t now)
{
	return (int16_t)(uint16_t)(due - now);
}

#endif /* FLOW_FLOW_DUE_H */
