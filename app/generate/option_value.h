/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What follows an option of `synwire generate`, from a word to its value. Each returns 0, or
 * -EINVAL with the sentence in @p err.
 */

#ifndef APP_GENERATE_OPTION_VALUE_H
#define APP_GENERATE_OPTION_VALUE_H

#include "app/generate/generator.h"
#include "base/err.h"

#include <stdint.h>

#define CAPTURE_END_US ((UINT64_C(1) << 32) * USEC_PER_SEC) /* where the file format ends */

int option_value_number(const char *name, const char *text, uint64_t least, uint64_t most,
		uint64_t *number, struct err *err);

/** A number of seconds, which may have a fraction. */
int option_value_seconds(const char *name, const char *text, double most, uint64_t *time_us,
		struct err *err);

/** 2026-01-01T00:00:00Z, or seconds since the epoch. */
int option_value_start(const char *text, uint64_t *start_us, struct err *err);

int option_value_vlan(const char *text, struct generator_params *params, struct err *err);

/** ADDR, ADDR:PORT or [ADDR]:PORT; an IPv6 address without brackets has no port. */
int option_value_victim(const char *text, struct generator_params *params, struct err *err);

/** What a flood is made of, as flags of TCP. */
int option_value_with(const char *text, uint8_t *with, struct err *err);

#endif /* APP_GENERATE_OPTION_VALUE_H */
