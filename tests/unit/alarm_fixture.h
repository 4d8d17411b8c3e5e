/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Alarms as a detector would tell them: a flood on a service, a scan, and a storm.
 */

#ifndef TESTS_ALARM_FIXTURE_H
#define TESTS_ALARM_FIXTURE_H

#include "detect/alarm.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ALARM_ONSET_US UINT64_C(1616244573193842) /* 2021-03-20T12:49:33.193842Z */

static inline bool
alarm_address(uint64_t addr[2], const char *text)
{
	uint8_t bytes[16] = { [10] = 0xff, [11] = 0xff };
	const bool ipv6 = strchr(text, ':') != NULL;
	const int read = ipv6 ? inet_pton(AF_INET6, text, bytes)
			      : inet_pton(AF_INET, text, bytes + 12);

	assert(read == 1);
	(void)read;
	memcpy(addr, bytes, sizeof(bytes));
	return ipv6;
}

static inline void
alarm_victim(struct alarm *alarm, enum victim_level level, const char *address, uint16_t port)
{
	alarm->victim = (struct victim_key){ .level = (uint8_t)level, .port = port };
	alarm->victim.ipv6 = alarm_address(alarm->victim.addr, address);
	alarm->prefix_len = alarm->victim.ipv6 ? 64 : 24;
}

static inline void
alarm_source(struct alarm_source *source, const char *address, uint32_t pps)
{
	source->ipv6 = alarm_address(source->addr, address);
	source->pps = pps;
}

/* Three seconds of it were seen: nothing, then its half, then all. */
static inline struct alarm
alarm_flood(uint32_t id, const char *address, uint16_t port)
{
	struct alarm alarm = { .id = id,
		.type = ALARM_SYN_FLOOD,
		.phase = ALARM_START,
		.time_us = ALARM_ONSET_US + 210000,
		.onset_us = ALARM_ONSET_US,
		.detected_us = ALARM_ONSET_US + 210000,
		.pps = 412000,
		.peak_pps = 430100,
		.baseline_pps = 900,
		.total = 86520,
		.kind = FLOOD_SPOOFED,
		.completion_ratio = 0.002f,
		.half_open = 90211,
		.has_spoofed_share = true,
		.spoofed_share = 0.99f,
		.has_sources = true,
		.sources_estimate = 88000,
		.top_count = 1,
		.series_count = 3,
		.series_pps = { 900, 206000, 412000 },
		.series_completed = { 900, 899, 800 } };

	alarm_victim(&alarm, VICTIM_SERVICE, address, port);
	alarm_source(&alarm.top[0], "203.0.113.9", 210);
	return alarm;
}

static inline struct alarm
alarm_scan(uint32_t id, const char *scanner)
{
	struct alarm alarm = { .id = id,
		.type = ALARM_SCAN,
		.phase = ALARM_START,
		.time_us = ALARM_ONSET_US + 1500000,
		.onset_us = ALARM_ONSET_US,
		.detected_us = ALARM_ONSET_US + 1500000,
		.pps = 210,
		.peak_pps = 220,
		.total = 300,
		.scan_targets = 300,
		.scan_addresses = 1,
		.refused_pps = 190,
		.series_count = 2,
		.series_pps = { 210, 90 } };

	alarm_victim(&alarm, VICTIM_SERVICE, "198.51.100.80", 0);
	alarm_source(&alarm.scanner, scanner, 210);
	return alarm;
}

static inline struct alarm
alarm_storm(uint32_t id, enum alarm_type type, const char *address)
{
	struct alarm alarm = { .id = id,
		.type = type,
		.phase = ALARM_START,
		.time_us = ALARM_ONSET_US + 300000,
		.onset_us = ALARM_ONSET_US,
		.detected_us = ALARM_ONSET_US + 300000,
		.pps = 5000,
		.peak_pps = 5200,
		.baseline_pps = 3,
		.total = 1500,
		.series_count = 1,
		.series_pps = { 5000 } };

	alarm_victim(&alarm, VICTIM_ADDRESS, address, 0);
	return alarm;
}

/* It was over 12.5 s after its onset, which was told ten seconds later. */
static inline void
alarm_end(struct alarm *alarm)
{
	alarm->phase = ALARM_END;
	alarm->ended_us = ALARM_ONSET_US + 12500000;
	alarm->time_us = alarm->ended_us + 10000000;
}

#endif /* TESTS_ALARM_FIXTURE_H */
