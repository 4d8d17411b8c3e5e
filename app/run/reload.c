/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/reload.h"

#include "app/params.h"
#include "app/run/control.h"
#include "app/run/control_floods.h"
#include "app/run/tracking.h"
#include "app/settings.h"
#include "base/usec.h"
#include "config/config_check.h"
#include "config/config_fixed.h"
#include "log/log.h"

#include <errno.h>
#include <stdlib.h>

static int
read_config(const struct control *control, struct config *config, struct err_list *errors)
{
	const struct control_source *source = &control->source;
	int rc = settings_load(source->path, source->sets, source->n_sets, config, errors);

	if (rc == 0)
		rc = config_check_run(config, errors);
	if (rc == 0 && config_fixed_changes(&control->config, config, errors) > 0)
		rc = -EINVAL;
	return rc;
}

/* A letter for each worker, or none at all. */
static int
write_letters(const struct control *control, const struct config *config, struct letter **letters,
		struct err_list *errors)
{
	const uint32_t count = control->appliance->layout.worker_count;
	struct pipeline_params pipeline;
	struct err err;

	if (params_map(config, &pipeline, &err) < 0)
		return err_list_add(errors, EIO, "%s", err.text);
	for (uint32_t w = 0; w < count; w++) {
		letters[w] = letters_new(MAIL_RETUNE, w);
		if (letters[w] == NULL)
			return err_list_add(errors, ENOMEM, "no memory left");
		letters[w]->mail.retune = pipeline;
	}
	return 0;
}

static void
throw_away(struct letter **letters, uint32_t count)
{
	for (uint32_t w = 0; w < count; w++)
		free(letters[w]);
}

static void
post(struct control *control, struct letter **letters, uint32_t count)
{
	for (uint32_t w = 0; w < count; w++)
		if (!letters_post(&control->letters, control->appliance, letters[w])) {
			free(letters[w]);
			log_line(LOG_WEIGHT_ERROR,
					"worker %u has stopped reading its letters and goes on with"
					" the old timeouts",
					w);
		}
}

static void
set_idle(struct appliance *appliance, enum idle_mode mode)
{
	for (uint32_t w = 0; w < appliance->layout.worker_count; w++)
		idle_set(&appliance->workers[w].idle, mode);
	for (uint32_t r = 0; r < appliance->layout.receiver_count; r++)
		idle_set(&appliance->receivers[r].idle, mode);
}

static void
take_over(struct control *control, const struct config *config)
{
	const uint64_t mode_before = control->config.top.mode;

	control->config = *config;
	control->stats_us = 0; /* the interval may have become shorter */
	control_floods_retune(control);
	set_idle(control->appliance, (enum idle_mode)config->workers.idle);
	if (config->top.mode != mode_before)
		tracking_set_bypass(control, config->top.mode == CONFIG_MODE_BYPASS);
}

static int
try_reload(struct control *control, struct err_list *errors)
{
	struct letter *letters[STATUS_WORKERS_MAX] = { NULL };
	const uint32_t count = control->appliance->layout.worker_count;
	struct config *config = malloc(sizeof(*config));
	struct outputs *outputs = NULL;
	int rc;

	if (config == NULL)
		return err_list_add(errors, ENOMEM, "no memory left");
	rc = read_config(control, config, errors);
	if (rc == 0)
		rc = write_letters(control, config, letters, errors);
	/* The last that can fail, as it lets go of the old outputs. */
	if (rc == 0)
		rc = outputs_open(config, control->outputs, &outputs, errors);
	if (rc == 0) {
		control->outputs = outputs;
		post(control, letters, count);
		take_over(control, config);
	} else {
		throw_away(letters, count);
	}
	free(config);
	return rc;
}

int
reload(struct control *control, struct err_list *errors)
{
	int rc;

	service_reloading(&control->service,
			appliance_now_us(control->appliance) - control->appliance->clock_offset_us);
	rc = try_reload(control, errors);
	control_tell(control,
			&(struct wire_event){
					.what = rc == 0 ? WIRE_RELOADED : WIRE_RELOAD_REFUSED,
					.worker = WIRE_NO_WORKER,
					.detail = errors->count > 0 ? errors->errs[0].text : NULL,
			});
	for (size_t i = 1; i < errors->count; i++) /* the first comes with the event */
		log_line(LOG_WEIGHT_ERROR, "reload: %s", errors->errs[i].text);
	if (errors->more > 0)
		log_line(LOG_WEIGHT_ERROR, "reload: and %zu more", errors->more);
	service_ready(&control->service,
			rc == 0 ? "running" : "running; the last reload was refused");
	return rc;
}
