/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/control_doors.h"

#include "app/ask/telemetry.h"
#include "observe/prometheus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static char *
write_metrics(void *context, size_t *len)
{
	struct control *control = context;
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (out == NULL)
		return NULL;
	prometheus_write(out, control_look(control), control->services);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static const char *
find_trouble(void *context)
{
	const struct control *control = context;
	const struct layout *layout = &control->appliance->layout;

	if (control->is_stopping)
		return "stopping";
	for (uint32_t i = 0; i < layout->worker_count + layout->receiver_count; i++)
		if (control->watch.threads[i].is_stalled)
			return "a worker is stalled";
	for (uint32_t i = 0; i < layout->port_count; i++)
		if (!control->watch.ports[i].is_there)
			return "a port's interface is gone";
	return NULL;
}

static int
open_http(struct control *control, struct err *err)
{
	const struct http_content content = {
		.metrics = write_metrics, .trouble = find_trouble, .context = control
	};
	const struct config_metrics *config = &control->config.metrics;

	if (!config->enabled)
		return 0;
	return http_server_open(config->address, (uint16_t)config->port, &control->loop, &content,
			&control->http, err);
}

static int
open_server(struct control *control, struct err *err)
{
	const struct control_handler handler = { .handle = answers_handle, .context = control };

	return control_server_open(control->config.control.socket,
			(mode_t)control->config.control.socket_mode, &control->loop, &handler,
			&control->server, err);
}

int
control_open_telemetry(struct control *control, struct err *err)
{
	const struct control_handler handler = { .handle = answers_handle, .context = control };
	int rc;

	if (!control->config.telemetry.enabled)
		return 0;
	rc = telemetry_open(&control->loop, &handler, err);
	if (rc < 0)
		return rc;
	control->has_telemetry = true;
	return telemetry_protect(err);
}

/* Each of these is tried, so that all that is wrong is told. */
void
control_doors_open(struct control *control, struct err_list *errors)
{
	struct err err;

	if (open_server(control, &err) < 0)
		err_list_add(errors, EIO, "%s", err.text);
	if (open_http(control, &err) < 0)
		err_list_add(errors, EIO, "%s", err.text);
}

void
control_doors_tick(struct control *control, uint64_t monotonic_us)
{
	control_server_tick(control->server, monotonic_us);
	if (control->http != NULL)
		http_server_tick(control->http, monotonic_us);
}

void
control_doors_close(struct control *control)
{
	if (control->has_telemetry)
		telemetry_close();
	http_server_close(control->http);
	control_server_close(control->server);
}
