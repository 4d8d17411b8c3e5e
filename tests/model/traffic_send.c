/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "traffic_hosts.h"

#include <string.h>

static struct step
blank(const struct maker *maker, const struct conversation *conversation, unsigned from)
{
	const struct host *src = &conversation->host[from];
	const struct host *dst = &conversation->host[!from];
	struct step step = { .time_us = maker->now_us };
	struct build_tcp *tcp = &step.tcp;

	tcp->ip_version = conversation->ip_version;
	tcp->vlan_count = conversation->vlan_count;
	tcp->vlan[0] = 100;
	tcp->vlan[1] = 200;
	memcpy(tcp->src_addr, src->addr, sizeof(tcp->src_addr));
	memcpy(tcp->dst_addr, dst->addr, sizeof(tcp->dst_addr));
	tcp->src_port = src->port;
	tcp->dst_port = dst->port;
	tcp->hop_limit = src->hop_limit;
	tcp->window = src->window;
	tcp->seq = src->next;
	tcp->ack = dst->next;
	tcp->tcp_flags = TCP_ACK;
	return step;
}

static void
emit(struct maker *maker, struct conversation *conversation, unsigned from, struct step *step)
{
	struct host *host = &conversation->host[from];

	if (conversation->one_way && from == 1 && !random_once_in(&maker->random, 30))
		return;
	if (random_once_in(&maker->random, 60))
		step->tcp.hop_limit = (uint8_t)(step->tcp.hop_limit +
				random_below(&maker->random, 9) - 4);
	sequence_add(maker->sequence, step);
	conversation->last_us = maker->now_us;
	if ((step->tcp.tcp_flags & TCP_ACK) != 0 && (step->tcp.tcp_flags & TCP_RST) == 0)
		host->acked = step->tcp.ack;
	/* Loss in front of the box is nothing; behind it, the segment comes once more. */
	if (random_once_in(&maker->random, 25)) {
		step->time_us = maker->now_us += random_below(&maker->random, 300000);
		sequence_add(maker->sequence, step);
		conversation->last_us = maker->now_us;
	}
}

uint32_t
traffic_some_isn(struct random *random)
{
	switch (random_below(random, 4)) {
	case 0:
		return UINT32_MAX - random_below(random, 3000);
	case 1:
		return (UINT32_C(1) << 31) - random_below(random, 3000);
	default:
		return (uint32_t)random_next(random);
	}
}

static uint32_t
some_len(struct random *random)
{
	return random_once_in(random, 6) ? 1 : 1 + random_below(random, MSS);
}

static void
syn_options(struct maker *maker, const struct host *host, struct build_options *options)
{
	options->mss = MSS;
	options->sack_permitted = true;
	options->has_wscale = host->wscale != 0;
	options->wscale = host->wscale;
	options->timestamps = random_once_in(&maker->random, 2);
}

void
traffic_send_syn(struct maker *maker, struct conversation *conversation, unsigned from, bool again)
{
	struct host *host = &conversation->host[from];
	struct step step;

	if (!again) {
		host->isn = traffic_some_isn(&maker->random);
		host->fin = false;
	}
	step = blank(maker, conversation, from);
	step.tcp.tcp_flags = TCP_SYN;
	step.tcp.seq = host->isn;
	step.tcp.ack = 0;
	syn_options(maker, host, &step.tcp.options);
	if (conversation->fast_open) {
		step.tcp.options.sack_permitted = step.tcp.options.timestamps = false;
		step.tcp.options.fast_open_len = 10;
		step.tcp.payload_len = some_len(&maker->random);
	}
	host->next = host->isn + 1 + step.tcp.payload_len;
	if (!again)
		conversation->syn_us = maker->now_us;
	emit(maker, conversation, from, &step);
}

void
traffic_send_synack(struct maker *maker, struct conversation *conversation, unsigned from,
		bool again, uint32_t ack)
{
	struct host *host = &conversation->host[from];
	struct step step;

	if (!again) {
		host->isn = traffic_some_isn(&maker->random);
		conversation->synack_us = maker->now_us;
	}
	step = blank(maker, conversation, from);
	step.tcp.tcp_flags = TCP_SYN | TCP_ACK;
	step.tcp.seq = host->isn;
	step.tcp.ack = ack;
	syn_options(maker, host, &step.tcp.options);
	host->next = host->isn + 1;
	emit(maker, conversation, from, &step);
}

void
traffic_send_data(struct maker *maker, struct conversation *conversation, unsigned from)
{
	struct host *host = &conversation->host[from];
	struct step step = blank(maker, conversation, from);

	step.tcp.tcp_flags |= TCP_PSH;
	step.tcp.payload_len = some_len(&maker->random);
	switch (random_below(&maker->random, 10)) {
	case 0: /* sent before */
		step.tcp.seq -= step.tcp.payload_len;
		break;
	case 1: /* half of it new */
		step.tcp.seq -= step.tcp.payload_len / 2;
		break;
	case 2: /* something before it was lost */
		step.tcp.seq += random_below(&maker->random, 3000);
		break;
	case 3: /* a keep-alive */
		step.tcp.seq -= 1;
		step.tcp.payload_len = random_below(&maker->random, 2);
		break;
	default:
		break;
	}
	if (random_once_in(&maker->random, 8))
		step.tcp.ack = host->acked;
	if ((int32_t)(step.tcp.seq + step.tcp.payload_len - host->next) > 0)
		host->next = step.tcp.seq + step.tcp.payload_len;
	emit(maker, conversation, from, &step);
}

