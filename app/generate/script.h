/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What is said in a dialogue, as a table: one row a segment, in the order the wire sees
 * them. Sequence and acknowledgement numbers, options, windows and times follow from
 * what was said before; a row says only what is special about its segment.
 */

#ifndef APP_GENERATE_SCRIPT_H
#define APP_GENERATE_SCRIPT_H

#include "base/compiler.h"
#include "base/usec.h"
#include "packet/segment.h"

#include <stdint.h>

enum script_side {
	CLIENT,
	SERVER,
};

enum script_mod {
	/* It happens, but is not seen where the capture is taken. */
	HIDDEN = 1 << 0,
	/* Not its sender's next segment: sent again, or forged. Nothing moves on. */
	ASIDE = 1 << 1,
	/* Sent by a timer or a person, not as an answer: no round trip passes. */
	UNASKED = 1 << 2,
	/* Both sides choose new sequence numbers before: another connection. */
	ANEW = 1 << 3,
	/* After the time that the dialogue's client thinks. */
	THOUGHT = 1 << 4,
	/* A Fast Open option: asks for a cookie, or brings one with data. */
	FAST_OPEN = 1 << 5,
	/* An ICMP error about the step before, which was a SYN. */
	ICMP_ERROR = 1 << 6,
};

struct script_step {
	uint8_t side; /* enum script_side: who sends */
	uint8_t flags; /* enum tcp_flag */
	uint8_t mods; /* enum script_mod */
	int8_t hops; /* added to the hop limit */
	uint16_t len; /* of the payload; not looked at with a text */
	uint8_t icmp_type;
	uint8_t icmp_code;
	int32_t seq; /* added to the sequence number */
	int32_t ack; /* added to the acknowledgement */
	uint32_t after_us; /* the step before, on top of the round trip */
	uint8_t back; /* afterwards, while there are rounds left: steps to go back; 0: none */
	const char *text; /* the payload */
};

struct script {
	const struct script_step *steps;
	uint32_t count;
};

#define SCRIPT(array) \
	{ \
		.steps = (array), .count = ARRAY_LEN(array) \
	}

#define SYN TCP_SYN
#define SYN_ACK (TCP_SYN | TCP_ACK)
#define ACK TCP_ACK
#define PUSH (TCP_PSH | TCP_ACK)
#define FIN (TCP_FIN | TCP_ACK)
#define RST TCP_RST
#define RST_ACK (TCP_RST | TCP_ACK)
#define MS(n) ((n) * (uint32_t)USEC_PER_MSEC)
#define SECONDS(n) ((n) * (uint32_t)USEC_PER_SEC)

/* The three steps that most scripts begin with, and the three that many end with. */
#define HANDSHAKE \
	{ CLIENT, SYN }, { SERVER, SYN_ACK }, \
	{ \
		CLIENT, ACK \
	}
#define CLOSE_BY_CLIENT \
	{ CLIENT, FIN, .after_us = MS(1) }, { SERVER, FIN }, \
	{ \
		CLIENT, ACK \
	}
#define CLOSE_BY_SERVER \
	{ SERVER, FIN, .after_us = MS(1) }, { CLIENT, FIN }, \
	{ \
		SERVER, ACK \
	}

#define SCRIPT_REQUEST \
	"GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: generated\r\n\r\n"
#define SCRIPT_RESPONSE \
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\nHello, world.\n"
#define EXCHANGE \
	{ CLIENT, PUSH, .text = SCRIPT_REQUEST }, { SERVER, ACK }, \
			{ SERVER, PUSH, .after_us = MS(2), .text = SCRIPT_RESPONSE }, \
	{ \
		CLIENT, ACK \
	}

#endif /* APP_GENERATE_SCRIPT_H */
