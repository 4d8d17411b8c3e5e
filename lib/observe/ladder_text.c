/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/ladder.h"

#include <string.h>

/*
 * Columns: time, blank, state, blank, lifeline, MIDDLE, lifeline, blank, state; 99 in all.
 * An arrow is a tail of one dash, a blank, the label, a blank, two dashes or more, a head.
 */
#define TIME_COLUMNS 12
#define MIDDLE (LADDER_LABEL_MAX + 6)
#define MARGIN (TIME_COLUMNS + 1 + LADDER_STATE_MAX + 1)
#define BELOW_INDENT 3 /* details and marks stand below the label */
#define BELOW_WIDTH (MIDDLE - 2 * BELOW_INDENT)

struct glyphs {
	const char *line; /* the lifeline */
	const char *pause;
	const char *tail[LADDER_SIDES]; /* the lifeline where an arrow starts */
	const char *head[LADDER_SIDES]; /* by the side that it points to */
	const char *dash;
	const char *tail_abrupt[LADDER_SIDES];
	const char *dash_abrupt;
	const char *dash_message;
	const char *origin; /* where a message starts */
	const char *mark;
	const char *fold;
};

static const struct glyphs ascii = {
	.line = "|",
	.pause = ":",
	.tail = { "|", "|" },
	.head = { "<", ">" },
	.dash = "-",
	.tail_abrupt = { "|", "|" },
	.dash_abrupt = "=",
	.dash_message = ".",
	.origin = "*",
	.mark = "^ ",
	.fold = ": ",
};

static const struct glyphs utf8 = {
	.line = "│",
	.pause = "┊",
	.tail = { "├", "┤" },
	.head = { "◄", "►" },
	.dash = "─",
	.tail_abrupt = { "╞", "╡" },
	.dash_abrupt = "═",
	.dash_message = "┄",
	.origin = "╳",
	.mark = "▲ ",
	.fold = "⋮ ",
};

struct pen {
	FILE *out;
	const struct glyphs *glyphs;
	bool colour;
};

static const char *const tone_escapes[] = {
	[LADDER_MUTED] = "\033[2m",
	[LADDER_PLAIN] = "",
	[LADDER_NOTICE] = "\033[33m",
	[LADDER_ALARM] = "\033[1;31m",
};
#define STATE_ESCAPE "\033[36m"
#define END_ESCAPE "\033[0m"

static void
ink(const struct pen *pen, enum ladder_tone tone)
{
	if (pen->colour)
		fputs(tone_escapes[tone], pen->out);
}

static void
ink_end(const struct pen *pen, enum ladder_tone tone)
{
	if (pen->colour && *tone_escapes[tone] != '\0')
		fputs(END_ESCAPE, pen->out);
}

static void
repeat(const struct pen *pen, const char *glyph, size_t count)
{
	while (count-- > 0)
		fputs(glyph, pen->out);
}

/* The state in its own ink; the padding stands where the lifeline is not. */
static void
put_state(const struct pen *pen, const char *state, enum ladder_side side)
{
	int width = LADDER_STATE_MAX;

	if (state == NULL) {
		if (side == LADDER_LEFT)
			fprintf(pen->out, "%*s", width, "");
		return;
	}
	if (side == LADDER_LEFT)
		fprintf(pen->out, "%*s", width - (int)strlen(state), "");
	else
		fputc(' ', pen->out);
	fprintf(pen->out, "%s%s%s", pen->colour ? STATE_ESCAPE : "", state,
			pen->colour ? END_ESCAPE : "");
}

static void
put_margin(const struct pen *pen, const struct ladder_step *step, bool timed)
{
	char time[24] = "";

	if (timed)
		ladder_time(step->time_us, time, sizeof(time));
	fprintf(pen->out, "%*.*s ", TIME_COLUMNS, TIME_COLUMNS, time);
	put_state(pen, step->state[LADDER_LEFT], LADDER_LEFT);
	fputc(' ', pen->out);
}

