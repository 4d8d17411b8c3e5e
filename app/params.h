/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * From what the operator wrote to what the modules take.
 *
 * The modules know nothing of configuration files: each has a struct of plain numbers.
 * This file alone names both sides, so a key that is read and never used shows here.
 */

#ifndef APP_PARAMS_H
#define APP_PARAMS_H

#include "app/run/evidence.h"
#include "base/err_list.h"
#include "config/config.h"
#include "detect/detector.h"
#include "pipeline/pipeline.h"

#include <stddef.h>

/**
 * What a configuration says of a worker's pipeline, with fresh random keys for its hashes.
 * Copies of it for all workers have the same keys, so that what they count can be summed.
 *
 * @param[out] pipeline
 *   Whole, for worker 0, with timeouts on.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int params_map(const struct config *config, struct pipeline_params *pipeline, struct err *err);

/** What it says of the detector. */
void params_map_detector(const struct config *config, struct detector_params *detector);

/** The same for captures of attacks: the part that the configuration has a say in. */
void params_map_evidence(const struct config *config, struct evidence_params *evidence);

/**
 * The defaults, then the configuration file, then the settings of the command line;
 * and fresh random keys for the hashes.
 *
 * @param config_path
 *   What `-c FILE` named; NULL: none.
 * @param sets
 *   What each `--set KEY=VALUE` gave, in order; the last of a key counts.
 * @param[out] pipeline
 *   Whole, for worker 0, with timeouts on.
 * @param[out] detector
 *   Whole; may be NULL.
 * @param[out] evidence
 *   As params_map_evidence() fills it; may be NULL.
 * @return
 *   0, or a negative errno value with a sentence for each mistake in @p errors; the
 *   exit status is then COMMAND_CONFIG.
 */
int params_load(const char *config_path, const char *const *sets, size_t n_sets,
		struct pipeline_params *pipeline, struct detector_params *detector,
		struct evidence_params *evidence, struct err_list *errors);

/**
 * For captures: keys that are always the same, so that two runs over the same captures say
 * the same, in the same order. Whoever made a capture so that it crowds a bucket spoils no
 * more than what is said of that capture.
 */
void params_make_repeatable(struct pipeline_params *params);

#endif /* APP_PARAMS_H */
