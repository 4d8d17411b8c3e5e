/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The input is a configuration file. What is taken is written out as `synwire check` does, and
 * that is taken again as the same; what is refused is refused with a sentence, and changes
 * nothing.
 */

#include "config/config.h"
#include "config/config_check.h"
#include "config/config_dump.h"
#include "fuzz.h"
#include "memory_file.h"

static void
check_dump(const struct config *config)
{
	static struct config again;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct err_list errors = { 0 };

	FUZZ_REQUIRE(out != NULL);
	config_dump_yaml(config, out);
	FUZZ_REQUIRE(fclose(out) == 0);
	config_defaults(&again);
	if (config_load(&again, memory_file(text, len), &errors) != 0) {
		err_list_print(&errors, "the dump", stderr);
		fputs(text, stderr);
		abort();
	}
	FUZZ_REQUIRE(memcmp(&again, config, sizeof(again)) == 0);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config config, before;
	struct err_list errors = { 0 };
	struct config peeked;
	int rc;

	config_defaults(&before);
	config = before;
	rc = config_load(&config, memory_file(data, size), &errors);
	if (rc != 0) {
		FUZZ_REQUIRE(errors.count != 0);
		FUZZ_REQUIRE(memcmp(&config, &before, sizeof(config)) == 0);
	} else if (config_check(&config, NULL) == 0) {
		(void)config_check_run(&config, NULL);
		check_dump(&config);
	}
	peeked = before;
	if (config_peek(&peeked, memory_file(data, size), "control.socket", NULL) != 0)
		FUZZ_REQUIRE(memcmp(&peeked, &before, sizeof(peeked)) == 0);
	else if (rc == 0)
		FUZZ_REQUIRE(strcmp(peeked.control.socket, config.control.socket) == 0);
	return 0;
}
