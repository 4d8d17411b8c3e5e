/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Through DPDK's own socket, as dpdk-telemetry.py asks: a client thread asks, DPDK's thread
 * calls, and the test's thread is the control thread that answers.
 */

#include "app/ask/telemetry.h"
#include "base/compiler.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_eal.h>

#include <cmocka.h>

#define OUTPUT_LEN_MAX (16 * 1024)

struct client {
	pthread_t thread;
	const char *command;
	char text[OUTPUT_LEN_MAX + 1];
	atomic_bool is_done;
};

static char folder[] = "/tmp/telemetry.XXXXXX";
static char path[108];
static struct event_loop loop;

/* What the handler saw, and what it answers. */
static struct control_request asked;
static json_t *answer; /* NULL: the reply is kept */
static struct control_reply *kept[TELEMETRY_PENDING_MAX];
static unsigned int handled;

static void
handle(void *context, const struct control_request *request, struct control_reply *reply)
{
	(void)context;
	asked = *request;
	if (answer != NULL)
		control_reply_send(reply, json_incref(answer));
	else
		kept[handled] = reply;
	handled++;
}

static void *
converse(void *context)
{
	struct client *client = context;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	ssize_t len = -1;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
			recv(fd, client->text, OUTPUT_LEN_MAX, 0) > 0 && /* its greeting */
			send(fd, client->command, strlen(client->command), 0) > 0)
		len = recv(fd, client->text, OUTPUT_LEN_MAX, 0);
	client->text[len > 0 ? len : 0] = '\0';
	close(fd);
	atomic_store(&client->is_done, true);
	return NULL;
}

static struct client *
begin(const char *command)
{
	struct client *client = calloc(1, sizeof(*client));

	client->command = command;
	assert_int_equal(pthread_create(&client->thread, NULL, converse, client), 0);
	return client;
}

/* What the command gave: the member of its name. */
static json_t *
end(struct client *client)
{
	json_t *whole, *part;
	char name[64];

	pthread_join(client->thread, NULL);
	whole = json_loads(client->text, JSON_REJECT_DUPLICATES, NULL);
	if (whole == NULL)
		fail_msg("no JSON: %s", client->text);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(client->command, ","), client->command);
	part = json_incref(json_object_get(whole, name));
	json_decref(whole);
	free(client);
	return part;
}

static json_t *
ask(const char *command)
{
	struct client *client = begin(command);

	while (!atomic_load(&client->is_done))
		event_loop_run_once(&loop, 10);
	return end(client);
}

static void
assert_error(json_t *given, const char *part)
{
	const char *error = json_string_value(json_object_get(given, "error"));

	assert_non_null(error);
	if (strstr(error, part) == NULL)
		fail_msg("'%s' is not in: %s", part, error);
	json_decref(given);
}

static int
start_dpdk(void **state)
{
	char *const args[] = { (char[]){ "test" }, (char[]){ "--no-huge" },
		(char[]){ "--no-shconf" }, (char[]){ "--no-pci" }, (char[]){ "-m" },
		(char[]){ "16" }, (char[]){ "--file-prefix" }, (char[]){ "unit" },
		(char[]){ "--log-level=3" } };
	char *argv[ARRAY_LEN(args) + 1] = { NULL };

	(void)state;

	assert_non_null(mkdtemp(folder));
	setenv("RUNTIME_DIRECTORY", folder, 1);
	memcpy(argv, args, sizeof(args));
	assert_true(rte_eal_init(ARRAY_LEN(args), argv) >= 0);
	snprintf(path, sizeof(path), "%s/dpdk_telemetry.v2", rte_eal_get_runtime_dir());
	return 0;
}

static int
stop_dpdk(void **state)
{
	char inner[64];

	(void)state;

	rte_eal_cleanup();
	unlink(path); /* DPDK does at exit() */
	rmdir(rte_eal_get_runtime_dir());
	snprintf(inner, sizeof(inner), "%s/dpdk", folder);
	rmdir(inner);
	return rmdir(folder);
}

