/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Loaded before a program (LD_PRELOAD) that forwards from DPDK port 0 to port 1, both of them
 * net_null with no-rx=1: makes port 0 receive frames at a steady rate, and measures how long each
 * is inside the program, until it is given to port 1.
 *
 * A frame comes in when it is due, whether anybody asks then or not: what waits for the program
 * has been waiting since then, and a program that is late cannot hide it. As in a card, RING
 * frames can wait; what comes on top is missed. The time is kept in front of the frame, where no
 * program has reason to write.
 *
 * Time is that of the thread, unless PACED_WALL is set: while it waits for the processor, as it
 * does on a machine that others use too, no time passes and no frame comes. A gap between two
 * looks at the clock that is too long for a burst makes it ask the kernel how much of it was so.
 * What remains of such a gap is a hold: the program was busy with something else, or the
 * processor was with an interrupt, which the kernel puts down to the thread.
 *
 *   PACED_CAPTURE   a pcap file; its frames, again and again
 *   PACED_RATE      frames a second; 0: as many as are asked for
 *   PACED_WARM      seconds before anything is measured
 *   PACED_SECONDS   that are measured; after them no frame comes any more
 *   PACED_REPORT    a file for what was measured, written when the program ends
 */

#include "base/compiler.h"
#include "observe/latency.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <pcap/pcap.h>

#define SOURCE_PORT 0
#define SINK_PORT 1
#define RING 4096
#define FRAME_MAX 1518
#define GAP_US 25

struct piece {
	uint32_t len;
	uint8_t data[FRAME_MAX];
};

static struct paced {
	struct piece *pieces;
	uint32_t count, next;
	struct rte_mempool *pool;

	const void *thread; /* that forwards */
	bool wall;
	uint64_t gap; /* ticks of the processor, as all times */
	uint64_t last_look, first_look, not_running;
	uint64_t holds, held; /* gaps in the measured time, and how long they were in all */
	double cpu_first;

	double ticks_each; /* between two frames; 0: they come as asked for */
	uint64_t start, warm_until, end;
	uint64_t due; /* frames that have come in since start, missed ones too */
	uint64_t given, missed, taken; /* in the measured time, all */
	int report;
	struct latency latency; /* ticks */
} paced = { .report = -1 };

static double
number(const char *name)
{
	const char *text = getenv(name);

	return text != NULL ? strtod(text, NULL) : 0;
}

static void
fail(const char *what)
{
	fprintf(stderr, "paced_port: %s\n", what);
	exit(EXIT_FAILURE);
}

static void
load_capture(const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(path, error);
	struct pcap_pkthdr *header;
	const u_char *data;

	if (file == NULL)
		fail(error);
	while (pcap_next_ex(file, &header, &data) == 1) {
		struct piece *pieces = realloc(paced.pieces, (paced.count + 1) * sizeof(*pieces));

		if (pieces == NULL || header->caplen > FRAME_MAX)
			fail("a frame does not fit");
		paced.pieces = pieces;
		pieces[paced.count].len = header->caplen;
		memcpy(pieces[paced.count].data, data, header->caplen);
		paced.count++;
	}
	pcap_close(file);
	if (paced.count == 0)
		fail("the capture is empty");
}