void
traffic_send_ack(struct maker *maker, struct conversation *conversation, unsigned from)
{
	struct step step = blank(maker, conversation, from);

	if (random_once_in(&maker->random, 3))
		step.tcp.ack = conversation->host[from].acked;
	else if (random_once_in(&maker->random, 4))
		step.tcp.ack -= random_below(&maker->random, 2 * MSS);
	if (random_once_in(&maker->random, 8))
		conversation->host[from].window = (uint16_t)random_next(&maker->random);
	emit(maker, conversation, from, &step);
}

void
traffic_send_fin(struct maker *maker, struct conversation *conversation, unsigned from)
{
	struct host *host = &conversation->host[from];
	struct step step = blank(maker, conversation, from);

	step.tcp.tcp_flags |= TCP_FIN;
	if (host->fin) {
		step.tcp.seq = host->next - 1;
	} else {
		if (random_once_in(&maker->random, 4))
			step.tcp.payload_len = some_len(&maker->random);
		host->next += step.tcp.payload_len + 1;
		host->fin = true;
	}
	emit(maker, conversation, from, &step);
}

void
traffic_send_rst(struct maker *maker, struct conversation *conversation, unsigned from)
{
	const struct host *victim = &conversation->host[!from];
	struct random *random = &maker->random;
	struct step step = blank(maker, conversation, from);

	step.tcp.tcp_flags = random_once_in(random, 2) ? TCP_RST : TCP_RST | TCP_ACK;
	step.tcp.window = 0;
	switch (random_below(random, 10)) {
	case 0:
		step.tcp.seq = victim->acked + 1 + random_below(random, 65536);
		break;
	case 1:
		step.tcp.seq = victim->acked + ((uint32_t)victim->window << victim->wscale) - 1 +
				random_below(random, 3);
		break;
	case 2:
		step.tcp.seq = victim->acked - 1 - random_below(random, 65536);
		break;
	case 3:
		step.tcp.seq = (uint32_t)random_next(random);
		break;
	case 4: /* the answer to a SYN */
		step.tcp.seq = 0;
		step.tcp.tcp_flags = TCP_RST | TCP_ACK;
		break;
	case 5:
		step.tcp.seq = 0;
		step.tcp.ack = (uint32_t)random_next(random);
		step.tcp.tcp_flags = TCP_RST | TCP_ACK;
		break;
	case 6:
	case 7:
		step.tcp.seq = victim->acked;
		break;
	default:
		break;
	}
	if (random_once_in(random, 12))
		step.tcp.tcp_flags |= TCP_FIN;
	if (random_once_in(random, 4))
		step.tcp.hop_limit = (uint8_t)(step.tcp.hop_limit + 1 + random_below(random, 12));
	emit(maker, conversation, from, &step);
}

void
traffic_send_illegal(struct maker *maker, struct conversation *conversation, unsigned from)
{
	static const uint8_t flags[] = { 0, TCP_FIN, TCP_SYN | TCP_FIN, TCP_SYN | TCP_RST,
		TCP_SYN | TCP_FIN | TCP_ACK, TCP_SYN | TCP_RST | TCP_ACK,
		TCP_FIN | TCP_PSH | TCP_URG, TCP_PSH };
	struct step step = blank(maker, conversation, from);

	step.tcp.tcp_flags = flags[random_below(&maker->random, ARRAY_LEN(flags))];
	step.tcp.payload_len = random_below(&maker->random, 2) * some_len(&maker->random);
	emit(maker, conversation, from, &step);
}

void
traffic_send_icmp(struct maker *maker, struct conversation *conversation, unsigned from)
{
	/* Of ICMP, and of ICMPv6. */
	static const uint8_t types[2][4] = { { 3, 3, 11, 12 }, { 1, 2, 3, 4 } };
	struct step step = blank(maker, conversation, from);

	step.is_icmp = true;
	step.icmp_type = types[step.tcp.ip_version == 6][random_below(&maker->random, 4)];
	step.icmp_code = (uint8_t)random_below(&maker->random, 6);
	if (!random_once_in(&maker->random, 4)) {
		step.tcp.seq = conversation->host[from].isn;
		step.tcp.tcp_flags = TCP_SYN;
	}
	sequence_add(maker->sequence, &step);
}

void
traffic_send_foreign_syn(struct maker *maker, struct conversation *conversation, unsigned from)
{
	struct step step = blank(maker, conversation, from);

	if (!random_once_in(&maker->random, 4))
		conversation->foreign_isn = traffic_some_isn(&maker->random);
	step.tcp.tcp_flags = TCP_SYN;
	step.tcp.seq = conversation->foreign_isn;
	step.tcp.ack = 0;
	syn_options(maker, &conversation->host[from], &step.tcp.options);
	emit(maker, conversation, from, &step);
}

void
traffic_send_foreign_synack(struct maker *maker, struct conversation *conversation, unsigned from)
{
	conversation->host[!from].next = conversation->foreign_isn + 1;
	conversation->host[!from].isn = conversation->foreign_isn;
	conversation->progress = SYNACK_OUT;
	traffic_send_synack(maker, conversation, from, false, conversation->foreign_isn + 1);
}