static int
set_up(void **state)
{
	const struct control_handler handler = { .handle = handle };

	(void)state;

	handled = 0;
	answer = NULL;
	assert_int_equal(event_loop_init(&loop, NULL), 0);
	assert_int_equal(telemetry_open(&loop, &handler, NULL), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;

	json_decref(answer);
	telemetry_close();
	event_loop_fini(&loop);
	return 0;
}

static void
a_command_is_answered_by_the_control_thread(void **state)
{
	json_t *given;

	(void)state;

	answer = json_pack("{s:b, s:i}", "ok", 1, "frames", 7);
	given = ask("/synwire/stats");
	assert_int_equal(asked.command, CONTROL_SHOW);
	assert_int_equal(asked.what, CONTROL_STATS);
	assert_int_equal(json_integer_value(json_object_get(given, "ok")), 1);
	assert_int_equal(json_integer_value(json_object_get(given, "frames")), 7);
	assert_null(json_object_get(given, "cut"));
	json_decref(given);
}

static void
an_endpoint_may_be_given(void **state)
{
	static const struct {
		const char *command;
		uint8_t first, last;
		uint16_t port;
	} cases[] = {
		{ "/synwire/flows", 0, 0, 0 },
		{ "/synwire/flows,192.0.2.1", 0, 1, 0 },
		{ "/synwire/flows,192.0.2.1:443", 0, 1, 443 },
		{ "/synwire/services,2001:db8::9", 0x20, 9, 0 },
		{ "/synwire/flows,[2001:db8::9]", 0x20, 9, 0 },
		{ "/synwire/flows,[2001:db8::9]:65535", 0x20, 9, 65535 },
	};

	(void)state;

	answer = json_pack("{s:b}", "ok", 1);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_decref(ask(cases[i].command));
		assert_int_equal(handled, i + 1);
		assert_int_equal(asked.filter.has_address, i > 0);
		assert_int_equal(asked.filter.address[0], cases[i].first);
		assert_int_equal(asked.filter.address[15], cases[i].last);
		assert_int_equal(asked.filter.port, cases[i].port);
	}
}

/* Rates second by second of each would leave room for a few attacks only. */
static void
floods_are_asked_for_without_their_series(void **state)
{
	(void)state;

	answer = json_pack("{s:b}", "ok", 1);
	json_decref(ask("/synwire/floods"));
	assert_int_equal(handled, 1);
	assert_int_equal(asked.what, CONTROL_FLOODS);
	assert_true(asked.filter.without_series);
	assert_false(asked.filter.only_active);
	assert_in_range(asked.filter.limit, 1, 64);
}

static void
a_wrong_parameter_is_told(void **state)
{
	(void)state;

	answer = json_pack("{s:b}", "ok", 1);
	assert_error(ask("/synwire/flows,www"), "'www'");
	assert_error(ask("/synwire/flows,192.0.2.1:http"), "port must be");
	assert_error(ask("/synwire/flows,192.0.2.1:65536"), "port must be");
	assert_error(ask("/synwire/flows,[::1]80"), "'[::1]80'");
	assert_error(ask("/synwire/flows,[]"), "''");
	assert_error(ask("/synwire/wires,192.0.2.1"), "'show wires' has no use");
	assert_error(ask("/synwire/floods,192.0.2.1"), "'show floods' has no use");
	assert_int_equal(handled, 0);
}

static void
all_that_json_has_gets_through(void **state)
{
	json_t *given, *wanted;

	(void)state;

	answer = json_pack("{s:b, s:{s:[i,i], s:[s,s], s:[]}, s:[{s:s},{s:i}], s:n, s:f, s:I, s:i, "
			   "s:s}",
			"ok", 1, "in.ner", "numbers", 1, 2, "strings", "a", "b", "none", "things",
			"name", "x", "number", 3, "nothing", "half", 0.5, "far",
			(json_int_t)-5000000000, "below", -1, "text", "\"\\\t\xc3\xa9");
	wanted = json_pack("{s:i, s:{s:[i,i], s:[s,s], s:[]}, s:{s:{s:s},s:{s:i}}, s:s, s:s, s:i, "
			   "s:s}",
			"ok", 1, "in_ner", "numbers", 1, 2, "strings", "a", "b", "none", "things",
			"0", "name", "x", "1", "number", 3, "half", "0.5", "far", "-5000000000",
			"below", -1, "text", "\"\\???");
	assert_non_null(answer);
	given = ask("/synwire/config");
	if (!json_equal(given, wanted))
		fail_msg("%s", json_dumps(given, 0));
	json_decref(given);
	json_decref(wanted);
}

static void
a_text_is_given_line_by_line(void **state)
{
	json_t *given, *wanted = json_pack("{s:[s,s,s]}", "config", "mode: monitor", "", "wires:");
	char long_text[300];

	(void)state;

	answer = json_pack("{s:s, s:b}", "config", "mode: monitor\n\nwires:\n", "cut", 0);
	given = ask("/synwire/config");
	assert_true(json_equal(given, wanted));
	json_decref(given);
	json_decref(wanted);

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	json_object_set_new(answer, "config", json_string(long_text));
	given = ask("/synwire/config");
	assert_int_equal(json_string_length(json_object_get(given, "config")), 127);
	assert_int_equal(json_integer_value(json_object_get(given, "cut")), 1);
	json_decref(given);
}

static void
an_answer_that_was_cut_before_says_so_once(void **state)
{
	json_t *given, *wanted = json_pack("{s:i, s:i}", "ok", 1, "cut", 1);

	(void)state;

	answer = json_pack("{s:b, s:b}", "cut", 1, "ok", 1);
	given = ask("/synwire/flows");
	assert_true(json_equal(given, wanted));
	json_decref(given);
	json_decref(wanted);
}

