/* SPDX-License-Identifier: Apache-2.0 */

#include "app/params.h"

#include "app/run/evidence.h"
#include "app/settings.h"
#include "base/compiler.h"
#include "detect/tick.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static void
map_tracker(const struct config *config, struct tracker_params *tracker)
{
	tracker_params_default(tracker);
	tracker->syn_retries = (uint32_t)config->tcp.syn_retries;
	tracker->syn_linear_timeouts = (uint32_t)config->tcp.syn_linear_timeouts;
	tracker->synack_retries = (uint32_t)config->tcp.synack_retries;
	tracker->initial_rto_us = config->tcp.initial_rto_us;
	tracker->established_us = config->timeouts.established_us;
	tracker->closing_us = config->timeouts.closing_us;
	tracker->time_wait_us = config->timeouts.time_wait_us;
	tracker->reset_us = config->timeouts.reset_us;
	tracker->rst_confirm_us = config->rst.confirm_us;
	tracker->rst_ttl_tolerance = (uint8_t)config->rst.ttl_tolerance;
	tracker->rst_events_all = config->events.rst == CONFIG_EVENTS_RST_ALL;
}

static struct victim_prefixes
map_prefixes(const struct config *config)
{
	return (struct victim_prefixes){
		.ipv4 = (uint8_t)config->flood.prefix_ipv4,
		.ipv6 = (uint8_t)config->flood.prefix_ipv6,
	};
}

void
params_map_detector(const struct config *config, struct detector_params *detector)
{
	const struct config_flood *flood = &config->flood;

	detector_params_default(detector);
	detector->prefixes = map_prefixes(config);
	detector->min_syn_pps = (uint32_t)flood->min_syn_pps;
	detector->min_slow_syn_pps = (uint32_t)flood->min_slow_syn_pps;
	detector->max_completion = (double)flood->max_completion_percent / 100;
	detector->window_ticks = (uint32_t)(flood->window_us / TICK_US);
	detector->hold_ticks = (uint32_t)(flood->hold_us / TICK_US);
	detector->update_ticks = (uint32_t)(flood->update_us / TICK_US);
	detector->scan_min_targets = (uint32_t)config->scan.min_targets;
	detector->storm_min_pps = (uint32_t)config->storm.min_pps;
}

void
params_map_evidence(const struct config *config, struct evidence_params *evidence)
{
	*evidence = (struct evidence_params){ .packets = (uint32_t)config->flood.capture_packets,
		.bytes = config->flood.capture_size,
		.hold_us = config->flood.hold_us,
		.prefixes = map_prefixes(config) };
	snprintf(evidence->folder, sizeof(evidence->folder), "%.*s", EVIDENCE_FOLDER_MAX,
			config->flood.capture);
}

/* So few bytes come whole or, before the kernel has its randomness, wait for it. */
static bool
fill_randomly(void *bytes, size_t size)
{
	return getrandom(bytes, size, 0) == (ssize_t)size;
}

int
params_map(const struct config *config, struct pipeline_params *pipeline, struct err *err)
{
	*pipeline = (struct pipeline_params){ 0 };
	pipeline->flow_slots = (uint32_t)config->flow.slots;
	pipeline->vlan_in_key = config->flow.vlan_in_key;
	pipeline->verify_checksum = config->tracker.verify_checksum;
	map_tracker(config, &pipeline->tracker);
	pipeline->detect = config->flood.detect;
	if (config->flood.detect && config->flood.capture[0] != '\0')
		pipeline->kept_headers = EVIDENCE_KEPT_HEADERS;
	pipeline->meter.prefixes = map_prefixes(config);
	if (!fill_randomly(pipeline->hash_key, sizeof(pipeline->hash_key)) ||
			!fill_randomly(pipeline->meter.key, sizeof(pipeline->meter.key)))
		return err_set(err, errno, "no random numbers from the kernel: %s",
				strerror(errno));
	return 0;
}

int
params_load(const char *config_path, const char *const *sets, size_t n_sets,
		struct pipeline_params *pipeline, struct detector_params *detector,
		struct evidence_params *evidence, struct err_list *errors)
{
	struct config config;
	int ret = settings_load(config_path, sets, n_sets, &config, errors);
	struct err err;

	if (ret != 0)
		return ret;
	if (detector != NULL)
		params_map_detector(&config, detector);
	if (evidence != NULL)
		params_map_evidence(&config, evidence);
	ret = params_map(&config, pipeline, &err);
	return ret == 0 ? 0 : err_list_add(errors, -ret, "%s", err.text);
}

void
params_make_repeatable(struct pipeline_params *params)
{
	for (size_t i = 0; i < sizeof(params->hash_key); i++)
		params->hash_key[i] = (uint8_t)(0x5b + 29 * i);
	for (size_t i = 0; i < ARRAY_LEN(params->meter.key); i++)
		params->meter.key[i] = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
}
