/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The input is what came back on a control socket, where anybody may sit: each table of
 * `synwire show` is made of it.
 */

#include "fuzz.h"
#include "observe/show_text.h"

/* Where nobody reads. */
static ssize_t
swallow(void *context, const char *bytes, size_t len)
{
	size_t *written = context;

	(void)bytes;
	*written += len;
	return (ssize_t)len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *answer = json_loadb((const char *)data, size, 0, NULL);
	size_t written = 0;
	FILE *out;

	if (!json_is_object(answer)) {
		json_decref(answer);
		return 0;
	}
	out = fopencookie(&written, "w", (cookie_io_functions_t){ .write = swallow });
	FUZZ_REQUIRE(out != NULL);
	FUZZ_REQUIRE(show_text_stats(answer, out) == 0);
	FUZZ_REQUIRE(show_text_wires(answer, out) == 0);
	FUZZ_REQUIRE(show_text_services(answer, out) == 0);
	FUZZ_REQUIRE(show_text_flows(answer, out) == 0);
	FUZZ_REQUIRE(show_text_floods(answer, false, out) == 0);
	FUZZ_REQUIRE(show_text_floods(answer, true, out) == 0);
	FUZZ_REQUIRE(fclose(out) == 0);
	json_decref(answer);
	return 0;
}
