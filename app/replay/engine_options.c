/* SPDX-License-Identifier: Apache-2.0 */

#include "app/replay/engine_options.h"

#include "app/command.h"
#include "app/option_error.h"
#include "app/params.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLOWS_MAX (UINT32_C(1) << 30)

static atomic_bool interrupted;

int
engine_options_init(struct engine_options *options, const char *program, int argc)
{
	*options = (struct engine_options){
		.program = program,
		.sets = calloc((size_t)argc, sizeof(*options->sets)),
		.timeouts = true,
	};
	if (options->sets != NULL)
		return COMMAND_FINE;
	fprintf(stderr, "%s: out of memory\n", program);
	return COMMAND_FAILED;
}

void
engine_options_fini(struct engine_options *options)
{
	free(options->sets);
}

static int
read_timeouts(struct engine_options *options, const char *word)
{
	options->timeouts = strcmp(word, "on") == 0;
	if (options->timeouts || strcmp(word, "off") == 0)
		return 0;
	return option_complain(options->program, "--timeouts is 'on' or 'off', not '%s'", word);
}

static int
read_flows(struct engine_options *options, const char *word)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(word, &end, 10);
	if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0 || number == 0 ||
			number > FLOWS_MAX)
		return option_complain(options->program,
				"--flows is a number from 1 to %u, not '%s'", FLOWS_MAX, word);
	options->flows = (uint32_t)number;
	return 0;
}

int
engine_options_read(struct engine_options *options, int letter, const char *value)
{
	switch (letter) {
	case 't':
		return read_timeouts(options, value);
	case 'f':
		return read_flows(options, value);
	case 'c':
		options->config_path = value;
		return 0;
	default:
		options->sets[options->n_sets++] = value;
		return 0;
	}
}

static void
interrupt(int signal)
{
	(void)signal;
	atomic_store_explicit(&interrupted, true, memory_order_relaxed);
}

/* The first signal ends the replay in order, the second as ever. */
static void
catch_signals(void)
{
	/* A write that the signal meets goes on: what it writes is asked for. */
	struct sigaction action = { .sa_handler = interrupt,
		.sa_flags = (int)(SA_RESETHAND | SA_RESTART) };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int
engine_options_load(const struct engine_options *options, struct replay_options *replay)
{
	struct err_list errors = { 0 };

	if (params_load(options->config_path, options->sets, options->n_sets, &replay->pipeline,
			    &replay->detector, &replay->evidence, &errors) != 0) {
		err_list_print(&errors, options->program, stderr);
		return COMMAND_CONFIG;
	}
	replay->program = options->program;
	replay->config = options->config_path;
	if (options->flows != 0)
		replay->pipeline.flow_slots = options->flows;
	replay->pipeline.tracker.timeouts = options->timeouts;
	replay->interrupt = &interrupted;
	catch_signals();
	return 0;
}
