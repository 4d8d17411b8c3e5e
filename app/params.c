/* SPDX-License-Identifier: Apache-2.0 */

#include "app/params.h"

#include "app/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
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

static void
map_pipeline(const struct config *config, struct pipeline_params *pipeline)
{
	pipeline->flow_slots = (uint32_t)config->flow.slots;
	pipeline->vlan_in_key = config->flow.vlan_in_key;
	pipeline->verify_checksum = config->tracker.verify_checksum;
	map_tracker(config, &pipeline->tracker);
}

int
params_load(const char *config_path, const char *const *sets, size_t n_sets,
		struct pipeline_params *out, struct err_list *errors)
{
	struct config config;
	int ret = settings_load(config_path, sets, n_sets, &config, errors);

	if (ret != 0)
		return ret;
	*out = (struct pipeline_params){ 0 };
	map_pipeline(&config, out);
	/* So few bytes come whole or, before the kernel has its randomness, wait for it. */
	if (getrandom(out->hash_key, sizeof(out->hash_key), 0) != sizeof(out->hash_key))
		return err_list_add(errors, errno, "no random numbers from the kernel: %s",
				strerror(errno));
	return 0;
}

void
params_make_repeatable(struct pipeline_params *params)
{
	for (size_t i = 0; i < sizeof(params->hash_key); i++)
		params->hash_key[i] = (uint8_t)(0x5b + 29 * i);
}
