/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/output_thread.h"

#include "app/run/privileges.h"
#include "base/usec.h"
#include "io/line_buffer.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* For a disk that is slow, in all between two moments of which the owner tells. */
#define PATIENCE_US (100 * USEC_PER_MSEC)

/* For one that is to open a file, or has to write what is left before it is closed. */
#define PATIENCE_OPENING_US USEC_PER_SEC
#define PATIENCE_CLOSING_US USEC_PER_SEC

/* A job that takes longer is told of, and not waited for. */
#define HANGS_US (500 * USEC_PER_MSEC)

/* Without lines, too: for readers that come or go, and what is tried again. */
#define IDLE_US (100 * USEC_PER_MSEC)

#define STACK_SIZE ((size_t)256 << 10)

enum job {
	JOB_NONE,
	JOB_OPEN,
	JOB_FLUSH,
	JOB_CLOSE,
};

struct output_thread {
	struct line_output_params params;
	char *path; /* in params */
	pthread_t thread;
	bool has_thread;

	/* The owner's, but for a job that closes. */
	struct line_buffer gathered;
	uint64_t lines_lost; /* that found no room there */
	uint64_t now_us; /* of the last flush */
	uint64_t patience_us; /* left, of that moment */
	bool wants_reopen;
	struct line_output_state state; /* when the last job was given, or later */

	pthread_mutex_t lock; /* of the next two */
	enum job job; /* under way; JOB_NONE: what follows is the owner's */
	bool is_abandoned; /* the owner has gone: all is the thread's */
	pthread_cond_t given;
	pthread_cond_t done;

	/* The thread's while a job is under way. */
	uint64_t begun_us;
	struct line_output *out; /* NULL: not open */
	int rc; /* of the job, with its sentence */
	struct err err;
};

/* What was gathered follows what could not be written before; there is room for both. */
static int
close_all(struct output_thread *output)
{
	int rc;

	line_output_take_over(output->out, &output->gathered);
	rc = line_output_close(output->out, &output->err);
	output->out = NULL;
	return rc;
}

static void
do_job(struct output_thread *output, enum job job)
{
	output->rc = 0;
	if (job == JOB_OPEN)
		output->rc = line_output_open(&output->params, &output->out, &output->err);
	else if (job == JOB_FLUSH)
		line_output_flush(output->out, output->begun_us);
	else
		output->rc = close_all(output);
}

static void
destroy(struct output_thread *output)
{
	pthread_cond_destroy(&output->done);
	pthread_cond_destroy(&output->given);
	pthread_mutex_destroy(&output->lock);
	line_buffer_fini(&output->gathered);
	free(output->path);
	free(output);
}

static enum job
wait_for_job(struct output_thread *output)
{
	enum job job;

	pthread_mutex_lock(&output->lock);
	while (output->job == JOB_NONE)
		pthread_cond_wait(&output->given, &output->lock);
	job = output->job;
	pthread_mutex_unlock(&output->lock);
	return job;
}

/* Whether there may be another; the owner then has all that is its own. */
static bool
give_back(struct output_thread *output, bool *is_abandoned)
{
	const bool is_open = output->out != NULL;

	pthread_mutex_lock(&output->lock);
	output->job = JOB_NONE;
	*is_abandoned = output->is_abandoned;
	pthread_cond_signal(&output->done);
	pthread_mutex_unlock(&output->lock);
	return is_open && !*is_abandoned;
}

static void *
work(void *context)
{
	struct output_thread *output = context;
	bool is_abandoned;

	privileges_give_up_inherited();
	do
		do_job(output, wait_for_job(output));
	while (give_back(output, &is_abandoned));
	if (!is_abandoned)
		return NULL;
	pthread_detach(pthread_self());
	if (output->out != NULL)
		close_all(output);
	destroy(output);
	return NULL;
}

/* Signals are the control thread's. */
static bool
start_thread(struct output_thread *output)
{
	pthread_attr_t attr;
	sigset_t all, before;

	sigfillset(&all);
	if (pthread_attr_init(&attr) != 0)
		return false;
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	output->has_thread = pthread_create(&output->thread, &attr, work, output) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (output->has_thread)
		pthread_setname_np(output->thread, "output");
	return output->has_thread;
}

/* There must be none under way. */
static void
give(struct output_thread *output, enum job job)
{
	output->begun_us = output->now_us;
	if (!output->has_thread && !start_thread(output)) {
		do_job(output, job);
		return;
	}
	pthread_mutex_lock(&output->lock);
	output->job = job;
	pthread_cond_signal(&output->given);
	pthread_mutex_unlock(&output->lock);
}

static uint64_t
clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

/* Whether the job under way, if any, is done in time. */
static bool
wait_until_done(struct output_thread *output, uint64_t patience_us)
{
	const uint64_t until_us = clock_us() + patience_us;
	const struct timespec until = { .tv_sec = (time_t)(until_us / USEC_PER_SEC),
		.tv_nsec = (long)(until_us % USEC_PER_SEC) * 1000 };
	bool is_done;
	int rc = 0;

	pthread_mutex_lock(&output->lock);
	while (output->job != JOB_NONE && rc == 0)
		rc = pthread_cond_timedwait(&output->done, &output->lock, &until);
	is_done = output->job == JOB_NONE;
	pthread_mutex_unlock(&output->lock);
	return is_done;
}

static bool
is_idle(struct output_thread *output)
{
	return wait_until_done(output, 0);
}

/* The job under way takes too long: who waited for it once more would do so for ever. */
static bool
hangs(const struct output_thread *output)
{
	return output->now_us - output->begun_us >= HANGS_US;
}

