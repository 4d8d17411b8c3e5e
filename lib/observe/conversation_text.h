/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A conversation for people: as a ladder, as lines like tcpdump's, and as a verdict in
 * sentences; with the small texts that these share with the list of connections.
 */

#ifndef OBSERVE_CONVERSATION_TEXT_H
#define OBSERVE_CONVERSATION_TEXT_H

#include "base/compiler.h"
#include "observe/conversation.h"
#include "observe/ladder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A text that is put together in the caller's array; what does not fit is left off. */
struct conversation_text {
	char *out;
	size_t room;
	size_t len;
};

struct conversation_text conversation_text_in(char *out, size_t room);

void conversation_text_add(struct conversation_text *text, const char *format, ...)
		PRINTF_LIKE(2, 3);

/** "client" or "server". */
const char *conversation_text_side(enum flow_side side);

/** As summary_text_time(): "264 us", "1.32 ms", "6.84 s". */
void conversation_text_duration(struct conversation_text *text, uint64_t us);

/** "13,400". */
void conversation_text_count(struct conversation_text *text, uint64_t count);

/** "192.0.2.1:80". */
void conversation_text_endpoint(
		struct conversation_text *text, const struct record *record, enum flow_side side);

/** "2021-03-20 12:49:33.192719". */
void conversation_text_time(struct conversation_text *text, uint64_t time_us);

/** "host unreachable"; NULL for an error that has no name here. */
const char *conversation_text_icmp(uint8_t ip_version, uint8_t type, uint8_t code);

#define CONVERSATION_VERDICT_MAX 2048

/**
 * What is to be said of the connection: how the handshake went and who kept silent, how
 * it ended, and of a RST whether it can be genuine.
 *
 * @param until_us
 *   When the capture ended: how long was waited in vain.
 */
void conversation_verdict_write(const struct conversation *conversation, uint64_t until_us,
		char out[CONVERSATION_VERDICT_MAX]);

/** The sentences about the record's RST: who, when, whether it can be genuine, what it did. */
void conversation_rst_write(
		struct conversation_text *text, const struct conversation *conversation);

/** The same in a line for the RST's place in the ladder; of any RST's evidence. */
void conversation_rst_mark(struct conversation_text *text, const struct record_rst *rst);

/**
 * The ladder's steps, and its title.
 *
 * @param number
 *   The connection's, for the title.
 * @param all
 *   Draw every segment that is kept; otherwise runs of plain data and ACKs are folded.
 * @param[out] ladder
 *   Without note and verdict. Its steps are to be freed by conversation_ladder_free().
 * @return
 *   0, or -ENOMEM.
 */
int conversation_ladder_make(const struct conversation *conversation, uint64_t number, bool all,
		struct ladder *ladder);

void conversation_ladder_free(struct ladder *ladder);

/** A line a segment, as tcpdump -n prints it in UTC. */
void conversation_packets_print(const struct conversation *conversation, FILE *out);

#endif /* OBSERVE_CONVERSATION_TEXT_H */
