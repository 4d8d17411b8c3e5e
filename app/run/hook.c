/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/hook.h"

#include "app/run/hook_child.h"
#include "base/usec.h"
#include "log/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An event that waits for its program. */
struct waiting {
	uint32_t alarm;
	enum alarm_phase phase;
	char *line;
	size_t len;
};

struct child {
	pid_t pid; /* 0: the place is free */
	uint32_t alarm;
	bool is_killed;
	uint64_t started_us;
};

struct hook {
	struct config_words command;
	char *argv[CONFIG_WORDS_MAX + 1]; /* of the command */
	struct child children[HOOK_CHILDREN];
	struct waiting waiting[HOOK_WAITING]; /* the oldest first */
	uint32_t waiting_count;
	int trouble; /* why the last could not be started, as told in the log; 0: it could */
	struct hook_counters counters;
};

int
hook_check(const struct config_words *command, struct err *err)
{
	const char *program = command->word[0];
	struct stat st;

	if (command->count == 0)
		return 0;
	if (stat(program, &st) < 0)
		return err_set(err, errno, "flood.on_flood: %s: %s", program, strerror(errno));
	if (!S_ISREG(st.st_mode) || access(program, X_OK) < 0)
		return err_set(err, EACCES, "flood.on_flood: %s: is no program that may be run",
				program);
	return 0;
}

struct hook *
hook_create(const struct config_words *command)
{
	struct hook *hook = calloc(1, sizeof(*hook));

	if (hook == NULL)
		return NULL;
	hook->command = *command;
	for (uint32_t i = 0; i < command->count; i++)
		hook->argv[i] = hook->command.word[i];
	signal(SIGCHLD, SIG_DFL); /* ignored, it would keep how they ended from us */
	return hook;
}

/* Of the queue. */
static void
remove_waiting(struct hook *hook, uint32_t n)
{
	free(hook->waiting[n].line);
	hook->waiting_count--;
	memmove(&hook->waiting[n], &hook->waiting[n + 1],
			(hook->waiting_count - n) * sizeof(hook->waiting[0]));
}

/* How much it matters that an event is told. */
static int
rank(enum alarm_phase phase)
{
	switch (phase) {
	case ALARM_UPDATE:
		return 0;
	case ALARM_START:
		return 1;
	case ALARM_END:
		break;
	}
	return 2;
}

/* One event is skipped: false: the new one. */
static bool
make_room(struct hook *hook, enum alarm_phase phase)
{
	uint32_t least = 0;

	hook->counters.skipped++;
	for (uint32_t n = 1; n < hook->waiting_count; n++)
		if (rank(hook->waiting[n].phase) < rank(hook->waiting[least].phase))
			least = n;
	if (rank(hook->waiting[least].phase) > rank(phase))
		return false;
	remove_waiting(hook, least);
	return true;
}

void
hook_tell(struct hook *hook, const struct alarm *alarm, const char *line, size_t len)
{
	struct waiting *waiting;
	char *copy;

	if (hook == NULL || len == 0)
		return;
	if (hook->waiting_count == HOOK_WAITING && !make_room(hook, alarm->phase))
		return;
	copy = malloc(len);
	if (copy == NULL) {
		hook->counters.skipped++;
		return;
	}
	memcpy(copy, line, len);
	waiting = &hook->waiting[hook->waiting_count++];
	*waiting = (struct waiting){ alarm->id, alarm->phase, copy, len };
}

static void
look_after(struct hook *hook, struct child *child, uint64_t timeout_us, uint64_t now_us)
{
	const enum hook_child_state state = hook_child_look(child->pid);

	if (state != HOOK_CHILD_RUNS) {
		if (state == HOOK_CHILD_FAILED && !child->is_killed)
			hook->counters.failed++;
		child->pid = 0;
	} else if (!child->is_killed && usec_since(child->started_us, now_us) >= timeout_us) {
		hook_child_kill(child->pid);
		child->is_killed = true;
		hook->counters.killed++;
	}
}

static bool
is_served(const struct hook *hook, uint32_t alarm)
{
	for (uint32_t i = 0; i < HOOK_CHILDREN; i++)
		if (hook->children[i].pid != 0 && hook->children[i].alarm == alarm)
			return true;
	return false;
}

/* The oldest event whose attack no program deals with just now; waiting_count: none. */
static uint32_t
choose(const struct hook *hook)
{
	uint32_t n = 0;

	while (n < hook->waiting_count && is_served(hook, hook->waiting[n].alarm))
		n++;
	return n;
}

/* The log is told once, not for each event of a flood. */
static void
note_trouble(struct hook *hook, int trouble)
{
	if (trouble != 0 && trouble != hook->trouble)
		log_line(LOG_WEIGHT_ERROR, "flood.on_flood: %s cannot be started: %s",
				hook->argv[0], strerror(trouble));
	hook->trouble = trouble;
}

static void
start(struct hook *hook, struct child *child, uint32_t n, uint64_t now_us)
{
	const struct waiting *waiting = &hook->waiting[n];
	const pid_t pid = hook_child_start(hook->argv, waiting->line, waiting->len);

	if (pid > 0) {
		*child = (struct child){
			.pid = pid, .alarm = waiting->alarm, .started_us = now_us
		};
		hook->counters.started++;
	} else {
		hook->counters.failed++;
	}
	note_trouble(hook, pid > 0 ? 0 : -pid);
	remove_waiting(hook, n);
}

void
hook_turn(struct hook *hook, uint64_t timeout_us, uint64_t now_us)
{
	for (uint32_t i = 0; hook != NULL && i < HOOK_CHILDREN; i++) {
		struct child *child = &hook->children[i];
		uint32_t n;

		if (child->pid != 0)
			look_after(hook, child, timeout_us, now_us);
		n = choose(hook);
		if (child->pid == 0 && n < hook->waiting_count)
			start(hook, child, n, now_us);
	}
}

bool
hook_is_busy(const struct hook *hook)
{
	if (hook == NULL)
		return false;
	for (uint32_t i = 0; i < HOOK_CHILDREN; i++)
		if (hook->children[i].pid != 0)
			return true;
	return hook->waiting_count > 0;
}

const struct hook_counters *
hook_counters(const struct hook *hook)
{
	return hook != NULL ? &hook->counters : NULL;
}

void
hook_end(struct hook *hook)
{
	if (hook == NULL)
		return;
	for (uint32_t i = 0; i < HOOK_CHILDREN; i++) {
		struct child *child = &hook->children[i];

		if (child->pid == 0 || child->is_killed)
			continue;
		hook_child_kill(child->pid);
		child->is_killed = true;
		hook->counters.killed++;
	}
	for (; hook->waiting_count > 0; hook->counters.skipped++)
		remove_waiting(hook, hook->waiting_count - 1);
}

void
hook_destroy(struct hook *hook)
{
	if (hook == NULL)
		return;
	for (uint32_t i = 0; i < HOOK_CHILDREN; i++)
		if (hook->children[i].pid != 0)
			hook_child_kill(hook->children[i].pid);
	while (hook->waiting_count > 0)
		remove_waiting(hook, hook->waiting_count - 1);
	free(hook);
}
