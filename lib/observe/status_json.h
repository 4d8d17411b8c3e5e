/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a running appliance answers to `show`, as jansson's objects.
 *
 * The caller adds what belongs to the protocol. Each function gives a new reference, NULL
 * when there is no memory. Fields have the names that they have in events
 * (docs/output.md); what is not known is left out.
 */

#ifndef OBSERVE_STATUS_JSON_H
#define OBSERVE_STATUS_JSON_H

#include "handshake/hs_fsm.h"
#include "handshake/record.h"
#include "observe/services.h"
#include "observe/status.h"

#include <jansson.h>
#include <stdint.h>

/** `show stats`: {"timestamp": now, "stats": as in events}. */
json_t *status_json_stats(const struct status *status);

/** `show wires`: {"timestamp": now, "wires": [each with its ports and what is known of them]}. */
json_t *status_json_wires(const struct status *status);

/**
 * `show services`: {"followed": how many, "room": for so many, "services": [the first]}.
 *
 * @param room
 *   How many to show.
 */
json_t *status_json_services(
		const struct services *services, uint32_t room, enum services_order order);

/**
 * One of `show flows`: {"flows": [...]}.
 *
 * @param state
 *   A state proper, of the entry that the record was unpacked from.
 */
json_t *status_json_flow(const struct record *record, enum hs_state state, uint64_t now_us);

#endif /* OBSERVE_STATUS_JSON_H */
