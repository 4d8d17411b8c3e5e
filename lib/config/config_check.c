/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_check.h"

#include "base/compiler.h"
#include "config/config_check_flood.h"
#include "config/config_check_rule.h"
#include "config/config_doubt.h"
#include "config/config_key.h"
#include "config/core_list.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void
config_check_complain(struct check *check, const char *format, ...)
{
	struct err why;
	va_list args;

	va_start(args, format);
	vsnprintf(why.text, sizeof(why.text), format, args);
	va_end(args);
	check->status = err_list_add(check->errors, EINVAL, "%s", why.text);
}

static void
check_wire_names(struct check *check)
{
	const struct config *config = check->config;

	for (size_t i = 0; i < config->wire_count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(config->wires[i].name, config->wires[j].name) == 0)
				config_check_complain(check,
						"wires[%zu].name: must differ from wires[%zu].name, "
						"got %s",
						i, j, config->wires[i].name);
}

/* A part of a port's text. */
struct part {
	const char *text;
	size_t len;
};

static bool
same_part(struct part a, struct part b)
{
	return a.len > 0 && a.len == b.len && strncasecmp(a.text, b.text, a.len) == 0;
}

/* What stands before the first comma; of a PCI address, without the usual domain. */
static struct part
device_of(const char *port)
{
	if (strncmp(port, "0000:", 5) == 0)
		port += 5;
	return (struct part){ port, strcspn(port, ",") };
}

static struct part
interface_of(const char *port)
{
	const char *iface = strstr(port, ",iface=");

	if (iface == NULL)
		return (struct part){ port, 0 };
	iface += strlen(",iface=");
	return (struct part){ iface, strcspn(iface, ",") };
}

static bool
same_port(const char *a, const char *b)
{
	return same_part(device_of(a), device_of(b)) || same_part(interface_of(a), interface_of(b));
}

/* Whether an end of a wire is also one of those before it: port number p of wire i. */
static void
check_port(struct check *check, size_t i, uint32_t p)
{
	const struct config *config = check->config;
	const char *port = config->wires[i].ports.word[p];

	for (size_t j = 0; j <= i; j++)
		for (uint32_t q = 0; q < config->wires[j].ports.count; q++) {
			if (j == i && q == p)
				return;
			if (!same_port(port, config->wires[j].ports.word[q]))
				continue;
			config_check_complain(check,
					"wires[%zu].ports: %.100s is the same port as %.100s%s", i,
					port, config->wires[j].ports.word[q],
					j == i ? "" : " of another wire");
			return;
		}
}

static void
check_ports(struct check *check)
{
	for (size_t i = 0; i < check->config->wire_count; i++)
		for (uint32_t p = 0; p < check->config->wires[i].ports.count; p++)
			check_port(check, i, p);
}

static void
check_output_paths(struct check *check)
{
	for (size_t i = 0; i < check->config->output_count; i++) {
		const struct config_outputs *output = &check->config->outputs[i];
		bool has_path = output->path[0] != '\0';

		if (output->type == CONFIG_OUTPUT_STDOUT && has_path)
			config_check_complain(check,
					"outputs[%zu].path: must be absent, as outputs[%zu].type "
					"is stdout, got %.100s",
					i, i, output->path);
		else if (output->type != CONFIG_OUTPUT_STDOUT && !has_path)
			config_check_complain(check,
					"outputs[%zu].path: is missing; only outputs[%zu].type: "
					"stdout needs none",
					i, i);
		else if (output->type != CONFIG_OUTPUT_FILE &&
				strlen(output->path) > CONFIG_SOCKET_PATH_MAX)
			config_check_complain(check,
					"outputs[%zu].path: must be of at most %u characters for a "
					"socket, got %zu",
					i, CONFIG_SOCKET_PATH_MAX, strlen(output->path));
	}
}

static void
check_same_outputs(struct check *check)
{
	const struct config *config = check->config;

	/* Two of stdout have the same path, none. One that lacks its path was told. */
	for (size_t i = 0; i < config->output_count; i++) {
		const struct config_outputs *output = &config->outputs[i];

		for (size_t j = 0; j < i; j++)
			if (strcmp(output->path, config->outputs[j].path) == 0 &&
					(output->path[0] != '\0' ||
							output->type == config->outputs[j].type))
				config_check_complain(check,
						"outputs[%zu]: is the same as outputs[%zu]: %.100s",
						i, j, output->path[0] ? output->path : "stdout");
		if (strcmp(output->path, config->control.socket) == 0)
			config_check_complain(check, "outputs[%zu].path: is control.socket: %.100s",
					i, output->path);
	}
}

void
config_check_idle_key(struct check *check, const char *path, size_t index, const char *why)
{
	const struct config_section *section;
	const struct config_key *key = config_schema_find(path, &section);
	const char *value = (const char *)check->config + config_schema_offset(section, key, index);
	char shown[CONFIG_PATH_LEN];
	uint64_t standard[CONFIG_TEXT_LEN / sizeof(uint64_t)]; /* aligned, for a number or a text */

	config_key_default(key, index, standard);
	if (config_key_equal(key, value, standard))
		return;
	config_schema_path(section, key, index, shown, sizeof(shown));
	config_check_complain(check, "%s: must be absent, as %s", shown, why);
}

