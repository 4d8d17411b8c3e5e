/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A worker's counts of victims and scanners: bounded tables that keep the heavy ones.
 *
 * The pipeline feeds it with what happens to handshakes, and with segments that belong to no
 * connection; packets of established connections never come here. Each tick the counts go
 * into a report, and begin anew.
 *
 * One owner, no locks, no allocation; nothing here knows a clock.
 */

#ifndef DETECT_METER_H
#define DETECT_METER_H

#include "detect/report.h"
#include "flow/flow_entry.h"
#include "handshake/verdict.h"
#include "packet/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct meter_params {
	struct victim_prefixes prefixes;
	uint64_t key[4]; /* random, so that nobody can choose addresses that collide; the same for all workers */
};

struct meter;

/** Bytes that meter_init() needs. */
size_t meter_memory_size(void);

/**
 * @param memory
 *   meter_memory_size() bytes, zeroed, aligned to CACHE_LINE; the meter's until the caller
 *   frees it.
 */
struct meter *meter_init(void *memory, const struct meter_params *params);

/** A SYN began a handshake: @p entry is new. Sets FLOW_METERED. */
void meter_syn(struct meter *meter, struct flow_entry *entry);

/** The SYN came again; @p is_first: for the first time. */
void meter_syn_again(struct meter *meter, const struct flow_entry *entry, bool is_first);

/** The first SYN-ACK answered a metered handshake. */
void meter_synack(struct meter *meter, const struct flow_entry *entry);

/**
 * A metered handshake has been judged. Clears FLOW_METERED, so that it ends just once.
 *
 * @param start_us
 *   When it began.
 */
void meter_end(struct meter *meter, struct flow_entry *entry, enum handshake_result result,
		uint64_t start_us, uint64_t now_us);

/** A handshake that was said to have been broken off goes on after all. Sets FLOW_METERED. */
void meter_reopen(struct meter *meter, struct flow_entry *entry);

enum meter_stray {
	METER_STRAY_SYNACK,
	METER_STRAY_ACK,
	METER_STRAY_RST
};

/** A segment came that belongs to no connection, or a RST that changes nothing. */
void meter_stray(struct meter *meter, const struct segment *segment, enum meter_stray what);

/** A connection that began with such a segment is real: both sides speak. */
void meter_stray_answered(struct meter *meter, const struct flow_entry *entry);

/**
 * Fill a report, a bounded step at a time.
 *
 * @param report
 *   Begin with meter_report_begin(); then call on until it is true.
 * @return
 *   Whether it is whole.
 */
void meter_report_begin(struct meter *meter, struct detect_report *report, uint64_t tick);
bool meter_report_step(struct meter *meter, struct detect_report *report);

#endif /* DETECT_METER_H */
