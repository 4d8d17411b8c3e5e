/* SPDX-License-Identifier: Apache-2.0 */

#include "hosts.h"

#define CLIENT_ADDR UINT32_C(0xc6336401) /* 198.51.100.1 */
#define SERVER_ADDR UINT32_C(0xc0000201) /* 192.0.2.1 */
#define FRAME_ROOM 4096
#define BACKWARDS_MAX 22 /* 2^22 us: more than any reordering */
#define FORWARDS_MAX 38 /* 2^38 us: three days */
#define FRAME_GAP_US 100

/* What a host does; the numbers are part of the inputs, so rows are only ever added. */
enum form {
	FORM_SYN,
	FORM_SYNACK,
	FORM_ACK,
	FORM_DATA,
	FORM_FIN,
	FORM_RST,
	FORM_RST_ACK,
	FORM_RST_ANSWER, /* its number is what the other acknowledged */
	FORM_SYN_AGAIN,
	FORM_SYNACK_AGAIN,
	FORM_DATA_AGAIN,
	FORM_KEEP_ALIVE,
	FORM_SYN_ANEW, /* of a new connection on the same ports */
	FORM_FLAGS, /* as the input says */
	FORM_ICMP, /* an error about what the other sent last */
	FORM_ICMP_SYN, /* an error about the other's SYN */
	FORM_COUNT,
};

/* What is not as it should be; each is followed by its value. */
enum fault {
	FAULT_SEQ = 1 << 0,
	FAULT_ACK = 1 << 1,
	FAULT_WINDOW = 1 << 2,
	FAULT_OPTIONS = 1 << 3,
	FAULT_HOP_LIMIT = 1 << 4,
	FAULT_LEN = 1 << 5,
	FAULT_VLAN = 1 << 6,
	FAULT_BYTE = 1 << 7, /* one is changed, and the frame cut off */
};

static void
set_addresses(struct build_tcp *tcp, uint32_t pair, bool from_server)
{
	const bool is_ipv6 = pair == 4 || pair == 5;
	uint8_t client[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = (uint8_t)pair };
	uint8_t server[16] = { 0x20, 0x01, 0x0d, 0xb8, [14] = 1, [15] = (uint8_t)pair };

	if (!is_ipv6) {
		build_ipv4_mapped(CLIENT_ADDR + pair, client);
		build_ipv4_mapped(SERVER_ADDR + pair / 2, server);
	}
	tcp->ip_version = is_ipv6 ? 6 : 4;
	memcpy(tcp->src_addr, from_server ? server : client, sizeof(client));
	memcpy(tcp->dst_addr, from_server ? client : server, sizeof(client));
}

void
hosts_init(struct hosts *hosts)
{
	*hosts = (struct hosts){ .now_us = HOSTS_START_US, .next_port = 1024 };
	for (uint32_t i = 0; i < HOSTS_PAIRS; i++)
		for (uint32_t side = 0; side < 2; side++) {
			struct hosts_pair *pair = &hosts->pair[i];
			struct build_tcp *tcp = &pair->from[side];

			set_addresses(tcp, i, side == 1);
			tcp->hop_limit = (uint8_t)(side == 0 ? 64 : 57);
			tcp->src_port = (uint16_t)(side == 0 ? 40000 + i : 80);
			tcp->dst_port = (uint16_t)(side == 0 ? 80 : 40000 + i);
			tcp->window = (uint16_t)(side == 0 ? 64240 : 65160);
			/* The last pair's numbers wrap soon. */
			pair->isn[side] = i == HOSTS_PAIRS - 1
					? UINT32_MAX - 100 - side
					: (i + 1) * UINT32_C(100000000) + side * 7;
			tcp->seq = pair->isn[side];
		}
}

