/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The parts of the summary that the workers' counters alone can tell.
 *
 * Each prints a title and its rows, or nothing if there is nothing to tell.
 */

#ifndef OBSERVE_SUMMARY_TABLES_H
#define OBSERVE_SUMMARY_TABLES_H

#include "pipeline/counters.h"

#include <stdint.h>
#include <stdio.h>

/* What struct counters holds, summed over the workers. */
struct summary_totals {
#define X(field, metric, help) uint64_t field;
	COUNTERS(X)
#undef X
	uint64_t packets[PACKET_KIND_COUNT];
	uint64_t handshakes[HANDSHAKE_RESULT_COUNT];
	uint64_t ends[END_HOW_COUNT];
	uint64_t rst_verdicts[RST_VERDICT_COUNT];
};

/** Add one worker's. */
void summary_tables_add(struct summary_totals *totals, const struct counters *counters);

/** What a word of handshake.result means, in a few words; "" where the word says it. */
const char *summary_tables_handshake_meaning(const char *word);

/** Connections by handshake.result: the failed first. */
void summary_tables_handshakes(FILE *out, const struct summary_totals *totals);

/** Connections by end.how. */
void summary_tables_ends(FILE *out, const struct summary_totals *totals);

/** Frames by kind: rows only, the title is the proof that none was lost. */
void summary_tables_kinds(FILE *out, const struct summary_totals *totals);

/** Segments that tell of trouble: sent again, impossible flags. */
void summary_tables_segments(FILE *out, const struct summary_totals *totals);

/** What could not be seen, or not be kept. */
void summary_tables_blind(FILE *out, const struct summary_totals *totals, uint64_t history_cut);

#endif /* OBSERVE_SUMMARY_TABLES_H */