/* Strings of quotes, which take two bytes each; the cut is told, and the rest is whole. */
static void
what_is_too_long_is_cut_between_elements(void **state)
{
	json_t *flows = json_array(), *given, *some;
	char quotes[101];
	size_t count;

	(void)state;

	memset(quotes, '"', 100);
	quotes[100] = '\0';
	for (int i = 0; i < 80; i++)
		json_array_append_new(flows,
				json_pack("{s:s, s:{s:I}}", "text", quotes, "inner", "number",
						INT64_MAX));
	answer = json_pack("{s:o, s:b}", "flows", flows, "ok", 1);
	given = ask("/synwire/flows");
	assert_int_equal(json_integer_value(json_object_get(given, "cut")), 1);
	some = json_object_get(given, "flows");
	count = json_object_size(some);
	assert_in_range(count, 50, 70);
	for (size_t i = 0; i < count; i++) {
		char name[24];

		snprintf(name, sizeof(name), "%zu", i);
		assert_int_equal(json_object_size(json_object_get(some, name)), 2);
	}
	json_decref(given);
}

static void
more_members_than_dpdk_takes_are_cut(void **state)
{
	json_t *given;

	(void)state;

	answer = json_object();
	for (int i = 0; i < 300; i++) {
		char name[8];

		snprintf(name, sizeof(name), "n%d", i);
		json_object_set_new(answer, name, json_integer(i));
	}
	given = ask("/synwire/stats");
	assert_int_equal(json_object_size(given), 256);
	assert_int_equal(json_integer_value(json_object_get(given, "cut")), 1);
	json_decref(given);
}

static void
a_control_thread_that_is_busy_is_waited_for_in_vain(void **state)
{
	(void)state;

	assert_error(end(begin("/synwire/stats")), "in time"); /* nobody runs the loop */
	event_loop_run_once(&loop, 0);
	assert_int_equal(handled, 0);
}

/* A place is free again when it is answered, whether or not anybody waits for that. */
static void
few_wait_at_once(void **state)
{
	struct client *clients[TELEMETRY_PENDING_MAX];

	(void)state;

	for (size_t i = 0; i < TELEMETRY_PENDING_MAX; i++)
		clients[i] = begin("/synwire/stats");
	while (handled < TELEMETRY_PENDING_MAX)
		event_loop_run_once(&loop, 10);
	assert_error(ask("/synwire/stats"), "too many");
	for (size_t i = 0; i < TELEMETRY_PENDING_MAX; i++)
		assert_error(end(clients[i]), "in time");
	assert_error(ask("/synwire/stats"), "too many");
	for (size_t i = 0; i < TELEMETRY_PENDING_MAX; i++)
		control_reply_error(kept[i], "too late");
	answer = json_pack("{s:b}", "ok", 1);
	json_decref(ask("/synwire/stats"));
	assert_int_equal(handled, TELEMETRY_PENDING_MAX + 1);
}

static void
an_answer_may_come_after_its_asker_has_given_up(void **state)
{
	(void)state;

	assert_error(ask("/synwire/stats"), "in time");
	assert_int_equal(handled, 1);
	control_reply_send(kept[0], json_pack("{s:b}", "ok", 1));
}

static void
who_waits_when_synwire_stops_is_told(void **state)
{
	struct client *client = begin("/synwire/stats");

	(void)state;

	while (handled == 0)
		event_loop_run_once(&loop, 10);
	telemetry_close();
	assert_error(end(client), "is stopping");
	control_reply_error(kept[0], "too late");
	assert_error(end(begin("/synwire/stats")), "stopping");
}

static void
the_socket_is_this_users_alone(void **state)
{
	struct stat found;

	(void)state;

	assert_int_equal(telemetry_protect(NULL), 0);
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0600);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_command_is_answered_by_the_control_thread),
		TEST(an_endpoint_may_be_given),
		TEST(floods_are_asked_for_without_their_series),
		TEST(a_wrong_parameter_is_told),
		TEST(all_that_json_has_gets_through),
		TEST(a_text_is_given_line_by_line),
		TEST(an_answer_that_was_cut_before_says_so_once),
		TEST(what_is_too_long_is_cut_between_elements),
		TEST(more_members_than_dpdk_takes_are_cut),
		TEST(a_control_thread_that_is_busy_is_waited_for_in_vain),
		TEST(few_wait_at_once),
		TEST(an_answer_may_come_after_its_asker_has_given_up),
		TEST(who_waits_when_synwire_stops_is_told),
		TEST(the_socket_is_this_users_alone),
	};

	return cmocka_run_group_tests(tests, start_dpdk, stop_dpdk);
}
