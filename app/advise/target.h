/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Whom a flood is at, be it that a user says so or that an alarm does: a service, an address,
 * or a prefix of addresses. And the claims of a user: whom, from when, until when.
 */

#ifndef APP_ADVISE_TARGET_H
#define APP_ADVISE_TARGET_H

#include "base/err.h"
#include "detect/alarm.h"
#include "observe/alarm_text.h"

#include <stdbool.h>
#include <stdint.h>

struct target {
	uint8_t addr[16]; /* as on the wire; IPv4 in the IPv4-mapped form */
	bool ipv6;
	uint8_t bits; /* how many of the 128 count: all, but for a prefix */
	uint16_t port; /* 0: any */
};

struct target target_of_alarm(const struct alarm *alarm);

/** Whether one is the other or a part of it. */
bool target_is_related(const struct target *a, const struct target *b);

/** "192.0.2.1:80", "192.0.2.1", "192.0.2.0/24" */
struct alarm_text target_text(const struct target *target);

struct moment {
	bool is_relative; /* to the first frame, else to 1970 */
	uint64_t us;
};

struct claim {
	const char *text; /* as the user gave it */
	struct target target;
	struct moment from, to;
};

/**
 * Read ADDR[:PORT]@FROM-TO or PREFIX/BITS@FROM-TO, where an IPv6 address with a port is in
 * brackets, and FROM and TO are seconds from the first frame or times as 2026-01-01T00:00:05Z.
 *
 * @param text
 *   It must live as long as the claim.
 * @return
 *   0, or -EINVAL with the sentence in @p err.
 */
int claim_read(const char *text, struct claim *claim, struct err *err);

/** A moment in microseconds since 1970. */
uint64_t moment_us(const struct moment *moment, uint64_t first_us);

#endif /* APP_ADVISE_TARGET_H */
