/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the detector says: an alarm has a start, updates while it lasts, and an end.
 *
 * One row of a table gives the enum and the word that is written to users; the words are
 * part of the output format, so rows are only ever added.
 */

#ifndef DETECT_ALARM_H
#define DETECT_ALARM_H

#include "detect/sources.h"
#include "detect/victim.h"

#include <stdbool.h>
#include <stdint.h>

/* X(id, word, help): the event's type. */
#define ALARM_TYPES(X) \
	X(ALARM_SYN_FLOOD, "syn_flood", "handshakes that are left open") \
	X(ALARM_SCAN, "scan", "one source knocks at many doors") \
	X(ALARM_BACKSCATTER, "backscatter", \
			"SYN-ACKs to SYNs that were never sent: somebody uses these addresses") \
	X(ALARM_RST_STORM, "rst_storm", "RSTs that belong to no connection") \
	X(ALARM_ACK_STORM, "ack_storm", "segments that belong to no connection")

/* X(id, word) */
#define ALARM_PHASES(X) \
	X(ALARM_START, "start") \
	X(ALARM_UPDATE, "update") \
	X(ALARM_END, "end")

/* X(id, word): flood.kind. */
#define FLOOD_KINDS(X) \
	X(FLOOD_SPOOFED, "spoofed") \
	X(FLOOD_UNSPOOFED, "unspoofed") \
	X(FLOOD_SERVER_DOWN, "server_down")

#define X(id, ...) id,
enum alarm_type {
	ALARM_TYPES(X) ALARM_TYPE_COUNT
};
enum alarm_phase {
	ALARM_PHASES(X)
};
enum flood_kind {
	FLOOD_KINDS(X) FLOOD_KIND_COUNT
};
#undef X

const char *alarm_type_word(enum alarm_type type);
const char *alarm_phase_word(enum alarm_phase phase);
const char *alarm_flood_kind_word(enum flood_kind kind);

#define ALARM_TOP_SOURCES 8
#define ALARM_SERIES 60

struct alarm_source {
	uint64_t addr[2];
	bool ipv6;
	uint32_t pps; /* over the alarm's life so far */
};

struct alarm {
	uint32_t id; /* from 1 on, over all types: flood_id in what is written */
	enum alarm_type type;
	enum alarm_phase phase;
	struct victim_key victim; /* of a scan: one of its targets; with one port only that is it */
	uint8_t prefix_len; /* bits, for a prefix */
	uint64_t time_us; /* of this notice */
	uint64_t onset_us; /* when it began, as far as can be told afterwards */
	uint64_t detected_us; /* when it was first told */
	uint64_t ended_us; /* ALARM_END: when its condition was last true */

	/* New handshakes for a flood and a scan, else the segments that the type is about. */
	uint32_t pps; /* over the last second */
	uint32_t peak_pps; /* the highest pps of any second */
	uint32_t baseline_pps; /* the usual before */
	uint64_t total; /* since the onset */

	/* ALARM_SYN_FLOOD */
	enum flood_kind kind;
	float completion_ratio; /* of the last second: completed of those that could have by now */
	uint32_t half_open; /* now */
	bool has_spoofed_share; /* false: too early to tell */
	float spoofed_share; /* 0 to 1: SYNs whose sender neither tries again nor resets */

	/* ALARM_SYN_FLOOD */
	bool has_sources;
	uint32_t sources_estimate; /* those that completed no handshake */
	uint32_t top_count;
	struct alarm_source top[ALARM_TOP_SOURCES]; /* the most active first */

	/* ALARM_SCAN */
	struct alarm_source scanner;
	uint32_t scan_targets; /* different addresses and ports */
	uint32_t scan_addresses; /* different addresses */
	uint32_t refused_pps; /* answered by a RST, over the last second */

	/* For a sparkline: by second, the newest last; a flood has both, the others only the first. */
	uint32_t series_count;
	uint32_t series_pps[ALARM_SERIES];
	uint32_t series_completed[ALARM_SERIES];

	char capture[256]; /* the file of its first packets; "": none; see flood.capture */
};

#endif /* DETECT_ALARM_H */
