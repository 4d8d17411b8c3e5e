/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What goes to the workers for others, filled to the brim: quoted errors that came to another
 * worker, and searches for connections. Workers are played by the test, with boxes as large as
 * theirs.
 */

#include "app/run/control.h"
#include "app/run/control_events.h"
#include "app/run/reload.h"
#include "app/run/tracking.h"
#include "pipeline/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <cmocka.h>

#define EVENTS_ROOM 2048
#define REPLIES 64

struct box {
	struct mail *letters[MAIL_ROOM];
	uint32_t count;
};

struct answered {
	struct control_reply reply;
	json_t *answer; /* NULL: none yet */
};

struct fixture {
	struct control control;
	struct appliance appliance;
	struct worker workers[STATUS_WORKERS_MAX];
	struct box boxes[STATUS_WORKERS_MAX];
	struct answered replies[REPLIES];
	uint32_t asked;
	uint32_t written; /* events, into the outputs */
};

static struct fixture *fixture;

/* In the place of app/run/appliance.c, control_look.c, outputs.c, reload.c and tracking.c. */
bool
appliance_post(struct appliance *appliance, uint32_t worker, struct mail *mail)
{
	struct box *box = &fixture->boxes[worker];

	assert_ptr_equal(appliance, &fixture->appliance);
	assert_true(worker < appliance->layout.worker_count);
	if (box->count == MAIL_ROOM)
		return false;
	box->letters[box->count++] = mail;
	return true;
}

uint64_t
appliance_now_us(const struct appliance *appliance)
{
	assert_ptr_equal(appliance, &fixture->appliance);
	return UINT64_C(1700000000000000);
}

void
outputs_event(struct outputs *outputs, const struct record *record, enum event_kind kind,
		uint64_t time_us)
{
	(void)outputs;
	(void)record;
	(void)time_us;
	assert_int_equal(kind, EVENT_CONNECTION);
	fixture->written++;
}

const struct status *
control_look(struct control *control)
{
	return &control->status;
}

int
reload(struct control *control, struct err_list *errors)
{
	(void)control;
	(void)errors;
	return 0;
}

void
tracking_set_bypass(struct control *control, bool bypassed)
{
	(void)control;
	(void)bypassed;
}

static void
set_workers(struct fixture *f, uint32_t count)
{
	f->appliance.layout.worker_count = count;
	for (uint32_t w = 0; w < count; w++) {
		const ssize_t size = rte_ring_get_memsize_elem(sizeof(struct event), EVENTS_ROOM);
		struct rte_ring *ring = aligned_alloc(64, (size_t)size);

		assert_non_null(ring);
		assert_int_equal(rte_ring_init(ring, "events", EVENTS_ROOM,
						 RING_F_SP_ENQ | RING_F_SC_DEQ),
				0);
		f->workers[w].params.events = ring;
	}
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->control.appliance = &f->appliance;
	f->appliance.workers = f->workers;
	f->control.services = services_create(1);
	fixture = f;
	*state = f;
	return f->control.services != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	letters_fini(&f->control.letters);
	for (uint32_t w = 0; w < f->appliance.layout.worker_count; w++)
		free(f->workers[w].params.events);
	for (uint32_t n = 0; n < f->asked; n++)
		json_decref(f->replies[n].answer);
	services_destroy(f->control.services);
	free(f);
	return 0;
}

static void
tell(struct fixture *f, uint32_t worker, const struct event *event)
{
	struct event told = *event;

	told.worker = (uint16_t)worker;
	assert_int_equal(rte_ring_sp_enqueue_elem(
					 f->workers[worker].params.events, &told, sizeof(told)),
			0);
}

/* Errors that quote no connection of this worker's, one after the other, and what it tells itself. */
static void
storm(struct fixture *f, uint32_t worker, uint32_t from, uint32_t count)
{
	for (uint32_t n = from; n < from + count; n++) {
		const struct event connection = { .kinds = EVENT_CONNECTION };
		struct event quote = { .kinds = EVENT_QUOTE };

		quote.quote.seq = n;
		tell(f, worker, &quote);
		tell(f, worker, &connection);
	}
	assert_int_equal(control_events_drain(&f->control), 2 * count);
}

/* The worker is done with all that it was sent. */
static void
empty(struct fixture *f, uint32_t worker)
{
	struct box *box = &f->boxes[worker];

	for (uint32_t i = 0; i < box->count; i++)
		mail_send_back(box->letters[i]);
	box->count = 0;
	letters_collect(&f->control.letters);
}

static void
assert_quotes(const struct box *box, uint32_t from, uint32_t count)
{
	assert_int_equal(box->count, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(box->letters[i]->kind, MAIL_QUOTE);
		assert_int_equal(box->letters[i]->quote.seq, from + i);
	}
}

