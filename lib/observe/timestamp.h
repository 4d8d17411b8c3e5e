/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Times as text: RFC 3339, UTC, with microseconds.
 *
 * Splitting a day number into year, month and day costs most, and most times of a run
 * share one day, so the caller keeps the last day's text.
 */

#ifndef OBSERVE_TIMESTAMP_H
#define OBSERVE_TIMESTAMP_H

#include <stdint.h>

#define TIMESTAMP_LEN 27 /* 2021-03-20T12:49:33.193842Z */

#define TIMESTAMP_SECOND_LEN 20

/* The text of the last second: most times lie near each other. Zero-initialise. */
struct timestamp_cache {
	uint64_t time_s;
	uint32_t day;
	char text[TIMESTAMP_SECOND_LEN]; /* "2021-03-20T12:49:33."; a zero byte first: not made */
};

/**
 * Write TIMESTAMP_LEN characters and no zero byte.
 *
 * @param time_us
 *   Microseconds since 1970; from the year 10000 on, which RFC 3339 cannot say, the last
 *   microsecond of 9999 is written.
 * @return
 *   Behind the last character.
 */
char *timestamp_write(struct timestamp_cache *cache, uint64_t time_us, char *out);

#endif /* OBSERVE_TIMESTAMP_H */
