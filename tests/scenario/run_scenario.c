/* SPDX-License-Identifier: Apache-2.0 */

/*
 * run_scenario [--bursts] CASE.scn...: runs each; says what is not as it must be; exits 1
 * then. With --bursts packets that follow each other go through the pipeline together.
 */

#include "scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LEN_MAX (1 << 20)

/* The whole file; NULL, with the reason in err. */
static char *
file_read(const char *path, size_t *len, struct err *err)
{
	FILE *file = fopen(path, "r");
	char *text;

	if (file == NULL) {
		err_set(err, errno, "%s: %s", path, strerror(errno));
		return NULL;
	}
	text = malloc(FILE_LEN_MAX);
	*len = text == NULL ? 0 : fread(text, 1, FILE_LEN_MAX, file);
	if (text == NULL || ferror(file) || *len == FILE_LEN_MAX) {
		err_set(err, EIO, "%s: expected a readable file of less than 1 MiB", path);
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

static int
case_run(const char *path, uint32_t burst, struct err *err)
{
	struct scenario *scenario = scenario_create(path, burst);
	size_t len = 0;
	char *text = file_read(path, &len, err);
	int rc = -EIO;

	if (scenario == NULL)
		rc = err_set(err, ENOMEM, "%s: no memory", path);
	else if (text != NULL)
		rc = scenario_run(scenario, text, len, err);
	free(text);
	scenario_destroy(scenario);
	return rc;
}

int
main(int argc, char **argv)
{
	bool bursts = argc > 1 && strcmp(argv[1], "--bursts") == 0;
	int first = bursts ? 2 : 1, failed = 0;
	struct err err;

	if (argc <= first) {
		fprintf(stderr, "usage: run_scenario [--bursts] CASE.scn...\n");
		return 64;
	}
	for (int i = first; i < argc; i++) {
		if (case_run(argv[i], bursts ? PIPELINE_BURST_MAX : 1, &err) == 0)
			continue;
		fprintf(stderr, "%s\n", err.text);
		failed++;
	}
	printf("%d of %d cases as they must be\n", argc - first - failed, argc - first);
	return failed == 0 ? 0 : 1;
}
