/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A row of numbers as a row of bars, one character each: ▁▂▃▅█, or without UTF-8 _.-+#.
 */

#ifndef OBSERVE_SPARKLINE_H
#define OBSERVE_SPARKLINE_H

#include <stdbool.h>
#include <stdint.h>

/* Bars at most, and room for them with a zero byte. */
#define SPARKLINE_BARS 60
#define SPARKLINE_LEN (3 * SPARKLINE_BARS + 1)

struct sparkline {
	char text[SPARKLINE_LEN];
};

/**
 * @param values
 *   The last SPARKLINE_BARS are drawn, if there are more.
 * @param highest
 *   The value of a full bar; lines that are to be compared share it.
 */
struct sparkline sparkline_draw(
		const uint64_t *values, uint32_t count, uint64_t highest, bool utf8);

#endif /* OBSERVE_SPARKLINE_H */
