/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The ladder diagram: two lifelines, time from top to bottom, an arrow a segment.
 *
 *        time       state |  label, details and marks     | state
 *    0.000000    SYN_SENT |-- [S] seq 284972257 --------->|
 *    0.000264             |<- [S.] seq 1986854381 ... ----| SYN_RECEIVED
 *
 * A ladder is data; text and picture are two ways to write the same one, so they cannot
 * differ in what they say. It knows no TCP: whoever makes the steps (observe/conversation.h)
 * decides what is said. All texts are printable ASCII. Pure; nothing here allocates.
 */

#ifndef OBSERVE_LADDER_H
#define OBSERVE_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LADDER_COLUMNS 100 /* no line of the text is longer */
#define LADDER_LABEL_MAX 52 /* what fits on an arrow of the text */
#define LADDER_DETAIL_MAX 120
#define LADDER_MARK_MAX 240
#define LADDER_STATE_MAX 12 /* SYN_RECEIVED */
#define LADDER_NAME_MAX 47 /* an IPv6 address in brackets, and a port */

enum ladder_side {
	LADDER_LEFT,
	LADDER_RIGHT,
	LADDER_SIDES,
};

enum ladder_kind {
	LADDER_ARROW, /* from lifeline to lifeline */
	LADDER_MESSAGE, /* from somewhere between, to the side that is not `from` */
	LADDER_PAUSE, /* nothing, for so long that it is said */
	LADDER_FOLD, /* several arrows that are not drawn */
};

/* How much a step deserves the eye. */
enum ladder_tone {
	LADDER_MUTED,
	LADDER_PLAIN,
	LADDER_NOTICE,
	LADDER_ALARM,
};

struct ladder_step {
	uint64_t time_us; /* since the ladder's start; a pause has none */
	uint8_t kind; /* enum ladder_kind */
	uint8_t from; /* enum ladder_side; for arrows and messages */
	uint8_t tone; /* enum ladder_tone */
	bool abrupt; /* drawn double: a RST */
	const char *state[LADDER_SIDES]; /* what each end is in from here on; NULL: as before */
	char label[LADDER_LABEL_MAX + 1]; /* on the arrow */
	char detail[LADDER_DETAIL_MAX + 1]; /* below it, muted; may be empty */
	char mark[LADDER_MARK_MAX + 1]; /* below it, in the step's tone; may be empty */
};

struct ladder {
	char title[LADDER_COLUMNS + 1];
	char subtitle[LADDER_COLUMNS + 1];
	const char *role[LADDER_SIDES];
	char name[LADDER_SIDES][LADDER_NAME_MAX + 1];
	const struct ladder_step *steps;
	size_t count;
	const char *note; /* what the reader must know before he believes it; NULL: nothing */
	const char *verdict; /* in sentences; wrapped where it is written */
};

struct ladder_look {
	bool utf8; /* box drawing characters; otherwise ASCII */
	bool colour; /* escape sequences of ECMA-48 */
};

/** Write it as text. The caller looks at ferror(). */
void ladder_text(const struct ladder *ladder, const struct ladder_look *look, FILE *out);

/** Of the text, what stands below the steps: note and verdict. */
void ladder_text_end(const struct ladder *ladder, FILE *out);

/* What can draw a picture gives up on one of more than 32767 lines. */
#define LADDER_SVG_STEPS_MAX 500

/**
 * Write it as a picture: SVG 1.1, whole in itself; of a longer ladder the middle is left
 * out. The caller looks at ferror().
 */
void ladder_svg(const struct ladder *ladder, FILE *out);

/**
 * How much of @p text fits on a line of @p width, broken behind a space where one is.
 *
 * @param[out] next
 *   Where the next line starts.
 * @return
 *   Characters of this line, without the space it ends at; 0 at the end only.
 */
size_t ladder_wrap(const char *text, size_t width, const char **next);

/** The text of a step's time, "0.000264"; @p room 24 is enough. */
void ladder_time(uint64_t time_us, char *out, size_t room);

#endif /* OBSERVE_LADDER_H */
