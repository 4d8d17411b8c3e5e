/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Who plays: clients and spoofed sources, each with an address and port that no other
 * has, and the server. All addresses are ones that belong to nobody, but for those that
 * a flood makes up.
 */

#ifndef APP_GENERATE_CAST_H
#define APP_GENERATE_CAST_H

#include "app/generate/generator.h"

/** A client that exists: 198.18.0.0/15 (RFC 2544) or 2001:db8::/32 (RFC 3849). */
void cast_client(struct generator *generator, struct dialogue *dialogue);

/** A source that a flood tool made up. */
void cast_spoofed(struct generator *generator, struct dialogue *dialogue);

#define CAST_SOURCES (1u << 24)

/**
 * A source of a flood, of which each number below CAST_SOURCES has its own address; the port is
 * another each time.
 *
 * @param is_real
 *   It exists, and has Linux's TCP.
 */
void cast_source(struct generator *generator, struct dialogue *dialogue, uint64_t number,
		bool is_real);

/** The server, with IP version and VLAN tags of the dialogue. */
void cast_server(struct generator *generator, struct dialogue *dialogue);

/** The @p number-th address after @p addr, in the same IP version. */
void cast_next_addr(uint8_t addr[16], uint32_t number);

/** Begin a dialogue of a client with the server. */
void cast_connection(struct generator *generator, struct dialogue *dialogue,
		const struct script *script, uint64_t time_us);

/** Begin a SYN of the flood. */
void cast_flood(struct generator *generator, struct dialogue *dialogue, uint64_t time_us);

#endif /* APP_GENERATE_CAST_H */
