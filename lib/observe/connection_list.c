/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/connection_list.h"

#include "base/usec.h"
#include "observe/conversation_text.h"
#include "observe/ladder.h"

#include <inttypes.h>
#include <string.h>

#define CELL_LEN 48

/*
 * X(id, head, right, shrinks): the columns in their order. Numbers stand on the right. Those
 * that shrink hold cells of very different widths: they need not be as wide as the widest.
 */
#define COLUMNS(X) \
	X(COLUMN_NUMBER, "#", true, false) \
	X(COLUMN_START, "start", true, false) \
	X(COLUMN_CLIENT, "client", false, true) \
	X(COLUMN_SERVER, "server", false, true) \
	X(COLUMN_HANDSHAKE, "handshake", false, true) \
	X(COLUMN_END, "end", false, false) \
	X(COLUMN_RST, "rst", false, false) \
	X(COLUMN_PACKETS, "pkts", true, false) \
	X(COLUMN_BYTES, "bytes", true, false) \
	X(COLUMN_DURATION, "lasted", true, false)

enum column {
#define X(id, head, right, shrinks) id,
	COLUMNS(X)
#undef X
	COLUMN_COUNT
};

#define X(id, head, right, shrinks) [id] = head,
static const char *const heads[COLUMN_COUNT] = { COLUMNS(X) };
#undef X
#define X(id, head, right, shrinks) [id] = right,
static const bool is_right[COLUMN_COUNT] = { COLUMNS(X) };
#undef X
#define X(id, head, right, shrinks) [id] = shrinks,
static const bool shrinks[COLUMN_COUNT] = { COLUMNS(X) };
#undef X

struct cells {
	char text[COLUMN_COUNT][CELL_LEN];
};

/* How many cells there are of each width. */
struct census {
	size_t cells[COLUMN_COUNT][CELL_LEN];
};

struct widths {
	int of[COLUMN_COUNT];
	int gap; /* blanks between two columns */
};

/* Where the next character goes. */
struct pen {
	FILE *out;
	int at; /* in the line, from 0 */
};

static struct conversation_text
cell(struct cells *cells, enum column column)
{
	return conversation_text_in(cells->text[column], CELL_LEN);
}

/* Of a RST's verdict the first word says it; no two begin alike. */
static void
fill_words(const struct record *record, struct cells *cells)
{
	struct conversation_text text = cell(cells, COLUMN_HANDSHAKE);
	const char *verdict = record->has_rst ? verdict_rst_word(record->rst.verdict) : "-";

	conversation_text_add(&text, "%s", verdict_handshake_word(record->handshake.result));
	text = cell(cells, COLUMN_END);
	conversation_text_add(&text, "%s", verdict_end_word(record->end));
	text = cell(cells, COLUMN_RST);
	conversation_text_add(&text, "%.*s", (int)strcspn(verdict, "_"), verdict);
}

/* Seven columns at most: "1234567", then "12345k", and so on. */
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
		conversation_text_add(&text, "%c", units[unit]);
}

/* "57.7ms", "2min14s": as elsewhere, without the blanks. */
static void
fill_duration(struct cells *cells, uint64_t us)
{
	char spaced[CELL_LEN];
	struct conversation_text text = conversation_text_in(spaced, sizeof(spaced));
	char *out = cells->text[COLUMN_DURATION];

	conversation_text_duration(&text, us);
	for (const char *in = spaced; *in != '\0'; in++)
		if (*in != ' ')
			*out++ = *in;
	*out = '\0';
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
	fill_duration(cells, usec_since(record->start_us, record->end_us));
}

static void
count_cells(const struct connection_row *rows, size_t count, uint64_t origin_us,
		struct census *census)
{
	struct cells cells;

	for (size_t i = 0; i < count; i++) {
		fill_cells(&rows[i], origin_us, &cells);
		for (int column = 0; column < COLUMN_COUNT; column++)
			census->cells[column][strlen(cells.text[column])]++;
	}
}

static int
line_len(const struct widths *widths)
{
	int len = widths->gap * (COLUMN_COUNT - 1);

	for (int column = 0; column < COLUMN_COUNT; column++)
		len += widths->of[column];
	return len;
}

/* The widest cells of at most @p width; the head is one. */
static int
widest(const struct census *census, int column, int width)
{
	while (width > (int)strlen(heads[column]) && census->cells[column][width] == 0)
		width--;
	return width;
}

