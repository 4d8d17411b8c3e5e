/* SPDX-License-Identifier: Apache-2.0 */

#include "step.h"

#include "base/usec.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void
sequence_add(struct sequence *sequence, const struct step *step)
{
	if (sequence->count == sequence->room) {
		sequence->room = sequence->room == 0 ? 64 : 2 * sequence->room;
		sequence->steps = realloc(
				sequence->steps, sequence->room * sizeof(*sequence->steps));
		if (sequence->steps == NULL)
			abort();
	}
	sequence->steps[sequence->count++] = *step;
}

void
sequence_free(struct sequence *sequence)
{
	free(sequence->steps);
	*sequence = (struct sequence){ 0 };
}

static const char *
address(const struct build_tcp *tcp, const uint8_t addr[16], char out[INET6_ADDRSTRLEN])
{
	bool v4 = tcp->ip_version == 4;

	return inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? addr + 12 : addr, out, INET6_ADDRSTRLEN);
}

/* tcpdump's letters, in its order. */
static void
print_flags(uint8_t flags)
{
	static const struct {
		uint8_t flag;
		char letter;
	} letters[] = { { TCP_FIN, 'F' }, { TCP_SYN, 'S' }, { TCP_RST, 'R' }, { TCP_PSH, 'P' },
		{ TCP_ACK, '.' }, { TCP_URG, 'U' } };

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if ((flags & letters[i].flag) != 0)
			putchar(letters[i].letter);
}

static void
print_options(const struct build_options *options)
{
	if (options->mss == 0 && !options->has_wscale && options->fast_open_len == 0)
		return;
	printf(", options [mss %u", options->mss);
	if (options->has_wscale)
		printf(",wscale %u", options->wscale);
	if (options->fast_open_len != 0)
		printf(",tfo");
	putchar(']');
}

void
step_print(const struct step *step, uint64_t start_us)
{
	const struct build_tcp *tcp = &step->tcp;
	uint64_t at_us = step->time_us - start_us;
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	printf("%5" PRIu64 ".%06" PRIu64 " ", at_us / USEC_PER_SEC, at_us % USEC_PER_SEC);
	if (step->is_icmp)
		printf("ICMP type %u code %u quotes ", step->icmp_type, step->icmp_code);
	printf("%s.%u > %s.%u: Flags [", address(tcp, tcp->src_addr, src), tcp->src_port,
			address(tcp, tcp->dst_addr, dst), tcp->dst_port);
	print_flags(tcp->tcp_flags);
	printf("], seq %" PRIu32, tcp->seq);
	if (tcp->payload_len != 0)
		printf(":%" PRIu32, tcp->seq + tcp->payload_len);
	if ((tcp->tcp_flags & TCP_ACK) != 0)
		printf(", ack %" PRIu32, tcp->ack);
	printf(", win %u", tcp->window);
	print_options(&tcp->options);
	printf(", length %" PRIu32 " {ttl %u}\n", tcp->payload_len, tcp->hop_limit);
}
