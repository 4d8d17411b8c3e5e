/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_check_flood.h"

#include "config/config_key.h"

#include <inttypes.h>
#include <stdint.h>

/* The beat of detection, detect/tick.h, which this layer does not know. */
#define TICK_US (100 * USEC_PER_MSEC)

void
config_check_flood_thresholds(struct check *check)
{
	const struct config_flood *flood = &check->config->flood;

	if (flood->min_slow_syn_pps > flood->min_syn_pps)
		config_check_complain(check,
				"flood.min_slow_syn_pps: must be at most flood.min_syn_pps: %" PRIu64
				", got %" PRIu64,
				flood->min_syn_pps, flood->min_slow_syn_pps);
}

/* As the operator would write it. */
static void
show(const char *path, const struct config *config, char *text, size_t size)
{
	const struct config_section *section;
	const struct config_key *key = config_schema_find(path, &section);

	config_key_print(key, (const char *)config + config_schema_offset(section, key, 0), text,
			size);
}

static void
check_multiple(struct check *check, const char *path, uint64_t time_us)
{
	char got[32];

	if (time_us % TICK_US == 0)
		return;
	show(path, check->config, got, sizeof(got));
	config_check_complain(check, "%s: must be a multiple of 100ms, got %s", path, got);
}

void
config_check_flood_times(struct check *check)
{
	const struct config_flood *flood = &check->config->flood;
	char window[32], hold[32];

	check_multiple(check, "flood.window", flood->window_us);
	check_multiple(check, "flood.hold", flood->hold_us);
	check_multiple(check, "flood.update", flood->update_us);
	if (flood->hold_us >= flood->window_us)
		return;
	show("flood.window", check->config, window, sizeof(window));
	show("flood.hold", check->config, hold, sizeof(hold));
	config_check_complain(check, "flood.hold: must be at least flood.window: %s, got %s",
			window, hold);
}

void
config_check_flood_hook(struct check *check)
{
	const struct config_words *words = &check->config->flood.on_flood;

	if (words->count == 0)
		config_check_idle_key(check, "flood.on_flood_timeout", 0,
				"flood.on_flood names no program");
	else if (words->word[0][0] != '/')
		config_check_complain(check,
				"flood.on_flood: must begin with the whole path of a program, got "
				"%.100s",
				words->word[0]);
}

void
config_check_flood_capture(struct check *check)
{
	static const char why[] = "flood.capture names no folder";
	const struct config_flood *flood = &check->config->flood;
	const uint64_t wanted = flood->capture_packets * CONFIG_CAPTURE_PACKET_BYTES;
	char size[32];

	if (flood->capture[0] == '\0') {
		config_check_idle_key(check, "flood.capture_packets", 0, why);
		config_check_idle_key(check, "flood.capture_size", 0, why);
		return;
	}
	if (flood->capture_size >= wanted)
		return;
	show("flood.capture_size", check->config, size, sizeof(size));
	config_check_complain(check,
			"flood.capture_size: must have room for flood.capture_packets: %" PRIu64
			" take up to %" PRIu64 " bytes, got %s",
			flood->capture_packets, wanted, size);
}
