/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/telemetry.h"

#include "app/ask/telemetry_data.h"
#include "base/compiler.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_telemetry.h>

#define SOCKET_NAME "dpdk_telemetry.v2"

/* Few enough for DPDK's 16 KiB; the answer says how many there are. */
#define LIMIT 64

enum stage {
	STAGE_QUEUED, /* the control thread has not seen it */
	STAGE_TAKEN, /* it owes the answer */
	STAGE_ANSWERED,
};

/* Whoever waits frees it; the answer does, where nobody waits any more. */
struct question {
	struct control_reply reply;
	struct control_request request;
	enum stage stage;
	bool is_given_up;
	json_t *answer;
};

/* All under the lock. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t change; /* an answer, or the end */
	bool is_registered;
	bool is_open;
	int bell; /* an eventfd: a question is queued */
	struct event_loop *loop;
	struct event_handler bell_handler;
	struct control_handler handler;
	struct question *pending[TELEMETRY_PENDING_MAX]; /* NULL: a free place */
} telemetry = { .lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER };

static const char *const commands[][2] = {
	{ "/synwire/stats", "Counters of workers, ports and outputs. Takes no parameter" },
	{ "/synwire/flows",
			"Connections; parameter: ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT or none" },
	{ "/synwire/floods", "Attacks that last, and the last that are over. Takes no parameter" },
	{ "/synwire/services", "Servers and how they answer; parameter as of /synwire/flows" },
	{ "/synwire/wires", "Wires and their ports. Takes no parameter" },
	{ "/synwire/config", "The configuration that holds. Takes no parameter" },
};

static void
question_free(struct question *question)
{
	for (size_t i = 0; i < TELEMETRY_PENDING_MAX; i++)
		if (telemetry.pending[i] == question)
			telemetry.pending[i] = NULL;
	json_decref(question->answer);
	free(question);
}

/* The reply's, on the control thread. */
static void
deliver(struct control_reply *reply, json_t *answer)
{
	struct question *question = (struct question *)reply; /* its first member */

	pthread_mutex_lock(&telemetry.lock);
	question->answer = answer;
	question->stage = STAGE_ANSWERED;
	if (question->is_given_up)
		question_free(question);
	pthread_cond_broadcast(&telemetry.change);
	pthread_mutex_unlock(&telemetry.lock);
}

/* On the control thread: one that is queued, or NULL. */
static struct question *
take_question(void)
{
	struct question *taken = NULL;

	pthread_mutex_lock(&telemetry.lock);
	for (size_t i = 0; i < TELEMETRY_PENDING_MAX && taken == NULL; i++)
		if (telemetry.pending[i] != NULL && telemetry.pending[i]->stage == STAGE_QUEUED)
			taken = telemetry.pending[i];
	if (taken != NULL)
		taken->stage = STAGE_TAKEN;
	pthread_mutex_unlock(&telemetry.lock);
	return taken;
}

static void
bell_rings(void *context, uint32_t events)
{
	struct question *question;
	uint64_t rung;

	(void)context;
	(void)events;
	(void)!read(telemetry.bell, &rung, sizeof(rung));
	while ((question = take_question()) != NULL) {
		/* Once taken, it may go as soon as it is answered, so the request is copied. */
		const struct control_request request = question->request;

		telemetry.handler.handle(telemetry.handler.context, &request, &question->reply);
	}
}

static json_t *
failure(const char *text)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", text);
}

/* Under the lock; until it is answered, synwire stops, or patience ends. */
static json_t *
await(struct question *question)
{
	struct timespec until;
	json_t *answer;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TELEMETRY_PATIENCE_MS / 1000;
	while (question->stage != STAGE_ANSWERED && telemetry.is_open && rc == 0)
		rc = pthread_cond_clockwait(
				&telemetry.change, &telemetry.lock, CLOCK_MONOTONIC, &until);
	if (question->stage == STAGE_ANSWERED) {
		answer = question->answer;
		question->answer = NULL;
	} else {
		answer = failure(telemetry.is_open ? "synwire did not answer in time"
						   : "synwire is stopping");
	}
	question->is_given_up = true;
	if (question->stage != STAGE_TAKEN)
		question_free(question);
	return answer;
}

