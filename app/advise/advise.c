/* SPDX-License-Identifier: Apache-2.0 */

#include "app/advise/advise.h"

#include "app/advise/advice.h"
#include "app/advise/trial.h"
#include "app/command.h"
#include "app/output.h"
#include "observe/json_value.h"

#include <stdlib.h>
#include <string.h>

static void
take(void *context, const struct detect_report *report)
{
	trial_take(context, report);
}

static int
complain(const struct advise_options *options, const char *sentence, int status)
{
	fprintf(stderr, "%s: %s\n", options->replay.program, sentence);
	return status;
}

static int
print_json(const struct advise_options *options, const struct advice *advice)
{
	json_t *json = advice_json(advice);
	const int rc = json != NULL ? json_dumpf(json, stdout, JSON_VALUE_FLAGS) : -1;

	json_decref(json);
	if (rc < 0 && !ferror(stdout))
		return complain(options, "no memory left for the advice", COMMAND_FAILED);
	fputc('\n', stdout);
	return output_finish(options->replay.program);
}

static int
print(const struct advise_options *options, const struct advice *advice)
{
	if (options->json)
		return print_json(options, advice);
	if (advice_print(advice, stdout) < 0)
		return complain(options, "no memory left for the advice", COMMAND_FAILED);
	return output_finish(options->replay.program);
}

static int
judge(const struct advise_options *options, struct advice *advice, struct trial *trial,
		const struct replay_span *span)
{
	struct err err;

	advice->first_us = span->first_us;
	advice->floods.are_voted = !options->are_claimed;
	if (options->are_claimed &&
			true_floods_claimed(&advice->floods, options->claims, options->claim_count,
					span->first_us, span->last_us, &err) < 0)
		return complain(options, err.text, COMMAND_USAGE);
	trial_finish(trial);
	advice_judge(advice, trial->sightings);
	for (uint32_t i = 0; i < trial->count; i++)
		if (trial->sightings[i].more != 0)
			return complain(options,
					"a setting tells more floods than can be judged; give less "
					"captures at a time",
					COMMAND_FAILED);
	return print(options, advice);
}

static bool
is_default(const struct setting *setting)
{
	struct detector_params params;
	struct setting defaults;

	detector_params_default(&params);
	defaults = grid_setting_of(&params);
	return memcmp(setting->value, defaults.value, sizeof(defaults.value)) == 0;
}

/* Nothing is written for what is only tried, and it is looked for floods also where else not. */
static void
prepare(struct replay_options *replay, const struct report_sink *sink)
{
	replay->pipeline.detect = true;
	replay->pipeline.kept_headers = 0;
	replay->evidence.folder[0] = '\0';
	replay->sink = sink;
}

static int
try(struct advise_options *options, struct advice *advice, struct trial *trial)
{
	const struct report_sink sink = { .take = take, .context = trial };
	struct replay_span span = { 1, 0 };
	int replayed, judged;
	struct err err;

	advice->count = grid_make(&options->replay.detector, advice->settings);
	advice->is_default = is_default(&advice->settings[0]);
	if (trial_init(trial, advice->settings, advice->count, &options->replay.detector, &err) < 0)
		return complain(options, err.text, COMMAND_FAILED);
	prepare(&options->replay, &sink);
	replayed = replay_run(&options->replay, &span);
	options->replay.sink = NULL;
	if (span.first_us > span.last_us)
		return replayed != COMMAND_FINE
				? replayed
				: complain(options, "there is no packet in these captures",
						  COMMAND_FAILED);
	judged = judge(options, advice, trial, &span);
	return replayed != COMMAND_FINE ? replayed : judged;
}

int
advise_run(struct advise_options *options)
{
	struct advice *advice = calloc(1, sizeof(*advice));
	struct trial *trial = calloc(1, sizeof(*trial));
	int status;

	if (advice != NULL && trial != NULL)
		status = try(options, advice, trial);
	else
		status = complain(options, "out of memory", COMMAND_FAILED);
	if (trial != NULL)
		trial_fini(trial);
	free(trial);
	free(advice);
	return status;
}
