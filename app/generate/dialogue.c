/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/dialogue.h"

#include "packet/build.h"

#include <string.h>

#define SEND_GAP_US 12 /* between two segments that a host sends in a row */
#define FAST_OPEN_REQUEST_LEN 2
#define FAST_OPEN_COOKIE_LEN 10 /* a cookie of eight bytes, as Linux makes them */
#define MSS_IPV6_LESS 20 /* by how much the header is longer */

/* The wire runs between two routers, so only these two are seen on it. */
static const uint8_t macs[2][6] = {
	[CLIENT] = { 0x02, 0x00, 0x5e, 0x00, 0x53, 0x01 },
	[SERVER] = { 0x02, 0x00, 0x5e, 0x00, 0x53, 0x02 },
};

static enum script_side
peer_of(uint8_t side)
{
	return side == CLIENT ? SERVER : CLIENT;
}

void
dialogue_begin(struct dialogue *dialogue, const struct script *script, uint64_t time_us)
{
	dialogue_go_on(dialogue, script, time_us);
	dialogue->start_us = time_us;
}

void
dialogue_go_on(struct dialogue *dialogue, const struct script *script, uint64_t time_us)
{
	dialogue->script = script;
	dialogue->step = 0;
	dialogue->time_us = time_us;
}

static uint32_t
payload_len(const struct script_step *step)
{
	return step->text != NULL ? (uint32_t)strlen(step->text) : step->len;
}

static uint32_t
timestamp_of(const struct dialogue *dialogue, const struct host *host)
{
	return host->ts_offset +
			(uint32_t)((dialogue->time_us - dialogue->start_us) / USEC_PER_MSEC);
}

/* A SYN offers what its sender can; the answer only what both can. */
static void
fill_syn_options(const struct dialogue *dialogue, const struct script_step *step,
		struct build_options *options)
{
	const struct host_stack *own = dialogue->host[step->side].stack;
	const struct host_stack *other = own;

	if (step->flags & TCP_ACK)
		other = dialogue->host[peer_of(step->side)].stack;
	options->mss = own->mss;
	if (options->mss != 0 && dialogue->ip_version == 6)
		options->mss = (uint16_t)(options->mss - MSS_IPV6_LESS);
	options->sack_permitted = own->sack && other->sack;
	options->has_wscale = own->has_wscale && other->has_wscale;
	options->wscale = own->wscale;
	if (step->mods & FAST_OPEN)
		options->fast_open_len = payload_len(step) != 0 || step->flags & TCP_ACK
				? FAST_OPEN_COOKIE_LEN
				: FAST_OPEN_REQUEST_LEN;
}

/* RSTs carry no options, so that those of forgers and of Linux look the same. */
static void
fill_options(struct dialogue *dialogue, const struct script_step *step,
		struct build_options *options)
{
	struct host *own = &dialogue->host[step->side];
	const struct host *other = &dialogue->host[peer_of(step->side)];

	if (step->flags & TCP_RST)
		return;
	if (step->flags & TCP_SYN)
		fill_syn_options(dialogue, step, options);
	if (own->stack->timestamps && (step->flags == TCP_SYN || other->stack->timestamps)) {
		own->ts_sent = timestamp_of(dialogue, own);
		options->timestamps = true;
		options->ts_val = own->ts_sent;
		options->ts_ecr = step->flags & TCP_ACK ? other->ts_sent : 0;
	}
}

/*
 * Without window scaling the numbers after the handshake are what they are; with it,
 * SYN and SYN-ACK are still to be taken unscaled (RFC 7323 section 2.2).
 */
static uint16_t
window_of(const struct dialogue *dialogue, const struct script_step *step)
{
	const struct host_stack *own = dialogue->host[step->side].stack;
	const struct host_stack *other = dialogue->host[peer_of(step->side)].stack;

	if (step->flags & TCP_RST)
		return 0;
	if (step->flags & TCP_SYN)
		return step->flags & TCP_ACK ? own->synack_window : own->syn_window;
	return own->has_wscale && !other->has_wscale ? own->syn_window : own->window;
}

/* Linux numbers its packets one by one, but SYN-ACKs and answering RSTs are all zero. */
static uint16_t
ip_id_of(struct host *host, const struct script_step *step)
{
	if ((step->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) || step->flags & TCP_RST)
		return 0;
	return host->ip_id++;
}

/* Who refuses has no number of its own yet: it is zero (RFC 9293 section 3.10.7.1). */
static uint32_t
seq_of(const struct host *host, const struct script_step *step)
{
	uint32_t seq = step->flags & TCP_SYN ? host->isn : host->next;

	if (step->flags & TCP_RST && host->next == host->isn)
		seq = 0;
	return seq + (uint32_t)step->seq;
}

