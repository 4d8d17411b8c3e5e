/* SPDX-License-Identifier: Apache-2.0 */

#include "io/eal.h"

#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>

/* Under it DPDK makes the folder it calls runtime directory. */
#define RUNTIME_VARIABLE "RUNTIME_DIRECTORY"

struct eal {
	FILE *log; /* DPDK's, ends in last_words */
	char last_words[256];
	char *folder; /* NULL when there is none */
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

static int
make_folder(struct eal *eal, struct err *err)
{
	const char *const parents[] = { getenv("TMPDIR"), "/tmp", "/dev/shm", "." };

	for (size_t i = 0; i < ARRAY_LEN(parents); i++) {
		char *folder;

		if (parents[i] == NULL || asprintf(&folder, "%s/synwire.XXXXXX", parents[i]) < 0)
			continue;
		if (mkdtemp(folder) != NULL) {
			eal->folder = folder;
			return 0;
		}
		free(folder);
	}
	return err_set(err, EACCES,
			"DPDK needs a folder for a moment, and none can be made in /tmp;"
			" name a place in TMPDIR");
}

static int
remove_entry(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static void
remove_folder(struct eal *eal)
{
	if (eal->folder != NULL)
		nftw(eal->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(eal->folder);
	eal->folder = NULL;
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
init_in_folder(const char *folder, int argc, char **argv)
{
	const char *was = getenv(RUNTIME_VARIABLE);
	char *kept = was != NULL ? strdup(was) : NULL;
	int rc;

	setenv(RUNTIME_VARIABLE, folder, 1);
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
	if (init_in_folder(eal->folder, ARRAY_LEN(args), argv) < 0)
		return err_set(err, rte_errno != 0 ? rte_errno : EIO,
				"DPDK does not start: %s (%s)", rte_strerror(rte_errno),
				eal->last_words);
	return 0;
}

static void
destroy(struct eal *eal)
{
	remove_folder(eal);
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
	rc = open_log(made, err);
	if (rc == 0)
		rc = make_folder(made, err);
	if (rc == 0)
		rc = init(made, options, lcores, err);
	free(lcores);
	if (rc < 0) {
		destroy(made);
		return rc;
	}
	/* Nothing uses it from here on, and so a killed run leaves nothing either. */
	remove_folder(made);
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