static void
put_arrow(const struct pen *pen, const struct ladder_step *step)
{
	const struct glyphs *glyphs = pen->glyphs;
	const char *const *tail = step->abrupt ? glyphs->tail_abrupt : glyphs->tail;
	const char *dash = step->abrupt ? glyphs->dash_abrupt : glyphs->dash;
	size_t shaft = MIDDLE - 4 - strlen(step->label);
	enum ladder_tone tone = (enum ladder_tone)step->tone;

	put_margin(pen, step, true);
	if (step->from == LADDER_LEFT) {
		fprintf(pen->out, "%s", tail[LADDER_LEFT]);
		ink(pen, tone);
		fprintf(pen->out, "%s %s ", dash, step->label);
		repeat(pen, dash, shaft);
		fputs(glyphs->head[LADDER_RIGHT], pen->out);
	} else {
		fputs(glyphs->line, pen->out);
		ink(pen, tone);
		fputs(glyphs->head[LADDER_LEFT], pen->out);
		repeat(pen, dash, shaft);
		fprintf(pen->out, " %s %s", step->label, dash);
	}
	ink_end(pen, tone);
	fputs(step->from == LADDER_LEFT ? glyphs->line : tail[LADDER_RIGHT], pen->out);
	put_state(pen, step->state[LADDER_RIGHT], LADDER_RIGHT);
	fputc('\n', pen->out);
}

/* From two thirds of the way, or as far off as the label needs. */
static void
put_message(const struct pen *pen, const struct ladder_step *step)
{
	const struct glyphs *glyphs = pen->glyphs;
	size_t used = strlen(step->label) + 6; /* head, a dash and a blank each side, origin */
	size_t dashes = used < MIDDLE * 2 / 3 ? MIDDLE * 2 / 3 - used : 0;
	size_t rest = MIDDLE - used - dashes;
	enum ladder_tone tone = (enum ladder_tone)step->tone;

	put_margin(pen, step, true);
	fputs(glyphs->line, pen->out);
	if (step->from == LADDER_LEFT)
		repeat(pen, " ", rest);
	ink(pen, tone);
	fputs(step->from == LADDER_LEFT ? glyphs->origin : glyphs->head[LADDER_LEFT], pen->out);
	repeat(pen, glyphs->dash_message, step->from == LADDER_LEFT ? 1 : dashes + 1);
	fprintf(pen->out, " %s ", step->label);
	repeat(pen, glyphs->dash_message, step->from == LADDER_LEFT ? dashes + 1 : 1);
	fputs(step->from == LADDER_LEFT ? glyphs->head[LADDER_RIGHT] : glyphs->origin, pen->out);
	ink_end(pen, tone);
	if (step->from == LADDER_RIGHT)
		repeat(pen, " ", rest);
	fputs(glyphs->line, pen->out);
	put_state(pen, step->state[LADDER_RIGHT], LADDER_RIGHT);
	fputc('\n', pen->out);
}

/* How wide the widest line of a wrapped text is. */
static size_t
widest(const char *text, size_t width)
{
	size_t most = 0;

	while (*text != '\0') {
		size_t len = ladder_wrap(text, width, &text);

		most = len > most ? len : most;
	}
	return most;
}

/* A text between the lifelines, on as many lines as it needs, at the sender's side. */
static void
put_below(const struct pen *pen, const struct ladder_step *step, const char *text, const char *lead,
		enum ladder_tone tone)
{
	/* Leads are two columns wide, whatever their bytes. */
	size_t lead_width = *lead != '\0' ? 2 : 0;
	size_t room = BELOW_WIDTH - lead_width;
	size_t before = step->from == LADDER_LEFT ? 0 : room - widest(text, room);

