/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Load for a wire: TCP segments of many connections, sent on an interface as fast as one core
 * can, or at a rate, for a time or a number of frames. Run by wire-bench.
 *
 * The frames are built once and copied into a ring that the kernel sends from, which costs a
 * system call for each batch. What is said to be sent at the end was taken by the interface:
 * the last call waits until the ring is empty, and a frame that was refused ends the program.
 */

#include "base/compiler.h"
#include "packet/build.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include <rte_tcp.h>

#define BATCH 64
#define SLOT 2048
#define SLOTS 1024
#define BLOCK (64 * 1024)
/* Where the kernel looks for a frame in its slot. */
#define SLOT_FRAME \
	((sizeof(struct tpacket2_hdr) + TPACKET_ALIGNMENT - 1) / TPACKET_ALIGNMENT * \
			TPACKET_ALIGNMENT)
#define FRAME_MIN 60
#define FRAME_MAX 1514
#define HEADERS 54 /* Ethernet, IPv4, TCP */

#define CLIENT_NET 0xc6120000 /* 198.18.0.0/15 is for benchmarks (RFC 2544) */
#define SERVER_ADDR 0xc6130001

static const char usage[] =
		"Usage: wire_load [OPTION]... KIND INTERFACE\n"
		"\n"
		"Sends TCP segments; KIND is syn, syn-ack or ack. Prints how many, and the seconds it took.\n"
		"\n"
		"  --connections N   so many, in turn (1000)\n"
		"  --size BYTES      of a frame (60); what an ack's headers leave is data\n"
		"  --frames N        ends after so many (no limit)\n"
		"  --seconds N       ends after so long (no limit)\n"
		"  --rate N          frames a second (as many as can be)\n";

static const struct kind {
	const char *name;
	uint8_t flags;
	bool from_server;
} kinds[] = {
	{ "syn", RTE_TCP_SYN_FLAG, false },
	{ "syn-ack", RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG, true },
	{ "ack", RTE_TCP_ACK_FLAG, false },
};

struct load {
	const struct kind *kind;
	const char *interface;
	uint32_t connections;
	uint32_t size;
	uint64_t frames; /* 0: no limit */
	double seconds; /* 0: no limit */
	double rate; /* 0: no limit */

	uint8_t *built; /* a frame for each connection */
	int fd;
	uint8_t *ring;
	uint32_t slot; /* the next one to fill */
};

