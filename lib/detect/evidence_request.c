/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/evidence_request.h"

#include <string.h>

static struct victim_key
service_at(const uint8_t addr[16], uint16_t port, uint8_t ip_version)
{
	struct victim_key key = { .port = port, .level = VICTIM_SERVICE, .ipv6 = ip_version == 6 };

	memcpy(key.addr, addr, sizeof(key.addr));
	return key;
}

static bool
is_sent_to(const struct evidence_request *request, const struct kept_header *header)
{
	const struct victim_key to = service_at(
			header->dst_addr, header->dst_port, header->ip_version);

	return victim_covers(&request->victim, &to, &request->prefixes);
}

static bool
is_sent_by(const struct evidence_request *request, const struct kept_header *header)
{
	const struct victim_key from = service_at(
			header->src_addr, header->src_port, header->ip_version);

	return victim_covers(&request->victim, &from, &request->prefixes);
}

/* Not what it sends as a client. */
static bool
is_answer(const struct kept_header *header)
{
	return (header->tcp_flags & TCP_RST) != 0 ||
			(header->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
}

static bool
is_wanted(const struct evidence_request *request, const struct kept_header *header)
{
	return is_sent_to(request, header) || (is_answer(header) && is_sent_by(request, header));
}

static void
take_before(struct evidence_request *request, const struct kept_header *header)
{
	if (request->before_room > 0)
		request->before[request->before_found++ % request->before_room] = *header;
}

static void
take_after(struct evidence_request *request, const struct kept_header *header)
{
	request->after[counter_read(&request->after_found)] = *header;
	counter_add(&request->after_found, 1);
}

void
evidence_request_begin(const struct header_ring *ring, struct evidence_request *request)
{
	request->begun = ring->kept;
	request->next = header_ring_oldest(ring);
}

/* What newer frames have taken the place of cannot be looked at any more. */
static void
skip_lost(const struct header_ring *ring, struct evidence_request *request)
{
	const uint64_t oldest = header_ring_oldest(ring);

	if (request->next >= oldest)
		return;
	request->missed += oldest - request->next;
	request->next = oldest;
}

static bool
is_full(const struct evidence_request *request)
{
	return counter_read(&request->after_found) >= request->after_room;
}

/* Whether it is over by this frame. */
static bool
look_at(struct evidence_request *request, const struct kept_header *header)
{
	const bool is_before = request->next++ < request->begun;

	if (header->time_us > request->until_us)
		return !is_before;
	if (!is_wanted(request, header))
		return false;
	if (is_before)
		take_before(request, header);
	else
		take_after(request, header);
	return is_full(request);
}

bool
evidence_request_step(const struct header_ring *ring, struct evidence_request *request,
		uint32_t slots, uint64_t now_us)
{
	skip_lost(ring, request);
	for (; slots > 0 && request->next < ring->kept; slots--)
		if (look_at(request, header_ring_at(ring, request->next)))
			return true;
	if (atomic_load_explicit(request->is_enough, memory_order_relaxed))
		return request->next >= request->begun;
	return request->next == ring->kept && now_us > request->until_us;
}

uint32_t
evidence_request_before_count(const struct evidence_request *request)
{
	return request->before_found < request->before_room ? (uint32_t)request->before_found
							    : request->before_room;
}