/* The column with the fewest cells as wide as it is; COLUMN_COUNT when none can shrink. */
static int
cheapest(const struct census *census, const struct widths *widths)
{
	size_t least = SIZE_MAX;
	int found = COLUMN_COUNT;

	for (int column = 0; column < COLUMN_COUNT; column++) {
		size_t cost = census->cells[column][widths->of[column]];

		if (!shrinks[column] || widths->of[column] <= (int)strlen(heads[column]) ||
				cost >= least)
			continue;
		least = cost;
		found = column;
	}
	return found;
}

/* The last to shrink may have left room to another; the rest serves rows with long addresses. */
static void
grow(const struct census *census, struct widths *widths)
{
	int room = LADDER_COLUMNS - line_len(widths);

	for (int column = COLUMN_COUNT - 1; column >= 0 && room > 0; column--) {
		int width = widths->of[column] + room;

		if (!shrinks[column])
			continue;
		width = widest(census, column, width < CELL_LEN ? width : CELL_LEN - 1);
		room -= width - widths->of[column];
		widths->of[column] = width;
	}
	if (room > 0)
		widths->of[COLUMN_SERVER] += room;
}

/* As wide as the widest cells, if that fits; two blanks between are easier to read. */
static void
fit(const struct census *census, struct widths *widths)
{
	int column;

	for (column = 0; column < COLUMN_COUNT; column++)
		widths->of[column] = widest(census, column, CELL_LEN - 1);
	widths->gap = 2;
	if (line_len(widths) <= LADDER_COLUMNS)
		return;
	widths->gap = 1;
	while (line_len(widths) > LADDER_COLUMNS &&
			(column = cheapest(census, widths)) != COLUMN_COUNT)
		widths->of[column] = widest(census, column, widths->of[column] - 1);
	grow(census, widths);
}

static int
place_of(const struct widths *widths, enum column column)
{
	int place = 0;

	for (enum column before = 0; before < column; before++)
		place += widths->of[before] + widths->gap;
	return place;
}

static void
put_line_end(struct pen *pen)
{
	fputc('\n', pen->out);
	pen->at = 0;
}

/* In the next line, if what stands in this one has run into the place. */
static void
put_at(struct pen *pen, int place, const char *text)
{
	if (pen->at > 0 && pen->at >= place)
		put_line_end(pen);
	fprintf(pen->out, "%*s%s", place - pen->at, "", text);
	pen->at = place + (int)strlen(text);
}

static void
put_cell(struct pen *pen, const struct widths *widths, enum column column, const char *text)
{
	int right = is_right[column] ? widths->of[column] - (int)strlen(text) : 0;

	put_at(pen, place_of(widths, column) + right, text);
}

/* It gives way to the left or right as far as that keeps the row in one line. */
static void
put_server(struct pen *pen, const struct widths *widths, const char *text)
{
	int len = (int)strlen(text);
	int place = place_of(widths, COLUMN_SERVER);
	int last = place_of(widths, COLUMN_HANDSHAKE) - 1 - len;

	if (place > last)
		place = last;
	if (place <= pen->at)
		place = pen->at + 1;
	if (place + len > LADDER_COLUMNS)
		place = place_of(widths, COLUMN_CLIENT); /* below the client */
	put_at(pen, place, text);
}

/* A cell too wide for its column ends the line; the next stands below, in its own column. */
static void
put_row(const char *const *texts, const struct widths *widths, FILE *out)
{
	struct pen pen = { out, 0 };

	for (enum column column = 0; column < COLUMN_COUNT; column++)
		if (column == COLUMN_SERVER)
			put_server(&pen, widths, texts[column]);
		else
			put_cell(&pen, widths, column, texts[column]);
	put_line_end(&pen);
}

void
connection_list_print(
		const struct connection_row *rows, size_t count, uint64_t origin_us, FILE *out)
{
	struct census census = { 0 };
	struct widths widths;
	struct cells cells;
	const char *texts[COLUMN_COUNT];

	count_cells(rows, count, origin_us, &census);
	fit(&census, &widths);
	put_row(heads, &widths, out);
	for (int column = 0; column < COLUMN_COUNT; column++)
		texts[column] = cells.text[column];
	for (size_t i = 0; i < count; i++) {
		fill_cells(&rows[i], origin_us, &cells);
		put_row(texts, &widths, out);
	}
}
