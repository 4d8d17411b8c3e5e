/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "observe/ladder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct ladder_step plain_steps[] = {
	{ .kind = LADDER_ARROW,
			.from = LADDER_LEFT,
			.tone = LADDER_PLAIN,
			.state = { "SYN_SENT", NULL },
			.label = "[S] seq 1 win 64240",
			.detail = "mss 1460" },
	{ .kind = LADDER_ARROW,
			.from = LADDER_RIGHT,
			.tone = LADDER_NOTICE,
			.time_us = 264,
			.state = { NULL, "SYN_RECEIVED" },
			.label = "[S.] seq 9 ack 2 win 65160",
			.mark = "retransmission" },
	{ .kind = LADDER_PAUSE, .tone = LADDER_MUTED, .label = "6.84 s of silence" },
	{ .kind = LADDER_FOLD, .tone = LADDER_MUTED, .time_us = 6836000, .label = "3 segments" },
	{ .kind = LADDER_MESSAGE,
			.from = LADDER_RIGHT,
			.tone = LADDER_PLAIN,
			.time_us = 6837000,
			.label = "ICMP" },
	{ .kind = LADDER_MESSAGE,
			.from = LADDER_LEFT,
			.tone = LADDER_PLAIN,
			.time_us = 6837000,
			.label = "ICMP" },
	{ .kind = LADDER_ARROW,
			.from = LADDER_LEFT,
			.tone = LADDER_ALARM,
			.abrupt = true,
			.time_us = 123456789012,
			.state = { "CLOSED", "CLOSED" },
			.label = "[R] seq 1" },
};

static struct ladder
ladder_of(const struct ladder_step *steps, size_t count)
{
	return (struct ladder){ .title = "Connection 1",
		.subtitle = "some facts",
		.role = { "client", "server" },
		.name = { "192.0.2.1:1", "192.0.2.2:80" },
		.steps = steps,
		.count = count,
		.verdict = "It failed." };
}

static char *
text_of(const struct ladder *ladder, bool utf8, bool colour)
{
	const struct ladder_look look = { utf8, colour };
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	ladder_text(ladder, &look, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static char *
svg_of(const struct ladder *ladder)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	ladder_svg(ladder, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Characters, not bytes: continuation bytes of UTF-8 take no column. */
static size_t
widest_line(const char *text)
{
	size_t widest = 0, width = 0;

	for (; *text != '\0'; text++) {
		if (*text == '\n')
			width = 0;
		else if (((unsigned char)*text & 0xc0) != 0x80)
			width++;
		widest = width > widest ? width : widest;
	}
	return widest;
}

static void
each_kind_of_step_has_its_shape_in_ascii(void **state)
{
	const struct ladder ladder = ladder_of(plain_steps, ARRAY_LEN(plain_steps));
	char *text = text_of(&ladder, false, false);

	(void)state;
	assert_string_equal(text,
			"Connection 1\n"
			"some facts\n"
			"\n"
			"                       client                                                     server\n"
			"                     192.0.2.1:1                                               192.0.2.2:80\n"
			"    0.000000     SYN_SENT |- [S] seq 1 win 64240 ----------------------------------->|\n"
			"                          |   mss 1460                                               |\n"
			"    0.000264              |<---------------------------- [S.] seq 9 ack 2 win 65160 -| SYN_RECEIVED\n"
			"                          |                                       ^ retransmission   |\n"
			"                          :                    6.84 s of silence                     :\n"
			"    6.836000              |                       : 3 segments                       |\n"
			"    6.837000              |<............................. ICMP .*                    |\n"
			"    6.837000              |                    *. ICMP .............................>|\n"
			"123456.78901       CLOSED |= [R] seq 1 =============================================>| CLOSED\n"
			"\n"
			"It failed.\n");
	free(text);
}

static void
a_utf8_locale_gets_box_drawing_characters(void **state)
{
	const struct ladder ladder = ladder_of(plain_steps, 2);
	char *text = text_of(&ladder, true, false);

	(void)state;
	assert_non_null(strstr(text, "SYN_SENT ├─ [S] seq 1 win 64240 ──"));
	assert_non_null(strstr(text, "──►│\n"));
	assert_non_null(strstr(text, "│◄──"));
	assert_non_null(strstr(text, " ─┤ SYN_RECEIVED\n"));
	assert_non_null(strstr(text, "▲ retransmission   │\n"));
	free(text);
}

static void
without_colour_there_is_no_escape_sequence(void **state)
{
	const struct ladder ladder = ladder_of(plain_steps, ARRAY_LEN(plain_steps));
	char *plain = text_of(&ladder, true, false);
	char *coloured = text_of(&ladder, true, true);

	(void)state;
	assert_null(strchr(plain, '\033'));
	assert_non_null(strstr(coloured, "\033[1;31m"));
	free(plain);
	free(coloured);
}

static void
every_colour_is_ended_on_its_line(void **state)
{
	const struct ladder ladder = ladder_of(plain_steps, ARRAY_LEN(plain_steps));
	char *text = text_of(&ladder, true, true);
	bool inked = false;

	(void)state;
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '\033')
			inked = strncmp(at, "\033[0m", 4) != 0;
		if (*at == '\n')
			assert_false(inked);
	}
	free(text);
}

static void
colour_changes_nothing_else(void **state)
{
	const struct ladder ladder = ladder_of(plain_steps, ARRAY_LEN(plain_steps));
	char *plain = text_of(&ladder, false, false);
	char *coloured = text_of(&ladder, false, true);
	char *to = coloured;

	(void)state;
	for (const char *from = coloured; *from != '\0'; from++) {
		if (*from == '\033')
			from = strchr(from, 'm');
		else
			*to++ = *from;
	}
	*to = '\0';
	assert_string_equal(coloured, plain);
	free(plain);
	free(coloured);
}

/* Everything as long as it may be. */
static void
the_longest_texts_fit_a_hundred_columns(void **state)
{
	struct ladder_step steps[8] = { 0 };
	struct ladder ladder = ladder_of(steps, ARRAY_LEN(steps));
	char verdict[600];
	char *text;

	(void)state;
	memset(ladder.title, 't', sizeof(ladder.title) - 1);
	memset(ladder.subtitle, 's', sizeof(ladder.subtitle) - 1);
	memset(ladder.name[0], 'a', LADDER_NAME_MAX);
	memset(ladder.name[1], 'b', LADDER_NAME_MAX);
	memset(verdict, 'v', sizeof(verdict));
	verdict[sizeof(verdict) - 1] = '\0';
	ladder.verdict = verdict;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		steps[i].kind = (uint8_t)(i / 2);
		steps[i].from = i % 2;
		steps[i].time_us = UINT64_MAX;
		steps[i].state[0] = steps[i].state[1] = "SYN_RECEIVED";
		memset(steps[i].label, 'l', LADDER_LABEL_MAX);
		memset(steps[i].detail, 'd', LADDER_DETAIL_MAX);
		memset(steps[i].mark, 'm', LADDER_MARK_MAX);
	}
	for (int utf8 = 0; utf8 < 2; utf8++) {
		text = text_of(&ladder, utf8, false);
		assert_int_equal(widest_line(text), LADDER_COLUMNS);
		free(text);
	}
}