	while (*text != '\0') {
		const char *start = text;
		size_t len = ladder_wrap(text, room, &text);

		fprintf(pen->out, "%*s%s", MARGIN, "", pen->glyphs->line);
		repeat(pen, " ", BELOW_INDENT + before);
		ink(pen, tone);
		fprintf(pen->out, "%s%.*s", lead, (int)len, start);
		ink_end(pen, tone);
		repeat(pen, " ", room - before - len + BELOW_INDENT);
		fprintf(pen->out, "%s\n", pen->glyphs->line);
		lead = lead_width != 0 ? "  " : "";
	}
}

static void
put_across(const struct pen *pen, const struct ladder_step *step, const char *lead)
{
	const char *line = step->kind == LADDER_PAUSE ? pen->glyphs->pause : pen->glyphs->line;
	size_t used = strlen(step->label) + (*lead != '\0' ? 2 : 0);
	size_t before = (MIDDLE - used) / 2;
	enum ladder_tone tone = (enum ladder_tone)step->tone;

	put_margin(pen, step, step->kind == LADDER_FOLD);
	fputs(line, pen->out);
	repeat(pen, " ", before);
	ink(pen, tone);
	fprintf(pen->out, "%s%s", lead, step->label);
	ink_end(pen, tone);
	repeat(pen, " ", MIDDLE - used - before);
	fputs(line, pen->out);
	put_state(pen, step->state[LADDER_RIGHT], LADDER_RIGHT);
	fputc('\n', pen->out);
}

static void
put_step(const struct pen *pen, const struct ladder_step *step)
{
	switch ((enum ladder_kind)step->kind) {
	case LADDER_ARROW:
		put_arrow(pen, step);
		break;
	case LADDER_MESSAGE:
		put_message(pen, step);
		break;
	case LADDER_PAUSE:
		put_across(pen, step, "");
		return;
	case LADDER_FOLD:
		put_across(pen, step, pen->glyphs->fold);
		break;
	}
	put_below(pen, step, step->detail, "", LADDER_MUTED);
	put_below(pen, step, step->mark, pen->glyphs->mark, (enum ladder_tone)step->tone);
}

/* Each name stands over its lifeline if it can, and in any case on its side. */
static void
put_heads(const struct pen *pen, const char *left, const char *right)
{
	int right_line = MARGIN + MIDDLE + 1;
	int left_at = MARGIN - (int)strlen(left) / 2;
	int right_at = right_line - (int)strlen(right) / 2;

	if (left_at < 0)
		left_at = 0;
	if (right_at + (int)strlen(right) > LADDER_COLUMNS)
		right_at = LADDER_COLUMNS - (int)strlen(right);
	if (left_at + (int)strlen(left) >= right_at)
		left_at = right_at - (int)strlen(left) - 1;
	fprintf(pen->out, "%*s%s%*s%s\n", left_at, "", left, right_at - left_at - (int)strlen(left),
			"", right);
}

static void
put_wrapped(const char *text, FILE *out)
{
	while (*text != '\0') {
		const char *start = text;
		size_t len = ladder_wrap(text, LADDER_COLUMNS, &text);

		fprintf(out, "%.*s\n", (int)len, start);
	}
}

void
ladder_text_end(const struct ladder *ladder, FILE *out)
{
	if (ladder->note != NULL) {
		fputc('\n', out);
		put_wrapped(ladder->note, out);
	}
	fputc('\n', out);
	put_wrapped(ladder->verdict, out);
}

void
ladder_text(const struct ladder *ladder, const struct ladder_look *look, FILE *out)
{
	const struct pen pen = { out, look->utf8 ? &utf8 : &ascii, look->colour };

	fprintf(out, "%s\n%s\n\n", ladder->title, ladder->subtitle);
	put_heads(&pen, ladder->role[LADDER_LEFT], ladder->role[LADDER_RIGHT]);
	put_heads(&pen, ladder->name[LADDER_LEFT], ladder->name[LADDER_RIGHT]);
	for (size_t i = 0; i < ladder->count; i++)
		put_step(&pen, &ladder->steps[i]);
	ladder_text_end(ladder, out);
}