static void
check_rotation(struct check *check)
{
	for (size_t i = 0; i < check->config->output_count; i++) {
		if (check->config->outputs[i].type == CONFIG_OUTPUT_FILE)
			continue;
		config_check_idle_key(check, "outputs[].rotate_size", i, "only a file is rotated");
		config_check_idle_key(check, "outputs[].rotate_keep", i, "only a file is rotated");
	}
}

static void
check_steering(struct check *check)
{
	static const char why[] = "only workers.steering: software has receivers";

	if (check->config->workers.steering == CONFIG_STEERING_SOFTWARE)
		return;
	config_check_idle_key(check, "workers.receivers", 0, why);
	config_check_idle_key(check, "workers.receiver_cores", 0, why);
}

/* A list of cores, and for whom. */
struct cores {
	const char *name;
	uint32_t core[CORE_LIST_MAX];
	uint32_t count;
};

static struct cores
cores_of(const char *name, const char *text)
{
	struct cores cores = { .name = name };
	int count = core_list_parse(text, cores.core, CORE_LIST_MAX, NULL);

	cores.count = count > 0 ? (uint32_t)count : 0;
	return cores;
}

static void
check_enough(struct check *check, const char *name, const char *text, const char *threads,
		uint64_t wanted)
{
	uint32_t count = cores_of(name, text).count;

	if (count > 0 && count < wanted)
		config_check_complain(check, "%s: must name a core for each of %s: %u, got %u",
				name, threads, (unsigned int)wanted, count);
}

static void
check_worker_cores(struct check *check)
{
	const struct config_workers *workers = &check->config->workers;

	check_enough(check, "workers.cores", workers->cores, "workers.count", workers->count);
}

static void
check_receiver_cores(struct check *check)
{
	const struct config_workers *workers = &check->config->workers;

	if (workers->steering == CONFIG_STEERING_SOFTWARE)
		check_enough(check, "workers.receiver_cores", workers->receiver_cores,
				"workers.receivers", workers->receivers);
}

/* One sentence for two lists is enough. */
static void
check_apart(struct check *check, const struct cores *a, const struct cores *b)
{
	for (uint32_t i = 0; i < a->count; i++)
		for (uint32_t j = 0; j < b->count; j++)
			if (a->core[i] == b->core[j]) {
				config_check_complain(check, "%s: core %u is in %s already",
						a->name, a->core[i], b->name);
				return;
			}
}

static void
check_shared_cores(struct check *check)
{
	const struct config *config = check->config;
	struct cores workers = cores_of("workers.cores", config->workers.cores);
	struct cores receivers = cores_of("workers.receiver_cores", config->workers.receiver_cores);
	struct cores control = cores_of("control.cores", config->control.cores);

	check_apart(check, &receivers, &workers);
	check_apart(check, &control, &workers);
	check_apart(check, &control, &receivers);
}

/* Each with the keys that it looks at. */
static const struct rule {
	void (*check)(struct check *check);
	const char *keys[4];
} rules[] = {
	{ check_wire_names, { "wires[].name" } },
	{ check_ports, { "wires[].ports" } },
	{ check_output_paths, { "outputs[].type", "outputs[].path" } },
	{ check_same_outputs, { "outputs[].type", "outputs[].path", "control.socket" } },
	{ check_rotation, { "outputs[].type", "outputs[].rotate_size", "outputs[].rotate_keep" } },
	{ check_steering, { "workers.steering", "workers.receivers", "workers.receiver_cores" } },
	{ check_worker_cores, { "workers.count", "workers.cores" } },
	{ check_receiver_cores,
			{ "workers.steering", "workers.receivers", "workers.receiver_cores" } },
	{ check_shared_cores, { "workers.cores", "workers.receiver_cores", "control.cores" } },
	{ config_check_flood_thresholds, { "flood.min_syn_pps", "flood.min_slow_syn_pps" } },
	{ config_check_flood_times, { "flood.window", "flood.hold", "flood.update" } },
	{ config_check_flood_hook, { "flood.on_flood", "flood.on_flood_timeout" } },
	{ config_check_flood_capture,
			{ "flood.capture", "flood.capture_packets", "flood.capture_size" } },
};

static bool
is_in_doubt(const struct rule *rule, const struct config_doubt *doubt)
{
	for (size_t k = 0; k < ARRAY_LEN(rule->keys) && rule->keys[k] != NULL; k++)
		if (config_doubt_has(doubt, config_schema_find(rule->keys[k], NULL)))
			return true;
	return false;
}

int
config_check_sure(const struct config *config, const struct config_doubt *doubt,
		struct err_list *errors)
{
	struct check check = { .config = config, .errors = errors };

	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (!is_in_doubt(&rules[i], doubt))
			rules[i].check(&check);
	return check.status;
}

int
config_check(const struct config *config, struct err_list *errors)
{
	const struct config_doubt none = { { 0 } };

	return config_check_sure(config, &none, errors);
}

int
config_check_run(const struct config *config, struct err_list *errors)
{
	int ret = config_check(config, errors);

	if (config->wire_count == 0)
		ret = err_list_add(errors, EINVAL,
				"wires: must name at least one wire, as 'wires:' in "
				"docs/configuration.md");
	return ret;
}
