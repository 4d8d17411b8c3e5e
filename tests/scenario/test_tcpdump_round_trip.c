/* SPDX-License-Identifier: Apache-2.0 */

/* What the real tcpdump prints of frames that we built reads back to the same frames. */

#include "base/usec.h"
#include "tcpdump_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pcap.h>

#define FRAMES_MAX 512
#define FRAME_ROOM 4096
#define START_US (UINT64_C(1616244573) * USEC_PER_SEC) /* 2021-03-20 12:49:33 */
#define SEED UINT64_C(20210320)

static uint8_t frames[FRAMES_MAX][FRAME_ROOM];
static size_t lens[FRAMES_MAX];
static unsigned count;
static char capture[] = "/tmp/synwire-round-trip-XXXXXX";

static int
setup(void **state)
{
	(void)state;

	count = 0;
	return 0;
}

static void
add_frame(const struct build_tcp *tcp)
{
	assert_true(count < FRAMES_MAX);
	lens[count] = build_tcp_frame(tcp, frames[count], FRAME_ROOM);
	assert_int_not_equal(lens[count], 0);
	count++;
}

static void
write_capture(void)
{
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, 65535);
	pcap_dumper_t *dumper = pcap_dump_open(dead, capture);

	assert_non_null(dumper);
	for (unsigned i = 0; i < count; i++) {
		struct pcap_pkthdr header = {
			.ts = { .tv_sec = (time_t)(START_US / USEC_PER_SEC), .tv_usec = i },
			.caplen = (bpf_u_int32)lens[i],
			.len = (bpf_u_int32)lens[i],
		};

		pcap_dump((u_char *)dumper, &header, frames[i]);
	}
	pcap_dump_close(dumper);
	pcap_close(dead);
}

/* The next packet, of one line or two; false behind the last. */
static bool
next_packet(FILE *output, char *text, size_t room)
{
	size_t len;

	if (fgets(text, (int)room, output) == NULL)
		return false;
	len = strcspn(text, "\n");
	if (tcpdump_line_goes_on(text, len)) {
		assert_non_null(fgets(text + len, (int)(room - len), output));
		len = strcspn(text, "\n");
	}
	text[len] = '\0';
	return true;
}

static void
check_packet(struct tcpdump_reader *reader, unsigned i, const char *text)
{
	static uint8_t out[FRAME_ROOM];
	struct tcpdump_line line;
	struct err err;
	size_t wire_len;

	if (tcpdump_line_read(reader, text, strlen(text), i + 1, &line, &err) < 0)
		fail_msg("%s\n%s", text, err.text);
	assert_int_equal(line.time_us, START_US + i);
	if (tcpdump_line_frame(&line, out, sizeof(out), &wire_len) != lens[i] ||
			memcmp(out, frames[i], lens[i]) != 0)
		fail_msg("another frame (seed %llu): %s", (unsigned long long)SEED, text);
}

static void
check_round_trip(const char *options)
{
	static struct tcpdump_reader reader;
	char command[256], text[2048];
	FILE *output;
	unsigned i = 0;

	tcpdump_reader_init(&reader, "tcpdump");
	reader.absolute = strstr(options, "-S") != NULL;
	snprintf(command, sizeof(command), "TZ=UTC tcpdump %s -r %s 2>/dev/null", options, capture);
	write_capture();
	output = popen(command, "r");
	assert_non_null(output);
	for (; next_packet(output, text, sizeof(text)); i++)
		check_packet(&reader, i, text);
	assert_int_equal(pclose(output), 0);
	assert_int_equal(i, count);
}

static uint64_t
random_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static void
random_options(uint64_t *random, struct build_options *options)
{
	if (random_next(random) % 2)
		options->mss = (uint16_t)(1 + random_next(random) % UINT16_MAX);
	options->sack_permitted = random_next(random) % 2;
	options->timestamps = random_next(random) % 2;
	if (options->timestamps) {
		options->ts_val = (uint32_t)random_next(random);
		options->ts_ecr = (uint32_t)random_next(random);
	}
	options->has_wscale = random_next(random) % 2;
	if (options->has_wscale)
		options->wscale = (uint8_t)(random_next(random) % 15);
	switch (random_next(random) % 4) {
	case 0:
		options->fast_open_len = 2;
		break;
	case 1:
		options->fast_open_len = (uint8_t)(6 + 2 * (random_next(random) % 7));
		break;
	}
}