static void
two_long_names_stand_side_by_side(void **state)
{
	struct ladder ladder = ladder_of(plain_steps, 1);
	char *text;

	(void)state;
	memset(ladder.name[0], 'a', LADDER_NAME_MAX);
	memset(ladder.name[1], 'b', LADDER_NAME_MAX);
	text = text_of(&ladder, false, false);
	assert_non_null(strstr(text, "aaa   bbb"));
	free(text);
}

static void
a_text_is_wrapped_at_blanks_and_inside_a_word_that_is_too_long(void **state)
{
	const char *next;

	(void)state;
	assert_int_equal(ladder_wrap("one two three", 8, &next), 7);
	assert_string_equal(next, "three");
	assert_int_equal(ladder_wrap("one two", 7, &next), 7);
	assert_string_equal(next, "");
	assert_int_equal(ladder_wrap("incomprehensible", 5, &next), 5);
	assert_string_equal(next, "prehensible");
	assert_int_equal(ladder_wrap("", 5, &next), 0);
}

static void
the_picture_says_what_the_text_says(void **state)
{
	const struct ladder ladder = ladder_of(plain_steps, ARRAY_LEN(plain_steps));
	char *svg = svg_of(&ladder);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plain_steps); i++)
		assert_non_null(strstr(svg, plain_steps[i].label));
	assert_non_null(strstr(svg, ">mss 1460<"));
	assert_non_null(strstr(svg, ">retransmission<"));
	assert_non_null(strstr(svg, ">SYN_RECEIVED<"));
	assert_non_null(strstr(svg, ">0.000264<"));
	assert_non_null(strstr(svg, ">It failed.<"));
	assert_null(strstr(svg, "<script"));
	assert_null(strstr(svg, "href"));
	free(svg);
}

static void
a_picture_escapes_what_xml_would_read(void **state)
{
	struct ladder ladder = ladder_of(plain_steps, 1);
	char *svg;

	(void)state;
	ladder.verdict = "a < b & c > \"d\"";
	svg = svg_of(&ladder);
	assert_non_null(strstr(svg, ">a &lt; b &amp; c &gt; &quot;d&quot;<"));
	free(svg);
}

static void
a_picture_of_a_long_ladder_leaves_out_its_middle_and_says_so(void **state)
{
	size_t count = LADDER_SVG_STEPS_MAX + 7;
	struct ladder_step *steps = calloc(count, sizeof(*steps));
	struct ladder ladder = ladder_of(steps, count);
	char *svg;

	(void)state;
	assert_non_null(steps);
	for (size_t i = 0; i < count; i++)
		snprintf(steps[i].label, sizeof(steps[i].label), "step %zu.", i);
	svg = svg_of(&ladder);
	assert_non_null(strstr(svg, ">step 0.<"));
	assert_non_null(strstr(svg, ">step 249.<"));
	assert_null(strstr(svg, ">step 250.<"));
	assert_null(strstr(svg, ">step 256.<"));
	assert_non_null(strstr(svg, ">7 steps are not in the picture<"));
	assert_non_null(strstr(svg, ">step 257.<"));
	assert_non_null(strstr(svg, ">step 506.<"));
	free(svg);
	free(steps);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_step_has_its_shape_in_ascii),
		cmocka_unit_test(a_utf8_locale_gets_box_drawing_characters),
		cmocka_unit_test(without_colour_there_is_no_escape_sequence),
		cmocka_unit_test(every_colour_is_ended_on_its_line),
		cmocka_unit_test(colour_changes_nothing_else),
		cmocka_unit_test(the_longest_texts_fit_a_hundred_columns),
		cmocka_unit_test(two_long_names_stand_side_by_side),
		cmocka_unit_test(a_text_is_wrapped_at_blanks_and_inside_a_word_that_is_too_long),
		cmocka_unit_test(the_picture_says_what_the_text_says),
		cmocka_unit_test(a_picture_escapes_what_xml_would_read),
		cmocka_unit_test(a_picture_of_a_long_ladder_leaves_out_its_middle_and_says_so),
	};

	return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
