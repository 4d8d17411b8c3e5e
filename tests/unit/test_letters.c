/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/letters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOX_ROOM 4

/* What workers have been sent, and what the answers did. */
struct post_office {
	struct letters letters;
	struct mail *box[BOX_ROOM];
	uint32_t count; /* in the box */
	uint32_t worker; /* of the last letter */
	uint32_t answers;
	uint32_t again; /* answers that shall post their letter again */
	bool more; /* an answer shall post another letter */
};

static struct post_office *office;

/* In the place of app/run/appliance.c. */
bool
appliance_post(struct appliance *appliance, uint32_t worker, struct mail *mail)
{
	(void)appliance;
	if (office->count == BOX_ROOM)
		return false;
	office->box[office->count++] = mail;
	office->worker = worker;
	return true;
}

static int
setup(void **state)
{
	office = calloc(1, sizeof(*office));
	*state = office;
	return office != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	letters_fini(&office->letters);
	free(*state);
	return 0;
}

static void note_answer(void *context, struct letter *letter);

static struct letter *
new_letter(void)
{
	struct letter *letter = letters_new(MAIL_QUERY, 2);

	assert_non_null(letter);
	letter->answered = note_answer;
	letter->context = office;
	return letter;
}

static void
note_answer(void *context, struct letter *letter)
{
	assert_ptr_equal(context, office);
	office->answers++;
	if (office->again > 0) {
		office->again--;
		letters_post(&office->letters, NULL, letter);
	}
	if (office->more) {
		office->more = false;
		assert_true(letters_post(&office->letters, NULL, new_letter()));
	}
}

/* The worker is done with all of them. */
static void
empty_box(void)
{
	for (uint32_t i = 0; i < office->count; i++)
		atomic_store(&office->box[i]->done, true);
	office->count = 0;
}

static void
a_letter_is_answered_when_the_worker_is_done_with_it_and_not_before(void **state)
{
	struct letter *letter = new_letter();

	(void)state;
	assert_true(letters_post(&office->letters, NULL, letter));
	assert_int_equal(office->worker, 2);
	assert_ptr_equal(office->box[0], &letter->mail);
	assert_int_equal(letter->mail.kind, MAIL_QUERY);
	letters_collect(&office->letters);
	assert_int_equal(office->answers, 0);
	assert_true(letters_are_under_way(&office->letters));
	empty_box();
	letters_collect(&office->letters);
	assert_int_equal(office->answers, 1);
	assert_false(letters_are_under_way(&office->letters));
	letters_collect(&office->letters);
	assert_int_equal(office->answers, 1);
}

static void
a_letter_that_finds_the_box_full_stays_its_sender_s(void **state)
{
	struct letter *letter;

	(void)state;
	for (uint32_t i = 0; i < BOX_ROOM; i++)
		assert_true(letters_post(&office->letters, NULL, new_letter()));
	letter = new_letter();
	assert_false(letters_post(&office->letters, NULL, letter));
	free(letter);
	empty_box();
	letters_collect(&office->letters);
	assert_int_equal(office->answers, BOX_ROOM);
	assert_false(letters_are_under_way(&office->letters));
}

static void
letters_come_back_in_any_order(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		assert_true(letters_post(&office->letters, NULL, new_letter()));
	atomic_store(&office->box[1]->done, true);
	letters_collect(&office->letters);
	assert_int_equal(office->answers, 1);
	atomic_store(&office->box[0]->done, true);
	letters_collect(&office->letters);
	assert_int_equal(office->answers, 2);
	atomic_store(&office->box[2]->done, true);
	letters_collect(&office->letters);
	assert_int_equal(office->answers, 3);
	assert_false(letters_are_under_way(&office->letters));
}

static void
an_answer_may_post_its_letter_again(void **state)
{
	struct letter *letter = new_letter();

	(void)state;
	office->again = 2;
	assert_true(letters_post(&office->letters, NULL, letter));
	for (uint32_t i = 1; i <= 3; i++) {
		assert_ptr_equal(office->box[0], &letter->mail);
		assert_false(atomic_load(&letter->mail.done));
		empty_box();
		letters_collect(&office->letters);
		assert_int_equal(office->answers, i);
	}
	assert_false(letters_are_under_way(&office->letters));
}

static void
an_answer_may_post_another_letter(void **state)
{
	(void)state;
	office->more = true;
	for (uint32_t i = 0; i < 2; i++)
		assert_true(letters_post(&office->letters, NULL, new_letter()));
	empty_box();
	letters_collect(&office->letters);
	assert_int_equal(office->answers, 2);
	assert_true(letters_are_under_way(&office->letters));
	empty_box();
	letters_collect(&office->letters);
	assert_int_equal(office->answers, 3);
}

static void
a_letter_that_nobody_waits_for_is_freed(void **state)
{
	struct letter *letter = letters_new(MAIL_TRACKING, 0);

	(void)state;
	assert_non_null(letter);
	assert_true(letters_post(&office->letters, NULL, letter));
	empty_box();
	letters_collect(&office->letters);
	assert_false(letters_are_under_way(&office->letters));
}

static void
at_the_end_answers_that_are_owed_are_given(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		assert_true(letters_post(&office->letters, NULL, new_letter()));
	letters_fini(&office->letters);
	assert_int_equal(office->answers, 3);
	assert_false(letters_are_under_way(&office->letters));
}

static void
the_end_comes_even_if_each_answer_posts_its_letter_again(void **state)
{
	(void)state;
	office->again = 1000;
	assert_true(letters_post(&office->letters, NULL, new_letter()));
	letters_fini(&office->letters);
	assert_int_equal(office->answers, BOX_ROOM);
	assert_false(letters_are_under_way(&office->letters));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_letter_is_answered_when_the_worker_is_done_with_it_and_not_before),
		TEST(a_letter_that_finds_the_box_full_stays_its_sender_s),
		TEST(letters_come_back_in_any_order),
		TEST(an_answer_may_post_its_letter_again),
		TEST(an_answer_may_post_another_letter),
		TEST(a_letter_that_nobody_waits_for_is_freed),
		TEST(at_the_end_answers_that_are_owed_are_given),
		TEST(the_end_comes_even_if_each_answer_posts_its_letter_again),
	};

	return cmocka_run_group_tests_name("letters", tests, NULL, NULL);
}
