/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * From evidence to verdict: what is to be said of a handshake, and of a connection's end.
 */

#ifndef HANDSHAKE_SETTLE_H
#define HANDSHAKE_SETTLE_H

#include "handshake/hs_fsm.h"
#include "handshake/tracker.h"

/** What a handshake is that was just confirmed. */
enum handshake_result settle_complete(const struct flow_ref *flow);

/**
 * A RST was believed.
 *
 * @param before
 *   The state it came in.
 * @return
 *   Outcomes, or-ed.
 */
uint32_t settle_reset(const struct flow_ref *flow, enum hs_state before, enum flow_side by);

/** The client sent FIN before any answer. */
uint32_t settle_client_fin(const struct flow_ref *flow);

/** An ICMP error says that the SYN did not arrive. */
uint32_t settle_unreachable(const struct flow_ref *flow);

/**
 * The flow is about to be reported and released: settle what is still open.
 *
 * @param why
 *   END_TIMEOUT, END_EVICTED or END_OPEN (the run ends, or a new connection takes its place).
 * @param[out] end
 *   How the connection ended; @p why only if the wire did not say.
 * @return
 *   What else must be said: TRACKER_INCOMPLETE, TRACKER_RST.
 */
uint32_t settle_close(const struct tracker *tracker, const struct flow_ref *flow, enum end_how why,
		enum end_how *end);

#endif /* HANDSHAKE_SETTLE_H */
