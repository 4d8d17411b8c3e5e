/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/connection_list.h"

#include "base/usec.h"
#include "observe/conversation_text.h"
#include "observe/ladder.h"

#include <inttypes.h>
#include <string.h>

#define CELL_LEN 48

/* X(id, head, right): the columns in their order; numbers stand on the right. */
#define COLUMNS(X) \
	X(COLUMN_NUMBER, "#", true) \
	X(COLUMN_START, "start", true) \
	X(COLUMN_CLIENT, "client", false) \
	X(COLUMN_SERVER, "server", false) \
	X(COLUMN_HANDSHAKE, "handshake", false) \
	X(COLUMN_END, "end", false) \
	X(COLUMN_RST, "rst", false) \
	X(COLUMN_PACKETS, "pkts", true) \
	X(COLUMN_BYTES, "bytes", true) \
	X(COLUMN_STATE, "state", false) \
	X(COLUMN_DURATION, "lasted", true)

enum column {
#define X(id, head, right) id,
	COLUMNS(X)
#undef X
	COLUMN_COUNT
};

#define X(id, head, right) [id] = head,
static const char *const heads[COLUMN_COUNT] = { COLUMNS(X) };
#undef X
#define X(id, head, right) [id] = right,
static const bool is_right[COLUMN_COUNT] = { COLUMNS(X) };
#undef X

struct cells {
	char text[COLUMN_COUNT][CELL_LEN];
};

struct widths {
	int of[COLUMN_COUNT];
	int gap; /* blanks between two columns */
};

static struct conversation_text
cell(struct cells *cells, enum column column)
{
	return conversation_text_in(cells->text[column], CELL_LEN);
}

static void
fill_words(const struct record *record, struct cells *cells)
{
	struct conversation_text text = cell(cells, COLUMN_HANDSHAKE);

	conversation_text_add(&text, "%s", verdict_handshake_word(record->handshake.result));
	text = cell(cells, COLUMN_END);
	conversation_text_add(&text, "%s", verdict_end_word(record->end));
	text = cell(cells, COLUMN_RST);
	conversation_text_add(
			&text, "%s", record->has_rst ? verdict_rst_word(record->rst.verdict) : "-");
	text = cell(cells, COLUMN_STATE);
	conversation_text_add(&text, "%s", record->conn_state);
}

/* Seven columns at most: "1234567", then "12345 k", and so on. */
static void
fill_number(struct cells *cells, enum column column, uint64_t number)
{
	static const char units[] = " kMGTPE";
	struct conversation_text text = cell(cells, column);
	size_t unit = 0;

	for (uint64_t limit = 10000000; number >= limit; limit = 100000) {
		number /= 1000;
		unit++;
	}
	conversation_text_add(&text, "%" PRIu64, number);
	if (unit > 0)
		conversation_text_add(&text, " %c", units[unit]);
}

static void
fill_cells(const struct connection_row *row, uint64_t origin_us, struct cells *cells)
{
	const struct record *record = &row->record;
	const struct record_side *side = record->side;
	uint64_t start = usec_since(origin_us, record->start_us);
	struct conversation_text text = cell(cells, COLUMN_NUMBER);

	conversation_text_add(&text, "%" PRIu64, row->number);
	text = cell(cells, COLUMN_START);
	conversation_text_add(&text, "%" PRIu64 ".%03" PRIu64, start / USEC_PER_SEC,
			start % USEC_PER_SEC / USEC_PER_MSEC);
	text = cell(cells, COLUMN_CLIENT);
	conversation_text_endpoint(&text, record, FLOW_CLIENT);
	text = cell(cells, COLUMN_SERVER);
	conversation_text_endpoint(&text, record, FLOW_SERVER);
	fill_words(record, cells);
	fill_number(cells, COLUMN_PACKETS, side[FLOW_CLIENT].pkts + side[FLOW_SERVER].pkts);
	fill_number(cells, COLUMN_BYTES, side[FLOW_CLIENT].bytes + side[FLOW_SERVER].bytes);
	text = cell(cells, COLUMN_DURATION);
	conversation_text_duration(&text, usec_since(record->start_us, record->end_us));
}

