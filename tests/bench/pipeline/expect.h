/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A count against what it must be: a speed is worth nothing that comes with another.
 */

#ifndef BENCH_EXPECT_H
#define BENCH_EXPECT_H

#include "base/err.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>

/** 0, or negative with the sentence, unless an earlier count was wrong. */
static inline int
expect(int rc, const char *what, uint64_t got, uint64_t wanted, struct err *err)
{
	if (rc < 0 || got == wanted)
		return rc;
	return err_set(err, ERANGE, "%s: counted %" PRIu64 ", must be %" PRIu64, what, got, wanted);
}

#endif /* BENCH_EXPECT_H */
