/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * SYNs that the memo does not help with: those to a service that has to be looked for, and
 * perhaps has no place, and those that are worth a closer look.
 */

#ifndef DETECT_METER_SEARCH_H
#define DETECT_METER_SEARCH_H

#include "detect/meter_state.h"

/** Count the SYN that began this handshake. */
void meter_search_flow(struct meter *meter, struct flow_entry *flow);

/** Count the n-th SYN that is noted. */
void meter_search_noted(struct meter *meter, uint32_t n);

/** A SYN to a service that has watch_at unresolved or more, and is counted but for its source. */
void meter_search_watch(struct meter *meter, struct victim_entry *entry, const uint8_t *client);

#endif /* DETECT_METER_SEARCH_H */
