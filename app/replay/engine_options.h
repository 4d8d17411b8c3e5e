/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the commands that pass captures through the engine have in common: options, what
 * becomes of them, and signals.
 */

#ifndef APP_REPLAY_ENGINE_OPTIONS_H
#define APP_REPLAY_ENGINE_OPTIONS_H

#include "app/replay/replay.h"

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For an array of struct option, and the letters that getopt_long() gives for them. */
#define ENGINE_OPTIONS \
	{ "timeouts", required_argument, NULL, 't' }, { "flows", required_argument, NULL, 'f' }, \
			{ "config", required_argument, NULL, 'c' }, \
	{ \
		"set", required_argument, NULL, 's' \
	}

struct engine_options {
	const char *program; /* "synwire COMMAND" */
	const char *config_path;
	const char **sets;
	size_t n_sets;
	uint32_t flows; /* 0: as configured */
	bool timeouts;
};

/**
 * @param argc
 *   Of the command line, which has no more options.
 * @return
 *   COMMAND_FINE, or COMMAND_FAILED after a message.
 */
int engine_options_init(struct engine_options *options, const char *program, int argc);

void engine_options_fini(struct engine_options *options);

/**
 * Take one of ENGINE_OPTIONS, with its value.
 *
 * @return
 *   0, or COMMAND_USAGE after a message.
 */
int engine_options_read(struct engine_options *options, int letter, const char *value);

/**
 * Read the configuration into the parts of @p replay that it has a say in, and have the
 * first signal end the replay in order.
 *
 * @return
 *   0, or COMMAND_CONFIG after a message.
 */
int engine_options_load(const struct engine_options *options, struct replay_options *replay);

#endif /* APP_REPLAY_ENGINE_OPTIONS_H */
