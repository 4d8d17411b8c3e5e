/* SPDX-License-Identifier: Apache-2.0 */

#include "app/explain/explain_ladder.h"

#include "app/command.h"
#include "app/explain/explain_scan.h"
#include "observe/conversation.h"
#include "observe/conversation_text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define NOTE_MAX 1024

struct collector {
	struct conversation *conversation;
	const struct connection_row *row;
	uint64_t earlier; /* the last connection before it with the same endpoints; 0: none */
	uint64_t later; /* the first one behind it */
};

static int
take_segment(void *context, const struct explain_segment *segment)
{
	struct collector *collector = context;

	if (segment->connection != collector->row->number)
		return 0;
	return conversation_add(collector->conversation, segment->frame, segment->segment,
			segment->number, segment->now);
}

static void
lose_syn(void *context, uint64_t connection, uint32_t seq)
{
	struct collector *collector = context;

	if (connection == collector->row->number)
		conversation_give_syn(collector->conversation, seq);
}

static bool
is_endpoint(const struct record_side *a, const struct record_side *b)
{
	return a->port == b->port && memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

static bool
is_same_pair(const struct record *a, const struct record *b)
{
	const struct record_side *one = a->side, *other = b->side;

	if (a->ip_version != b->ip_version)
		return false;
	return (is_endpoint(&one[0], &other[0]) && is_endpoint(&one[1], &other[1])) ||
			(is_endpoint(&one[0], &other[1]) && is_endpoint(&one[1], &other[0]));
}

static int
take_connection(void *context, uint64_t number, const struct record *record)
{
	struct collector *collector = context;

	if (number == collector->row->number) {
		conversation_finish(collector->conversation, record);
		return 0;
	}
	if (!is_same_pair(record, &collector->row->record))
		return 0;
	if (number < collector->row->number && number > collector->earlier)
		collector->earlier = number;
	if (number > collector->row->number && (collector->later == 0 || number < collector->later))
		collector->later = number;
	return 0;
}

static void
note_reuse(const struct collector *collector, struct conversation_text *text)
{
	if (collector->earlier == 0 && collector->later == 0)
		return;
	conversation_text_add(text, "The same two endpoints also had connection ");
	if (collector->earlier != 0)
		conversation_text_add(text, "%" PRIu64 " before this one", collector->earlier);
	if (collector->earlier != 0 && collector->later != 0)
		conversation_text_add(text, " and ");
	if (collector->later != 0)
		conversation_text_add(text, "%" PRIu64 " after it", collector->later);
	conversation_text_add(text, ". ");
}

/* Relative numbers of a side whose SYN was not seen count from what was seen first. */
static void
note_bases(const struct conversation *conversation, struct conversation_text *text)
{
	for (enum flow_side side = FLOW_CLIENT; side < FLOW_SIDES; side++)
		if (!conversation->record.side[side].syn_seen &&
				conversation->base_since[side] != 0)
			conversation_text_add(text,
					"The %s's SYN is not in the capture: its numbers count from "
					"%" PRIu32 ". ",
					conversation_text_side(side), conversation->base[side]);
}

static void
write_note(const struct collector *collector, const struct explain_scan *scan, char out[NOTE_MAX])
{
	const struct record *record = &collector->conversation->record;
	struct conversation_text text = conversation_text_in(out, NOTE_MAX);

	if (scan->end_text[0] != '\0')
		conversation_text_add(&text, "The capture is not whole: %s. ", scan->end_text);
	if (record->vlan_count > 0)
		conversation_text_add(&text, "On VLAN %u", record->vlan[0]);
	if (record->vlan_count > 1)
		conversation_text_add(&text, ", %u inside", record->vlan[1]);
	conversation_text_add(&text, "%s", record->vlan_count > 0 ? ". " : "");
	note_bases(collector->conversation, &text);
	note_reuse(collector, &text);
	while (text.len > 0 && out[text.len - 1] == ' ')
		out[--text.len] = '\0';
}

static int
write_svg(const char *path, const struct ladder *ladder)
{
	FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	bool good;

	if (file != NULL) {
		ladder_svg(ladder, file);
		good = fflush(file) == 0 && !ferror(file);
		good = (file == stdout || fclose(file) == 0) && good;
		if (good)
			return COMMAND_FINE;
	}
	fprintf(stderr, "synwire explain: %s: the picture cannot be written: %s\n", path,
			strerror(errno));
	return COMMAND_FAILED;
}

static int
write_all(const struct explain_options *options, const struct conversation *conversation,
		const struct ladder *ladder)
{
	bool only_svg = options->svg != NULL && strcmp(options->svg, "-") == 0;

	if (options->packets && !only_svg) {
		conversation_packets_print(conversation, stdout);
		ladder_text_end(ladder, stdout);
	} else if (!only_svg) {
		ladder_text(ladder, &options->look, stdout);
	}
	return options->svg != NULL ? write_svg(options->svg, ladder) : COMMAND_FINE;
}

static int
draw(const struct explain_options *options, const struct collector *collector,
		const struct explain_scan *scan)
{
	char note[NOTE_MAX];
	char verdict[CONVERSATION_VERDICT_MAX];
	struct ladder ladder;
	int status;

	if (conversation_ladder_make(collector->conversation, collector->row->number, options->all,
			    &ladder) != 0) {
		fprintf(stderr, "synwire explain: out of memory\n");
		return COMMAND_FAILED;
	}
	write_note(collector, scan, note);
	conversation_verdict_write(collector->conversation, scan->last_us, verdict);
	ladder.note = note[0] != '\0' ? note : NULL;
	ladder.verdict = verdict;
	status = write_all(options, collector->conversation, &ladder);
	conversation_ladder_free(&ladder);
	return status;
}

int
explain_ladder_draw(const struct explain_options *options, const struct connection_row *row)
{
	struct collector collector = { .conversation = conversation_create(), .row = row };
	const struct explain_visitor visitor = { .context = &collector,
		.segment = take_segment,
		.connection = take_connection,
		.lost_syn = lose_syn };
	struct explain_scan scan;
	struct err err;
	int status = COMMAND_FAILED;

	if (collector.conversation == NULL)
		fprintf(stderr, "synwire explain: out of memory\n");
	else if (explain_scan_run(options->capture, &options->pipeline, &visitor, &scan, &err) != 0)
		fprintf(stderr, "synwire explain: %s\n", err.text);
	else
		status = draw(options, &collector, &scan);
	conversation_destroy(collector.conversation);
	return status;
}
