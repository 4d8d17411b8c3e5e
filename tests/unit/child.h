/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A test that takes something from its process for good has a process of its own.
 */

#ifndef TESTS_UNIT_CHILD_H
#define TESTS_UNIT_CHILD_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CHILD_SKIPS 77 /* the machine does not let it try */

/* In the child and all its threads, where cmocka's assertions would return into the parent. */
#define child_assert(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s: errno %d\n", __FILE__, __LINE__, #condition, \
					errno); \
			_exit(1); \
		} \
	} while (0)

/* @p body in a process of its own; the test passes, fails or is skipped with it. */
static inline void
child_run(void (*body)(void))
{
	int status = 0;
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CHILD_SKIPS)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A thread that is there before the deed and looks around after it. */
struct child_thread {
	pthread_t thread;
	pthread_barrier_t done;
	void (*look)(void);
};

static inline void *
child_wait(void *arg)
{
	struct child_thread *thread = arg;

	pthread_barrier_wait(&thread->done);
	thread->look();
	return NULL;
}

static inline void
child_start(struct child_thread *thread, void (*look)(void))
{
	thread->look = look;
	pthread_barrier_init(&thread->done, NULL, 2);
	if (pthread_create(&thread->thread, NULL, child_wait, thread) != 0)
		_exit(1);
}

/* Let it look, and wait until it has. */
static inline void
child_finish(struct child_thread *thread)
{
	pthread_barrier_wait(&thread->done);
	pthread_join(thread->thread, NULL);
	pthread_barrier_destroy(&thread->done);
}

#endif /* TESTS_UNIT_CHILD_H */