/* True: it is the thread's now, as that is not done yet. */
static bool
abandon(struct output_thread *output)
{
	bool is_abandoned;

	pthread_mutex_lock(&output->lock);
	is_abandoned = output->is_abandoned = output->job != JOB_NONE;
	pthread_mutex_unlock(&output->lock);
	return is_abandoned;
}

static struct output_thread *
make(const struct line_output_params *params)
{
	struct output_thread *made = calloc(1, sizeof(*made));
	pthread_condattr_t attr;

	if (made == NULL)
		return NULL;
	made->params = *params;
	made->patience_us = PATIENCE_US;
	made->params.path = made->path = strdup(params->path != NULL ? params->path : "");
	if (made->path == NULL || line_buffer_init(&made->gathered) != 0) {
		free(made->path);
		free(made);
		return NULL;
	}
	pthread_mutex_init(&made->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&made->given, NULL);
	pthread_cond_init(&made->done, &attr);
	pthread_condattr_destroy(&attr);
	return made;
}

/* The thread has ended, or there was none. Gives the outcome of its last job. */
static int
end(struct output_thread *output, struct err *err)
{
	const int rc = output->rc;

	if (output->has_thread)
		pthread_join(output->thread, NULL);
	if (rc < 0 && err != NULL)
		*err = output->err;
	destroy(output);
	return rc;
}

int
output_thread_open(const struct line_output_params *params, bool is_running,
		struct output_thread **output, struct err *err)
{
	struct output_thread *made = make(params);

	*output = NULL;
	if (made == NULL)
		return err_set(err, ENOMEM, "no memory left for an output");
	if (!is_running)
		do_job(made, JOB_OPEN);
	else
		give(made, JOB_OPEN);
	if (!wait_until_done(made, PATIENCE_OPENING_US) && abandon(made))
		return err_set(err, ETIMEDOUT, "%s: cannot be opened: its disk does not answer",
				params->path);
	if (made->rc < 0)
		return end(made, err);
	line_output_state(made->out, &made->state);
	*output = made;
	return 0;
}

/* As long as there is patience left. */
static bool
wait_a_moment(struct output_thread *output)
{
	const uint64_t begun_us = clock_us();
	const bool is_done = wait_until_done(output, output->patience_us);
	const uint64_t waited_us = clock_us() - begun_us;

	output->patience_us -= waited_us < output->patience_us ? waited_us : output->patience_us;
	return is_done;
}

/* Lines that were handed over, and are not known to be written, take their room here as well. */
static bool
gather(struct output_thread *output, const char *line, size_t len)
{
	const size_t waiting = output->state.bytes_waiting + line_buffer_waiting(&output->gathered);

	return waiting + len <= LINE_BUFFER_SIZE && line_buffer_put(&output->gathered, line, len);
}

void
output_thread_put(struct output_thread *output, const char *line, size_t len)
{
	/* Twice: what was gathered takes as much room when it is handed over, until it is written. */
	for (int times = 0; times < 2; times++) {
		if (gather(output, line, len))
			return;
		if (wait_a_moment(output))
			output_thread_flush(output, output->now_us);
	}
	if (!gather(output, line, len))
		output->lines_lost++;
}

bool
output_thread_is_half_full(const struct output_thread *output)
{
	return line_buffer_waiting(&output->gathered) >= LINE_BUFFER_SIZE / 2;
}

/* Whether there is something to do. What was just tried is not tried again in the same moment. */
static bool
is_due(const struct output_thread *output, bool has_taken_over)
{
	const uint64_t since_us = output->now_us - output->begun_us;

	return has_taken_over || (output->state.lines_waiting > 0 && since_us > 0) ||
			output->wants_reopen || since_us >= IDLE_US;
}

void
output_thread_flush(struct output_thread *output, uint64_t now_us)
{
	const bool is_at_rest = is_idle(output), is_later = now_us != output->now_us;
	bool has_taken_over;

	output->now_us = now_us;
	if (is_later && (is_at_rest || !hangs(output)))
		output->patience_us = PATIENCE_US;
	if (!is_at_rest)
		return;
	if (output->wants_reopen)
		line_output_reopen(output->out);
	has_taken_over = line_output_take_over(output->out, &output->gathered) > 0;
	line_output_state(output->out, &output->state);
	if (!is_due(output, has_taken_over))
		return;
	output->wants_reopen = false;
	give(output, JOB_FLUSH);
}

void
output_thread_reopen(struct output_thread *output)
{
	output->wants_reopen = true;
}

void
output_thread_state(struct output_thread *output, struct line_output_state *state)
{
	const bool is_up_to_date = is_idle(output);

	if (is_up_to_date)
		line_output_state(output->out, &output->state);
	*state = output->state;
	state->lines_lost += output->lines_lost;
	state->lines_waiting += output->gathered.lines;
	if (is_up_to_date || !hangs(output))
		return;
	state->is_ready = false;
	snprintf(state->trouble, sizeof(state->trouble), "its disk hangs");
}

int
output_thread_close(struct output_thread *output, struct err *err)
{
	struct line_output_state state;
	struct err hangs;
	int rc;

	if (output == NULL)
		return 0;
	output_thread_state(output, &state);
	rc = err_set(&hangs, ETIMEDOUT, "%s: its disk hangs: %" PRIu64 " lines wait for it",
			output->params.kind == LINE_OUTPUT_STDOUT ? "standard output"
								  : output->path,
			state.lines_waiting);
	if (wait_until_done(output, PATIENCE_US) || !abandon(output)) {
		if (output->has_thread)
			give(output, JOB_CLOSE);
		else
			do_job(output, JOB_CLOSE);
		if (wait_until_done(output, PATIENCE_CLOSING_US) || !abandon(output))
			return end(output, err);
	}
	if (err != NULL)
		*err = hangs;
	return rc;
}
