/* SPDX-License-Identifier: Apache-2.0 */

#include "io/eal.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

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

/* Open files of a run: DPDK's own, four for each thread, and captures and outputs. */
#define DESCRIPTORS_BASE 24
#define DESCRIPTORS_PER_THREAD 4

struct eal {
	FILE *log; /* DPDK's, ends in last_words */
	char last_words[256];
};

/* The stream's write: keeps the last line only. */
static ssize_t
keep_last_words(void *cookie, const char *text, size_t len)
{
	struct eal *eal = cookie;
	size_t kept = len;

	while (kept > 0 && text[kept - 1] == '\n')
		kept--;
	if (kept > 0)
		snprintf(eal->last_words, sizeof(eal->last_words), "%.*s", (int)kept, text);
	return (ssize_t)len;
}

/* DPDK does not ask whether it gets its pipes, and aborts. */
static int
check_descriptors(uint32_t threads, struct err *err)
{
	const rlim_t needed = DESCRIPTORS_BASE + DESCRIPTORS_PER_THREAD * (rlim_t)threads;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
		return 0;
	return err_set(err, EMFILE,
			"%llu open files are needed, and the limit is %llu; 'ulimit -n' sets it",
			(unsigned long long)needed, (unsigned long long)limit.rlim_cur);
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

/* "0@(0,1),1@(0,1)": each thread may run on every processor that this process may use. */
static char *
list_lcores(uint32_t count)
{
	char *text = NULL;
	size_t len;
	cpu_set_t cpus;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	CPU_ZERO(&cpus);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	for (uint32_t i = 0; i < count; i++) {
		const char *before = "(";

		fprintf(out, "%s%u@", i == 0 ? "" : ",", i);
		for (size_t cpu = 0; cpu < RTE_MAX_LCORE; cpu++) {
			if (!CPU_ISSET(cpu, &cpus))
				continue;
			fprintf(out, "%s%zu", before, cpu);
			before = ",";
		}
		fputc(')', out);
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

static int
init(struct eal *eal, const struct eal_options *options, char *lcores, struct err *err)
{
	char memory[16];
	char *const args[] = {
		(char[]){ "synwire" },
		(char[]){ "--no-huge" },
		(char[]){ "--no-shconf" }, /* no files, no second process */
		(char[]){ "--no-telemetry" },
		(char[]){ "--no-pci" },
		(char[]){ "-m" },
		memory,
		(char[]){ "--lcores" },
		lcores,
	};
	char *argv[ARRAY_LEN(args) + 1] = { NULL };

	snprintf(memory, sizeof(memory), "%u", options->memory_mb);
	memcpy(argv, args, sizeof(args)); /* DPDK moves them about */
	if (init_without_folder(ARRAY_LEN(args), argv) < 0)
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
	char *lcores = list_lcores(options->workers + 1);
	int rc;

	*eal = NULL;
	if (made == NULL || lcores == NULL) {
		free(made);
		free(lcores);
		return err_set(err, ENOMEM, "no memory left to start DPDK");
	}
	rc = check_descriptors(options->workers + 1, err);
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

void
eal_stop(struct eal *eal)
{
	if (eal == NULL)
		return;
	rte_eal_cleanup();
	destroy(eal);
}