/* Under the lock. */
static json_t *
ask_locked(const struct control_request *request)
{
	const uint64_t one = 1;
	struct question *question;
	size_t place = 0;

	if (!telemetry.is_open)
		return failure("synwire is starting or stopping");
	while (place < TELEMETRY_PENDING_MAX && telemetry.pending[place] != NULL)
		place++;
	if (place == TELEMETRY_PENDING_MAX)
		return failure("too many ask at once; try again in a moment");
	question = calloc(1, sizeof(*question));
	if (question == NULL)
		return NULL;
	question->reply.deliver = deliver;
	question->request = *request;
	telemetry.pending[place] = question;
	(void)!write(telemetry.bell, &one, sizeof(one));
	return await(question);
}

static json_t *
ask(const struct control_request *request)
{
	json_t *answer;

	pthread_mutex_lock(&telemetry.lock);
	answer = ask_locked(request);
	pthread_mutex_unlock(&telemetry.lock);
	return answer;
}

/* 0, which the reader refuses, for what is no number. */
static int
port_of(const char *text)
{
	const size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits <= 5 && text[digits] == '\0' ? atoi(text) : 0;
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1" or "[2001:db8::1]:80" into the request. */
static void
add_endpoint(json_t *request, const char *text)
{
	const char *end = strchr(text, ']');
	const char *colon = strchr(text, ':');
	const char *port = NULL; /* its colon */
	size_t skip = 0;

	if (text[0] == '[' && end != NULL && (end[1] == ':' || end[1] == '\0')) {
		skip = 1;
		port = end[1] == ':' ? end + 1 : NULL;
	} else {
		port = colon == strrchr(text, ':') ? colon : NULL;
		end = port != NULL ? port : text + strlen(text);
	}
	json_object_set_new(
			request, "address", json_stringn(text + skip, (size_t)(end - text) - skip));
	if (port != NULL)
		json_object_set_new(request, "port", json_integer(port_of(port + 1)));
}

static json_t *
serve(const char *command, const char *params)
{
	json_t *json = json_pack(
			"{s:s, s:s}", "command", "show", "what", strrchr(command, '/') + 1);
	struct control_request request;
	struct err err;
	int rc;

	if (json != NULL && params != NULL && params[0] != '\0')
		add_endpoint(json, params);
	rc = control_request_read(json, &request, &err);
	json_decref(json);
	if (rc != 0)
		return failure(err.text);
	request.filter.limit = LIMIT;
	request.filter.without_series = true;
	return ask(&request);
}

/* DPDK's, on one of its threads. */
static int
answer_command(const char *command, const char *params, struct rte_tel_data *data)
{
	json_t *answer = serve(command, params);

	if (answer == NULL)
		return -ENOMEM;
	telemetry_data_fill(data, answer);
	json_decref(answer);
	return 0;
}

static int
register_commands(struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(commands) && rc == 0; i++)
		rc = rte_telemetry_register_cmd(commands[i][0], answer_command, commands[i][1]);
	if (rc != 0)
		return err_set(err, -rc, "DPDK's telemetry takes no commands: %s", strerror(-rc));
	telemetry.is_registered = true;
	return 0;
}

int
telemetry_open(struct event_loop *loop, const struct control_handler *handler, struct err *err)
{
	int rc = telemetry.is_registered ? 0 : register_commands(err);

	if (rc != 0)
		return rc;
	telemetry.bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (telemetry.bell < 0)
		return err_set(err, errno, "telemetry: %s", strerror(errno));
	telemetry.bell_handler = (struct event_handler){ .ready = bell_rings };
	rc = event_loop_add(loop, telemetry.bell, EPOLLIN, &telemetry.bell_handler, err);
	if (rc != 0) {
		close(telemetry.bell);
		return rc;
	}
	telemetry.loop = loop;
	telemetry.handler = *handler;
	pthread_mutex_lock(&telemetry.lock);
	telemetry.is_open = true;
	pthread_mutex_unlock(&telemetry.lock);
	return 0;
}

int
telemetry_protect(struct err *err)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/" SOCKET_NAME, rte_eal_get_runtime_dir());
	if (chmod(path, S_IRUSR | S_IWUSR) != 0)
		return err_set(err, errno, "%s: cannot protect DPDK's telemetry socket: %s", path,
				strerror(errno));
	return 0;
}

void
telemetry_close(void)
{
	bool was_open;

	pthread_mutex_lock(&telemetry.lock);
	was_open = telemetry.is_open;
	telemetry.is_open = false;
	pthread_cond_broadcast(&telemetry.change);
	pthread_mutex_unlock(&telemetry.lock);
	if (!was_open)
		return;
	event_loop_remove(telemetry.loop, telemetry.bell, &telemetry.bell_handler);
	close(telemetry.bell);
}
