/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The parts of a tcpdump line, each read by the file named beside it. For tcpdump_line.c
 * alone. All return 0, or -EINVAL with the reason in the cursor's err.
 */

#ifndef SCENARIO_TCPDUMP_TEXT_H
#define SCENARIO_TCPDUMP_TEXT_H

#include "cursor.h"
#include "tcpdump_line.h"

/* A line as printed: numbers may be relative, and may be missing. */
struct printed {
	struct tcpdump_line *line;
	bool has_seq;
	bool has_end;
	bool has_ack;
	uint32_t end; /* behind the colon of seq */
	bool has_macs; /* -e */
	bool ipv6_word; /* "IP6" was printed */
	bool ip_word; /* "IP" was printed */
};

/* link_text.c: what stands before the addresses: MACs, tags, labels, -v's IP header. */
int link_text_read(struct cursor *cursor, struct printed *printed);

/* endpoint_text.c */
int endpoint_time(struct cursor *cursor, uint64_t day_us, uint64_t *time_us);
/* An address, and its port if @p port is not NULL, up to a blank or a closing colon. */
int endpoint_read(struct cursor *cursor, uint8_t *ip_version, uint8_t addr[16], uint16_t *port);
/* "A.P > A.P" of the line's segment. */
int endpoint_pair(struct cursor *cursor, struct build_tcp *tcp);

/* tcp_text.c: "Flags [S], seq ..., length 0". */
int tcp_text_read(struct cursor *cursor, struct printed *printed);
/* option_text.c: what stands between the brackets of "options [...]". */
int option_text_read(struct cursor *cursor, struct build_options *options);

/* icmp_text.c: "ICMP host A unreachable, length 68", "ICMP6, destination unreachable, ...". */
int icmp_text_read(struct cursor *cursor, struct printed *printed);

/* attribute_text.c: "{ttl 57} {vlan 100.200}" up to the end of the line. */
int attribute_text_read(struct cursor *cursor, struct printed *printed);

/* conversation.c: fill in the numbers that are relative or missing, and remember. */
int conversation_resolve(struct tcpdump_reader *reader, struct cursor *cursor,
		const struct printed *printed);
struct conversation *conversation_find(
		struct tcpdump_reader *reader, const struct build_tcp *tcp, unsigned *side);

#endif /* SCENARIO_TCPDUMP_TEXT_H */