static void
of_a_storm_of_errors_each_worker_gets_what_it_keeps_up_with(void **state)
{
	struct fixture *f = *state;
	struct letter *asked;

	set_workers(f, 3);
	storm(f, 0, 1, 1000);
	assert_quotes(&f->boxes[0], 0, 0);
	assert_quotes(&f->boxes[1], 1, LETTERS_QUOTES_MAX);
	assert_quotes(&f->boxes[2], 1, LETTERS_QUOTES_MAX);
	/* One that stands still takes nothing from the other, and has room for what is asked of it. */
	empty(f, 1);
	storm(f, 0, 2001, 1000);
	assert_quotes(&f->boxes[1], 2001, LETTERS_QUOTES_MAX);
	assert_quotes(&f->boxes[2], 1, LETTERS_QUOTES_MAX);
	asked = letters_new(MAIL_TRACKING, 2);
	assert_true(letters_post(&f->control.letters, &f->appliance, asked));
	empty(f, 2);
	/* Nothing else is lost, and all that was taken for letters is there again. */
	assert_int_equal(f->written, 2000);
	storm(f, 1, 4001, LETTERS_QUOTES_MAX);
	assert_quotes(&f->boxes[2], 4001, LETTERS_QUOTES_MAX);
	assert_quotes(&f->boxes[0], 4001, LETTERS_QUOTES_MAX);
}

static void
an_error_reaches_all_others_of_as_many_workers_as_there_may_be(void **state)
{
	struct fixture *f = *state;

	set_workers(f, STATUS_WORKERS_MAX);
	storm(f, 5, 7, 1);
	for (uint32_t w = 0; w < STATUS_WORKERS_MAX; w++)
		assert_quotes(&f->boxes[w], 7, w == 5 ? 0 : 1);
}

static void
deliver(struct control_reply *reply, json_t *answer)
{
	struct answered *to = (struct answered *)reply;

	assert_null(to->answer);
	assert_non_null(answer);
	to->answer = answer;
}

/* `show flows`: the answer, NULL while it is under way. */
static struct answered *
ask_for_flows(struct fixture *f, uint32_t limit)
{
	const struct control_request request = {
		.command = CONTROL_SHOW, .what = CONTROL_FLOWS, .filter = { .limit = limit }
	};
	struct answered *to = &f->replies[f->asked++];

	to->reply.deliver = deliver;
	answers_handle(&f->control, &request, &to->reply);
	return to;
}

/* The worker finds nothing, and has looked everywhere, for the first search in its box. */
static void
find_nothing(struct fixture *f, uint32_t worker)
{
	struct box *box = &f->boxes[worker];

	assert_true(box->count > 0);
	box->letters[0]->query->is_over = true;
	mail_send_back(box->letters[0]);
	memmove(box->letters, box->letters + 1, --box->count * sizeof(box->letters[0]));
	letters_collect(&f->control.letters);
}

static bool
is_ok(const struct answered *reply)
{
	assert_non_null(reply->answer);
	return json_is_true(json_object_get(reply->answer, "ok"));
}

static void
of_many_searches_a_few_are_under_way_and_the_others_are_told_so(void **state)
{
	struct fixture *f = *state;
	struct answered *under_way[ANSWERS_SEARCHES_MAX], *refused, *next;

	set_workers(f, 2);
	for (uint32_t n = 0; n < ANSWERS_SEARCHES_MAX; n++)
		under_way[n] = ask_for_flows(f, 100);
	for (uint32_t n = 0; n < 3 * ANSWERS_SEARCHES_MAX; n++) {
		refused = ask_for_flows(f, 100);
		assert_false(is_ok(refused));
		assert_string_equal(json_string_value(json_object_get(refused->answer, "error")),
				"too many searches are under way; try again");
	}
	assert_int_equal(f->boxes[0].count, ANSWERS_SEARCHES_MAX);
	/* The first is over when both workers have looked; then there is room for one. */
	find_nothing(f, 0);
	assert_null(under_way[0]->answer);
	assert_false(is_ok(ask_for_flows(f, 100)));
	find_nothing(f, 1);
	assert_true(is_ok(under_way[0]));
	next = ask_for_flows(f, 100);
	assert_null(next->answer);
	assert_false(is_ok(ask_for_flows(f, 100)));
	/* Those that waited were not harmed. */
	for (uint32_t n = 1; n < ANSWERS_SEARCHES_MAX; n++) {
		find_nothing(f, 0);
		find_nothing(f, 1);
		assert_true(is_ok(under_way[n]));
	}
	assert_null(next->answer);
}

/* Each worker finds as many as fit a letter, without end. */
static void
a_search_ends_with_as_many_as_were_asked_for_and_says_that_there_are_more(void **state)
{
	struct fixture *f = *state;
	const struct answered *reply;
	uint32_t letters = 0;

	set_workers(f, 1);
	reply = ask_for_flows(f, CONTROL_LIMIT_MAX);
	while (reply->answer == NULL && letters++ < 2 * CONTROL_LIMIT_MAX) {
		f->boxes[0].letters[0]->query->count = PIPELINE_QUERY_LIMIT;
		empty(f, 0);
	}
	assert_true(is_ok(reply));
	assert_true(json_is_true(json_object_get(reply->answer, "more")));
	assert_int_equal(json_array_size(json_object_get(reply->answer, "flows")),
			CONTROL_LIMIT_MAX);
	assert_int_equal(letters, CONTROL_LIMIT_MAX / PIPELINE_QUERY_LIMIT + 1);
	assert_int_equal(f->control.answers.searches, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_a_storm_of_errors_each_worker_gets_what_it_keeps_up_with),
		TEST(an_error_reaches_all_others_of_as_many_workers_as_there_may_be),
		TEST(of_many_searches_a_few_are_under_way_and_the_others_are_told_so),
		TEST(a_search_ends_with_as_many_as_were_asked_for_and_says_that_there_are_more),
	};

	return cmocka_run_group_tests_name("control_brim", tests, NULL, NULL);
}
