/* SPDX-License-Identifier: Apache-2.0 */

#include "app/explain/explain.h"

#include "app/command.h"
#include "app/explain/explain_ladder.h"
#include "app/explain/explain_table.h"
#include "app/output.h"
#include "observe/conversation_text.h"
#include "observe/summary_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

static void
tell(const struct err *err)
{
	fprintf(stderr, "synwire explain: %s\n", err->text);
}

/* Gives the exit status: a capture that merely breaks off is explained as far as it goes. */
static int
tell_end(const char *path, const struct explain_scan *scan)
{
	if (scan->end_text[0] == '\0')
		return COMMAND_FINE;
	fprintf(stderr, "synwire explain: %s: %s; explained up to there, %" PRIu64 " packets\n",
			path, scan->end_text, scan->frames);
	return scan->end == CAPTURE_END_DAMAGED ? COMMAND_FAILED : COMMAND_FINE;
}

static void
print_rows(const struct explain_table *table, const struct explain_scan *scan)
{
	char start[64];
	struct conversation_text text = conversation_text_in(start, sizeof(start));

	conversation_text_time(&text, scan->first_us);
	printf("Starts are in seconds after the first packet, %s UTC.\n\n", start);
	connection_list_print(table->rows, table->count, scan->first_us, stdout);
	if (table->count == table->matched)
		return;
	printf("\n%s more connections are not listed: the table holds the first %s",
			summary_text_count(table->matched - table->count).text,
			summary_text_count(table->count - table->late).text);
	if (table->late > 0)
		printf(",\nand %s later ones with a RST worth a look",
				summary_text_count(table->late).text);
	printf(".\n--flow N or --flow ADDR:PORT explains any of them.\n");
}

static void
print_table(const struct explain_table *table, const struct explain_scan *scan)
{
	if (table->count == 0) {
		printf("No TCP connection among %s packets.\n",
				summary_text_count(scan->frames).text);
		return;
	}
	printf("%s connection%s. ", summary_text_count(table->matched).text,
			table->matched == 1 ? "" : "s");
	print_rows(table, scan);
}

static int
refuse(const struct explain_options *options, const struct explain_scan *scan)
{
	if (options->choice->number != 0)
		fprintf(stderr,
				"synwire explain: %s: no connection %" PRIu64
				"; they are numbered from 1 to %" PRIu64 "\n",
				options->capture, options->choice->number, scan->connections);
	else
		fprintf(stderr, "synwire explain: %s: no connection with these endpoints\n",
				options->capture);
	return COMMAND_FAILED;
}

/* The status of two that may both have gone wrong. */
static int
worse(int a, int b)
{
	return a != COMMAND_FINE ? a : b;
}

static int
show(const struct explain_options *options, const struct explain_table *table,
		const struct explain_scan *scan)
{
	int status = tell_end(options->capture, scan);

	if (options->choice == NULL) {
		print_table(table, scan);
		return worse(status, output_finish("synwire explain"));
	}
	if (table->matched == 0)
		return refuse(options, scan);
	if (table->matched > 1) {
		fprintf(stderr,
				"synwire explain: --flow matches %s connections; choose one by its "
				"number\n",
				summary_text_count(table->matched).text);
		print_rows(table, scan);
		output_finish("synwire explain");
		return COMMAND_FAILED;
	}
	status = worse(explain_ladder_draw(options, &table->rows[0]), status);
	return worse(status, output_finish("synwire explain"));
}

/* A picture must not destroy what it is drawn from. */
static bool
is_same_file(const char *a, const char *b)
{
	struct stat one, other;

	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
			one.st_ino == other.st_ino;
}

int
explain_run(const struct explain_options *options)
{
	struct explain_table table;
	struct explain_scan scan;
	struct err err;
	int status;

	if (options->svg != NULL && is_same_file(options->svg, options->capture)) {
		fprintf(stderr, "synwire explain: --svg names the capture itself, %s\n",
				options->capture);
		return COMMAND_USAGE;
	}
	if (explain_table_read(options->capture, &options->pipeline, options->choice, &table, &scan,
			    &err) == 0) {
		status = show(options, &table, &scan);
	} else {
		tell(&err);
		status = COMMAND_FAILED;
	}
	explain_table_fini(&table);
	return status;
}
