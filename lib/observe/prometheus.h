/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * All that a running appliance counts, as metrics for Prometheus.
 *
 * Names and help texts are those of the tables of counters; sums are left to whoever asks.
 * Of services only those that are tried most are told, so that neither a scan nor a flood
 * can make the number of series grow; so it is with alarms (prometheus_floods.h).
 */

#ifndef OBSERVE_PROMETHEUS_H
#define OBSERVE_PROMETHEUS_H

#include "observe/services.h"
#include "observe/status.h"

#include <stdio.h>

#define PROMETHEUS_SERVICES 20

/** Write them; errors show in ferror(@p out). */
void prometheus_write(FILE *out, const struct status *status, const struct services *services);

#endif /* OBSERVE_PROMETHEUS_H */
