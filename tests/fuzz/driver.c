/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A target without a fuzzer: each file of a folder, or each file that is named, is an input.
 * What once broke the program lies among them, and does so no more.
 */

#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

static unsigned replayed;

static void
take_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	uint8_t *bytes;

	if (file == NULL || fstat(fileno(file), &st) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(EXIT_FAILURE);
	}
	bytes = malloc((size_t)st.st_size + 1);
	FUZZ_REQUIRE(bytes != NULL);
	FUZZ_REQUIRE(fread(bytes, 1, (size_t)st.st_size, file) == (size_t)st.st_size);
	fclose(file);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(bytes, (size_t)st.st_size);
	free(bytes);
	replayed++;
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
take_folder(const char *path)
{
	struct dirent **entries;
	const int count = scandir(path, &entries, is_visible, alphasort);

	for (int i = 0; i < count; i++) {
		char name[4096];

		snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		take_file(name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

int
main(int argc, char **argv)
{
	struct stat st;

	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			take_folder(argv[i]);
		else
			take_file(argv[i]);
	}
	printf("%u inputs\n", replayed);
	return replayed != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