static void
fail(const char *what)
{
	fprintf(stderr, "wire_load: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static double
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A segment of the connection, as it is when its handshake is over, or on the way there. */
static void
build_one(const struct load *load, uint32_t connection, uint8_t *frame)
{
	const uint8_t flags = load->kind->flags, from = load->kind->from_server, to = !from;
	const bool is_syn = flags & RTE_TCP_SYN_FLAG, is_ack = flags & RTE_TCP_ACK_FLAG;
	const uint32_t addr[] = { CLIENT_NET + (connection & 0xffff), SERVER_ADDR };
	const uint16_t port[] = { (uint16_t)(1024 + (connection >> 16)), 80 };
	const uint32_t isn[] = { 1000, 5000 };
	struct build_tcp tcp = { .src_mac = { 2, 0, 0, 0, 0, from },
		.dst_mac = { 2, 0, 0, 0, 0, to },
		.ip_version = 4,
		.hop_limit = 64,
		.src_port = port[from],
		.dst_port = port[to],
		.seq = isn[from] + !is_syn,
		.ack = is_ack ? isn[to] + 1 : 0,
		.window = 65535,
		.tcp_flags = flags,
		.options = { .mss = is_syn ? 1460 : 0 },
		.payload_len = !is_syn && load->size > FRAME_MIN ? load->size - HEADERS : 0 };

	build_ipv4_mapped(addr[from], tcp.src_addr);
	build_ipv4_mapped(addr[to], tcp.dst_addr);
	build_tcp_frame(&tcp, frame, load->size);
}

static void
build_all(struct load *load)
{
	load->built = calloc(load->connections, load->size);
	if (load->built == NULL)
		fail("frames");
	for (uint32_t i = 0; i < load->connections; i++)
		build_one(load, i, &load->built[(size_t)i * load->size]);
}

static void
open_ring(struct load *load)
{
	const int version = TPACKET_V2, on = 1;
	const struct tpacket_req req = { .tp_block_size = BLOCK,
		.tp_block_nr = SLOTS * SLOT / BLOCK,
		.tp_frame_size = SLOT,
		.tp_frame_nr = SLOTS };
	const struct sockaddr_ll address = { .sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(load->interface) };

	if (address.sll_ifindex == 0)
		fail(load->interface);
	load->fd = socket(AF_PACKET, SOCK_RAW, 0); /* protocol 0: receives nothing */
	if (load->fd < 0 ||
			setsockopt(load->fd, SOL_PACKET, PACKET_VERSION, &version,
					sizeof(version)) < 0)
		fail("socket");
	if (setsockopt(load->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) < 0 ||
			setsockopt(load->fd, SOL_PACKET, PACKET_TX_RING, &req, sizeof(req)) < 0)
		fail("ring");
	load->ring = mmap(NULL, (size_t)SLOTS * SLOT, PROT_READ | PROT_WRITE, MAP_SHARED, load->fd,
			0);
	if (load->ring == MAP_FAILED)
		fail("ring");
	if (bind(load->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		fail(load->interface);
}

static bool
is_free(const struct load *load, uint32_t slot)
{
	const struct tpacket2_hdr *header = (const struct tpacket2_hdr *)&load
							    ->ring[(size_t)slot * SLOT];

	return __atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE) == TP_STATUS_AVAILABLE;
}

/* At most @p count frames; fewer while the ring is full. */
static uint32_t
fill(struct load *load, uint64_t first, uint32_t count)
{
	uint32_t done = 0;

	for (; done < count; done++) {
		uint8_t *slot = &load->ring[(size_t)load->slot * SLOT];
		struct tpacket2_hdr *header = (struct tpacket2_hdr *)slot;
		const size_t connection = (first + done) % load->connections;

		if (!is_free(load, load->slot))
			break;
		memcpy(slot + SLOT_FRAME, &load->built[connection * load->size], load->size);
		header->tp_len = load->size;
		__atomic_store_n(&header->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_RELEASE);
		load->slot = (load->slot + 1) % SLOTS;
	}
	return done;
}

/* Flags of 0: wait until the ring is empty. */
static void
kick(const struct load *load, int flags)
{
	/* ENOBUFS: the interface dropped a frame and counted it; the rest goes with the next. */
	if (send(load->fd, NULL, 0, flags) < 0 && errno != EAGAIN && errno != ENOBUFS)
		fail("send");
}

static void
drain(const struct load *load)
{
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		while (!is_free(load, slot))
			kick(load, 0);
}

static void
wait_until_due(double due)
{
	const double left = due - now_s();

	if (left > 0)
		nanosleep(&(struct timespec){ .tv_sec = (time_t)left,
					  .tv_nsec = (long)((left - (double)(time_t)left) * 1e9) },
				NULL);
}

/* How many frames may be sent by now. */
static uint64_t
allowance(const struct load *load, double elapsed)
{
	uint64_t frames = load->frames > 0 ? load->frames : UINT64_MAX;

	if (load->rate > 0) {
		const double due = elapsed * load->rate + 1;

		if (due < (double)frames)
			frames = (uint64_t)due;
	}
	return frames;
}

static void
run(struct load *load)
{
	const double start = now_s();
	double elapsed = 0;
	uint64_t sent = 0;

	while ((load->seconds <= 0 || elapsed < load->seconds) &&
			(load->frames == 0 || sent < load->frames)) {
		const uint64_t left = allowance(load, elapsed) - sent;

		if (left == 0)
			wait_until_due(start + (double)sent / load->rate);
		sent += fill(load, sent, left < BATCH ? (uint32_t)left : BATCH);
		kick(load, MSG_DONTWAIT);
		elapsed = now_s() - start;
	}
	drain(load);
	printf("%llu %.6f\n", (unsigned long long)sent, now_s() - start);
}

static const struct kind *
find_kind(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static bool
read_options(struct load *load, int argc, char **argv)
{
	static const struct option known[] = { { "connections", required_argument, NULL, 'c' },
		{ "size", required_argument, NULL, 's' },
		{ "frames", required_argument, NULL, 'f' },
		{ "seconds", required_argument, NULL, 't' },
		{ "rate", required_argument, NULL, 'r' }, { 0 } };
	int option;

	*load = (struct load){ .connections = 1000, .size = FRAME_MIN };
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'c':
			load->connections = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 's':
			load->size = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'f':
			load->frames = strtoull(optarg, NULL, 10);
			break;
		case 't':
			load->seconds = strtod(optarg, NULL);
			break;
		case 'r':
			load->rate = strtod(optarg, NULL);
			break;
		default:
			return false;
		}
	}
	if (argc - optind != 2 || load->connections == 0 || load->size < FRAME_MIN ||
			load->size > FRAME_MAX || (load->frames == 0 && load->seconds <= 0))
		return false;
	load->kind = find_kind(argv[optind]);
	load->interface = argv[optind + 1];
	return load->kind != NULL;
}

int
main(int argc, char **argv)
{
	struct load load;

	if (!read_options(&load, argc, argv)) {
		fputs(usage, stderr);
		return EXIT_FAILURE;
	}
	build_all(&load);
	open_ring(&load);
	run(&load);
	free(load.built);
	return EXIT_SUCCESS;
}
