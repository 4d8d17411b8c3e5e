/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "observe/ladder.h"

#include <string.h>

/* In pixels. Widths of text are estimates: readers' fonts differ, so boxes have room to spare. */
#define WIDTH 1000
#define MARGIN 24
#define TIME_X 118 /* right edge of the times */
#define LEFT_X 292
#define RIGHT_X 748
#define MIDDLE_X ((LEFT_X + RIGHT_X) / 2)
#define STATE_W 116
#define STATE_GAP 18 /* between a state and its lifeline */
#define HEAD_H 46
#define LADDER_Y 136 /* where the first step starts */
#define SLOPE 9 /* an arrow takes time */
#define ARROW_H 42
#define ACROSS_H 36
#define LINE_H 17
#define MESSAGE_X 150 /* how far off the middle a message starts */
#define BELOW_COLUMNS 66
#define VERDICT_COLUMNS 126

static const char *const tone_colours[] = {
	[LADDER_MUTED] = "#5b6675",
	[LADDER_PLAIN] = "#1f4b7a",
	[LADDER_NOTICE] = "#a35200",
	[LADDER_ALARM] = "#b3122b",
};

static const char style
		[] = "text{font-family:'DejaVu Sans','Segoe UI',Helvetica,Arial,sans-serif;"
		     "font-size:13px;fill:#1b2430}"
		     ".mono{font-family:'DejaVu Sans Mono',Consolas,Menlo,monospace;font-size:12px}"
		     ".title{font-size:18px;font-weight:bold}"
		     ".name{font-size:13px;font-weight:bold}"
		     ".muted{fill:#5b6675}"
		     ".state{font-size:11px;font-weight:bold}";

/* What is to stand inside an element or an attribute. */
static void
put_escaped(const char *text, size_t len, FILE *out)
{
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(text[i], out);
		}
	}
}

static void
put_text(int x, int y, const char *anchor, const char *class, const char *colour, const char *text,
		size_t len, FILE *out)
{
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" class=\"%s\"", x, y, anchor,
			class);
	if (colour != NULL)
		fprintf(out, " style=\"fill:%s\"", colour);
	fputc('>', out);
	put_escaped(text, len, out);
	fputs("</text>\n", out);
}

static int
wrapped_lines(const char *text, size_t width)
{
	int lines = 0;

	while (*text != '\0') {
		ladder_wrap(text, width, &text);
		lines++;
	}
	return lines;
}

static int
step_height(const struct ladder_step *step)
{
	if (step->kind == LADDER_PAUSE || step->kind == LADDER_FOLD)
		return ACROSS_H + LINE_H * wrapped_lines(step->detail, BELOW_COLUMNS);
	return ARROW_H +
			LINE_H *
			(wrapped_lines(step->detail, BELOW_COLUMNS) +
					wrapped_lines(step->mark, BELOW_COLUMNS));
}

static int
verdict_height(const struct ladder *ladder)
{
	const char *note = ladder->note != NULL ? ladder->note : "";

	return 2 * MARGIN +
			LINE_H *
			(wrapped_lines(note, VERDICT_COLUMNS) +
					wrapped_lines(ladder->verdict, VERDICT_COLUMNS));
}

static void
put_markers(FILE *out)
{
	fputs("<defs>\n", out);
	for (size_t tone = 0; tone < ARRAY_LEN(tone_colours); tone++)
		fprintf(out,
				"<marker id=\"head%zu\" viewBox=\"0 0 10 10\" refX=\"10\" refY=\"5\" "
				"markerUnits=\"userSpaceOnUse\" markerWidth=\"11\" "
				"markerHeight=\"11\" orient=\"auto\">"
				"<path d=\"M0,1 L10,5 L0,9 z\" fill=\"%s\"/></marker>\n",
				tone, tone_colours[tone]);
	fprintf(out, "<style type=\"text/css\">%s</style>\n</defs>\n", style);
}

static void
put_head(const char *role, const char *name, int x, FILE *out)
{
	int width = (int)strlen(name) * 9 + 24;
	int left;

	if (width < 150)
		width = 150;
	left = x - width / 2;
	if (left < MARGIN)
		left = MARGIN;
	if (left + width > WIDTH - MARGIN)
		left = WIDTH - MARGIN - width;
	fprintf(out,
			"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#e8eef6\" "
			"stroke=\"#8ea3bd\"/>\n",
			left, LADDER_Y - 16 - HEAD_H, width, HEAD_H);
	put_text(left + width / 2, LADDER_Y - 16 - HEAD_H + 18, "middle", "muted", NULL, role,
			strlen(role), out);
	put_text(left + width / 2, LADDER_Y - 16 - HEAD_H + 36, "middle", "name", NULL, name,
			strlen(name), out);
}

