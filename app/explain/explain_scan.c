/* SPDX-License-Identifier: Apache-2.0 */

#include "app/explain/explain_scan.h"

#include "app/params.h"
#include "base/compiler.h"
#include "flow/flow_key.h"
#include "packet/parse.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Of a SYN that may turn out to belong elsewhere: its headers, options included. */
#define PENDING_BYTES 192

struct pending_syn {
	struct frame frame;
	struct segment segment;
	uint64_t number;
	uint8_t bytes[PENDING_BYTES];
};

/* A connection that the flow table holds; so there are no more of them than its slots. */
struct live {
	struct flow_key key;
	uint64_t number;
	struct pending_syn *pending; /* NULL: no SYN in the connection */
};

struct pass {
	const struct pipeline_params *params;
	const struct explain_visitor *visitor;
	struct explain_scan *scan;
	struct pipeline *pipeline;
	void *memory;
	size_t memory_size;
	void *live; /* a tree of struct live, by key */
	struct live *ended; /* the last; NULL: none yet */
	int error; /* the first, -errno */
};

/* Any order will do. Member by member: what lies between them means nothing. */
static int
compare_keys(const void *a, const void *b)
{
	const struct flow_key *left = &((const struct live *)a)->key;
	const struct flow_key *right = &((const struct live *)b)->key;
	int order = memcmp(left->addr, right->addr, sizeof(left->addr));

	if (order == 0)
		order = memcmp(left->port, right->port, sizeof(left->port));
	if (order == 0)
		order = memcmp(left->vlan, right->vlan, sizeof(left->vlan));
	return order != 0 ? order : left->ipv6 - right->ipv6;
}

static void
free_live(void *node)
{
	struct live *live = node;

	if (live != NULL)
		free(live->pending);
	free(live);
}

static void
fail(struct pass *pass, int error)
{
	if (pass->error == 0)
		pass->error = error;
}

static void
key_of_event(const struct pass *pass, const struct event *event, struct flow_key *key)
{
	const struct flow_entry *entry = &event->flow.entry;

	*key = (struct flow_key){ 0 };
	memcpy(key->addr, entry->addr, sizeof(key->addr));
	memcpy(key->port, entry->port, sizeof(key->port));
	if (pass->params->vlan_in_key)
		memcpy(key->vlan, event->flow.evidence.vlan, sizeof(key->vlan));
	key->ipv6 = (entry->flags & FLOW_IPV6) != 0;
}

static struct live *
find_live(const struct pass *pass, const struct flow_key *key)
{
	const struct live wanted = { .key = *key };
	void *found = tfind(&wanted, &pass->live, compare_keys);

	return found != NULL ? *(struct live **)found : NULL;
}

static struct live *
add_live(struct pass *pass, const struct flow_key *key)
{
	struct live *live = calloc(1, sizeof(*live));

	if (live == NULL)
		return NULL;
	live->key = *key;
	if (tsearch(live, &pass->live, compare_keys) == NULL) {
		free_live(live);
		return NULL;
	}
	live->number = ++pass->scan->connections;
	return live;
}

static void
tell_connection(struct pass *pass, const struct event *event)
{
	const struct explain_visitor *visitor = pass->visitor;
	struct flow_key key;
	struct live *live;
	struct record record;

	if ((event->kinds & EVENT_CONNECTION) == 0)
		return;
	key_of_event(pass, event, &key);
	live = find_live(pass, &key);
	if (live == NULL)
		return;
	tdelete(live, &pass->live, compare_keys);
	free_live(pass->ended);
	pass->ended = live;
	if (visitor->connection == NULL)
		return;
	event_to_record(event, &record);
	fail(pass, visitor->connection(visitor->context, live->number, &record));
}

static void
take_events(struct pass *pass)
{
	struct event_batch *batch = pipeline_events(pass->pipeline);

	for (uint32_t i = 0; i < batch->count; i++)
		tell_connection(pass, &batch->events[i]);
	batch->count = 0;
}

static void
tell_segment(struct pass *pass, const struct explain_segment *segment)
{
	const struct explain_visitor *visitor = pass->visitor;

	if (visitor->segment != NULL)
		fail(pass, visitor->segment(visitor->context, segment));
}

/* Keep a SYN inside a connection for the connection that it may have opened. */
static void
keep_pending(struct pass *pass, struct live *live, const struct explain_segment *in)
{
	struct pending_syn *pending = live->pending;

	if ((in->segment->tcp_flags & (TCP_SYN | TCP_ACK)) != TCP_SYN ||
			(in->now->entry.flags & FLOW_SYN_PENDING) == 0)
		return;
	if (pending == NULL)
		pending = live->pending = malloc(sizeof(*pending));
	if (pending == NULL) {
		fail(pass, -ENOMEM);
		return;
	}
	pending->segment = *in->segment;
	pending->number = in->number;
	pending->frame = *in->frame;
	pending->frame.data = pending->bytes;
	if (pending->frame.len > PENDING_BYTES)
		pending->frame.len = PENDING_BYTES;
	memcpy(pending->bytes, in->frame->data, pending->frame.len);
}

