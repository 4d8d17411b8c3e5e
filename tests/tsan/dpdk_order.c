/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What DPDK orders between the thread that starts a function on another and waits for it, told
 * to ThreadSanitizer: DPDK's own libraries are not sanitized, so it does not see it there.
 * Loaded before them, by LD_PRELOAD; into programs that are not sanitized, too.
 */

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include <rte_launch.h>
#include <rte_lcore.h>

void __tsan_acquire(void *address) __attribute__((weak));
void __tsan_release(void *address) __attribute__((weak));

struct task {
	lcore_function_t *function;
	void *argument;
};

static struct task tasks[RTE_MAX_LCORE];

/* POSIX has one pointer for both: ISO C does not convert it. */
static void
find_next(const char *name, void *function, size_t size)
{
	void *const found = dlsym(RTLD_NEXT, name);

	memcpy(function, &found, size);
}

static void
acquire(void *address)
{
	if (__tsan_acquire != NULL)
		__tsan_acquire(address);
}

static void
release(void *address)
{
	if (__tsan_release != NULL)
		__tsan_release(address);
}

static int
run(void *context)
{
	struct task *task = context;
	int rc;

	acquire(task);
	rc = task->function(task->argument);
	release(task);
	return rc;
}

int
rte_eal_remote_launch(lcore_function_t *function, void *argument, unsigned int lcore)
{
	int (*launch)(lcore_function_t *, void *, unsigned int);

	find_next("rte_eal_remote_launch", &launch, sizeof(launch));
	tasks[lcore] = (struct task){ function, argument };
	release(&tasks[lcore]);
	return launch(run, &tasks[lcore], lcore);
}

int
rte_eal_wait_lcore(unsigned int lcore)
{
	int (*wait)(unsigned int);
	int rc;

	find_next("rte_eal_wait_lcore", &wait, sizeof(wait));
	rc = wait(lcore);
	acquire(&tasks[lcore]);
	return rc;
}

enum rte_lcore_state_t
rte_eal_get_lcore_state(unsigned int lcore)
{
	enum rte_lcore_state_t (*get)(unsigned int);
	enum rte_lcore_state_t state;

	find_next("rte_eal_get_lcore_state", &get, sizeof(get));
	state = get(lcore);
	if (state != RUNNING)
		acquire(&tasks[lcore]);
	return state;
}
