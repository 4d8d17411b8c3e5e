/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Whom an alarm is about, in the words of tables, metrics and log lines.
 */

#ifndef OBSERVE_ALARM_TEXT_H
#define OBSERVE_ALARM_TEXT_H

#include "detect/alarm.h"

/* Room for the longest, with its zero byte. */
#define ALARM_TEXT_LEN 80

struct alarm_text {
	char text[ALARM_TEXT_LEN];
};

/** The victim; of a scan, which has none, "by 192.0.2.66, 1,024 targets". */
struct alarm_text alarm_text_whom(const struct alarm *alarm);

#endif /* OBSERVE_ALARM_TEXT_H */