/* The new connection was opened by a SYN that was told of the one before. */
static void
tell_pending(struct pass *pass, const struct live *live, const struct explain_segment *in)
{
	const struct pending_syn *pending = pass->ended != NULL ? pass->ended->pending : NULL;
	const struct explain_visitor *visitor = pass->visitor;
	struct explain_segment syn = { .connection = live->number };

	if (pending == NULL || compare_keys(pass->ended, live) != 0 ||
			in->now->tally.isn[FLOW_CLIENT] != pending->segment.seq ||
			in->segment->seq == pending->segment.seq)
		return;
	if (visitor->lost_syn != NULL)
		visitor->lost_syn(visitor->context, pass->ended->number, pending->segment.seq);
	syn.number = pending->number;
	syn.frame = &pending->frame;
	syn.segment = &pending->segment;
	tell_segment(pass, &syn);
}

static void
take_frame(struct pass *pass, const struct frame *frame)
{
	struct flow_snapshot now;
	struct segment segment;
	struct explain_segment out = {
		.number = ++pass->scan->frames, .frame = frame, .segment = &segment, .now = &now
	};
	struct flow_key key;
	struct live *live;
	uint8_t verdict;

	pipeline_burst(pass->pipeline, frame, 1, &verdict);
	take_events(pass);
	parse_frame(frame, &segment);
	if ((segment.kind != PACKET_TCP && segment.kind != PACKET_ICMP_TCP) ||
			!pipeline_peek(pass->pipeline, &segment, &now))
		return;
	flow_key_of(&segment, pass->params->vlan_in_key, &key);
	live = find_live(pass, &key);
	if (live == NULL) {
		live = add_live(pass, &key);
		if (live == NULL) {
			fail(pass, -ENOMEM);
			return;
		}
		tell_pending(pass, live, &out);
	}
	out.connection = live->number;
	keep_pending(pass, live, &out);
	tell_segment(pass, &out);
}

static int
prepare(struct pass *pass, struct pipeline_params *params, struct err *err)
{
	params->tracker.timeouts = false;
	params_make_repeatable(params);
	pass->memory_size = pipeline_memory_size(params);
	/* Zeroed, aligned, and taken by the page as the table fills. */
	pass->memory = mmap(NULL, pass->memory_size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pass->memory == MAP_FAILED) {
		pass->memory = NULL;
		return err_set(err, ENOMEM, "no memory for a flow table of %u", params->flow_slots);
	}
	pass->params = params;
	pass->pipeline = pipeline_init(pass->memory, params);
	return 0;
}

static void
read_frames(struct pass *pass, struct capture_file *file)
{
	struct explain_scan *scan = pass->scan;
	enum capture_end end = CAPTURE_END_NOT_YET;
	struct frame frame;

	while (pass->error == 0) {
		end = capture_file_next(file, &frame);
		if (end != CAPTURE_END_NOT_YET)
			break;
		if (scan->frames == 0)
			scan->first_us = frame.time_us;
		if (frame.time_us > scan->last_us)
			scan->last_us = frame.time_us;
		take_frame(pass, &frame);
	}
	scan->end = end;
	snprintf(scan->end_text, sizeof(scan->end_text), "%s", capture_file_end_text(file));
	while (pass->error == 0 && !pipeline_finish(pass->pipeline, scan->last_us))
		take_events(pass);
	take_events(pass);
}

int
explain_scan_run(const char *path, const struct pipeline_params *params,
		const struct explain_visitor *visitor, struct explain_scan *scan, struct err *err)
{
	struct pipeline_params own = *params;
	struct pass pass = { .visitor = visitor, .scan = scan };
	struct capture_file *file;
	int rc = capture_file_open(path, &file, err);

	if (rc < 0)
		return rc;
	*scan = (struct explain_scan){ 0 };
	rc = prepare(&pass, &own, err);
	if (rc == 0) {
		read_frames(&pass, file);
		rc = pass.error;
		if (rc != 0)
			err_set(err, -rc, "%s: out of memory", path);
	}
	tdestroy(pass.live, free_live);
	free_live(pass.ended);
	if (pass.memory != NULL)
		munmap(pass.memory, pass.memory_size);
	capture_file_close(file);
	return rc;
}
