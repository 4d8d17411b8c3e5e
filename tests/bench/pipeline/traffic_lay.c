/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/bench/pipeline/traffic_lay.h"

#include "base/compiler.h"
#include "packet/build.h"
#include "packet/bytes.h"

#include <string.h>

#define CLIENT_NET UINT32_C(0x0a000000) /* 10.0.0.0/8: room for 16 million */
#define SERVER_NET UINT32_C(0xc6130000) /* 198.19.0.0 */
#define SERVERS 16
#define SERVER_PORT 80
#define CLIENT_PORT 1024
#define CLIENT_PORTS 64000
#define SRC_PORT_AT 34
#define UNDER_WAY_MAX 4096 /* connections between two steps of one */

/* One segment of a script, numbers counted from the initial ones. */
struct step {
	bool from_server;
	uint8_t flags;
	uint32_t seq, ack;
	uint32_t data;
};

#define CLIENT false
#define SERVER true
#define HANDSHAKE \
	{ CLIENT, TCP_SYN, 0, 0, 0 }, { SERVER, TCP_SYN | TCP_ACK, 0, 1, 0 }, \
	{ \
		CLIENT, TCP_ACK, 1, 1, 0 \
	}
#define EXCHANGE \
	{ CLIENT, TCP_PSH | TCP_ACK, 1, 1, 100 }, { SERVER, TCP_ACK, 1, 101, 0 }, \
			{ SERVER, TCP_PSH | TCP_ACK, 1, 101, 300 }, \
	{ \
		CLIENT, TCP_ACK, 101, 301, 0 \
	}

static const struct step closes[] = {
	HANDSHAKE,
	EXCHANGE,
	{ CLIENT, TCP_FIN | TCP_ACK, 101, 301, 0 },
	{ SERVER, TCP_FIN | TCP_ACK, 301, 102, 0 },
	{ CLIENT, TCP_ACK, 102, 302, 0 },
};
static const struct step cut[] = {
	HANDSHAKE,
	EXCHANGE,
	{ SERVER, TCP_RST | TCP_ACK, 301, 101, 0 },
};

struct script {
	const struct step *steps;
	uint32_t count;
};

static const struct script script_syn = { closes, 1 };
static const struct script script_handshake = { closes, 3 };
static const struct script script_open = { closes, 7 };
static const struct script script_closes = { closes, ARRAY_LEN(closes) };
static const struct script script_cut = { cut, ARRAY_LEN(cut) };

/* Stafford's variant 13 of the finalizer of MurmurHash3. */
static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void
address(enum traffic_kind kind, uint32_t ipv4, uint8_t addr[16])
{
	static const uint8_t documentation[] = { 0x20, 0x01, 0x0d, 0xb8 };

	build_ipv4_mapped(ipv4, addr);
	if (kind != TRAFFIC_IPV6)
		return;
	memset(addr, 0, 12);
	memcpy(addr, documentation, sizeof(documentation));
}

static void
describe(enum traffic_kind kind, uint32_t flow, const struct step *step, struct build_tcp *tcp)
{
	uint64_t isn = mix(flow);
	uint32_t client_isn = (uint32_t)isn, server_isn = (uint32_t)(isn >> 32);
	uint16_t port = (uint16_t)(CLIENT_PORT + flow % CLIENT_PORTS);
	bool syn = (step->flags & TCP_SYN) != 0;

	*tcp = (struct build_tcp){
		.ip_version = kind == TRAFFIC_IPV6 ? 6 : 4,
		.hop_limit = step->from_server ? 64 : 57,
		.src_port = step->from_server ? SERVER_PORT : port,
		.dst_port = step->from_server ? port : SERVER_PORT,
		.seq = (step->from_server ? server_isn : client_isn) + step->seq,
		.window = syn ? 64240 : 502,
		.tcp_flags = step->flags,
		.payload_len = step->data,
	};
	address(kind, CLIENT_NET + flow, step->from_server ? tcp->dst_addr : tcp->src_addr);
	address(kind, SERVER_NET + 1 + flow % SERVERS,
			step->from_server ? tcp->src_addr : tcp->dst_addr);
	if ((step->flags & TCP_ACK) != 0)
		tcp->ack = (step->from_server ? client_isn : server_isn) + step->ack;
	/* A flood tool spares itself the options. */
	if (syn && kind != TRAFFIC_FRESH && kind != TRAFFIC_FLOOD && kind != TRAFFIC_AGAIN)
		tcp->options = (struct build_options){ .mss = 1460,
			.sack_permitted = true,
			.timestamps = true,
			.ts_val = client_isn,
			.has_wscale = true,
			.wscale = 7 };
}

uint32_t
traffic_opening(const struct traffic *traffic, uint32_t flow, uint32_t step, uint8_t *buffer)
{
	struct build_tcp tcp;

	describe(traffic->kind, flow, &closes[step], &tcp);
	return (uint32_t)build_tcp_frame(&tcp, buffer, TRAFFIC_BUFFER);
}

