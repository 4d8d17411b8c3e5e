/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Where the SYNs to one victim under suspicion come from: how many sources, how many of them
 * completed no handshake, and which send most. A worker keeps a few of these and gives copies to the detector, which adds up what
 * several workers saw.
 *
 * How many: HyperLogLog, P. Flajolet, E. Fusy, O. Gandouet, F. Meunier, "HyperLogLog: the
 * analysis of a near-optimal cardinality estimation algorithm", AofA 2007; the estimator is
 * that of O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017,
 * arXiv:1702.01284, section 4, which needs no tables of corrections.
 * Left open: those of all less those that completed a handshake, which are counted the same
 * way. Both are hashed alike, so their errors are: in units of one's own, with c completed for each
 * one left open, that of the difference is sqrt((1 + c)^2 + c^2 - 2 r (1 + c) c), where r, how far
 * they go together, is about c / (1 + c): so sqrt((1 + c)^2 - c^2), 1.6 % for c of a half, as in
 * a flood of three times the usual rate over clients that come once each, and 2 % for c of 1.
 * Which: the counters of J. Misra, D. Gries, "Finding repeated elements", Science of Computer
 * Programming 2, 1982, over a sample: when no place is free, all of them lose as much as the
 * newcomer brings. So a count is never more than the sample tells, and a flood of sources that
 * send once each leaves nothing.
 */

#ifndef DETECT_SOURCES_H
#define DETECT_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

/* The standard error of an estimate is 1.04 / sqrt(registers): 1.15 %. */
#define SOURCES_BITS 13
#define SOURCES_REGISTERS (1u << SOURCES_BITS)

/* Every source that sends more than a seventeenth of all is among these. */
#define SOURCES_TOP 16

struct source {
	uint64_t addr[2]; /* network byte order; IPv4 in the IPv4-mapped form */
	uint32_t count; /* SYNs at least, estimated from the sample; 0: the place is free */
	bool ipv6;
};

struct sources {
	uint32_t sampled; /* SYNs since sources_reset() until the next that is in the sample */
	int32_t skip; /* of those, the ones that are still to come */
	uint32_t taken_before; /* SYNs before the tick */
	struct source top[SOURCES_TOP];
	uint8_t registers[SOURCES_REGISTERS]; /* of all; of the tick, with a worker */
	uint8_t completed[SOURCES_REGISTERS]; /* the same of those that completed a handshake */
};

void sources_reset(struct sources *sources);

/** SYNs since sources_reset(). */
static inline uint32_t
sources_taken(const struct sources *sources)
{
	return sources->sampled - (uint32_t)sources->skip;
}

/** A tick has passed: all sources are counted anew, only the SYNs taken go on. */
void sources_begin_tick(struct sources *sources);

/** The SYN that is taken is in the sample of those that send most. */
void sources_sample(struct sources *sources, const uint8_t addr[16], bool ipv6);

/* What a register can hold: the trailing zeros of the bits that do not choose it, and one. */
#define SOURCES_RANK_MAX (64 - SOURCES_BITS)

/* What a hash asks for: one of some registers that holds so much, or more. */
struct sources_rank {
	uint8_t *place;
	uint32_t rank;
};

static inline struct sources_rank
sources_rank_of(uint8_t registers[SOURCES_REGISTERS], uint64_t hash)
{
	/* The bit keeps the rank within its limit. */
	const uint64_t rest = hash | UINT64_C(1) << (SOURCES_RANK_MAX - 1);

	return (struct sources_rank){ .place = &registers[hash >> SOURCES_RANK_MAX],
		.rank = (uint32_t)__builtin_ctzll(rest) + 1 };
}

static inline void
sources_raise(struct sources_rank wanted)
{
	const uint32_t rank = *wanted.place;
	const uint32_t more = wanted.rank - rank;

	/*
	 * The greater of the two, without a branch, which no one could tell beforehand which way
	 * it will go, and in words of which no compiler makes one.
	 */
	*wanted.place = (uint8_t)(rank + (more & ((more >> 31) - 1)));
}

/** A SYN is taken; that of its source is the caller's to raise. */
static inline void
sources_count(struct sources *sources, const uint8_t addr[16], bool ipv6)
{
	if (--sources->skip < 0)
		sources_sample(sources, addr, ipv6);
}

/**
 * Take one SYN's source.
 *
 * @param addr
 *   As in struct segment.
 * @param hash
 *   Of the address, keyed; the same key for all workers.
 */
static inline void
sources_add(struct sources *sources, const uint8_t addr[16], bool ipv6, uint64_t hash)
{
	sources_raise(sources_rank_of(sources->registers, hash));
	sources_count(sources, addr, ipv6);
}

/** A source completed a handshake. */
static inline void
sources_complete(struct sources *sources, uint64_t hash)
{
	sources_raise(sources_rank_of(sources->completed, hash));
}

/** How many SYNs one stands for that is in the sample, by how many the tick had before. */
uint32_t sources_weight(uint32_t before);

/** Add what another worker saw; what both saw counts once. */
void sources_merge(struct sources *sources, const struct sources *more);

/** The number of different sources. */
double sources_estimate(const struct sources *sources);

/** Of them, those that completed no handshake. */
double sources_estimate_open(const struct sources *sources);

#endif /* DETECT_SOURCES_H */
