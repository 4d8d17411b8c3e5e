/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A SYN flood from its first notice to its last: of what kind it is, how much of it is
 * spoofed, and when it is over.
 *
 * Whether a sender is genuine shows without touching traffic: a host that really wants to
 * connect sends its SYN again after a second, and a host whose address was used, or whose raw
 * socket the kernel does not know of, answers the SYN-ACK with a RST. One that does neither
 * does not exist, as far as the wire can tell. So the share takes a second to be known.
 */

#ifndef DETECT_FLOOD_H
#define DETECT_FLOOD_H

#include "detect/alarm_book.h"
#include "detect/judge.h"
#include "detect/suspects.h"

enum flood_verdict {
	FLOOD_VERDICT_NONE, /* or not yet */
	FLOOD_VERDICT_FLOOD,
	FLOOD_VERDICT_SERVER_DOWN,
};

/** What a finding of the judge's means: a flood, or a server that is silent to everyone. */
enum flood_verdict flood_verdict_of(const struct detector_params *params,
		const struct followed *victim, uint32_t findings, const struct suspect *suspect);

/** Say that it has begun. */
void flood_begin(struct alarm_book *book, const struct detector_params *params,
		struct followed *victim, uint32_t findings, enum flood_verdict verdict,
		uint64_t tick);

/** A worker has seen more of its sources. */
void flood_take_sources(struct alarm_entry *entry, const struct sources *sources);

/** What is known by its start of those that came since its onset. */
void flood_take_suspect(struct alarm_entry *entry, const struct suspect *suspect);

/** Another tick of it, after its victim's followed_step(). */
void flood_step(struct alarm_book *book, const struct detector_params *params,
		struct alarm_entry *entry, uint64_t tick);

#endif /* DETECT_FLOOD_H */