static void
random_segment(uint64_t *random, uint8_t flags, struct build_tcp *tcp)
{
	memset(tcp, 0, sizeof(*tcp));
	memcpy(tcp->src_mac, "\x00\x11\x22\x33\x44\x55", 6);
	memcpy(tcp->dst_mac, "\x02\x00\xfe\xed\x00\x01", 6);
	tcp->ip_version = random_next(random) % 2 ? 4 : 6;
	if (tcp->ip_version == 4) {
		build_ipv4_mapped(0x0a000000 + (uint32_t)(random_next(random) % 4), tcp->src_addr);
		build_ipv4_mapped(0x0a000010 + (uint32_t)(random_next(random) % 4), tcp->dst_addr);
		tcp->ip_id = (uint16_t)random_next(random);
	} else {
		memcpy(tcp->src_addr, "\x20\x01\x0d\xb8", 4);
		memcpy(tcp->dst_addr, "\x20\x01\x0d\xb8", 4);
		tcp->src_addr[15] = (uint8_t)random_next(random);
		tcp->dst_addr[4] = (uint8_t)random_next(random);
	}
	tcp->hop_limit = (uint8_t)(1 + random_next(random) % 255);
	tcp->vlan_count = (uint8_t)(random_next(random) % (SEGMENT_VLANS + 1));
	for (unsigned i = 0; i < tcp->vlan_count; i++)
		tcp->vlan[i] = (uint16_t)(random_next(random) % 4096);
	tcp->src_port = (uint16_t)(39000 + random_next(random) % 8);
	tcp->dst_port = (uint16_t)(39100 + random_next(random) % 8);
	tcp->seq = (uint32_t)(random_next(random) << 1 ^ random_next(random));
	tcp->ack = flags & TCP_ACK ? (uint32_t)random_next(random) * 2 : 0;
	tcp->window = (uint16_t)random_next(random);
	tcp->tcp_flags = flags;
	if ((flags & TCP_RST) == 0)
		tcp->payload_len = (uint32_t)(random_next(random) % 3 * 50);
	random_options(random, &tcp->options);
}

static bool
fits(const struct build_tcp *tcp)
{
	uint8_t out[FRAME_ROOM];

	return build_tcp_frame(tcp, out, sizeof(out)) != 0;
}

/* Every combination of flags, with anything else. */
static void
add_random_frames(void)
{
	uint64_t random = SEED;
	struct build_tcp tcp;

	for (unsigned flags = 0; flags <= UINT8_MAX; flags++) {
		do {
			random_segment(&random, (uint8_t)flags, &tcp);
		} while (!fits(&tcp));
		add_frame(&tcp);
	}
}

/* -vv prints all there is, and -e the addresses and tags of Ethernet. */
static void
any_segment_reads_back_from_tcpdump_vv_e(void **state)
{
	(void)state;

	add_random_frames();
	check_round_trip("-n -e -vv -S");
	check_round_trip("-n -e -vv -S -tttt");
}

static void
relative_numbers_of_any_segments_read_back(void **state)
{
	(void)state;

	add_random_frames();
	check_round_trip("-nn -e -vv");
}

static void
add_line(struct tcpdump_reader *reader, const char *text)
{
	struct tcpdump_line line;
	struct err err;
	size_t wire_len;

	if (tcpdump_line_read(reader, text, strlen(text), 1, &line, &err) < 0)
		fail_msg("%s\n%s", text, err.text);
	assert_true(count < FRAMES_MAX);
	lens[count] = tcpdump_line_frame(&line, frames[count], FRAME_ROOM, &wire_len);
	assert_int_not_equal(lens[count], 0);
	count++;
}

