/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/event_loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

struct bell {
	struct event_loop *loop;
	struct event_handler handler;
	struct bell *victim; /* removed when this one rings */
	int fd;
	int rung;
};

static void
silence(struct bell *bell)
{
	event_loop_remove(bell->loop, bell->fd, &bell->handler);
	close(bell->fd);
	bell->fd = -1;
}

static void
ring(void *context, uint32_t events)
{
	struct bell *bell = context;

	assert_true(events & EPOLLIN);
	bell->rung++;
	if (bell->victim != NULL && bell->victim->fd >= 0)
		silence(bell->victim);
}

static void
hang(struct bell *bell, struct event_loop *loop, unsigned int pending)
{
	*bell = (struct bell){ .loop = loop, .handler = { .ready = ring, .context = bell } };
	bell->fd = eventfd(pending, EFD_NONBLOCK);
	assert_int_equal(event_loop_add(loop, bell->fd, EPOLLIN, &bell->handler, NULL), 0);
}

static void
only_what_is_ready_is_called(void **state)
{
	struct event_loop loop;
	struct bell loud, quiet;

	(void)state;

	assert_int_equal(event_loop_init(&loop, NULL), 0);
	hang(&loud, &loop, 1);
	hang(&quiet, &loop, 0);
	assert_int_equal(event_loop_run_once(&loop, 0), 1);
	assert_int_equal(loud.rung, 1);
	assert_int_equal(quiet.rung, 0);
	event_loop_change(&loop, loud.fd, 0, &loud.handler);
	assert_int_equal(event_loop_run_once(&loop, 0), 0);
	silence(&loud);
	silence(&quiet);
	event_loop_fini(&loop);
}

/* Both are ready in the same turn; whoever comes first frees the other. */
static void
who_was_removed_in_a_turn_is_not_called_in_it(void **state)
{
	struct event_loop loop;
	struct bell first, second;

	(void)state;

	assert_int_equal(event_loop_init(&loop, NULL), 0);
	hang(&first, &loop, 1);
	hang(&second, &loop, 1);
	first.victim = &second;
	second.victim = &first;
	assert_int_equal(event_loop_run_once(&loop, 0), 1);
	assert_int_equal(first.rung + second.rung, 1);
	silence(first.fd >= 0 ? &first : &second);
	event_loop_fini(&loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_ready_is_called),
		cmocka_unit_test(who_was_removed_in_a_turn_is_not_called_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