/* A frame that is longer than the buffer is built whole elsewhere. */
static void
put(struct traffic *traffic, uint32_t flow, const struct step *step)
{
	uint32_t n = traffic->made++;
	uint8_t frame[2048];
	struct build_tcp tcp;
	uint32_t len;

	describe(traffic->kind, flow, step, &tcp);
	len = (uint32_t)build_tcp_frame(&tcp, frame, sizeof(frame));
	traffic->packets[n] = (struct traffic_packet){
		.flow = flow,
		.wire_len = (uint16_t)len,
		.len = (uint8_t)(len < TRAFFIC_BUFFER ? len : TRAFFIC_BUFFER),
		.opens = step->flags == TCP_SYN,
	};
	memcpy(&traffic->buffers[(uint64_t)n * TRAFFIC_BUFFER], frame, traffic->packets[n].len);
	traffic->expect.packets++;
	traffic->expect.bytes += len;
	traffic->expect.opened += step->flags == TCP_SYN;
	traffic->expect.sum += traffic_sum(tcp.seq, tcp.src_port, tcp.dst_port);
}

bool
traffic_lay_from_server(const uint8_t *buffer)
{
	return bytes_load16(buffer + SRC_PORT_AT) == SERVER_PORT;
}

uint32_t
traffic_lay_steps(enum traffic_kind kind)
{
	switch (kind) {
	case TRAFFIC_HANDSHAKES:
		return script_handshake.count;
	case TRAFFIC_MIXED:
		return script_closes.count;
	default:
		return 1;
	}
}

/* Of a hundred connections of an ordinary day with a flood. */
static const struct script *
script_of(enum traffic_kind kind, uint32_t flow)
{
	uint32_t share = flow % 100;

	if (kind == TRAFFIC_HANDSHAKES)
		return &script_handshake;
	if (kind != TRAFFIC_MIXED || share < 18)
		return &script_syn;
	if (share == 18)
		return &script_cut;
	return share < 40 ? &script_open : &script_closes;
}

static void
lay_scripts(struct traffic *traffic)
{
	uint32_t steps = traffic_lay_steps(traffic->kind);
	uint32_t lag = traffic->flows / 4 < UNDER_WAY_MAX ? traffic->flows / 4 : UNDER_WAY_MAX;

	for (uint32_t turn = 0; turn < traffic->flows + (steps - 1) * lag; turn++)
		for (uint32_t step = 0; step < steps; step++) {
			uint32_t flow = turn - step * lag; /* wraps for those that have not begun */
			const struct script *script;

			if (flow >= traffic->flows)
				continue;
			script = script_of(traffic->kind, flow);
			if (step < script->count)
				put(traffic, flow, &script->steps[step]);
		}
	for (uint32_t flow = 0; flow < traffic->flows; flow++) {
		const struct script *script = script_of(traffic->kind, flow);

		traffic->expect.complete += script != &script_syn;
		traffic->expect.silent += script == &script_syn;
		traffic->expect.cut += script == &script_cut;
	}
	traffic->count = traffic->made;
}

static void
lay_flood(struct traffic *traffic)
{
	for (uint32_t n = 0; n < traffic->count; n++)
		put(traffic, n, &closes[0]);
	traffic->expect.silent = traffic->count;
}

/* The first time they open their connections, before anything is measured. */
static void
lay_again(struct traffic *traffic)
{
	for (uint32_t n = 0; n < traffic->count; n++)
		put(traffic, n % traffic->flows, &closes[0]);
}

/* The server sends data, and the client acknowledges all that came. */
static void
lay_imix(struct traffic *traffic, uint32_t flow, uint32_t n)
{
	static const uint16_t lens[12] = { 60, 590, 60, 60, 590, 60, 1514, 60, 590, 60, 590, 60 };
	uint32_t data = lens[n % ARRAY_LEN(lens)] > 60 ? lens[n % ARRAY_LEN(lens)] - 54u : 0;
	struct step segment = { SERVER, TCP_PSH | TCP_ACK, 1 + traffic->sent[flow], 1, data };
	struct step ack = { CLIENT, TCP_ACK, 1, 1 + traffic->sent[flow], 0 };

	put(traffic, flow, data != 0 ? &segment : &ack);
	traffic->sent[flow] += data;
}

static void
lay_open(struct traffic *traffic)
{
	static const struct step acks[2] = { { CLIENT, TCP_ACK, 1, 1, 0 },
		{ SERVER, TCP_ACK, 1, 1, 0 } };

	for (uint32_t n = 0; n < traffic->count; n++) {
		uint64_t any = mix(~(uint64_t)n);
		uint32_t flow = (uint32_t)any & (traffic->flows - 1);

		if (traffic->kind == TRAFFIC_IMIX)
			lay_imix(traffic, flow, n);
		else
			put(traffic, flow, &acks[any >> 63]);
	}
}

void
traffic_lay(struct traffic *traffic)
{
	if (traffic_is_open(traffic->kind))
		lay_open(traffic);
	else if (traffic->kind == TRAFFIC_FLOOD)
		lay_flood(traffic);
	else if (traffic->kind == TRAFFIC_AGAIN)
		lay_again(traffic);
	else
		lay_scripts(traffic);
}