static void
fill_tcp(struct dialogue *dialogue, const struct script_step *step, struct build_tcp *tcp)
{
	struct host *own = &dialogue->host[step->side];
	const struct host *other = &dialogue->host[peer_of(step->side)];

	*tcp = (struct build_tcp){
		.ip_version = dialogue->ip_version,
		.hop_limit = (uint8_t)(own->hop_limit + step->hops),
		.ip_id = ip_id_of(own, step),
		.vlan_count = dialogue->vlan_count,
		.src_port = own->port,
		.dst_port = other->port,
		.seq = seq_of(own, step),
		.ack = step->flags & TCP_ACK ? other->next + (uint32_t)step->ack : 0,
		.window = window_of(dialogue, step),
		.tcp_flags = step->flags,
		.payload = (const uint8_t *)step->text,
		.payload_len = payload_len(step),
	};
	memcpy(tcp->src_mac, macs[step->side], sizeof(tcp->src_mac));
	memcpy(tcp->dst_mac, macs[peer_of(step->side)], sizeof(tcp->dst_mac));
	memcpy(tcp->src_addr, own->addr, sizeof(tcp->src_addr));
	memcpy(tcp->dst_addr, other->addr, sizeof(tcp->dst_addr));
	memcpy(tcp->vlan, dialogue->vlan, sizeof(tcp->vlan));
	fill_options(dialogue, step, &tcp->options);
}

/* The router next to the side that should have got the SYN tells that it could not. */
static size_t
play_icmp(struct dialogue *dialogue, const struct script_step *step, uint8_t *out)
{
	struct build_tcp quoted;
	struct build_icmp icmp = {
		.type = step->icmp_type,
		.code = step->icmp_code,
		.hop_limit = dialogue->host[step->side].hop_limit,
		.quoted = &quoted,
	};

	dialogue->host[peer_of(step->side)].ip_id--; /* it is quoted, not sent again */
	fill_tcp(dialogue, step - 1, &quoted);
	quoted.hop_limit = (uint8_t)(quoted.hop_limit - 1);
	memcpy(icmp.src_mac, macs[step->side], sizeof(icmp.src_mac));
	memcpy(icmp.dst_mac, macs[peer_of(step->side)], sizeof(icmp.dst_mac));
	memcpy(icmp.src_addr, quoted.dst_addr, sizeof(icmp.src_addr));
	icmp.src_addr[15] = 1;
	return build_icmp_frame(&icmp, out, DIALOGUE_FRAME_MAX);
}

static void
move_on(struct dialogue *dialogue, const struct script_step *step)
{
	struct host *own = &dialogue->host[step->side];
	uint32_t end = (step->flags & TCP_SYN ? own->isn : own->next) + payload_len(step);

	if (step->mods & (ASIDE | ICMP_ERROR))
		return;
	if (step->flags & TCP_SYN)
		end++;
	if (step->flags & TCP_FIN)
		end++;
	own->next = end;
}

size_t
dialogue_play(struct dialogue *dialogue, uint8_t *out, struct random *random)
{
	const struct script_step *step = &dialogue->script->steps[dialogue->step];
	struct build_tcp tcp;
	size_t len;

	if (step->mods & ANEW) {
		host_renew(&dialogue->host[CLIENT], random);
		host_renew(&dialogue->host[SERVER], random);
	}
	if (step->mods & ICMP_ERROR)
		return play_icmp(dialogue, step, out);
	fill_tcp(dialogue, step, &tcp);
	len = build_tcp_frame(&tcp, out, DIALOGUE_FRAME_MAX);
	move_on(dialogue, step);
	return step->mods & HIDDEN ? 0 : len;
}

/* A round trip varies by a tenth. */
static uint32_t
round_trip_us(const struct host *host, struct random *random)
{
	uint32_t base = host->round_trip_us - host->round_trip_us / 20;

	return base + random_below(random, host->round_trip_us / 10 + 1);
}

bool
dialogue_advance(struct dialogue *dialogue, struct random *random)
{
	const struct script_step *last = &dialogue->script->steps[dialogue->step];
	const struct script_step *step;

	dialogue->step++;
	if (last->back != 0 && dialogue->rounds > 0) {
		dialogue->rounds--;
		dialogue->step -= last->back;
	}
	if (dialogue->step == dialogue->script->count)
		return false;
	step = &dialogue->script->steps[dialogue->step];
	dialogue->time_us += step->after_us;
	if (step->mods & THOUGHT)
		dialogue->time_us += dialogue->think_us;
	if (step->side == last->side)
		dialogue->time_us += SEND_GAP_US;
	else if ((step->mods & UNASKED) == 0)
		dialogue->time_us += round_trip_us(&dialogue->host[step->side], random);
	return true;
}
