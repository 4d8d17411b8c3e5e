/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * `synwire run`: the appliance, from its configuration to its last count.
 */

#include "app/command.h"
#include "app/option_error.h"
#include "app/output.h"
#include "app/run/appliance.h"
#include "app/run/control.h"
#include "app/run/handover.h"
#include "app/run/privileges.h"
#include "app/run/syscall_filter.h"
#include "app/settings.h"
#include "config/config_check.h"
#include "log/log.h"
#include "observe/show_text.h"
#include "observe/status_json.h"
#include "observe/status_totals.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char usage[] =
		"Usage: synwire run -c FILE [--set KEY=VALUE]...\n"
		"\n"
		"Forwards every frame between the two ports of each wire, and follows the TCP handshake of\n"
		"every connection that passes, until SIGTERM or SIGINT. Ends with what it counted.\n"
		"\n"
		"  -c, --config FILE     the configuration; conf/ has examples with explanations\n"
		"      --set KEY=VALUE   set a key, such as workers.idle=poll; wins over the file\n"
		"  -h, --help            this text\n"
		"\n"
		"SIGHUP, like 'synwire reload', takes the configuration anew; SIGUSR1 opens the event files\n"
		"by their names again, for logrotate. 'synwire show' asks it how it fares.\n"
		"\n"
		"Exit status: 0 it was told to stop, and every frame is accounted for; 1 something failed,\n"
		"64 wrong usage, 78 the configuration is wrong.\n";

struct options {
	struct control_source source;
	const char **sets; /* argc of them at most */
	bool help;
};

/* 0, or COMMAND_USAGE after a message. */
static int
read_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "set", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct err err;
	int option;

	while ((option = getopt_long(argc, argv, ":c:h", known, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->source.path = optarg;
			break;
		case 's':
			options->sets[options->source.n_sets++] = optarg;
			break;
		case 'h':
			options->help = true;
			break;
		default:
			option_error(option, argv, known, &err);
			return option_complain("synwire run", "%s", err.text);
		}
	}
	if (options->help)
		return 0;
	if (optind < argc)
		return option_complain("synwire run", "what is '%s'? A file is given with -c",
				argv[optind]);
	return options->source.path != NULL ? 0
					    : option_complain("synwire run", "-c FILE is needed");
}

static int
tell_all(const struct err_list *errors, int status)
{
	err_list_print(errors, "synwire run", stderr);
	return status;
}

static int
tell(const struct err *err)
{
	fprintf(stderr, "synwire run: %s\n", err->text);
	return COMMAND_FAILED;
}

/* Linux' interfaces are set back, and their links taken down and up, by who may do so. */
static uint64_t
capabilities_needed(const struct layout *layout)
{
	for (uint32_t i = 0; i < layout->port_count; i++)
		if (layout->ports[i].if_index != 0)
			return PRIVILEGES_BIT(CAP_NET_ADMIN);
	return 0;
}

static int
give_up_privileges(const struct appliance *appliance, const struct config *config,
		const struct privileges *privileges, struct err *err)
{
	const struct syscall_filter_needs needs = {
		.programs = config->flood.detect && config->flood.on_flood.count > 0,
	};
	struct err why;
	int rc;

	if (privileges->drop)
		handover_files(config, privileges->uid, privileges->gid);
	rc = privileges_drop(privileges, capabilities_needed(&appliance->layout), err);
	if (rc < 0)
		return rc;
	if (config->privileges.seccomp && syscall_filter_load(&needs, &why) < 0)
		log_line(LOG_WEIGHT_WARNING, "system calls are not limited: %s", why.text);
	return 0;
}

/* Standard output, unless events go there. */
static FILE *
choose_stream(const struct config *config)
{
	for (size_t i = 0; i < config->output_count; i++)
		if (config->outputs[i].type == CONFIG_OUTPUT_STDOUT)
			return stderr;
	return stdout;
}

/* The last count; every frame must be accounted for. */
static int
print_final(struct control *control)
{
	const struct status *status = control_look(control);
	json_t *stats = status_json_stats(status);
	struct status_totals totals;
	uint64_t in_flight;

	if (stats != NULL)
		show_text_stats(stats, choose_stream(&control->config));
	json_decref(stats);
	status_totals_sum(status, &totals);
	control_invariants_look(control);
	if (totals.invariants_broken + control->invariants.sums_broken != 0) {
		fprintf(stderr, "synwire run: what must hold of the workers did not; the log has the first of it\n");
		return COMMAND_FAILED;
	}
	in_flight = status_totals_in_flight(&totals.frames);
	if (in_flight != 0 ||
			totals.frames.tx_frames + totals.frames.drops > totals.frames.rx_frames) {
		fprintf(stderr, "synwire run: frames in are not frames out and drops\n");
		return COMMAND_FAILED;
	}
	return output_finish("synwire run");
}

/* Everything is open; nothing is forwarded yet. */
static int
forward(struct control *control, const struct privileges *privileges)
{
	struct appliance *appliance = control->appliance;
	struct err err;

	if (appliance_start_ports(appliance, &err) < 0 ||
			give_up_privileges(appliance, &control->config, privileges, &err) < 0)
		return tell(&err);
	appliance_launch(appliance);
	if (control_run(control) == 0)
		return print_final(control);
	fputs("synwire run: a worker does not come to rest; ending without it\n", stderr);
	fflush(NULL);
	_exit(COMMAND_FAILED); /* it may still use what would now be taken apart */
}

static int
run(struct control *control)
{
	struct appliance *appliance = control->appliance;
	struct err_list errors = { .count = 0 };
	struct privileges privileges;
	struct err err;
	int status = COMMAND_FAILED;

	/* All of these are tried, so that all that is wrong is told. */
	layout_make(&control->config, &appliance->layout, &errors);
	if (privileges_prepare(&privileges, control->config.privileges.user, &err) < 0)
		err_list_add(&errors, EPERM, "%s", err.text);
	control_init(control, appliance, &errors);
	if (errors.count > 0)
		status = tell_all(&errors,
				appliance->layout.is_misconfigured ? COMMAND_CONFIG
								   : COMMAND_FAILED);
	else if (appliance_init(appliance, &control->config, &err) < 0 ||
			control_open_telemetry(control, &err) < 0)
		status = tell(&err);
	else
		status = forward(control, &privileges);
	control_fini(control);
	appliance_fini(appliance);
	return status;
}

static int
load_and_run(const struct options *options)
{
	struct control *control = calloc(1, sizeof(*control));
	struct appliance *appliance = calloc(1, sizeof(*appliance));
	struct err_list errors = { .count = 0 };
	int status;

	if (control == NULL || appliance == NULL) {
		free(control);
		free(appliance);
		return tell(&(struct err){ "out of memory" });
	}
	control->source = options->source;
	control->appliance = appliance;
	if (settings_load(options->source.path, options->source.sets, options->source.n_sets,
			    &control->config, &errors) < 0 ||
			config_check_run(&control->config, &errors) < 0)
		status = tell_all(&errors, COMMAND_CONFIG);
	else
		status = run(control);
	free(appliance);
	free(control);
	return status;
}

int
cmd_run(int argc, char **argv)
{
	struct options options = { .sets = calloc((size_t)argc, sizeof(*options.sets)) };
	int status;

	if (options.sets == NULL) {
		fputs("synwire run: out of memory\n", stderr);
		return COMMAND_FAILED;
	}
	options.source.sets = options.sets;
	status = read_options(argc, argv, &options);
	if (status == 0)
		status = options.help ? output_text("synwire run", usage) : load_and_run(&options);
	free(options.sets);
	return status;
}
