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

/** "192.0.2.1:80"; "192.0.2.1" if it is many ports; "192.0.2.0/24" if it is a whole prefix. */
struct alarm_text alarm_text_victim(const struct alarm *alarm);

/** The prefix alone, of a victim that is one. */
struct alarm_text alarm_text_prefix(const struct alarm *alarm);

/** The victim; of a scan, which has none, "by 192.0.2.66, 1,024 targets". */
struct alarm_text alarm_text_whom(const struct alarm *alarm);

/** In one word: the kind of a flood, of others the type. */
const char *alarm_text_what(const struct alarm *alarm);

#endif /* OBSERVE_ALARM_TEXT_H */
