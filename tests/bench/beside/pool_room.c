/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Loaded before a program (LD_PRELOAD) that shall receive from net_pcap with infinite_rx: that
 * driver keeps every frame of the capture in a buffer of its port's pool, and a program that
 * makes its pool for real ports has too few. So a pool of frames is made to hold BENCH_BUFFERS,
 * if it would hold fewer. The buffers that frames travel in are as few as before: the pool
 * gives those out first that came back last.
 */

#include <dlfcn.h>
#include <stdlib.h>

#include <rte_mbuf.h>

typedef struct rte_mempool *create_fn(
		const char *, unsigned int, unsigned int, uint16_t, uint16_t, int);

struct rte_mempool *
rte_pktmbuf_pool_create(const char *name, unsigned int n, unsigned int cache_size,
		uint16_t priv_size, uint16_t data_room_size, int socket_id)
{
	union {
		void *symbol;
		create_fn *call;
	} real = { .symbol = dlsym(RTLD_NEXT, "rte_pktmbuf_pool_create") };
	const char *text = getenv("BENCH_BUFFERS");
	const unsigned int wanted = text != NULL ? (unsigned int)strtoul(text, NULL, 10) : 0;

	return real.call(name, n < wanted ? wanted : n, cache_size, priv_size, data_room_size,
			socket_id);
}
