/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What one worker saw in one tick, of all victims and scanners that anything happened to:
 * filled by its meter, read by the detector. No pointers: it goes from thread to thread.
 */

#ifndef DETECT_REPORT_H
#define DETECT_REPORT_H

#include "detect/sources.h"
#include "detect/victim.h"

#include <stdbool.h>
#include <stdint.h>

/* What a meter follows at a time. */
#define METER_SERVICES 4096
#define METER_ADDRESSES 2048
#define METER_PREFIXES 1024
#define METER_VICTIMS (METER_SERVICES + METER_ADDRESSES + METER_PREFIXES)
#define METER_SOURCES 32 /* victims under suspicion whose sources are counted */
#define METER_SCANNERS 256

#define REPORT_NO_SOURCES UINT8_MAX

struct report_victim {
	struct victim_key key;
	struct victim_counts counts; /* since it was last in a report */
	uint8_t sources; /* index in the report's sources, or REPORT_NO_SOURCES */
};

/* One that knocks at many doors: distinct targets are counted by linear counting, K. Whang,
 * B. Vander-Zanden, H. Taylor, "A linear-time probabilistic counting algorithm for database
 * applications", ACM TODS 15(2), 1990. */
#define SCAN_MAP_WORDS 16

struct report_scanner {
	uint64_t addr[2];
	bool ipv6;
	uint32_t attempts; /* SYNs to services that do not answer, or are not known to; since the last report */
	uint32_t completed; /* of its handshakes; since the last report */
	uint32_t refused; /* by a RST; since the last report */
	uint64_t targets[SCAN_MAP_WORDS]; /* a bit for each hash of address and port, of this tick */
	uint64_t addresses[SCAN_MAP_WORDS / 4]; /* the same for the addresses alone */
	struct victim_key last; /* one of its targets, a service */
};

struct detect_report {
	uint64_t tick; /* that ended */
	uint32_t victim_count;
	uint32_t sources_count;
	uint32_t scanner_count;
	bool is_blind; /* frames passed untracked in this tick */
	struct victim_counts unfollowed; /* of victims that there was no place for */
	struct report_victim victims[METER_VICTIMS];
	struct report_scanner scanners[METER_SCANNERS];
	struct sources sources[METER_SOURCES];
};

#endif /* DETECT_REPORT_H */
