/* SPDX-License-Identifier: Apache-2.0 */

/* The advice for people: what is true, a row for each setting, what is false, what to do. */

#include "app/advise/advice.h"
#include "base/compiler.h"
#include "observe/text_table.h"
#include "observe/timestamp.h"

#include <errno.h>
#include <stdarg.h>

/* The most of floods and false alarms that are listed one by one. */
#define LISTED_MAX 20

static void cell(struct text_table *table, const char *format, ...) PRINTF_LIKE(2, 3);

static void
cell(struct text_table *table, const char *format, ...)
{
	char text[ALARM_TEXT_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_table_cell(table, text);
}

static int
finish(struct text_table *table, FILE *out)
{
	const int rc = text_table_print(table, out);

	text_table_destroy(table);
	return rc;
}

/* As --flood takes it. */
static double
seconds_in(const struct advice *advice, uint64_t time_us)
{
	return ((double)time_us - (double)advice->first_us) / (double)USEC_PER_SEC;
}

static void
time_cell(struct text_table *table, uint64_t time_us)
{
	struct timestamp_cache cache = { 0 };
	char text[TIMESTAMP_LEN + 1];

	*timestamp_write(&cache, time_us, text) = '\0';
	text_table_cell(table, text);
}

static int
print_floods(const struct advice *advice, FILE *out)
{
	static const struct text_column columns[] = { { "flood at", false }, { "from", false },
		{ "seconds", false }, { "told by", true } };
	const struct true_floods *floods = &advice->floods;
	struct text_table *table;

	fprintf(out, "%s\n\n", advice_truth(advice));
	if (floods->count == 0)
		return 0;
	table = text_table_create(columns, floods->are_voted ? 4 : 3);
	if (table == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < floods->count && i < LISTED_MAX; i++) {
		const struct true_flood *flood = &floods->list[i];

		text_table_cell(table, target_text(&flood->target).text);
		time_cell(table, flood->from_us);
		cell(table, "%.1f-%.1f", seconds_in(advice, flood->from_us),
				seconds_in(advice, flood->to_us));
		if (floods->are_voted)
			cell(table, "%u of %u", flood->votes, advice->count);
	}
	if (finish(table, out) < 0)
		return -ENOMEM;
	if (floods->count > LISTED_MAX)
		fprintf(out, "and %u more\n", floods->count - LISTED_MAX);
	fputc('\n', out);
	return 0;
}

/* Whether a setting does better than another; those that do as well stay as they are. */
static bool
is_better(const struct score *a, const struct score *b)
{
	if (choice_errors(a) != choice_errors(b))
		return choice_errors(a) < choice_errors(b);
	if (a->missed != b->missed)
		return a->missed < b->missed;
	return a->median_us != b->median_us ? a->median_us < b->median_us
					    : a->longest_us < b->longest_us;
}

/* The recommended one stands above all. */
static void
sort(const struct advice *advice, uint32_t *order)
{
	order[0] = advice->best;
	for (uint32_t i = 0, count = 1; i < advice->count; i++) {
		uint32_t at = count;

		if (i == advice->best)
			continue;
		for (; at > 1 && is_better(&advice->scores[i], &advice->scores[order[at - 1]]);
				at--)
			order[at] = order[at - 1];
		order[at] = i;
		count++;
	}
}

static void
delay_cell(struct text_table *table, const struct score *score, uint64_t delay_us)
{
	if (score->found == 0)
		text_table_cell(table, "-");
	else
		cell(table, "%.3f s", (double)delay_us / (double)USEC_PER_SEC);
}

static void
add_setting(const struct advice *advice, uint32_t i, struct text_table *table)
{
	const struct score *score = &advice->scores[i];

	text_table_cell(table, i == advice->best ? "*" : "");
	for (enum grid_key key = 0; key < GRID_KEY_COUNT; key++)
		text_table_cell(table, advice_value(&advice->settings[i], key).text);
	cell(table, "%u of %u", score->found, advice->floods.count);
	delay_cell(table, score, score->median_us);
	delay_cell(table, score, score->longest_us);
	cell(table, "%u", score->false_alarms);
	cell(table, "%u", score->down);
	text_table_cell(table, i != 0 ? "" : advice->is_default ? "default" : "present");
}

static int
print_settings(const struct advice *advice, FILE *out)
{
	static const struct text_column columns[] = { { "", false }, { "min_syn_pps", true },
		{ "min_slow_syn_pps", true }, { "max_completion", true }, { "window", true },
		{ "found", true }, { "median delay", true }, { "longest", true },
		{ "false alarms", true }, { "server down", true }, { "", false } };
	struct text_table *table = text_table_create(columns, ARRAY_LEN(columns));
	uint32_t order[GRID_MAX];

	if (table == NULL)
		return -ENOMEM;
	sort(advice, order);
	for (uint32_t i = 0; i < advice->count; i++)
		add_setting(advice, order[i], table);
	return finish(table, out);
}

static int
print_false_alarms(const struct advice *advice, FILE *out)
{
	static const struct text_column columns[] = { { "false alarm at", false },
		{ "from", false }, { "seconds", false }, { "told by", true } };
	const struct clusters *clusters = &advice->clusters;
	struct text_table *table;

	if (clusters->count == 0)
		return 0;
	table = text_table_create(columns, ARRAY_LEN(columns));
	if (table == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < clusters->count && i < LISTED_MAX; i++) {
		const struct cluster *cluster = &clusters->list[i];

		text_table_cell(table, target_text(&cluster->target).text);
		time_cell(table, cluster->from_us);
		cell(table, "%.1f-%.1f", seconds_in(advice, cluster->from_us),
				seconds_in(advice, cluster->to_us));
		cell(table, "%u of %u", cluster->votes, advice->count);
	}
	fputc('\n', out);
	if (finish(table, out) < 0)
		return -ENOMEM;
	if (clusters->count > LISTED_MAX)
		fprintf(out, "and %u more\n", clusters->count - LISTED_MAX);
	return 0;
}

static void
print_recommendation(const struct advice *advice, FILE *out)
{
	char yaml[ADVICE_TEXT_MAX], reason[ADVICE_TEXT_MAX];

	advice_reason(advice, reason, sizeof(reason));
	if (advice_yaml(advice, yaml, sizeof(yaml)) == 0)
		fprintf(out, "\n%s\n\n%s\n",
				advice->is_default ? "The defaults do: change nothing."
						   : "What is configured does: change nothing.",
				reason);
	else
		fprintf(out, "\nRecommended, in the configuration:\n\n%s\n%s\n", yaml, reason);
}

int
advice_print(const struct advice *advice, FILE *out)
{
	if (print_floods(advice, out) < 0 || print_settings(advice, out) < 0 ||
			print_false_alarms(advice, out) < 0)
		return -ENOMEM;
	print_recommendation(advice, out);
	return 0;
}