static void
put_cell(const char *text, enum column column, int width, FILE *out)
{
	fprintf(out, is_right[column] ? "%*s" : "%-*s", width, text);
}

/* The columns from first to last with a blank between, and none behind the last. */
static void
put_cells(const char *const *texts, enum column first, enum column last,
		const struct widths *widths, FILE *out)
{
	for (enum column column = first; column <= last; column++) {
		bool ends = column == last && !is_right[column];

		put_cell(texts[column], column, ends ? 0 : widths->of[column], out);
		fprintf(out, "%*s", column == last ? 0 : widths->gap, "");
	}
	fputc('\n', out);
}

/* The second half of a row that has no line of its own begins here. */
#define SECOND_INDENT 8

static void
put_in_two(const char *const *texts, const struct widths *widths, FILE *out)
{
	int before = widths->of[COLUMN_NUMBER] + 1 + widths->of[COLUMN_START] + 1;
	int ends = before + (int)strlen(texts[COLUMN_CLIENT]) + 3 +
			(int)strlen(texts[COLUMN_SERVER]);

	put_cell(texts[COLUMN_NUMBER], COLUMN_NUMBER, widths->of[COLUMN_NUMBER], out);
	fputc(' ', out);
	put_cell(texts[COLUMN_START], COLUMN_START, widths->of[COLUMN_START], out);
	fprintf(out, " %s >", texts[COLUMN_CLIENT]);
	if (ends <= LADDER_COLUMNS)
		fprintf(out, " %s\n", texts[COLUMN_SERVER]);
	else
		fprintf(out, "\n%*s%s\n", before, "", texts[COLUMN_SERVER]);
	fprintf(out, "%*s", SECOND_INDENT, "");
	put_cells(texts, COLUMN_HANDSHAKE, COLUMN_DURATION, widths, out);
}

static void
put_row(const char *const *texts, const struct widths *widths, bool one_line, FILE *out)
{
	if (one_line)
		put_cells(texts, 0, COLUMN_DURATION, widths, out);
	else
		put_in_two(texts, widths, out);
}

/* Two blanks between columns are easier to read, if there is room for them. */
static bool
fit_one_line(struct widths *widths)
{
	int sum = 0;

	for (int column = 0; column < COLUMN_COUNT; column++)
		sum += widths->of[column];
	widths->gap = sum + 2 * (COLUMN_COUNT - 1) <= LADDER_COLUMNS ? 2 : 1;
	return sum + COLUMN_COUNT - 1 <= LADDER_COLUMNS;
}

static void
measure(const struct connection_row *rows, size_t count, uint64_t origin_us, struct widths *widths)
{
	struct cells cells;

	for (int column = 0; column < COLUMN_COUNT; column++)
		widths->of[column] = (int)strlen(heads[column]);
	for (size_t i = 0; i < count; i++) {
		fill_cells(&rows[i], origin_us, &cells);
		for (int column = 0; column < COLUMN_COUNT; column++) {
			int width = (int)strlen(cells.text[column]);

			if (width > widths->of[column])
				widths->of[column] = width;
		}
	}
}

void
connection_list_print(
		const struct connection_row *rows, size_t count, uint64_t origin_us, FILE *out)
{
	struct widths widths;
	struct cells cells;
	const char *texts[COLUMN_COUNT];
	bool one_line;

	measure(rows, count, origin_us, &widths);
	one_line = fit_one_line(&widths);
	put_row(heads, &widths, one_line, out);
	for (int column = 0; column < COLUMN_COUNT; column++)
		texts[column] = cells.text[column];
	for (size_t i = 0; i < count; i++) {
		fill_cells(&rows[i], origin_us, &cells);
		put_row(texts, &widths, one_line, out);
	}
}
