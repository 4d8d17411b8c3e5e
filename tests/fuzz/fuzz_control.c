/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Clients of the control socket, through real sockets and the server as it runs. The input is
 * what they send; a byte that stands in no text, 0xff, and the one behind it are what else
 * they do. Whatever they did, the next client is answered.
 */

#include "app/ask/control_server.h"
#include "app/ask/control_socket.h"
#include "door.h"

#define OWED_MAX 64

struct desk {
	struct event_loop loop;
	struct control_server *server;
	struct control_reply *owed[OWED_MAX];
	uint32_t owed_count;
	bool keeps; /* answers are given later */
	char path[64];
	struct sockaddr_un address;
};

static void
answer_oldest(struct desk *desk)
{
	struct control_reply *reply = desk->owed[0];

	if (desk->owed_count == 0)
		return;
	desk->owed_count--;
	memmove(desk->owed, desk->owed + 1, desk->owed_count * sizeof(reply));
	control_reply_send(reply, json_pack("{s:b}", "ok", 1));
}

static void
handle(void *context, const struct control_request *request, struct control_reply *reply)
{
	struct desk *desk = context;
	const struct control_filter *filter = &request->filter;

	FUZZ_REQUIRE(request->command <= CONTROL_BYPASS && request->what <= CONTROL_WIRES);
	FUZZ_REQUIRE(filter->state < HS_STATE_COUNT && filter->limit <= CONTROL_LIMIT_MAX);
	FUZZ_REQUIRE(request->command != CONTROL_SHOW || filter->limit != 0);
	FUZZ_REQUIRE(desk->owed_count < OWED_MAX);
	desk->owed[desk->owed_count++] = reply;
	if (!desk->keeps)
		answer_oldest(desk);
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
	control_server_tick(((struct desk *)context)->server, now_us);
}

static int
connect_to(void *context)
{
	struct desk *desk = context;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	FUZZ_REQUIRE(fd >= 0);
	FUZZ_REQUIRE(connect(fd, (struct sockaddr *)&desk->address, sizeof(desk->address)) == 0);
	return fd;
}

static void
other(void *context, uint8_t what)
{
	struct desk *desk = context;

	if (what == 'k')
		desk->keeps = !desk->keeps;
	else if (what == 'a')
		answer_oldest(desk);
}

static void
open_server(struct desk *desk)
{
	const struct control_handler handler = { .handle = handle, .context = desk };
	struct err err;

	snprintf(desk->path, sizeof(desk->path), "/tmp/synwire-fuzz.%d", (int)getpid());
	FUZZ_REQUIRE(event_loop_init(&desk->loop, NULL) == 0);
	FUZZ_REQUIRE(control_server_open(desk->path, 0600, &desk->loop, &handler, &desk->server,
				     &err) == 0);
	FUZZ_REQUIRE(control_socket_address(desk->path, &desk->address, &err) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct desk desk;
	const struct door door = { .settle = settle,
		.tick = tick,
		.connect_to = connect_to,
		.other = other,
		.context = &desk };

	desk = (struct desk){ 0 };
	open_server(&desk);
	door_crowd(&door, data, size);
	desk.keeps = false;
	while (desk.owed_count != 0)
		answer_oldest(&desk);
	door_last_client(&door, "{\"command\":\"reload\"}\n", "{\"ok\":true}\n");
	control_server_close(desk.server);
	event_loop_fini(&desk.loop);
	return 0;
}
