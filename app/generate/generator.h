/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Makes a capture: a kind of traffic gives one dialogue after the other in the order
 * in which they begin, and the generator plays all that are under way, in time order.
 *
 * The same parameters make the same bytes on every machine. Memory is taken for the
 * dialogues that are under way at one time, not for those of the whole capture.
 */

#ifndef APP_GENERATE_GENERATOR_H
#define APP_GENERATE_GENERATOR_H

#include "app/generate/dialogue.h"
#include "app/generate/random.h"
#include "app/generate/shuffle.h"
#include "base/err.h"
#include "io/capture_writer.h"

#include <stdbool.h>
#include <stdint.h>

struct generator;

/* The options that a kind may take beside those that all take. */
enum generator_option {
	GENERATOR_COUNT = 1 << 0,
	GENERATOR_RATE = 1 << 1,
	GENERATOR_DURATION = 1 << 2,
	GENERATOR_FLOOD = 1 << 3,
	GENERATOR_RST = 1 << 4,
	GENERATOR_ANSWERED = 1 << 5,
	GENERATOR_EXCHANGES = 1 << 6,
};

struct generator_kind {
	const char *name;
	const char *purpose;
	uint32_t takes; /* enum generator_option */
	uint32_t count; /* defaults of the parameters */
	uint32_t rate;
	uint32_t duration_ms; /* 0: count / rate */
	uint32_t flood;
	uint32_t rst;
	uint32_t answered_percent;
	uint32_t exchanges;
	/* Fill in the dialogue that begins next; false: there is none. */
	bool (*next)(struct generator *generator, struct dialogue *dialogue);
};

struct generator_params {
	const struct generator_kind *kind;
	uint32_t count; /* dialogues, flood not counted */
	uint64_t duration_us; /* over which dialogues begin; `established`: of all */
	uint32_t flood; /* SYNs from nobody */
	uint32_t rst; /* connections that a RST cuts */
	uint32_t answered_percent; /* share of the flood's SYNs that get a SYN-ACK */
	uint32_t exchanges; /* in each established connection */
	uint8_t victim_addr[16]; /* the server */
	uint16_t victim_port;
	uint8_t ip_version;
	uint8_t vlan_count;
	uint16_t vlan[SEGMENT_VLANS];
	uint64_t seed;
	uint64_t start_us;
};

struct generator {
	const struct generator_params *params;
	struct random random;
	struct shuffle clients;
	struct shuffle spoofed;
	uint32_t made; /* dialogues given so far */
	uint32_t flood_made;
	uint32_t rst_made;
	uint32_t again; /* a scan: the target after the last that was asked again */
	uint64_t next_us; /* when the next begins, where two streams are one capture; 0: unset */
};

struct generator_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t first_us;
	uint64_t last_us;
};

void generator_init(struct generator *generator, const struct generator_params *params);

/**
 * Make the whole capture.
 *
 * @return
 *   0, or -errno; the sentence for an error of the writer comes with its close.
 */
int generator_run(struct generator *generator, struct capture_writer *writer,
		struct generator_stats *stats, struct err *err);

/** What @p number of @p count equal shares of a time make; nothing overflows. */
static inline uint64_t
generator_share_us(uint64_t time_us, uint32_t number, uint32_t count)
{
	return time_us / count * number + time_us % count * number / count;
}

/** When the dialogue with this number begins: each somewhere in its share of the time. */
uint64_t generator_arrival_us(struct generator *generator, uint32_t number);

extern const struct generator_kind synflood_kind;
extern const struct generator_kind handshakes_kind;
extern const struct generator_kind established_kind;
extern const struct generator_kind flashcrowd_kind;
extern const struct generator_kind scan_kind;
extern const struct generator_kind mixed_kind;
extern const struct generator_kind demo_kind;

#endif /* APP_GENERATE_GENERATOR_H */
