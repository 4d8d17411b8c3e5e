/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * `synwire show`: what a running appliance has to tell, as tables or as JSON.
 */

#include "app/ask/control_client.h"
#include "app/ask/control_options.h"
#include "app/ask/control_request.h"
#include "app/command.h"
#include "app/option_error.h"
#include "app/output.h"
#include "observe/json_value.h"
#include "observe/show_text.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
		"Usage: synwire show [OPTION]... stats|flows|floods|services|config|wires\n"
		"\n"
		"Asks the running appliance, and prints its counters, its connections, the attacks that it\n"
		"sees, how each server answers, the configuration that holds, or its wires and ports.\n"
		"\n"
		"      --address ADDR    flows and services with this address, IPv4 or IPv6\n"
		"      --port N          flows and services with this port\n"
		"      --state STATE     flows in this state: SYN_SENT, SYN_CROSSED, SYN_RECEIVED,\n"
		"                        ESTABLISHED, FIN_WAIT, CLOSING, TIME_WAIT, RESET, MIDSTREAM\n"
		"      --active          of floods only those that last\n"
		"      --limit N         so many flows, floods or services at most, of 10000; otherwise\n"
		"                        100\n"
		"      --json            print the answer as it came, a line of JSON\n"
		"  -c, --config FILE     the configuration whose control.socket is asked; without it,\n"
		"                        the default\n"
		"      --socket PATH     the control socket; wins over the configuration\n"
		"  -h, --help            this text\n"
		"\n"
		"Exit status: 0 fine, 1 nobody answered or something failed, 64 wrong usage, 78 the\n"
		"configuration does not say where to ask.\n";

struct options {
	struct control_options control;
	json_t *request;
	enum control_subject what;
	bool json;
};

/* What is no UTF-8 is none of the words that are known, and is refused with them. */
static json_t *
word(const char *text)
{
	json_t *string = json_string(text);

	return string != NULL ? string : json_null();
}

/* Or the word as it is, which is refused as well. */
static json_t *
number(const char *text)
{
	const size_t digits = strspn(text, "0123456789");

	if (digits > 0 && digits < 10 && text[digits] == '\0')
		return json_integer(atoi(text));
	return word(text);
}

static void
take_option(struct options *options, int option)
{
	switch (option) {
	case 'a':
		json_object_set_new(options->request, "address", word(optarg));
		break;
	case 'p':
		json_object_set_new(options->request, "port", number(optarg));
		break;
	case 't':
		json_object_set_new(options->request, "state", word(optarg));
		break;
	case 'v':
		json_object_set_new(options->request, "active", json_true());
		break;
	case 'l':
		json_object_set_new(options->request, "limit", number(optarg));
		break;
	case 'j':
		options->json = true;
		break;
	default:
		control_options_take(&options->control, option);
	}
}

/* What is shown, and whether the appliance would take the request: asked here, not there. */
static int
check_request(struct options *options, int argc, char **argv)
{
	const struct control_options *control = &options->control;
	struct control_request request;
	struct err err;

	if (control->help)
		return 0;
	if (optind == argc)
		return option_complain(control->program,
				"stats, flows, floods, services, config or wires?");
	if (optind + 1 < argc)
		return option_complain(
				control->program, "'%s' is one word too many", argv[optind + 1]);
	json_object_set_new(options->request, "what", word(argv[optind]));
	if (control_request_read(options->request, &request, &err) != 0)
		return option_complain(control->program, "%s", err.text);
	options->what = request.what;
	return 0;
}

static int
read_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "address", required_argument, NULL, 'a' },
		{ "port", required_argument, NULL, 'p' },
		{ "state", required_argument, NULL, 't' },
		{ "active", no_argument, NULL, 'v' },
		{ "limit", required_argument, NULL, 'l' },
		{ "json", no_argument, NULL, 'j' },
		CONTROL_OPTIONS_LONG,
		{ NULL, 0, NULL, 0 },
	};
	struct err err;
	int option;

	while ((option = getopt_long(argc, argv, CONTROL_OPTIONS_SHORT, known, NULL)) != -1) {
		if (option != ':' && option != '?')
			take_option(options, option);
		else if (option_error(option, argv, known, &err) < 0)
			return option_complain(options->control.program, "%s", err.text);
	}
	return check_request(options, argc, argv);
}

/* A text member; nothing where there is none. */
static const char *
text_of(const json_t *answer, const char *key)
{
	const char *text = json_string_value(json_object_get(answer, key));

	return text != NULL ? text : "";
}

static bool
terminal_has_utf8(void)
{
	return setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* 0, or -ENOMEM. */
static int
print(const struct options *options, json_t *answer)
{
	if (options->json) {
		json_dumpf(answer, stdout, JSON_VALUE_FLAGS);
		putchar('\n');
		return 0;
	}
	switch (options->what) {
	case CONTROL_STATS:
		return show_text_stats(answer, stdout);
	case CONTROL_FLOWS:
		return show_text_flows(answer, stdout);
	case CONTROL_FLOODS:
		return show_text_floods(answer, terminal_has_utf8(), stdout);
	case CONTROL_SERVICES:
		return show_text_services(answer, stdout);
	case CONTROL_WIRES:
		return show_text_wires(answer, stdout);
	case CONTROL_CONFIG:
		fputs(text_of(answer, "config"), stdout);
		return 0;
	}
	return 0;
}

static int
show(const struct options *options)
{
	const char *program = options->control.program;
	char path[CONFIG_TEXT_LEN];
	json_t *answer;
	int status = control_options_path(&options->control, path);

	if (status != 0)
		return status;
	answer = control_client_run(program, path, json_incref(options->request));
	if (answer == NULL)
		return COMMAND_FAILED;
	if (print(options, answer) == 0) {
		status = output_finish(program);
	} else {
		fprintf(stderr, "%s: out of memory\n", program);
		status = COMMAND_FAILED;
	}
	json_decref(answer);
	return status;
}

int
cmd_show(int argc, char **argv)
{
	struct options options = {
		.control = { .program = "synwire show" },
		.request = json_pack("{s:s}", "command", "show"),
	};
	int status;

	if (options.request == NULL) {
		fputs("synwire show: out of memory\n", stderr);
		return COMMAND_FAILED;
	}
	status = read_options(argc, argv, &options);
	if (status == 0)
		status = options.control.help ? output_text(options.control.program, usage)
					      : show(&options);
	json_decref(options.request);
	return status;
}