static uint8_t
flags_of(enum form form, struct fuzz_input *input)
{
	switch (form) {
	case FORM_SYN:
	case FORM_SYN_AGAIN:
	case FORM_SYN_ANEW:
		return TCP_SYN;
	case FORM_SYNACK:
	case FORM_SYNACK_AGAIN:
		return TCP_SYN | TCP_ACK;
	case FORM_DATA:
	case FORM_DATA_AGAIN:
		return TCP_PSH | TCP_ACK;
	case FORM_FIN:
		return TCP_FIN | TCP_ACK;
	case FORM_RST:
	case FORM_RST_ANSWER:
		return TCP_RST;
	case FORM_RST_ACK:
		return TCP_RST | TCP_ACK;
	case FORM_FLAGS:
		return fuzz_byte(input);
	default:
		return TCP_ACK;
	}
}

static void
set_numbers(enum form form, struct hosts_pair *pair, uint32_t side, struct build_tcp *tcp)
{
	switch (form) {
	case FORM_SYN:
	case FORM_SYN_AGAIN:
	case FORM_SYNACK:
	case FORM_SYNACK_AGAIN:
		tcp->seq = pair->isn[side];
		break;
	case FORM_SYN_ANEW:
		pair->isn[side] += 1000000;
		pair->from[side].seq = pair->isn[side];
		tcp->seq = pair->isn[side];
		break;
	case FORM_DATA:
		tcp->payload_len = 100;
		break;
	case FORM_DATA_AGAIN:
		tcp->payload_len = pair->last_len[side];
		tcp->seq -= pair->last_len[side];
		break;
	case FORM_KEEP_ALIVE:
		tcp->seq--;
		break;
	case FORM_RST_ANSWER:
		tcp->seq = pair->from[!side].ack;
		break;
	case FORM_ICMP_SYN:
		tcp->seq = pair->isn[side];
		break;
	default:
		break;
	}
}

/* A distance of either sign, small or large. */
static uint32_t
some_distance(struct fuzz_input *input)
{
	const uint8_t byte = fuzz_byte(input);
	const uint32_t distance = UINT32_C(1) << (byte & 31);

	return (byte & 0x80) != 0 ? 0 - distance : distance;
}

static void
set_options(struct fuzz_input *input, struct build_options *options)
{
	const uint8_t bits = fuzz_byte(input);

	options->mss = (bits & 1) != 0 ? (uint16_t)(fuzz_byte(input) << 4) : 0;
	options->sack_permitted = (bits & 2) != 0;
	options->timestamps = (bits & 4) != 0;
	options->has_wscale = (bits & 8) != 0;
	options->wscale = bits >> 4;
	if (options->wscale == 15) /* of which no length between is one of RFC 7413 */
		options->fast_open_len = (uint8_t)(2 + (bits & 1) * 8);
}

static void
set_faults(uint8_t faults, struct fuzz_input *input, struct build_tcp *tcp)
{
	if ((tcp->tcp_flags & TCP_SYN) != 0)
		tcp->options = (struct build_options){
			.mss = 1460, .sack_permitted = true, .has_wscale = true, .wscale = 7
		};
	if ((faults & FAULT_SEQ) != 0)
		tcp->seq += some_distance(input);
	if ((faults & FAULT_ACK) != 0)
		tcp->ack += some_distance(input);
	if ((faults & FAULT_WINDOW) != 0)
		tcp->window = (uint16_t)fuzz_number(input, 2);
	if ((faults & FAULT_OPTIONS) != 0)
		set_options(input, &tcp->options);
	if ((faults & FAULT_HOP_LIMIT) != 0)
		tcp->hop_limit = fuzz_byte(input);
	if ((faults & FAULT_LEN) != 0)
		tcp->payload_len = fuzz_byte(input) * 8U;
	if ((faults & FAULT_VLAN) != 0) {
		tcp->vlan_count = 1;
		tcp->vlan[0] = fuzz_byte(input);
	}
}

/* What the sender and its peer know from here on. */
static void
remember(struct hosts_pair *pair, uint32_t side, const struct build_tcp *tcp)
{
	const uint32_t end = tcp->seq + tcp->payload_len + ((tcp->tcp_flags & TCP_SYN) != 0) +
			((tcp->tcp_flags & TCP_FIN) != 0);

	if ((tcp->tcp_flags & TCP_RST) != 0)
		return;
	if (tcp->payload_len != 0)
		pair->last_len[side] = tcp->payload_len;
	if ((int32_t)(end - pair->from[side].seq) > 0)
		pair->from[side].seq = end;
	pair->from[!side].ack = pair->from[side].seq;
}

