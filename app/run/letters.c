/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/letters.h"

#include <stdlib.h>

struct letter *
letters_new(enum mail_kind kind, uint32_t worker)
{
	struct letter *letter = calloc(1, sizeof(*letter));

	if (letter == NULL)
		return NULL;
	letter->mail.kind = kind;
	letter->worker = worker;
	return letter;
}

bool
letters_post(struct letters *letters, struct appliance *appliance, struct letter *letter)
{
	atomic_store_explicit(&letter->mail.done, false, memory_order_relaxed);
	if (!appliance_post(appliance, letter->worker, &letter->mail))
		return false;
	letter->serial = ++letters->posted;
	letter->next = letters->under_way;
	letters->under_way = letter;
	return true;
}

static bool
is_back(const struct letter *letter)
{
	return atomic_load_explicit(&letter->mail.done, memory_order_acquire);
}

/* Whether it was posted again. */
static bool
give_answer(const struct letters *letters, struct letter *letter)
{
	if (letter->answered != NULL)
		letter->answered(letter->context, letter);
	for (const struct letter *at = letters->under_way; at != NULL; at = at->next)
		if (at == letter)
			return true;
	return false;
}

/* Those that are back leave the list before any answer is given, which may post others. */
static struct letter *
take_back(struct letters *letters, bool all)
{
	struct letter **at = &letters->under_way, *back = NULL;

	while (*at != NULL) {
		struct letter *letter = *at;

		if (!all && !is_back(letter)) {
			at = &letter->next;
			continue;
		}
		*at = letter->next;
		letter->next = back;
		back = letter;
	}
	return back;
}

static void
answer_all(struct letters *letters, struct letter *back)
{
	while (back != NULL) {
		struct letter *letter = back;

		back = letter->next;
		if (!give_answer(letters, letter))
			free(letter);
	}
}

void
letters_collect(struct letters *letters)
{
	answer_all(letters, take_back(letters, false));
}

bool
letters_are_back(const struct letters *letters, uint64_t serial)
{
	for (const struct letter *at = letters->under_way; at != NULL; at = at->next)
		if (at->serial <= serial)
			return false;
	return true;
}

bool
letters_are_under_way(const struct letters *letters)
{
	return letters->under_way != NULL;
}

void
letters_fini(struct letters *letters)
{
	while (letters->under_way != NULL)
		answer_all(letters, take_back(letters, true));
}
