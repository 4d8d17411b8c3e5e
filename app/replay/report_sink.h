/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Who else may judge what a replay's worker reports of each tick.
 */

#ifndef APP_REPLAY_REPORT_SINK_H
#define APP_REPLAY_REPORT_SINK_H

#include "detect/report.h"

struct report_sink {
	/* On the control thread; the worker waits, and the report is lent until it returns. */
	void (*take)(void *context, const struct detect_report *report);
	void *context;
};

#endif /* APP_REPLAY_REPORT_SINK_H */
