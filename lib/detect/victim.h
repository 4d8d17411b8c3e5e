/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Who may be attacked, and what is counted of it.
 *
 * A victim is a service (address and port), an address, or a prefix of addresses. It is
 * always the destination: the server of a handshake, or whom a segment that belongs to no
 * connection was sent to. The same counts are kept at all three levels; those of an address
 * are the sum over its services, those of a prefix the sum over its addresses.
 */

#ifndef DETECT_VICTIM_H
#define DETECT_VICTIM_H

#include <stdbool.h>
#include <stdint.h>

enum victim_level {
	VICTIM_SERVICE,
	VICTIM_ADDRESS,
	VICTIM_PREFIX,
	VICTIM_LEVELS,
};

/* Compared and hashed as a whole, so every byte has its meaning. */
struct victim_key {
	uint64_t addr[2]; /* network byte order; IPv4 in the IPv4-mapped form; of a prefix its first */
	uint16_t port; /* host byte order; 0 but for a service */
	uint8_t level; /* enum victim_level */
	bool ipv6;
	uint32_t zero;
};

/*
 * X(field, help): what is counted of a victim. The handshakes are those that began with a
 * SYN; each of them ends exactly once, in one of the rows of VICTIM_ENDS, so
 *   half open = syn - (evicted + completed + ... + broken_off).
 */
#define VICTIM_ENDS(X) \
	X(evicted, "handshakes that made room in the flow table before they could be judged") \
	X(completed, "handshakes that completed") \
	X(refused, "handshakes that a RST of the server answered") \
	X(client_reset, \
			"handshakes that the client reset after the SYN-ACK, as hosts do whose " \
			"address was used by somebody else") \
	X(client_silent, \
			"handshakes given up: the client never acknowledged the SYN-ACK, or " \
			"sent FIN before there was one") \
	X(server_silent, "handshakes given up: nothing answered the SYN") \
	X(broken_off, "handshakes that ended otherwise: unreachable, odd answers")

#define VICTIM_COUNTS(X) \
	X(syn, "new handshakes: SYNs, retransmissions left out") \
	X(syn_retransmits, "SYNs sent again") \
	X(retried, "handshakes whose SYN was sent again at least once") \
	X(synack, "handshakes that a SYN-ACK answered") \
	VICTIM_ENDS(X) \
	X(stray_synack, "SYN-ACKs to SYNs that were never sent") \
	X(stray_ack, "segments of connections whose beginning was not seen") \
	X(stray_answered, "such connections that turned out to be real: both sides speak") \
	X(stray_rst, "RSTs that belong to no connection, or change nothing")

/*
 * How long a handshake took, from the SYN to its completion, in classes: below so
 * many milliseconds. What takes longer than all of them is in one more class.
 */
#define VICTIM_DELAY_ENDS_MS 10, 25, 50, 75, 100, 150, 200, 300, 400, 600, 1000

#define VICTIM_DELAYS 12

struct victim_counts {
#define X(field, help) uint32_t field;
	VICTIM_COUNTS(X)
#undef X
	uint32_t delay[VICTIM_DELAYS]; /* of those completed */
};

static inline bool
victim_key_equal(const struct victim_key *a, const struct victim_key *b)
{
	return a->addr[0] == b->addr[0] && a->addr[1] == b->addr[1] && a->port == b->port &&
			a->level == b->level && a->ipv6 == b->ipv6;
}

/** How many bits of a prefix are given. */
struct victim_prefixes {
	uint8_t ipv4; /* 8 to 32 */
	uint8_t ipv6; /* 16 to 128 */
};

/* The first @p bits of 64, in network byte order. */
static inline uint64_t
victim_mask_of(uint32_t bits)
{
	const uint64_t mask = bits == 0 ? 0 : UINT64_MAX << (64 - bits);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap64(mask);
#else
	return mask;
#endif
}

/** The victim one level up, which a victim is part of: the address of a service, the prefix of
 * an address. Not for a prefix. */
static inline void
victim_parent(const struct victim_key *victim, const struct victim_prefixes *prefixes,
		struct victim_key *parent)
{
	/* How much of the 128 bits an address is kept in belongs to its prefix. */
	const uint32_t bits = victim->ipv6 ? prefixes->ipv6 : 96u + prefixes->ipv4;

	*parent = *victim;
	parent->port = 0;
	parent->level = (uint8_t)(victim->level + 1);
	if (parent->level != VICTIM_PREFIX)
		return;
	parent->addr[0] &= victim_mask_of(bits < 64 ? bits : 64);
	parent->addr[1] &= victim_mask_of(bits < 64 ? 0 : bits - 64);
}

/** Whether @p inner is @p outer or part of it. */
bool victim_covers(const struct victim_key *outer, const struct victim_key *inner,
		const struct victim_prefixes *prefixes);

/** One end for each handshake: how many ended, in any way. */
static inline uint32_t
victim_ended(const struct victim_counts *counts)
{
	return 0
#define X(field, help) +counts->field
			VICTIM_ENDS(X)
#undef X
					;
}

/** The class that a handshake of so long belongs to. */
uint32_t victim_delay_class(uint64_t elapsed_us);

/** Where a class ends; of the last, where most of it will lie. */
uint64_t victim_delay_end_us(uint32_t delay_class);

/** Add @p more to @p counts, field by field. */
void victim_counts_add(struct victim_counts *counts, const struct victim_counts *more);

#endif /* DETECT_VICTIM_H */