struct state_look {
	const char *fill;
	const char *stroke;
};

/* The three phases of a connection's life, told apart by the names of RFC 9293. */
static struct state_look
state_look(const char *state)
{
	if (strcmp(state, "ESTABLISHED") == 0)
		return (struct state_look){ "#e0f3e4", "#6aa97a" };
	if (strncmp(state, "SYN", 3) == 0)
		return (struct state_look){ "#fdf1d6", "#cfa54a" };
	if (strcmp(state, "CLOSED") == 0)
		return (struct state_look){ "#e9eaec", "#9aa1ab" };
	return (struct state_look){ "#e3ebfa", "#7f9bd1" };
}

static void
put_state(const char *state, int x, int y, FILE *out)
{
	struct state_look look;

	if (state == NULL)
		return;
	look = state_look(state);
	fprintf(out,
			"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" rx=\"10\" fill=\"%s\" "
			"stroke=\"%s\"/>\n",
			x - STATE_W / 2, y - 14, STATE_W, look.fill, look.stroke);
	put_text(x, y, "middle", "state", NULL, state, strlen(state), out);
}

static void
put_margins(const struct ladder_step *step, int y, FILE *out)
{
	char time[24];

	if (step->kind != LADDER_PAUSE) {
		ladder_time(step->time_us, time, sizeof(time));
		put_text(TIME_X, y, "end", "mono muted", NULL, time, strlen(time), out);
	}
	put_state(step->state[LADDER_LEFT], LEFT_X - STATE_GAP - STATE_W / 2, y, out);
	put_state(step->state[LADDER_RIGHT], RIGHT_X + STATE_GAP + STATE_W / 2, y, out);
}

static void
put_shaft(const struct ladder_step *step, int y, FILE *out)
{
	bool to_right = step->from == LADDER_LEFT;
	int from_x = to_right ? LEFT_X : RIGHT_X;
	int to_x = to_right ? RIGHT_X - 1 : LEFT_X + 1;

	if (step->kind == LADDER_MESSAGE) {
		from_x = MIDDLE_X + (to_right ? -MESSAGE_X : MESSAGE_X);
		fprintf(out,
				"<path d=\"M%d,%d l12,12 m0,-12 l-12,12\" stroke=\"%s\" "
				"stroke-width=\"2\" fill=\"none\"/>\n",
				from_x - 6, y - 6, tone_colours[step->tone]);
	}
	fprintf(out,
			"<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" "
			"stroke-width=\"%s\"%s marker-end=\"url(#head%d)\"/>\n",
			from_x, y, to_x, y + SLOPE, tone_colours[step->tone],
			step->abrupt ? "2.6" : "1.4",
			step->kind == LADDER_MESSAGE ? " stroke-dasharray=\"5,4\"" : "",
			step->tone);
}

/* The lines below an arrow; gives where the next would stand. */
static int
put_below(const char *text, const char *colour, int y, FILE *out)
{
	while (*text != '\0') {
		const char *start = text;
		size_t len = ladder_wrap(text, BELOW_COLUMNS, &text);

		put_text(MIDDLE_X, y, "middle", "", colour, start, len, out);
		y += LINE_H;
	}
	return y;
}

static void
put_arrow(const struct ladder_step *step, int y, FILE *out)
{
	int label_y = y + 14;

	put_margins(step, label_y + 10, out);
	put_text(MIDDLE_X, label_y, "middle", "mono",
			step->tone == LADDER_PLAIN ? NULL : tone_colours[step->tone], step->label,
			strlen(step->label), out);
	put_shaft(step, label_y + 6, out);
	y = put_below(step->detail, tone_colours[LADDER_MUTED], y + ARROW_H + 2, out);
	put_below(step->mark, tone_colours[step->tone], y, out);
}

/* A stretch that is not drawn: the lifelines are interrupted beside it. */
static void
put_across(const struct ladder_step *step, int y, FILE *out)
{
	int height = step_height(step);

	for (int side = 0; side < LADDER_SIDES; side++)
		fprintf(out,
				"<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#ffffff\" "
				"stroke-width=\"4\" stroke-dasharray=\"4,4\"/>\n",
				side == LADDER_LEFT ? LEFT_X : RIGHT_X, y + 4,
				side == LADDER_LEFT ? LEFT_X : RIGHT_X, y + height - 4);
	if (step->kind == LADDER_FOLD)
		fprintf(out,
				"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" "
				"fill=\"#f3f5f8\" stroke=\"#c5cedb\"/>\n",
				LEFT_X + 14, y + 6, RIGHT_X - LEFT_X - 28, height - 12);
	put_margins(step, y + 22, out);
	put_text(MIDDLE_X, y + 22, "middle", "", tone_colours[step->tone], step->label,
			strlen(step->label), out);
	put_below(step->detail, tone_colours[LADDER_MUTED], y + 22 + LINE_H, out);
}

