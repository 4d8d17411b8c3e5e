/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A pipeline under suspicion: whatever is done to it, what it says of itself is checked.
 *
 *   what must hold of any pipeline does (pipeline/invariant.h)
 *   frames, bytes and records are as many as went in, or came out
 *   what the meter's reports tell is what the meter says of itself
 *   every frame is forwarded and left as it came, an event can be told
 *
 * And how frames are cut into bursts does not matter: what is told and counted is the same.
 */

#ifndef FUZZ_ENGINE_H
#define FUZZ_ENGINE_H

#include "detect/detector.h"
#include "fuzz.h"
#include "observe/event_json.h"
#include "packet/parse.h"
#include "pipeline/invariant.h"
#include "pipeline/pipeline_flow.h"
#include "pipeline/pipeline_query.h"

struct engine {
	struct pipeline *pipeline;
	struct pipeline_params params;
	uint32_t burst_len; /* frames that go through together at most */
	struct frame burst[PIPELINE_BURST_MAX];
	uint32_t waiting; /* frames of the burst so far */
	uint64_t frames; /* all that came */
	uint64_t bytes;
	uint64_t handshakes; /* EVENT_CONNECTION seen */
	uint64_t told; /* lines of JSON */
	uint64_t told_hash; /* of all of them, in order */
	uint64_t metered;
	uint64_t metered_ended;
	struct invariant_watch invariants;
	struct detector *detector; /* NULL: nothing was judged yet */
	struct event_json json;
};

/** @p settings and @p timing: bits of the input. */
void engine_start(struct engine *engine, uint8_t settings, uint8_t timing, uint32_t burst_len);

/** Where the next frame goes; engine_came() when it is there. Its bytes are the engine's then. */
struct frame *engine_room(struct engine *engine);
void engine_came(struct engine *engine);

/** What has come goes through, in one burst. */
void engine_flush(struct engine *engine);

void engine_tick(struct engine *engine, uint64_t now_us, uint32_t turns);
void engine_retune(struct engine *engine, uint8_t settings, uint8_t timing);
void engine_ask(struct engine *engine, struct pipeline_query *query);
void engine_quote(struct engine *engine, const struct segment *segment, uint64_t now_us);

/** The meter reports. */
void engine_report(struct engine *engine, uint64_t now_us);

/** The same, and the detector judges. */
void engine_judge(struct engine *engine, uint64_t now_us);

/** Each flow of the table is found where it is. */
void engine_check_table(const struct engine *engine);

/** The run ends, and nothing is left. */
void engine_finish(struct engine *engine, uint64_t now_us);

#endif /* FUZZ_ENGINE_H */
