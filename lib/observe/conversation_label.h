/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A segment's header in a few words, for its arrow: "[P.] seq 1:77 ack 1 win 502 len 76";
 * and the walk over TCP options that those who print them share.
 */

#ifndef OBSERVE_CONVERSATION_LABEL_H
#define OBSERVE_CONVERSATION_LABEL_H

#include "observe/conversation.h"
#include "observe/conversation_text.h"

#include <stdbool.h>
#include <stdint.h>

/* The kinds of TCP options that are printed by name. */
enum conversation_option {
	CONVERSATION_OPTION_END = 0,
	CONVERSATION_OPTION_NOP = 1,
	CONVERSATION_OPTION_MSS = 2, /* RFC 9293 section 3.2 */
	CONVERSATION_OPTION_WSCALE = 3, /* RFC 7323 section 2.2 */
	CONVERSATION_OPTION_SACK_OK = 4, /* RFC 2018 section 2 */
	CONVERSATION_OPTION_SACK = 5, /* RFC 2018 section 3 */
	CONVERSATION_OPTION_TS = 8, /* RFC 7323 section 3.2 */
	CONVERSATION_OPTION_FAST_OPEN = 34, /* RFC 7413 section 4.1.1 */
};

/* One option; body lies behind kind and length. */
struct conversation_option_view {
	uint8_t kind;
	uint8_t body_len;
	const uint8_t *body;
};

/**
 * The next option.
 *
 * @param[in,out] at
 *   Where to look, 0 at first; behind the option afterwards.
 * @return
 *   False at the end, and where a length is impossible.
 */
bool conversation_label_next_option(const struct conversation_segment *segment, uint8_t *at,
		struct conversation_option_view *option);

/** A number in network byte order. */
uint32_t conversation_label_be(const uint8_t *bytes, uint32_t count);

/** The letters that tcpdump prints: "S.", "P.", "none". */
void conversation_label_flags(struct conversation_text *text, uint8_t flags);

/** What stands on the arrow; of the least needed it leaves off what does not fit. */
void conversation_label_write(const struct conversation *conversation,
		const struct conversation_segment *segment, char out[LADDER_LABEL_MAX + 1]);

/** Of a SYN or SYN-ACK, what the side offers; nothing of others. */
void conversation_label_options(
		const struct conversation_segment *segment, struct conversation_text *text);

#endif /* OBSERVE_CONVERSATION_LABEL_H */
