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
	GENERATOR_BASELINE = 1 << 7,
	GENERATOR_WAVES = 1 << 8, /* --onset, --length, --times, --every */
	GENERATOR_SPOOFED = 1 << 9,
	GENERATOR_SOURCES = 1 << 10,
	GENERATOR_VICTIMS = 1 << 11,
	GENERATOR_PORTS = 1 << 12,
	GENERATOR_WITH = 1 << 13,
	GENERATOR_DOWN = 1 << 14, /* --down, --refused */
	GENERATOR_RTT = 1 << 15,
	GENERATOR_LOSS = 1 << 16,
	GENERATOR_SURGE = 1 << 17,
	GENERATOR_CLIENTS = 1 << 18,
	GENERATOR_TRUTH = 1 << 19,
};

struct generator_kind {
	const char *name;
	const char *purpose;
	uint32_t takes; /* enum generator_option */
	uint32_t count; /* defaults of the parameters */
	uint32_t rate;
	uint32_t duration_ms; /* 0: count / rate; with waves: until some time after the last */
	uint32_t flood;
	uint32_t rst;
	uint32_t answered_percent;
	uint32_t exchanges;
	uint32_t down_percent;
	/* Fill in the dialogue that begins next; false: there is none. */
	bool (*next)(struct generator *generator, struct dialogue *dialogue);
	/* A dialogue is over: have it go on, at its time or later; NULL or false: it is not to. */
	bool (*again)(struct generator *generator, struct dialogue *dialogue);
};

/* When something happens that passes: so many times, each so long. */
struct generator_waves {
	uint64_t onset_us; /* of the first, after the start */
	uint64_t length_us;
	uint64_t every_us; /* from one onset to the next; not less than the length */
	uint32_t times;
};

struct generator_params {
	const struct generator_kind *kind;
	uint32_t count; /* dialogues, flood not counted */
	uint64_t duration_us; /* over which dialogues begin; `established`: of all */
	uint32_t flood; /* SYNs from nobody; with waves: of each */
	uint32_t rst; /* connections that a RST cuts */
	uint32_t answered_percent; /* share of the flood's segments that are answered */
	uint32_t exchanges; /* in each established connection */
	uint32_t baseline; /* honest connections a second */
	struct generator_waves waves;
	uint32_t spoofed_percent; /* share of the flood's sources that do not exist */
	uint32_t sources; /* of the flood; 0: each sends just one segment */
	uint32_t victims; /* servers, at addresses in a row */
	uint32_t ports; /* that a flood goes to, of each */
	uint8_t with; /* enum tcp_flag: what a flood is made of */
	uint32_t down_percent; /* share of the honest clients that get no service meanwhile */
	uint32_t refused_percent; /* share of those whom a RST tells */
	uint32_t round_trip_us; /* from the wire to a client, and back; 0: to each its own */
	bool has_loss;
	uint32_t loss_percent; /* of each segment of a handshake */
	uint32_t surge; /* how many times as many come at once as did before */
	uint32_t clients; /* addresses they have; 0: as many as there are */
	uint8_t victim_addr[16]; /* the server, or the first of several */
	uint16_t victim_port;
	uint8_t ip_version;
	uint8_t vlan_count;
	uint16_t vlan[SEGMENT_VLANS];
	uint64_t seed;
	uint64_t start_us;
};

struct truth;

struct generator {
	const struct generator_params *params;
	struct truth *truth; /* NULL: nobody asks */
	struct random random;
	struct shuffle clients;
	struct shuffle spoofed;
	struct shuffle sources;
	uint32_t made; /* dialogues given so far */
	uint32_t flood_made;
	uint32_t rst_made;
	uint32_t again; /* a scan: the target after the last that was asked again */
	uint64_t next_us; /* when the next begins, where two streams are one capture; 0: unset */
	uint64_t flood_us; /* the same of the flood */
	uint64_t honest_ns; /* when the honest client before the next came, after the start */
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

/** The wave that a time lies in, or after the end of; -1: before the first. */
int64_t generator_wave(const struct generator_params *params, uint64_t time_us);

/** Whether one is under way. */
bool generator_in_wave(const struct generator_params *params, uint64_t time_us);

/** When the dialogue with this number begins: each somewhere in its share of the time. */
uint64_t generator_arrival_us(struct generator *generator, uint32_t number);

extern const struct generator_kind synflood_kind;
extern const struct generator_kind handshakes_kind;
extern const struct generator_kind established_kind;
extern const struct generator_kind flashcrowd_kind;
extern const struct generator_kind scan_kind;
extern const struct generator_kind mixed_kind;
extern const struct generator_kind attack_kind;
extern const struct generator_kind outage_kind;
extern const struct generator_kind demo_kind;

#endif /* APP_GENERATE_GENERATOR_H */
