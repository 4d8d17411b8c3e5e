/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The part of a meter that is in the way of each of a flood's packets: a SYN, and the end of
 * the handshake that it evicts. It is inline, and short: a SYN is only noted, and counted with
 * the others of its burst, as their sources are hashed faster side by side than one by one.
 *
 * What else happens to handshakes counts the noted SYNs first where their order matters.
 */

#ifndef DETECT_METER_HOT_H
#define DETECT_METER_HOT_H

#include "detect/meter_state.h"

/** As meter_syn(), of a SYN that stays where it is until meter_burst_end(). */
static inline void
meter_syn_later(struct meter *meter, struct flow_entry *flow, const struct segment *syn)
{
	flow->flags |= FLOW_METERED_SERVICE;
	meter->burst.syns[meter->burst.count] = syn;
	meter->burst.flows[meter->burst.count++] = flow;
}

/** Count the SYNs that are noted. */
void meter_syn_count_noted(struct meter *meter);

/** The burst is over. */
static inline void
meter_burst_end(struct meter *meter)
{
	if (meter->burst.count != 0)
		meter_syn_count_noted(meter);
}

/** As meter_end(), of a handshake that made room in the flow table before it could be judged. */
static inline void
meter_evicted(struct meter *meter, struct flow_entry *flow)
{
	struct victim_counts *counts = meter_recall_place(meter, flow);

	if (counts == NULL) {
		meter_end(meter, flow, HANDSHAKE_EVICTED, 0, 0);
		return;
	}
	flow->flags &= ~(uint32_t)FLOW_METERED;
	counts->evicted++;
}

#endif /* DETECT_METER_HOT_H */
