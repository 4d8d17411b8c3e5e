/* SPDX-License-Identifier: Apache-2.0 */

#include "app/worker/steering_check.h"

#ifdef SYNWIRE_DEBUG

#include "app/worker/worker.h"
#include "io/port_rss.h"
#include "packet/parse.h"
#include "pipeline/steer.h"

#include <string.h>

#include <rte_byteorder.h>

/* In the order in which a card hashes them (rte_thash.h). */
static uint32_t
make_tuple(const struct segment *segment, uint8_t tuple[36])
{
	const uint32_t len = segment->ip_version == 4 ? 4 : 16;
	const rte_be16_t ports[2] = { rte_cpu_to_be_16(segment->src_port),
		rte_cpu_to_be_16(segment->dst_port) };

	memcpy(tuple, segment->src_addr + 16 - len, len);
	memcpy(tuple + len, segment->dst_addr + 16 - len, len);
	memcpy(tuple + 2 * len, ports, sizeof(ports));
	return len;
}

static bool
is_of_queue(const struct leg *leg, const struct frame *frame)
{
	struct segment segment;
	uint8_t tuple[36];
	uint32_t len;

	parse_frame(frame, &segment);
	/* Of a fragment, or behind tags that a card does not look through, it hashes less. */
	if (segment.kind != PACKET_TCP || segment.uncheckable || segment.vlan_count > 0)
		return true;
	len = make_tuple(&segment, tuple);
	return port_rss_queue_of(leg->port, tuple, len) == leg->rx_queue;
}

void
steering_check(struct worker *worker, const struct leg *leg, const struct frame *frames,
		uint32_t count)
{
	const bool by_card = leg->port != NULL && leg->port->steering == PORT_STEERING_RSS;

	for (uint32_t i = 0; i < count; i++) {
		if (worker->params.steer != NULL &&
				steer_frame(worker->params.steer, &frames[i]) != worker->params.id)
			counter_add(&worker->counters.missteered, 1);
		if (by_card && !is_of_queue(leg, &frames[i]))
			counter_add(&worker->counters.missteered, 1);
	}
}

#endif
