/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/evidence_gather.h"

#include "base/compiler.h"

#include <stdlib.h>
#include <string.h>

struct part {
	struct mail mail;
	struct evidence_request request;
	bool is_out; /* posted */
};

struct evidence_gather {
	struct evidence_target target;
	uint32_t packets;
	uint32_t workers;
	atomic_bool is_enough; /* control: wo, workers: ro */
	struct kept_header *headers; /* for each worker 2 * packets */
	struct part parts[]; /* for each worker */
};

/* One of the frames, and its place among those of the same time. */
struct entry {
	const struct kept_header *header;
	uint32_t order;
};

struct entries {
	struct entry *all;
	uint32_t count;
};

static void
write_request(struct evidence_gather *gather, uint32_t worker,
		const struct victim_prefixes *prefixes, uint64_t until_us)
{
	struct kept_header *room = &gather->headers[(size_t)worker * 2 * gather->packets];
	struct part *part = &gather->parts[worker];

	part->request.victim = gather->target.victim;
	part->request.prefixes = *prefixes;
	part->request.until_us = until_us;
	part->request.before = room;
	part->request.before_room = gather->packets;
	part->request.after = room + gather->packets;
	part->request.after_room = gather->packets;
	part->request.is_enough = &gather->is_enough;
	part->mail.kind = MAIL_EVIDENCE;
	part->mail.evidence = &part->request;
}

struct evidence_gather *
evidence_gather_create(const struct evidence_target *target, const struct victim_prefixes *prefixes,
		uint32_t workers, uint32_t packets, uint64_t until_us)
{
	const size_t size = (size_t)workers * 2 * packets * sizeof(struct kept_header);
	struct evidence_gather *gather = calloc(
			1, sizeof(*gather) + workers * sizeof(gather->parts[0]));

	if (gather == NULL)
		return NULL;
	gather->headers = aligned_alloc(CACHE_LINE, size);
	if (gather->headers == NULL) {
		free(gather);
		return NULL;
	}
	memset(gather->headers, 0, size); /* page faults are taken here, not by a worker */
	gather->target = *target;
	gather->workers = workers;
	gather->packets = packets;
	for (uint32_t w = 0; w < workers; w++)
		write_request(gather, w, prefixes, until_us);
	return gather;
}

void
evidence_gather_post(struct evidence_gather *gather,
		bool (*post)(void *context, uint32_t worker, struct mail *mail), void *context)
{
	for (uint32_t w = 0; w < gather->workers; w++)
		gather->parts[w].is_out = post(context, w, &gather->parts[w].mail);
}

void
evidence_gather_stop(struct evidence_gather *gather)
{
	atomic_store_explicit(&gather->is_enough, true, memory_order_relaxed);
}

static bool
is_out(const struct part *part)
{
	return part->is_out && !atomic_load_explicit(&part->mail.done, memory_order_acquire);
}

bool
evidence_gather_is_over(struct evidence_gather *gather)
{
	uint64_t found = 0;
	bool any_out = false;

	for (uint32_t w = 0; w < gather->workers; w++) {
		found += counter_read(&gather->parts[w].request.after_found);
		any_out |= is_out(&gather->parts[w]);
	}
	if (found >= gather->packets)
		evidence_gather_stop(gather);
	return !any_out;
}

const struct evidence_target *
evidence_gather_of(const struct evidence_gather *gather)
{
	return &gather->target;
}

uint64_t
evidence_gather_missed(const struct evidence_gather *gather)
{
	uint64_t missed = 0;

	for (uint32_t w = 0; w < gather->workers; w++)
		missed += gather->parts[w].request.missed;
	return missed;
}

static void
append(struct entries *entries, const struct kept_header *header)
{
	entries->all[entries->count] = (struct entry){ .header = header, .order = entries->count };
	entries->count++;
}

/* The oldest first. */
static void
append_before(struct entries *entries, const struct evidence_request *request)
{
	const uint32_t count = evidence_request_before_count(request);

	for (uint64_t n = request->before_found - count; n < request->before_found; n++)
		append(entries, &request->before[n % request->before_room]);
}

static void
append_after(struct entries *entries, const struct evidence_request *request)
{
	const uint64_t count = counter_read(&request->after_found);

	for (uint64_t n = 0; n < count; n++)
		append(entries, &request->after[n]);
}

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->header->time_us != y->header->time_us)
		return x->header->time_us < y->header->time_us ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static uint32_t
append_frames(struct capture_folder_frame *frames, uint32_t count, const struct entry *entries,
		uint32_t more, uint64_t shift_us)
{
	for (uint32_t i = 0; i < more; i++) {
		const struct kept_header *header = entries[i].header;

		frames[count++] = (struct capture_folder_frame){ .data = header->bytes,
			.len = header->len,
			.wire_len = header->wire_len,
			.time_us = header->time_us + shift_us };
	}
	return count;
}

/* Of what all workers had before, the last; of what they found since, the first. */
static uint32_t
put_in_order(const struct evidence_gather *gather, struct entries *entries, bool before,
		struct capture_folder_frame *frames, uint32_t count, uint64_t shift_us)
{
	uint32_t wanted, skipped;

	entries->count = 0;
	for (uint32_t w = 0; w < gather->workers; w++)
		if (before)
			append_before(entries, &gather->parts[w].request);
		else
			append_after(entries, &gather->parts[w].request);
	qsort(entries->all, entries->count, sizeof(entries->all[0]), compare);
	wanted = entries->count < gather->packets ? entries->count : gather->packets;
	skipped = before ? entries->count - wanted : 0;
	return append_frames(frames, count, entries->all + skipped, wanted, shift_us);
}

struct capture_folder_frame *
evidence_gather_frames(const struct evidence_gather *gather, uint64_t shift_us, uint32_t *count)
{
	struct entries entries = { .all = calloc((size_t)gather->workers * gather->packets,
						   sizeof(entries.all[0])) };
	struct capture_folder_frame *frames = calloc(2 * (size_t)gather->packets, sizeof(*frames));

	*count = 0;
	if (entries.all != NULL && frames != NULL) {
		*count = put_in_order(gather, &entries, true, frames, 0, shift_us);
		*count = put_in_order(gather, &entries, false, frames, *count, shift_us);
	}
	free(entries.all);
	return frames;
}

void
evidence_gather_destroy(struct evidence_gather *gather)
{
	free(gather->headers);
	free(gather);
}