static void
finish(const uint8_t *bytes, size_t len, uint64_t time_us, struct frame *frame)
{
	FUZZ_REQUIRE(len != 0);
	*frame = (struct frame){ .data = fuzz_copy(bytes, len),
		.len = (uint32_t)len,
		.wire_len = (uint32_t)len,
		.time_us = time_us };
}

static void
damage(struct fuzz_input *input, struct frame *frame)
{
	const uint32_t at = fuzz_byte(input), cut = fuzz_byte(input);
	uint8_t *whole = frame->data;

	whole[at % frame->len] ^= (uint8_t)(1U << (cut & 7));
	if (cut / 8 < frame->len)
		frame->len -= cut / 8;
	frame->data = fuzz_copy(whole, frame->len);
	free(whole);
}

void
hosts_say(struct hosts *hosts, struct fuzz_input *input, struct frame *frame)
{
	static uint8_t bytes[FRAME_ROOM];
	const uint8_t who = fuzz_byte(input), faults = fuzz_byte(input);
	struct hosts_pair *pair = &hosts->pair[who % HOSTS_PAIRS];
	const uint32_t side = who / HOSTS_PAIRS % 2;
	const enum form form = (enum form)(who / HOSTS_PAIRS / 2 % FORM_COUNT);
	struct build_tcp tcp = pair->from[side];
	struct build_icmp icmp = { .hop_limit = 60, .quoted = &tcp };
	size_t len;

	tcp.tcp_flags = flags_of(form, input);
	set_numbers(form, pair, side, &tcp);
	set_faults(faults, input, &tcp);
	if (form == FORM_ICMP || form == FORM_ICMP_SYN) {
		icmp.type = fuzz_byte(input);
		icmp.code = icmp.type >> 4;
		icmp.type &= 15;
		memcpy(icmp.src_addr, tcp.dst_addr, sizeof(icmp.src_addr));
		len = build_icmp_frame(&icmp, bytes, sizeof(bytes));
	} else {
		len = build_tcp_frame(&tcp, bytes, sizeof(bytes));
		remember(pair, side, &tcp);
	}
	finish(bytes, len, hosts->now_us, frame);
	if ((faults & FAULT_BYTE) != 0)
		damage(input, frame);
	hosts->now_us += FRAME_GAP_US;
}

void
hosts_raw(const struct hosts *hosts, struct fuzz_input *input, struct frame *frame)
{
	const size_t wanted = fuzz_byte(input);
	const uint32_t cut = fuzz_byte(input);
	const uint8_t *bytes;
	const size_t len = fuzz_bytes(input, wanted, &bytes);

	*frame = (struct frame){ .data = fuzz_copy(bytes, len),
		.len = (uint32_t)len,
		.wire_len = (uint32_t)len + cut,
		.time_us = hosts->now_us };
}

void
hosts_knock(struct hosts *hosts, struct frame *frame)
{
	static uint8_t bytes[FRAME_ROOM];
	struct build_tcp tcp = hosts->pair[0].from[0];

	tcp.tcp_flags = TCP_SYN;
	tcp.src_port = hosts->next_port++;
	tcp.seq = tcp.src_port;
	tcp.ack = 0;
	finish(bytes, build_tcp_frame(&tcp, bytes, sizeof(bytes)), hosts->now_us, frame);
}

void
hosts_wait(struct hosts *hosts, struct fuzz_input *input)
{
	const uint8_t byte = fuzz_byte(input);

	if ((byte & 0x80) != 0)
		hosts->now_us -= UINT64_C(1) << (byte & 0x7f) % BACKWARDS_MAX;
	else
		hosts->now_us += UINT64_C(1) << byte % FORWARDS_MAX;
}
