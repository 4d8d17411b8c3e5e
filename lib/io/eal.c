/* SPDX-License-Identifier: Apache-2.0 */

#include "io/eal.h"

#include "io/eal_limits.h"
#include "log/log.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>

/*
 * DPDK makes a folder under what this variable names, and does not mind, as long as it
 * shares nothing, that it cannot. So it is sent where nobody can make one, not even root:
 * a folder that is never there is left behind by no one, however the process ends.
 */
#define RUNTIME_VARIABLE "RUNTIME_DIRECTORY"
#define RUNTIME_NOWHERE "/dev/null"

#define ARGS_MAX 64

struct eal {
	FILE *log; /* DPDK's, ends in last_words */
	bool log_on;
	char last_words[256];
	char told_words[256]; /* as they were when last asked for */
};

/* The stream's write: keeps the last line only. */
static ssize_t
keep_last_words(void *cookie, const char *text, size_t len)
{
	struct eal *eal = cookie;
	size_t kept = len;

	while (kept > 0 && text[kept - 1] == '\n')
		kept--;
	if (kept == 0)
		return (ssize_t)len;
	if (eal->log_on)
		log_line(LOG_WEIGHT_WARNING, "DPDK says: %.*s", (int)kept, text);
	else
		snprintf(eal->last_words, sizeof(eal->last_words), "%.*s", (int)kept, text);
	return (ssize_t)len;
}

static int
open_log(struct eal *eal, struct err *err)
{
	const cookie_io_functions_t calls = { .write = keep_last_words };

	eal->log = fopencookie(eal, "w", calls);
	if (eal->log == NULL)
		return err_set(err, ENOMEM, "no memory left to start DPDK");
	setvbuf(eal->log, NULL, _IOLBF, BUFSIZ);
	rte_log_set_global_level(RTE_LOG_ERR);
	rte_openlog_stream(eal->log);
	return 0;
}

static void
print_any_cpu(FILE *out)
{
	const char *before = "(";
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &cpus))
			continue;
		fprintf(out, "%s%zu", before, cpu);
		before = ",";
	}
	fputc(')', out);
}

/* "0@(0,1),1@3": a thread has a processor of its own, or any that this process may use. */
static char *
list_lcores(uint32_t count, const uint32_t *cpus)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		fprintf(out, "%s%u@", i == 0 ? "" : ",", i);
		if (cpus == NULL || cpus[i] == EAL_CPU_ANY)
			print_any_cpu(out);
		else
			fprintf(out, "%u", cpus[i]);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* The variable is for rte_eal_init() alone: it means something else to a service's children. */
static int
init_without_folder(int argc, char **argv)
{
	const char *was = getenv(RUNTIME_VARIABLE);
	char *kept = was != NULL ? strdup(was) : NULL;
	int rc;

	setenv(RUNTIME_VARIABLE, RUNTIME_NOWHERE, 1);
	rc = rte_eal_init(argc, argv);
	if (kept != NULL)
		setenv(RUNTIME_VARIABLE, kept, 1);
	else
		unsetenv(RUNTIME_VARIABLE);
	free(kept);
	return rc;
}

/* DPDK's sockets are for the user who runs this, whatever the shell's umask is. */
static int
init_with_folder(int argc, char **argv)
{
	const mode_t was = umask(077);
	const int rc = rte_eal_init(argc, argv);

	umask(was);
	return rc;
}

struct args {
	int count;
	char *words[ARGS_MAX];
};

static void
add_arg(struct args *args, const char *word)
{
	/* DPDK moves the words about, but does not write into them. */
	if (args->count < ARGS_MAX - 1)
		args->words[args->count++] = (char *)(uintptr_t)word;
}

static void
add_memory(struct args *args, const struct eal_options *options, const char *memory_mb)
{
	if (!options->hugepages)
		add_arg(args, "--no-huge");
	/* Two processes can share memory that is in files, so only hugepages; else no files. */
	if (!options->hugepages || options->prefix == NULL)
		add_arg(args, "--no-shconf");
	add_arg(args, "-m");
	add_arg(args, memory_mb);
}

static void
add_files(struct args *args, const struct eal_options *options)
{
	if (options->prefix == NULL || !options->telemetry)
		add_arg(args, "--no-telemetry");
	if (options->prefix == NULL)
		return;
	add_arg(args, "--file-prefix");
	add_arg(args, options->prefix);
}

static void
add_devices(struct args *args, const struct eal_options *options)
{
	if (options->pci_count == 0)
		add_arg(args, "--no-pci");
	for (uint32_t i = 0; i < options->pci_count; i++) {
		add_arg(args, "-a");
		add_arg(args, options->pci[i]);
	}
}

static int
init(struct eal *eal, const struct eal_options *options, const char *lcores, struct err *err)
{
	struct args args = { 0 };
	char memory_mb[16];
	int rc;

	snprintf(memory_mb, sizeof(memory_mb), "%u", options->memory_mb);
	add_arg(&args, "synwire");
	add_memory(&args, options, memory_mb);
	add_files(&args, options);
	add_devices(&args, options);
	add_arg(&args, "--lcores");
	add_arg(&args, lcores);
	rc = options->prefix == NULL ? init_without_folder(args.count, args.words)
				     : init_with_folder(args.count, args.words);
	if (rc < 0)
		return err_set(err, rte_errno != 0 ? rte_errno : EIO,
				"DPDK does not start: %s (%s)", rte_strerror(rte_errno),
				eal->last_words);
	return 0;
}

static void
destroy(struct eal *eal)
{
	if (eal->log != NULL) {
		rte_openlog_stream(NULL);
		fclose(eal->log);
	}
	free(eal);
}

int
eal_start(const struct eal_options *options, struct eal **eal, struct err *err)
{
	struct eal *made = calloc(1, sizeof(*made));
	char *lcores = list_lcores(options->workers + 1, options->cpus);
	int rc;

	*eal = NULL;
	if (made == NULL || lcores == NULL) {
		free(made);
		free(lcores);
		return err_set(err, ENOMEM, "no memory left to start DPDK");
	}
	rc = eal_limits_check(options->workers + 1, options->memory_mb, err);
	if (rc == 0)
		rc = open_log(made, err);
	if (rc == 0)
		rc = init(made, options, lcores, err);
	free(lcores);
	if (rc < 0) {
		destroy(made);
		return rc;
	}
	*eal = made;
	return 0;
}

const char *
eal_last_words(struct eal *eal)
{
	memcpy(eal->told_words, eal->last_words, sizeof(eal->told_words));
	eal->last_words[0] = '\0';
	return eal->told_words;
}

void
eal_log_on(struct eal *eal)
{
	eal->log_on = true;
}

void
eal_stop(struct eal *eal)
{
	if (eal == NULL)
		return;
	eal->log_on = false;
	rte_eal_cleanup();
	destroy(eal);
}
