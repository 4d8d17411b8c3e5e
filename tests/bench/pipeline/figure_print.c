/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "tests/bench/pipeline/figure.h"

#include <inttypes.h>
#include <string.h>

void
figure_print_head(FILE *out)
{
	fprintf(out, "%-16s %-12s %9s %8s %8s %8s %8s %13s\n", "what", "traffic", "flows", "ns",
			"least", "most", "Mpps", "packets");
}

void
figure_print(const struct figure *figure, FILE *out)
{
	double ns = figure_median(figure);

	fprintf(out, "%-16s %-12s %9" PRIu32 " %8.2f %8.2f %8.2f %8.2f %13" PRIu64 "\n",
			figure->stage, figure->traffic != NULL ? figure->traffic : "-",
			figure->flows, ns, figure->ns[0], figure->ns[figure->rounds - 1], 1e3 / ns,
			figure->packets);
	fflush(out);
}

/* One figure over another, in speed. */
struct ratio {
	const char *name;
	const char *stage, *traffic, *over_stage, *over_traffic;
};

static const struct ratio ratios[] = {
	{ "fresh / established", "pipeline", "fresh", "pipeline", "established" },
	{ "flood / established", "pipeline", "flood", "pipeline", "established" },
	{ "established / undetected", "pipeline", "established", "undetected", "established" },
	{ "flood / undetected", "pipeline", "flood", "undetected", "flood" },
	{ "table / rte_hash, hit", "table-hit", NULL, "rte_hash-hit", NULL },
	{ "table / rte_hash, miss", "table-miss", NULL, "rte_hash-miss", NULL },
	{ "table / rte_hash, insert", "table-insert", NULL, "rte_hash-insert", NULL },
	{ "table / rte_hash, flood", "table-flood", NULL, "rte_hash-flood", NULL },
};

static bool
is_of(const struct figure *figure, const char *stage, const char *traffic)
{
	return strcmp(figure->stage, stage) == 0 &&
			(figure->traffic == NULL) == (traffic == NULL) &&
			(traffic == NULL || strcmp(figure->traffic, traffic) == 0);
}

static const struct figure *
find(const struct figures *figures, const char *stage, const char *traffic, uint32_t flows)
{
	for (uint32_t i = 0; i < figures->count; i++)
		if (is_of(&figures->figure[i], stage, traffic) && figures->figure[i].flows == flows)
			return &figures->figure[i];
	return NULL;
}

/* Gives each ratio that there is, with the figure that it is over. */
static bool
next_ratio(const struct figures *figures, uint32_t *cursor, const char **name, uint32_t *flows,
		double *value)
{
	for (; *cursor < ARRAY_LEN(ratios) * figures->count; (*cursor)++) {
		const struct ratio *ratio = &ratios[*cursor / figures->count];
		const struct figure *figure = &figures->figure[*cursor % figures->count];
		const struct figure *over;

		if (!is_of(figure, ratio->stage, ratio->traffic))
			continue;
		over = find(figures, ratio->over_stage, ratio->over_traffic, figure->flows);
		if (over == NULL)
			continue;
		*name = ratio->name;
		*flows = figure->flows;
		*value = figure_median(over) / figure_median(figure);
		(*cursor)++;
		return true;
	}
	return false;
}

void
figure_print_ratios(const struct figures *figures, FILE *out)
{
	uint32_t cursor = 0, flows;
	const char *name;
	double value;

	while (next_ratio(figures, &cursor, &name, &flows, &value))
		fprintf(out, "%-29s %9" PRIu32 " %8.2f\n", name, flows, value);
}

static void
print_json_figure(const struct figure *figure, FILE *out)
{
	double ns = figure_median(figure);

	fprintf(out, "{\"what\":\"%s\",", figure->stage);
	if (figure->traffic != NULL)
		fprintf(out, "\"traffic\":\"%s\",", figure->traffic);
	fprintf(out,
			"\"flows\":%" PRIu32 ",\"ns\":%.3f,\"ns_least\":%.3f,\"ns_most\":%.3f,"
			"\"mpps\":%.3f,\"rounds\":%" PRIu32 ",\"packets\":%" PRIu64 "}",
			figure->flows, ns, figure->ns[0], figure->ns[figure->rounds - 1], 1e3 / ns,
			figure->rounds, figure->packets);
}

void
figure_print_json(const struct figures *figures, const char *pages, FILE *out)
{
	uint32_t cursor = 0, flows;
	const char *name, *comma = "";
	double value;

	fprintf(out, "{\"pages\":\"%s\",\"figures\":[", pages);
	for (uint32_t i = 0; i < figures->count; i++) {
		fputs(i > 0 ? ",\n" : "\n", out);
		print_json_figure(&figures->figure[i], out);
	}
	fputs("],\n\"ratios\":[", out);
	for (; next_ratio(figures, &cursor, &name, &flows, &value); comma = ",")
		fprintf(out, "%s\n{\"ratio\":\"%s\",\"flows\":%" PRIu32 ",\"value\":%.3f}", comma,
				name, flows, value);
	fputs("]}\n", out);
}
