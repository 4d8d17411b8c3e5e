/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a meter's counts must add up to, for those who check it: not for the data path.
 */

#ifndef DETECT_METER_CHECK_H
#define DETECT_METER_CHECK_H

#include "detect/meter.h"

#include <stdint.h>

/**
 * Handshakes that began and have not ended, by the counts of all victims since the start:
 * those that lie in the tables, and those that went into reports. As many flows have
 * FLOW_METERED. Looks at every place of every table.
 */
uint64_t meter_check_half_open(const struct meter *meter);

#endif /* DETECT_METER_CHECK_H */
