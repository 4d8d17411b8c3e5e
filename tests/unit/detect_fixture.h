/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Victims, flows and sources named by numbers, and a meter with its reports summed up.
 */

#ifndef TESTS_DETECT_FIXTURE_H
#define TESTS_DETECT_FIXTURE_H

#include "detect/meter.h"
#include "detect/tick.h"
#include "tests/unit/flow_fixture.h"

#define DETECT_TICK tick_of(FIXTURE_START)

static const uint64_t detect_key[4] = { UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344),
	UINT64_C(0xa4093822299f31d0), UINT64_C(0x082efa98ec4e6c89) };

static inline struct victim_key
detect_service(uint32_t addr, uint16_t port)
{
	struct victim_key key = { .port = port, .level = VICTIM_SERVICE };

	build_ipv4_mapped(addr, (uint8_t *)key.addr);
	return key;
}

static inline struct victim_key
detect_address(uint32_t addr)
{
	struct victim_key key = detect_service(addr, 0);

	key.level = VICTIM_ADDRESS;
	return key;
}

/* Of 24 bits. */
static inline struct victim_key
detect_prefix(uint32_t addr)
{
	struct victim_key key = detect_service(addr & 0xffffff00, 0);

	key.level = VICTIM_PREFIX;
	return key;
}

static inline struct flow_entry
detect_flow(uint32_t client, uint16_t client_port, uint32_t server, uint16_t port)
{
	struct segment segment = fixture_ipv4(client, client_port, server, port);
	struct flow_entry flow = { 0 };
	struct flow_key key;

	if (flow_key_of(&segment, false, &key))
		flow.flags |= FLOW_CLIENT_IS_SECOND;
	memcpy(flow.addr, key.addr, sizeof(flow.addr));
	memcpy(flow.port, key.port, sizeof(flow.port));
	return flow;
}

struct detect {
	struct meter *meter;
	struct detect_report *report; /* the last one */
	uint64_t tick;
};

static inline struct detect
detect_make(void)
{
	struct meter_params params = { .prefixes = { 24, 64 } };
	struct detect detect = { .report = calloc(1, sizeof(*detect.report)), .tick = DETECT_TICK };

	memcpy(params.key, detect_key, sizeof(params.key));
	assert_non_null(detect.report);
	detect.meter = meter_init(fixture_memory(meter_memory_size()), &params);
	return detect;
}

static inline void
detect_destroy(struct detect *detect)
{
	free(detect->meter);
	free(detect->report);
}

static inline void
detect_report(struct meter *meter, struct detect_report *report, uint64_t tick)
{
	uint32_t steps = 0;

	meter_report_begin(meter, report, tick);
	while (!meter_report_step(meter, report))
		assert_true(++steps < 1000);
}

/* The tick is over. */
static inline void
detect_tick(struct detect *detect)
{
	detect_report(detect->meter, detect->report, detect->tick++);
}

/* NULL: nothing is reported of it. */
static inline const struct report_victim *
detect_row(const struct detect_report *report, const struct victim_key *victim)
{
	const struct report_victim *found = NULL;

	for (uint32_t i = 0; i < report->victim_count; i++)
		if (victim_key_equal(&report->victims[i].key, victim)) {
			assert_null(found);
			found = &report->victims[i];
		}
	return found;
}

static inline struct victim_counts
detect_counts(const struct detect *detect, struct victim_key victim)
{
	const struct report_victim *row = detect_row(detect->report, &victim);

	return row != NULL ? row->counts : (struct victim_counts){ 0 };
}

/* Whatever was counted is in the prefixes, or unfollowed. */
static inline void
detect_sum(const struct detect_report *report, struct victim_counts *sum)
{
	victim_counts_add(sum, &report->unfollowed);
	for (uint32_t i = 0; i < report->victim_count; i++)
		if (report->victims[i].key.level == VICTIM_PREFIX)
			victim_counts_add(sum, &report->victims[i].counts);
}

static inline const struct sources *
detect_sources(const struct detect *detect, struct victim_key victim)
{
	const struct report_victim *row = detect_row(detect->report, &victim);

	return row != NULL && row->sources != REPORT_NO_SOURCES
			? &detect->report->sources[row->sources]
			: NULL;
}

static inline struct flow_entry
detect_syn(struct detect *detect, uint32_t client, uint32_t server, uint16_t port)
{
	struct flow_entry flow = detect_flow(client, 40000, server, port);

	meter_syn(detect->meter, &flow);
	return flow;
}

static inline void
detect_end(struct detect *detect, struct flow_entry *flow, enum handshake_result result)
{
	meter_end(detect->meter, flow, result, tick_start_us(detect->tick),
			tick_start_us(detect->tick));
}

static inline void
detect_complete(struct detect *detect, uint32_t client, uint32_t server, uint16_t port)
{
	struct flow_entry flow = detect_syn(detect, client, server, port);

	meter_synack(detect->meter, &flow);
	detect_end(detect, &flow, HANDSHAKE_COMPLETE);
}

#endif /* TESTS_DETECT_FIXTURE_H */
