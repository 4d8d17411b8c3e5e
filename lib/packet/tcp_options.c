/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/tcp_options.h"

#include "packet/bytes.h"

/* The kinds, and the lengths that IANA's registry gives them. */
#define KIND_END 0
#define KIND_NOP 1
#define KIND_MSS 2
#define KIND_WSCALE 3
#define KIND_SACK_PERMITTED 4
#define KIND_TIMESTAMPS 8
#define KIND_FAST_OPEN 34
#define KIND_EXPERIMENT 254
#define LEN_MIN 2
#define LEN_MSS 4
#define LEN_WSCALE 3
#define LEN_SACK_PERMITTED 2
#define LEN_TIMESTAMPS 10
#define LEN_EXPERIMENT_MIN 4
#define EXPERIMENT_FAST_OPEN 0xf989 /* RFC 7413 appendix A */

/* An option of another length than its kind has is passed over, as end systems do. */
static void
take_option(const uint8_t *option, uint32_t len, struct tcp_options *out)
{
	switch (option[0]) {
	case KIND_MSS:
		if (len == LEN_MSS)
			out->mss = bytes_load16(option + 2);
		break;
	case KIND_WSCALE:
		if (len == LEN_WSCALE) {
			out->has_wscale = true;
			out->wscale = option[2] < TCP_WSCALE_MAX ? option[2] : TCP_WSCALE_MAX;
		}
		break;
	case KIND_SACK_PERMITTED:
		out->sack_permitted |= len == LEN_SACK_PERMITTED;
		break;
	case KIND_TIMESTAMPS:
		out->timestamps |= len == LEN_TIMESTAMPS;
		break;
	case KIND_FAST_OPEN:
		out->fast_open = true;
		break;
	case KIND_EXPERIMENT:
		out->fast_open |= len >= LEN_EXPERIMENT_MIN &&
				bytes_load16(option + 2) == EXPERIMENT_FAST_OPEN;
		break;
	}
}

/*
 * The SYNs of Linux have MSS, SACK permitted, timestamps, a NOP and the window scale, at even
 * addresses as RFC 7323 appendix A would have it. One by one, these would cost ten times as much.
 */
#define USUAL_LEN 20

static bool
is_usual(const uint8_t *options, uint32_t len)
{
	const uint16_t mss = KIND_MSS << 8 | LEN_MSS;
	const uint32_t sack_timestamps = (uint32_t)KIND_SACK_PERMITTED << 24 |
			LEN_SACK_PERMITTED << 16 | KIND_TIMESTAMPS << 8 | LEN_TIMESTAMPS;
	const uint32_t nop_wscale = KIND_NOP << 16 | KIND_WSCALE << 8 | LEN_WSCALE;

	return len == USUAL_LEN && bytes_load16(options) == mss &&
			bytes_load32(options + 4) == sack_timestamps &&
			bytes_load32(options + 16) >> 8 == nop_wscale;
}

static void
take_usual(const uint8_t *options, struct tcp_options *out)
{
	uint8_t wscale = options[USUAL_LEN - 1];

	*out = (struct tcp_options){
		.mss = bytes_load16(options + 2),
		.wscale = wscale < TCP_WSCALE_MAX ? wscale : TCP_WSCALE_MAX,
		.has_wscale = true,
		.sack_permitted = true,
		.timestamps = true,
	};
}

void
tcp_options_parse(const uint8_t *options, uint32_t len, struct tcp_options *out)
{
	uint32_t at = 0;

	if (is_usual(options, len)) {
		take_usual(options, out);
		return;
	}
	*out = (struct tcp_options){ 0 };
	while (at < len && options[at] != KIND_END) {
		uint32_t left = len - at;

		if (options[at] == KIND_NOP) {
			at++;
			continue;
		}
		if (left < LEN_MIN || options[at + 1] < LEN_MIN || options[at + 1] > left) {
			out->malformed = true;
			return;
		}
		take_option(options + at, options[at + 1], out);
		at += options[at + 1];
	}
}
