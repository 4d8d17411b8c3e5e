/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/bench/pipeline/traffic.h"

#include "packet/bytes.h"
#include "tests/bench/pipeline/memory.h"
#include "tests/bench/pipeline/traffic_lay.h"

#include <stddef.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#define PASS_MIN (UINT32_C(1) << 20) /* packets, where flows have no part in it */
#define SRC_ADDR_AT (RTE_ETHER_HDR_LEN + offsetof(struct rte_ipv4_hdr, src_addr))
#define TCP_AT (RTE_ETHER_HDR_LEN + sizeof(struct rte_ipv4_hdr))
#define SRC_PORT_AT (TCP_AT + offsetof(struct rte_tcp_hdr, src_port))
#define SEQ_AT (TCP_AT + offsetof(struct rte_tcp_hdr, sent_seq))
#define ACK_AT (TCP_AT + offsetof(struct rte_tcp_hdr, recv_ack))

#define X(id, name, purpose) [id] = name,
static const char *const names[TRAFFIC_KIND_COUNT] = { TRAFFIC_KINDS(X) };
#undef X

const char *
traffic_name(enum traffic_kind kind)
{
	return names[kind];
}

bool
traffic_is_open(enum traffic_kind kind)
{
	return kind == TRAFFIC_ESTABLISHED || kind == TRAFFIC_IMIX || kind == TRAFFIC_IPV6;
}

bool
traffic_begins_anew(enum traffic_kind kind)
{
	return kind == TRAFFIC_HANDSHAKES || kind == TRAFFIC_FRESH || kind == TRAFFIC_MIXED;
}

static uint32_t
packets_of(enum traffic_kind kind, uint32_t flows)
{
	if (traffic_begins_anew(kind))
		return flows * traffic_lay_steps(kind);
	/* A small table's flood is small too, for the instructions of it to be counted. */
	if (flows < TRAFFIC_LAY_SMALL)
		return 4 * flows;
	return flows > PASS_MIN ? flows : PASS_MIN;
}

int
traffic_init(struct traffic *traffic, enum traffic_kind kind, uint32_t flows, struct err *err)
{
	uint32_t room = packets_of(kind, flows);

	*traffic = (struct traffic){ .kind = kind, .flows = flows, .count = room };
	traffic->buffers = memory_take((uint64_t)room * TRAFFIC_BUFFER, "frames", err);
	traffic->packets = memory_take(room * sizeof(*traffic->packets), "packets", err);
	if (kind == TRAFFIC_IMIX)
		traffic->sent = memory_take(flows * sizeof(*traffic->sent), "numbers", err);
	if (traffic->buffers == NULL || traffic->packets == NULL ||
			(kind == TRAFFIC_IMIX && traffic->sent == NULL)) {
		traffic_fini(traffic);
		return -1;
	}
	traffic_lay(traffic);
	return 0;
}

void
traffic_fini(struct traffic *traffic)
{
	uint32_t room = packets_of(traffic->kind, traffic->flows);

	memory_give(traffic->buffers, (uint64_t)room * TRAFFIC_BUFFER);
	memory_give(traffic->packets, room * sizeof(*traffic->packets));
	memory_give(traffic->sent, traffic->flows * sizeof(*traffic->sent));
}

/* A bijection on 32 bits of address and 15 of port, so that none comes twice. */
static void
renew_source(uint8_t *buffer, uint64_t number)
{
	bytes_store32(buffer + SRC_ADDR_AT, (uint32_t)number * UINT32_C(0x9e3779b1));
	bytes_store16(buffer + SRC_PORT_AT, (uint16_t)(1024 + (number >> 32)));
}

static void
add_to(uint8_t *at, uint32_t bytes)
{
	bytes_store32(at, bytes_load32(at) + bytes);
}

static void
renew_numbers(const struct traffic *traffic, uint32_t n)
{
	uint8_t *buffer = &traffic->buffers[(uint64_t)n * TRAFFIC_BUFFER];
	uint32_t sent = traffic->sent[traffic->packets[n].flow];

	add_to(buffer + (traffic_lay_from_server(buffer) ? SEQ_AT : ACK_AT), sent);
}

static void
sum_up(struct traffic *traffic, const uint8_t *buffer)
{
	traffic->expect.sum += traffic_sum(bytes_load32(buffer + SEQ_AT),
			bytes_load16(buffer + SRC_PORT_AT), bytes_load16(buffer + SRC_PORT_AT + 2));
}

/* Checksums are left as they were: nothing here verifies them. */
void
traffic_renew(struct traffic *traffic)
{
	if (traffic->kind != TRAFFIC_FLOOD && traffic->kind != TRAFFIC_IMIX)
		return;
	traffic->pass++;
	traffic->expect.sum = 0;
	for (uint32_t n = 0; n < traffic->count; n++) {
		uint8_t *buffer = &traffic->buffers[(uint64_t)n * TRAFFIC_BUFFER];

		if (traffic->kind == TRAFFIC_FLOOD)
			renew_source(buffer, traffic->pass * traffic->count + n);
		else
			renew_numbers(traffic, n);
		sum_up(traffic, buffer);
	}
}
