/* SPDX-License-Identifier: Apache-2.0 */

/* The input is what stands behind the fixed part of a TCP header, as long as it may be. */

#include "fuzz.h"
#include "packet/tcp_options.h"

#define OPTIONS_LEN_MAX 40

static bool
is_same(const struct tcp_options *a, const struct tcp_options *b)
{
	return a->mss == b->mss && a->wscale == b->wscale && a->has_wscale == b->has_wscale &&
			a->sack_permitted == b->sack_permitted && a->timestamps == b->timestamps &&
			a->fast_open == b->fast_open && a->malformed == b->malformed;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint32_t len = (uint32_t)(size < OPTIONS_LEN_MAX ? size : OPTIONS_LEN_MAX);
	uint8_t *options = fuzz_copy(data, len);
	uint8_t *padded = malloc(len + 1);
	struct tcp_options read, again;

	tcp_options_parse(options, len, &read);
	FUZZ_REQUIRE(read.wscale <= TCP_WSCALE_MAX);
	FUZZ_REQUIRE(read.has_wscale || read.wscale == 0);

	/* A byte of padding in front says nothing. */
	FUZZ_REQUIRE(padded != NULL);
	padded[0] = 1;
	memcpy(padded + 1, options, len);
	tcp_options_parse(padded, len + 1, &again);
	FUZZ_REQUIRE(is_same(&read, &again));
	free(padded);
	free(options);
	return 0;
}