/* Of a process that is to be measured; others, such as a shell that starts it, it leaves alone. */
static void
get_ready(void)
{
	const char *capture = getenv("PACED_CAPTURE"), *report = getenv("PACED_REPORT");

	if (capture == NULL || report == NULL)
		fail("PACED_CAPTURE and PACED_REPORT must be set");
	load_capture(capture);
	/* Now: a program may give up the right to open files. */
	paced.report = open(report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (paced.report < 0)
		fail("the report cannot be written");
}

static double
cpu_seconds(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}

static bool
is_measured(uint64_t now)
{
	return paced.start != 0 && now >= paced.warm_until && now < paced.end;
}

/* Of a gap of that length that has just ended, the time for which the thread did not have the core. */
static uint64_t
waited_in(uint64_t gap, uint64_t now)
{
	const double ran = (cpu_seconds() - paced.cpu_first) * (double)rte_get_tsc_hz();
	const double waited = (double)(now - paced.first_look) - ran - (double)paced.not_running;

	/* The clock never goes back: what was found late of shorter gaps is left out. */
	if (waited <= 0)
		return 0;
	return waited < (double)gap ? (uint64_t)waited : gap;
}

static uint64_t
now_ticks(void)
{
	const uint64_t now = rte_rdtsc();
	uint64_t gap = now - paced.last_look;

	if (gap > paced.gap) {
		const uint64_t waited = paced.wall ? 0 : waited_in(gap, now);

		gap -= waited;
		paced.not_running += waited;
		if (gap > paced.gap && is_measured(now - paced.not_running)) {
			paced.holds++;
			paced.held += gap;
		}
	}
	paced.last_look = now;
	return now - paced.not_running;
}

/* Another thread may have emptied the port before this one forwards; its time is not this one's. */
static void
begin_clock(const void *thread)
{
	paced.thread = thread;
	paced.not_running = paced.start = paced.due = 0;
	paced.wall = getenv("PACED_WALL") != NULL;
	paced.gap = rte_get_tsc_hz() / 1000000 * GAP_US;
	paced.cpu_first = cpu_seconds();
	paced.first_look = paced.last_look = rte_rdtsc();
}

static void
begin(uint64_t now)
{
	const double hz = (double)rte_get_tsc_hz(), rate = number("PACED_RATE");

	paced.ticks_each = rate > 0 ? hz / rate : 0;
	paced.start = now;
	paced.warm_until = now + (uint64_t)(hz * number("PACED_WARM"));
	paced.end = paced.warm_until + (uint64_t)(hz * number("PACED_SECONDS"));
}

static uint64_t
due_at(uint64_t number)
{
	return paced.start + (uint64_t)((double)number * paced.ticks_each);
}

/* How many have come in by now and wait; what the ring cannot hold is missed. */
static uint16_t
waiting(uint64_t now, uint16_t max)
{
	uint64_t come, waits;

	if (now >= paced.end)
		return 0;
	if (paced.ticks_each == 0)
		return max;
	come = (uint64_t)((double)(now - paced.start) / paced.ticks_each) + 1;
	waits = come - paced.due;
	if (waits > RING) {
		if (now >= paced.warm_until)
			paced.missed += waits - RING;
		paced.due += waits - RING;
		waits = RING;
	}
	return waits < max ? (uint16_t)waits : max;
}

static void
fill(struct rte_mbuf *mbuf, uint64_t since)
{
	const struct piece *piece = &paced.pieces[paced.next];

	paced.next = paced.next + 1 < paced.count ? paced.next + 1 : 0;
	mbuf->data_len = (uint16_t)piece->len;
	mbuf->pkt_len = piece->len;
	memcpy(mbuf->buf_addr, &since, sizeof(since));
	memcpy(rte_pktmbuf_mtod(mbuf, void *), piece->data, piece->len);
}

static uint16_t
receive(uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count, uint16_t max,
		void *unused)
{
	static __thread char thread;
	uint64_t now;

	(void)port, (void)queue, (void)count, (void)unused;
	if (paced.thread != &thread)
		begin_clock(&thread);
	now = now_ticks();
	if (paced.start == 0)
		begin(now);
	count = waiting(now, max);
	if (count == 0 || rte_pktmbuf_alloc_bulk(paced.pool, mbufs, count) != 0)
		return 0;
	for (uint16_t i = 0; i < count; i++) {
		const uint64_t since = paced.ticks_each > 0 ? due_at(paced.due) : now;

		paced.due++;
		fill(mbufs[i], since);
		paced.given += since >= paced.warm_until;
	}
	return count;
}

static uint16_t
send_on(uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count, void *unused)
{
	const uint64_t now = now_ticks();

	(void)port, (void)queue, (void)unused;
	for (uint16_t i = 0; i < count; i++) {
		uint64_t since;

		memcpy(&since, mbufs[i]->buf_addr, sizeof(since));
		if (since < paced.warm_until)
			continue;
		paced.taken++;
		latency_record(&paced.latency,
				now - since < UINT32_MAX ? (uint32_t)(now - since) : UINT32_MAX);
	}
	return count;
}

int
rte_eth_rx_queue_setup(uint16_t port, uint16_t queue, uint16_t descriptors, unsigned int socket,
		const struct rte_eth_rxconf *conf, struct rte_mempool *pool)
{
	union {
		void *symbol;
		int (*call)(uint16_t, uint16_t, uint16_t, unsigned int,
				const struct rte_eth_rxconf *, struct rte_mempool *);
	} real = { .symbol = dlsym(RTLD_NEXT, "rte_eth_rx_queue_setup") };

	if (port == SOURCE_PORT)
		paced.pool = pool;
	return real.call(port, queue, descriptors, socket, conf, pool);
}

int
rte_eth_dev_start(uint16_t port)
{
	union {
		void *symbol;
		int (*call)(uint16_t);
	} real = { .symbol = dlsym(RTLD_NEXT, "rte_eth_dev_start") };

	if (port == SOURCE_PORT) {
		get_ready();
		if (rte_eth_add_rx_callback(port, 0, receive, NULL) == NULL)
			fail("port 0 takes no callback");
	} else if (port == SINK_PORT && rte_eth_add_tx_callback(port, 0, send_on, NULL) == NULL) {
		fail("port 1 takes no callback");
	}
	return real.call(port);
}

__attribute__((destructor)) static void
report(void)
{
	static const uint32_t per_mille[] = { 500, 900, 990, 999, 1000 };
	const double ns = 1e9 / (double)rte_get_tsc_hz();

	if (paced.report < 0)
		return;
	dprintf(paced.report, "{\"given\":%" PRIu64 ",\"taken\":%" PRIu64 ",\"missed\":%" PRIu64,
			paced.given, paced.taken, paced.missed);
	for (size_t i = 0; i < ARRAY_LEN(per_mille); i++)
		dprintf(paced.report, ",\"%u\":%.0f", per_mille[i],
				ns * latency_percentile(&paced.latency, per_mille[i]));
	dprintf(paced.report, ",\"holds\":%" PRIu64 ",\"held\":%.0f", paced.holds,
			ns * (double)paced.held);
	dprintf(paced.report, "}\n");
}
