/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Every counter of a pipeline, defined once: the row gives the field, the metric's
 * name (without the prefix synwire_ and the suffix _total) and the help text.
 *
 * One writer, the pipeline's owner; any thread may read. Never reset.
 */

#ifndef PIPELINE_COUNTERS_H
#define PIPELINE_COUNTERS_H

#include "base/compiler.h"
#include "base/counter.h"
#include "handshake/verdict.h"
#include "packet/segment.h"

/* X(field, metric, help) */
#define COUNTERS(X) \
	X(frames, "frames", "Frames taken in") \
	X(bytes, "bytes", "Bytes of frames taken in") \
	X(flows_opened, "flows_opened", "Connections entered into the flow table") \
	X(flows_closed, "flows_closed", "Connections released from the flow table") \
	X(flows_evicted, "flows_evicted", "Connections released early to make room") \
	X(flows_untracked, "flows_untracked", \
			"Segments not tracked because no entry could be had") \
	X(syn, "syn", "SYNs without ACK") \
	X(syn_retransmits, "syn_retransmits", "SYNs that repeat an earlier one") \
	X(synack, "synack", "SYN-ACKs") \
	X(synack_retransmits, "synack_retransmits", "SYN-ACKs that repeat an earlier one") \
	X(synack_bad, "synack_bad", "SYN-ACKs that do not acknowledge the SYN") \
	X(rst, "rst", "RSTs") \
	X(fin, "fin", "FINs") \
	X(illegal_flags, "illegal_flags", "Segments with an impossible combination of flags") \
	X(data_retransmits, "data_retransmits", "Data segments sent before") \
	X(syn_in_connection, "syn_in_connection", "SYNs inside an established connection")

struct counters {
#define X(field, metric, help) struct counter field;
	COUNTERS(X)
#undef X
	struct counter packets[PACKET_KIND_COUNT]; /* by enum packet_kind */
	struct counter handshakes[HANDSHAKE_RESULT_COUNT]; /* of connections released */
	struct counter ends[END_HOW_COUNT]; /* of connections released */
	struct counter rst_verdicts[RST_VERDICT_COUNT]; /* of RSTs, as finally judged */
} CACHE_ALIGNED;

#endif /* PIPELINE_COUNTERS_H */
