/* SPDX-License-Identifier: Apache-2.0 */

/* Words of the command line and of the configuration. The first byte says which; the rest is it. */

#include "app/advise/target.h"
#include "app/explain/explain_choice.h"
#include "app/generate/option_value.h"
#include "config/config.h"
#include "config/core_list.h"
#include "fuzz.h"
#include "io/port_device.h"
#include "observe/json_value.h"

static int
read_claim(const char *text, struct err *err)
{
	struct claim claim;
	const int rc = claim_read(text, &claim, err);

	if (rc == 0)
		FUZZ_REQUIRE(strlen(target_text(&claim.target).text) > 0);
	return rc;
}

static int
read_choice(const char *text, struct err *err)
{
	struct explain_choice choice;
	const int rc = explain_choice_read(text, &choice);

	/* It says no more than that. */
	snprintf(err->text, sizeof(err->text), "?");
	if (rc == 0)
		FUZZ_REQUIRE(choice.number != 0 || choice.endpoints != 0);
	return rc;
}

static int
read_cores(const char *text, struct err *err)
{
	static uint32_t cores[CORE_LIST_MAX];
	const int count = core_list_parse(text, cores, CORE_LIST_MAX, err);

	for (int i = 0; i < count; i++)
		FUZZ_REQUIRE(cores[i] <= CORE_LIST_CORE_MAX);
	return count < 0 ? count : 0;
}

static int
read_device(const char *text, struct err *err)
{
	struct port_device device;
	uint32_t frame_room;
	int rc = port_device_parse(text, &device, err);

	if (rc == 0)
		rc = port_device_complete(&device, 2, 1500, &frame_room, err);
	return rc;
}

static int
read_setting(const char *text, struct err *err)
{
	static struct config config, before;
	char path[64];
	const char *value = strchr(text, '=');
	int rc;

	snprintf(path, sizeof(path), "%.*s", (int)(value != NULL ? value - text : 0), text);
	config_defaults(&config);
	before = config;
	rc = config_set(&config, path, value != NULL ? value + 1 : text, err);
	if (rc != 0)
		FUZZ_REQUIRE(memcmp(&config, &before, sizeof(config)) == 0);
	return rc;
}

static int
read_victim(const char *text, struct err *err)
{
	struct generator_params params = { 0 };

	return option_value_victim(text, &params, err);
}

static int
read_vlan(const char *text, struct err *err)
{
	struct generator_params params = { 0 };
	const int rc = option_value_vlan(text, &params, err);

	return rc;
}

static int
read_with(const char *text, struct err *err)
{
	uint8_t with;

	return option_value_with(text, &with, err);
}

static int
read_start(const char *text, struct err *err)
{
	uint64_t start_us;
	int rc = option_value_start(text, &start_us, err);

	if (rc == 0)
		FUZZ_REQUIRE(start_us < CAPTURE_END_US);
	rc = option_value_seconds("--duration", text, 1e6, &start_us, err);
	return rc;
}

/* A name that an administrator or a kernel gave. */
static int
write_text(const char *text, struct err *err)
{
	json_t *value = json_value_text(text);

	(void)err;
	FUZZ_REQUIRE(json_is_string(value) && json_string_length(value) >= strlen(text));
	json_decref(value);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const readers[])(const char *text, struct err *err) = { read_claim,
		read_choice, read_cores, read_device, read_setting, read_victim, read_vlan,
		read_with, read_start, write_text };
	struct fuzz_input input = { data, data + size };
	const uint8_t which = fuzz_byte(&input) % (sizeof(readers) / sizeof(readers[0]));
	const uint8_t *bytes;
	const size_t len = fuzz_bytes(&input, 2048, &bytes);
	char *text = fuzz_text(bytes, len);
	struct err err = { "" };

	if (readers[which](text, &err) != 0)
		FUZZ_REQUIRE(err.text[0] != '\0');
	free(text);
	return 0;
}
