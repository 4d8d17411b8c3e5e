/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One source that knocks at many doors which do not open: addresses, ports, or both. How
 * many different ones is what makes a scan, not how fast; that most do not open tells it
 * from a busy client.
 */

#ifndef DETECT_SCAN_H
#define DETECT_SCAN_H

#include "detect/alarm_book.h"
#include "detect/report.h"
#include "flow/address_hash.h"

#include <stdbool.h>
#include <stdint.h>

#define SCAN_SOURCES 1024

/* Targets are counted over this and the last such stretch. */
#define SCAN_STRETCH_TICKS 50

struct scan_stretch {
	uint64_t targets[SCAN_MAP_WORDS];
	uint64_t addresses[SCAN_MAP_WORDS / 4];
	uint32_t attempts;
	uint32_t completed;
};

struct scan_source {
	uint64_t addr[2];
	bool ipv6;
	bool is_used;
	uint64_t tick; /* the last with an attempt */
	uint64_t first_tick; /* of the attempts that are counted */
	uint64_t stretch; /* number of the one under way */
	struct scan_stretch now;
	struct scan_stretch before;
	uint32_t tick_attempts; /* of the tick under way, as below */
	uint32_t tick_refused;
	uint32_t attempts[16]; /* by tick, modulo */
	uint32_t refused[16];
	uint32_t suspicious_ticks; /* in a row */
	bool is_missed; /* there was no room to tell of it */
	struct victim_key last; /* one target, a service */
	bool has_many_ports; /* not all of them had the same */
	struct alarm_entry *entry; /* its alarm; NULL: none */
};

/* Zero-initialise, but for the key. */
struct scan {
	uint64_t key[ADDRESS_HASH_WORDS]; /* of the hash of sources */
	struct scan_source sources[SCAN_SOURCES];
};

void scan_take(struct scan *scan, const struct report_scanner *scanner, uint64_t tick);

/** Judge all, and go on with alarms under way. */
void scan_step(struct scan *scan, struct alarm_book *book, const struct detector_params *params,
		uint64_t tick);

/** Their alarms are over. */
void scan_finish(struct scan *scan, struct alarm_book *book, uint64_t tick);

#endif /* DETECT_SCAN_H */
