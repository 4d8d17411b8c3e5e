/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The metrics of alarms; part of prometheus.h.
 *
 * Series by victim are of the heaviest alarms only, and never of a scan: its one who scans is
 * whoever likes, while victims are addresses behind the wire. So nobody can make the number of
 * series grow without bound.
 */

#ifndef OBSERVE_PROMETHEUS_FLOODS_H
#define OBSERVE_PROMETHEUS_FLOODS_H

#include "observe/exposition.h"
#include "observe/status.h"

#define PROMETHEUS_FLOODS 16

/** Write them; nothing if nothing is detected. */
void prometheus_floods_write(struct exposition *text, const struct status_alarms *alarms);

#endif /* OBSERVE_PROMETHEUS_FLOODS_H */
