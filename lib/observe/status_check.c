/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/status_check.h"

#include <inttypes.h>
#include <stdio.h>

static bool
is_not_less(const char *name, uint64_t before, uint64_t now, char text[STATUS_CHECK_TEXT_MAX])
{
	if (now >= before)
		return true;
	snprintf(text, STATUS_CHECK_TEXT_MAX, "%s went down from %" PRIu64 " to %" PRIu64, name,
			before, now);
	return false;
}

static bool
frames_hold(const struct status_frames *before, const struct status_frames *now,
		char text[STATUS_CHECK_TEXT_MAX])
{
	bool hold = true;

#define X(field, metric, help) hold = hold && is_not_less(#field, before->field, now->field, text);
	PORT_COUNTERS(X)
	PORT_DROPS(X)
#undef X
	if (!hold || now->tx_frames + now->drops <= now->rx_frames)
		return hold;
	snprintf(text, STATUS_CHECK_TEXT_MAX,
			"%" PRIu64 " frames were sent and %" PRIu64 " dropped, of %" PRIu64
			" that came in",
			now->tx_frames, now->drops, now->rx_frames);
	return false;
}

static bool
array_holds(const char *name, const uint64_t *before, const uint64_t *now, size_t count,
		char text[STATUS_CHECK_TEXT_MAX])
{
	for (size_t i = 0; i < count; i++)
		if (!is_not_less(name, before[i], now[i], text))
			return false;
	return true;
}

static bool
pipeline_holds(const struct summary_totals *before, const struct summary_totals *now,
		char text[STATUS_CHECK_TEXT_MAX])
{
	bool hold = true;

#define X(field, metric, help) hold = hold && is_not_less(#field, before->field, now->field, text);
	COUNTERS(X)
#undef X
	return hold &&
			array_holds("packets", before->packets, now->packets, PACKET_KIND_COUNT,
					text) &&
			array_holds("handshakes", before->handshakes, now->handshakes,
					HANDSHAKE_RESULT_COUNT, text) &&
			array_holds("ends", before->ends, now->ends, END_HOW_COUNT, text) &&
			array_holds("rst_verdicts", before->rst_verdicts, now->rst_verdicts,
					RST_VERDICT_COUNT, text);
}

bool
status_check(struct status_check *check, const struct status_totals *now,
		char text[STATUS_CHECK_TEXT_MAX])
{
	const struct status_totals *before = &check->before;
	bool hold = frames_hold(&before->frames, &now->frames, text) &&
			pipeline_holds(&before->pipeline, &now->pipeline, text);

#define X(field, metric, help) hold = hold && is_not_less(#field, before->field, now->field, text);
	WORKER_COUNTERS(X)
#undef X
	check->before = *now;
	return hold;
}
