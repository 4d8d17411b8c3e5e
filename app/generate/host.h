/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One end of a dialogue: where it is, how its TCP looks on the wire, and what it has
 * sent so far.
 */

#ifndef APP_GENERATE_HOST_H
#define APP_GENERATE_HOST_H

#include "app/generate/random.h"

#include <stdbool.h>
#include <stdint.h>

/* What a system's TCP says of itself. */
struct host_stack {
	uint16_t mss; /* over IPv4; 0: sends none */
	bool sack;
	bool timestamps;
	bool has_wscale;
	uint8_t wscale;
	uint8_t hop_limit; /* where it starts */
	uint16_t syn_window;
	uint16_t synack_window;
	uint16_t window; /* of the segments after those, as in the header */
};

/* Linux 5.x and 6.x; what a Windows 10 client sends; a flood tool; a port scanner. */
extern const struct host_stack host_linux;
extern const struct host_stack host_windows;
extern const struct host_stack host_flooder;
extern const struct host_stack host_scanner;

struct host {
	uint8_t addr[16]; /* IPv4 in the IPv4-mapped form */
	uint16_t port;
	const struct host_stack *stack;
	uint8_t hop_limit; /* as the wire sees it */
	uint16_t ip_id;
	uint32_t isn;
	uint32_t next; /* the sequence number after all it has sent */
	uint32_t ts_offset; /* its timestamp clock, in ms, when the dialogue begins */
	uint32_t ts_sent; /* the last it sent */
	uint32_t round_trip_us; /* from the wire to it, and back */
};

/** Give a host with address and port all the rest; it is some hops away from the wire. */
void host_init(struct host *host, const struct host_stack *stack, uint8_t hops,
		uint32_t round_trip_us, struct random *random);

/** Choose a new initial sequence number, as for a new connection of the same ports. */
void host_renew(struct host *host, struct random *random);

#endif /* APP_GENERATE_HOST_H */
