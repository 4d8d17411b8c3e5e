/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The metrics of services; part of prometheus.h.
 */

#ifndef OBSERVE_PROMETHEUS_SERVICES_H
#define OBSERVE_PROMETHEUS_SERVICES_H

#include "observe/exposition.h"
#include "observe/services.h"

/** Write those of the services that are tried most. */
void prometheus_services_write(struct exposition *text, const struct services *services);

#endif /* OBSERVE_PROMETHEUS_SERVICES_H */