static const char *const conversation[] = {
	"12:49:33.000000 IP 192.168.0.60.39002 > 192.168.0.61.8443: Flags [SEW], seq 4294967290, "
	"win 64240, options [mss 1460,sackOK,TS val 2670079469 ecr 0,nop,wscale 7], length 0",
	"12:49:33.000001 IP 192.168.0.61.8443 > 192.168.0.60.39002: Flags [S.E], seq 4294967295, "
	"ack 4294967291, win 65160, options [mss 1460,nop,wscale 7], length 0",
	"12:49:33.000002 IP 192.168.0.60.39002 > 192.168.0.61.8443: Flags [.], ack 1, win 502, "
	"options [nop,nop,TS val 2670079470 ecr 1699876837], length 0",
	"12:49:33.000003 IP 192.168.0.60.39002 > 192.168.0.61.8443: Flags [P.], seq 1:77, ack 1, "
	"win 502, length 76",
	"12:49:33.000004 IP 192.168.0.61.8443 > 192.168.0.60.39002: Flags [.], ack 77, win 509, "
	"length 0",
	"12:49:33.000005 IP 192.168.0.61.8443 > 192.168.0.60.39002: Flags [R], seq 7, win 0, "
	"length 0",
	"12:49:33.000006 IP 192.168.0.60.39003 > 192.168.0.61.81: Flags [S], seq 292716723, "
	"win 64240, options [mss 1460,tfo  cookie c5c5c5c5c5c5c5c5,nop,nop], length 0",
	"12:49:33.000007 IP 192.168.0.61.81 > 192.168.0.60.39003: Flags [R.], seq 0, "
	"ack 292716724, win 0, length 0",
	"12:49:33.000008 IP6 2001:db8::60.39002 > 2001:db8::61.80: Flags [S], seq 1, win 9, "
	"length 0",
};

static void
a_conversation_reads_back_from_plain_tcpdump(void **state)
{
	static struct tcpdump_reader reader;

	(void)state;

	tcpdump_reader_init(&reader, "conversation");
	for (size_t i = 0; i < sizeof(conversation) / sizeof(conversation[0]); i++)
		add_line(&reader, conversation[i]);
	check_round_trip("-n");
	check_round_trip("-n -S");
	check_round_trip("-nn -v");
}

static const char *const wrapped[] = { " {mpls 16}", " {mpls 16.17.18}", " {pppoe}",
	" {vlan 100} {mpls 16}", " {vlan 100.200} {pppoe}" };

static void
labels_and_pppoe_read_back(void **state)
{
	static struct tcpdump_reader reader;
	char text[512];

	(void)state;

	tcpdump_reader_init(&reader, "wrapped");
	for (size_t i = 0; i < sizeof(wrapped) / sizeof(wrapped[0]); i++) {
		snprintf(text, sizeof(text), "%s%s", conversation[0], wrapped[i]);
		add_line(&reader, text);
		snprintf(text, sizeof(text), "%s%s", conversation[8], wrapped[i]);
		add_line(&reader, text);
	}
	check_round_trip("-n -e");
}

static void
a_broken_checksum_reads_back(void **state)
{
	static struct tcpdump_reader reader;
	char text[512];

	(void)state;

	tcpdump_reader_init(&reader, "broken");
	snprintf(text, sizeof(text), "%s {badsum}", conversation[0]);
	add_line(&reader, text);
	add_line(&reader, conversation[0]);
	check_round_trip("-n -v");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(any_segment_reads_back_from_tcpdump_vv_e, setup),
		cmocka_unit_test_setup(relative_numbers_of_any_segments_read_back, setup),
		cmocka_unit_test_setup(a_conversation_reads_back_from_plain_tcpdump, setup),
		cmocka_unit_test_setup(labels_and_pppoe_read_back, setup),
		cmocka_unit_test_setup(a_broken_checksum_reads_back, setup),
	};
	int fd, rc;

	if (system("tcpdump --version >/dev/null 2>&1") != 0) {
		puts("skipped: tcpdump is not installed");
		return 77;
	}
	fd = mkstemp(capture);
	if (fd < 0) {
		perror(capture);
		return 1;
	}
	close(fd);
	rc = cmocka_run_group_tests_name("tcpdump_round_trip", tests, NULL, NULL);
	unlink(capture);
	return rc;
}
