/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Clients of the HTTP server, through the loopback. The input is what they send, as door.h
 * reads it. Whatever they did, the next one is told that all is well.
 */

#include "app/ask/http_server.h"
#include "door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#define METRICS "synwire_frames_total 1\n"

struct desk {
	struct event_loop loop;
	struct http_server *server;
};

static char *
metrics(void *context, size_t *len)
{
	(void)context;
	*len = strlen(METRICS);
	return strdup(METRICS);
}

static const char *
trouble(void *context)
{
	(void)context;
	return NULL;
}

static void
settle(void *context)
{
	struct desk *desk = context;

	while (event_loop_run_once(&desk->loop, 0) > 0)
		continue;
}

static void
tick(void *context, uint64_t now_us)
{
	http_server_tick(((struct desk *)context)->server, now_us);
}

static int
connect_to(void *context)
{
	struct desk *desk = context;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(http_server_port(desk->server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	FUZZ_REQUIRE(fd >= 0);
	/* A fuzzer's clock interrupts it; it goes on all the same. */
	while (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 &&
			errno != EISCONN)
		FUZZ_REQUIRE(errno == EINTR || errno == EALREADY);
	settle(desk);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct desk desk;
	const struct http_content content = { metrics, trouble, &desk };
	const struct door door = {
		.settle = settle, .tick = tick, .connect_to = connect_to, .context = &desk
	};
	struct err err;

	FUZZ_REQUIRE(event_loop_init(&desk.loop, NULL) == 0);
	FUZZ_REQUIRE(http_server_open("127.0.0.1", 0, &desk.loop, &content, &desk.server, &err) ==
			0);
	door_crowd(&door, data, size);
	door_last_client(&door, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n");
	http_server_close(desk.server);
	event_loop_fini(&desk.loop);
	return 0;
}
