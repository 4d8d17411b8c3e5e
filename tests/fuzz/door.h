/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Clients before a door of the appliance, a socket: the input is what they send, piece by
 * piece, and what else they do. In it, 0xff and the byte behind it mean
 *
 *   n  another client comes     h  this one hangs up     s  it says that it sends no more
 *   r  it reads what is there   l  it leaves with a reset, unread     t  a tick passes
 *
 * and any other byte ends the piece, and is given to the target.
 */

#ifndef FUZZ_DOOR_H
#define FUZZ_DOOR_H

#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#define DOOR_ESCAPE 0xff
#define DOOR_CLIENTS_MAX 80
#define DOOR_TICK_US 400000
#define DOOR_START_US UINT64_C(1000000)

struct door {
	void (*settle)(void *context); /* let the server do all that it can */
	void (*tick)(void *context, uint64_t now_us);
	int (*connect_to)(void *context); /* a descriptor that never blocks */
	void (*other)(void *context, uint8_t what); /* NULL: there is nothing else */
	void *context;
};

static inline void
door_say(int fd, const uint8_t *bytes, size_t len)
{
	/* Whoever was hung up on cannot say more; whoever is not read, neither. */
	while (len != 0) {
		const ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent <= 0)
			return;
		bytes += sent;
		len -= (size_t)sent;
	}
}

static inline void
door_read(int fd)
{
	char some[4096];

	while (recv(fd, some, sizeof(some), MSG_DONTWAIT) > 0)
		continue;
}

static inline void
door_reset(int fd)
{
	const struct linger linger = { .l_onoff = 1 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

/* One client at a time speaks, the latest; the ones before it wait. */
static inline void
door_crowd(const struct door *door, const uint8_t *data, size_t size)
{
	int clients[DOOR_CLIENTS_MAX];
	uint32_t count = 0;
	uint64_t now_us = DOOR_START_US;
	const uint8_t *end = data + size;

	while (data < end) {
		const uint8_t *stop = memchr(data, DOOR_ESCAPE, (size_t)(end - data));
		const size_t len = (size_t)((stop != NULL ? stop : end) - data);
		const uint8_t what = stop != NULL && stop + 1 < end ? stop[1] : 0;

		if (len != 0 || what == 'n') {
			if ((count == 0 || what == 'n') && count < DOOR_CLIENTS_MAX)
				clients[count++] = door->connect_to(door->context);
			door_say(clients[count - 1], data, len);
		}
		if (what == 't')
			door->tick(door->context, now_us += DOOR_TICK_US);
		else if (count != 0 && what == 's')
			(void)shutdown(clients[count - 1], SHUT_WR);
		else if (count != 0 && what == 'r')
			door_read(clients[count - 1]);
		else if (count != 0 && what == 'h')
			close(clients[--count]);
		else if (count != 0 && what == 'l')
			door_reset(clients[--count]);
		else if (door->other != NULL)
			door->other(door->context, what);
		door->settle(door->context);
		data += len + (stop != NULL) + (stop != NULL && stop + 1 < end);
	}
	while (count != 0)
		door_reset(clients[--count]);
	door->settle(door->context);
}

/* Whatever happened before, this one gets the answer. */
static inline void
door_last_client(const struct door *door, const char *request, const char *answer)
{
	char text[1024];
	size_t len = 0;
	const int fd = door->connect_to(door->context);
	ssize_t got = -1;

	door_say(fd, (const uint8_t *)request, strlen(request));
	for (int turn = 0; turn < 1000 && got != 0; turn++) {
		door->settle(door->context);
		got = recv(fd, text + len, sizeof(text) - 1 - len, MSG_DONTWAIT);
		len += got > 0 ? (size_t)got : 0;
	}
	text[len] = '\0';
	FUZZ_REQUIRE(strncmp(text, answer, strlen(answer)) == 0);
	door_reset(fd);
}

#endif /* FUZZ_DOOR_H */
