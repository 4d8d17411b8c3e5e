/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The gate: `synwire generate`'s traffic goes through a pipeline once, and what comes out must
 * be exactly what went in, or no speed of it is worth a word.
 */

#ifndef BENCH_GATE_H
#define BENCH_GATE_H

#include "base/err.h"

/** 0, or negative with the count that is wrong. */
int gate_pass(struct err *err);

#endif /* BENCH_GATE_H */