static int
put_lines(const char *text, const char *colour, int y, FILE *out)
{
	while (*text != '\0') {
		const char *start = text;
		size_t len = ladder_wrap(text, VERDICT_COLUMNS, &text);

		put_text(2 * MARGIN, y, "start", "", colour, start, len, out);
		y += LINE_H;
	}
	return y;
}

static void
put_verdict(const struct ladder *ladder, int y, FILE *out)
{
	fprintf(out,
			"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#f6f8fb\" "
			"stroke=\"#c5cedb\"/>\n",
			MARGIN, y, WIDTH - 2 * MARGIN, verdict_height(ladder) - MARGIN);
	y += MARGIN + 4;
	if (ladder->note != NULL)
		y = put_lines(ladder->note, tone_colours[LADDER_NOTICE], y, out);
	put_lines(ladder->verdict, NULL, y, out);
}

static void
put_frame(const struct ladder *ladder, int ladder_end, int height, FILE *out)
{
	fprintf(out,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%d\" "
			"height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n<title>",
			WIDTH, height, WIDTH, height);
	put_escaped(ladder->title, strlen(ladder->title), out);
	fputs("</title>\n<desc>", out);
	put_escaped(ladder->verdict, strlen(ladder->verdict), out);
	fputs("</desc>\n", out);
	put_markers(out);
	fprintf(out, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", WIDTH, height);
	put_text(MARGIN, 34, "start", "title", NULL, ladder->title, strlen(ladder->title), out);
	put_text(MARGIN, 56, "start", "muted", NULL, ladder->subtitle, strlen(ladder->subtitle),
			out);
	for (int side = 0; side < LADDER_SIDES; side++) {
		int x = side == LADDER_LEFT ? LEFT_X : RIGHT_X;

		fprintf(out,
				"<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#8ea3bd\" "
				"stroke-width=\"2\"/>\n",
				x, LADDER_Y - 16, x, ladder_end);
		put_head(ladder->role[side], ladder->name[side], x, out);
	}
}

/* What is not drawn of a ladder that is too long, said in a step. */
struct hole {
	size_t first;
	size_t count;
	struct ladder_step step;
};

static struct hole
find_hole(const struct ladder *ladder)
{
	struct hole hole = { .first = LADDER_SVG_STEPS_MAX / 2 };

	if (ladder->count <= LADDER_SVG_STEPS_MAX)
		return hole;
	hole.count = ladder->count - LADDER_SVG_STEPS_MAX;
	hole.step.kind = LADDER_FOLD;
	hole.step.tone = LADDER_NOTICE;
	hole.step.time_us = ladder->steps[hole.first].time_us;
	snprintf(hole.step.label, sizeof(hole.step.label), "%zu steps are not in the picture",
			hole.count);
	return hole;
}

/* The step to draw at @p index, which moves behind it; NULL at the end. */
static const struct ladder_step *
next_step(const struct ladder *ladder, const struct hole *hole, size_t *index)
{
	if (hole->count > 0 && *index == hole->first) {
		*index += hole->count;
		return &hole->step;
	}
	return *index < ladder->count ? &ladder->steps[(*index)++] : NULL;
}

void
ladder_svg(const struct ladder *ladder, FILE *out)
{
	const struct hole hole = find_hole(ladder);
	const struct ladder_step *step;
	int ladder_end = LADDER_Y + MARGIN;
	int y = LADDER_Y;

	for (size_t i = 0; (step = next_step(ladder, &hole, &i)) != NULL;)
		ladder_end += step_height(step);
	put_frame(ladder, ladder_end, ladder_end + MARGIN + verdict_height(ladder), out);
	for (size_t i = 0; (step = next_step(ladder, &hole, &i)) != NULL;) {
		if (step->kind == LADDER_PAUSE || step->kind == LADDER_FOLD)
			put_across(step, y, out);
		else
			put_arrow(step, y, out);
		y += step_height(step);
	}
	put_verdict(ladder, ladder_end + MARGIN, out);
	fputs("</svg>\n", out);
}
