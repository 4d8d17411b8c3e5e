/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The whole pipeline, with detection behind it, as a worker and the control thread drive it.
 *
 * The input is a program: two bytes of settings, then one operation after the other. Hosts
 * talk (hosts.h), raw frames come, time passes, bursts end, timers tick, settings change, and
 * somebody asks. After each step what the pipeline counts must add up.
 */

#include "engine.h"
#include "handshake/hs_fsm.h"
#include "hosts.h"

#define FRAMES_MAX 1000 /* of an input: bounds its time */

enum operation {
	OPERATION_SAY, /* and all that have no row here */
	OPERATION_WAIT = 11,
	OPERATION_FLUSH,
	OPERATION_TICK,
	OPERATION_CROWD,
	OPERATION_RARE,
	OPERATION_COUNT,
};

enum rare {
	RARE_RAW,
	RARE_RETUNE,
	RARE_QUERY,
	RARE_BLIND,
	RARE_QUOTE,
	RARE_REPORT,
	RARE_CHECK,
	RARE_JUDGE, /* dear */
	RARE_COUNT,
};

static void
crowd(struct engine *engine, struct hosts *hosts, struct fuzz_input *input)
{
	uint32_t count = fuzz_byte(input) * 2U + 1;

	while (count-- != 0 && engine->frames < FRAMES_MAX) {
		hosts_knock(hosts, engine_room(engine));
		engine_came(engine);
	}
}

static void
ask(struct engine *engine, struct fuzz_input *input)
{
	struct pipeline_query query = { .limit = 1 + fuzz_byte(input) % PIPELINE_QUERY_LIMIT };
	const uint8_t how = fuzz_byte(input);

	query.has_state = (how & 1) != 0;
	query.state = (uint8_t)(how >> 1) % HS_STATE_COUNT;
	query.port = (how & 0x40) != 0 ? 80 : 0;
	query.has_address = (how & 0x80) != 0;
	build_ipv4_mapped(0xc0000201, query.address);
	engine_ask(engine, &query);
}

static void
quote(struct engine *engine, struct hosts *hosts, struct fuzz_input *input)
{
	struct segment segment;
	struct frame frame;

	hosts_say(hosts, input, &frame);
	parse_frame(&frame, &segment);
	if (segment.kind == PACKET_TCP)
		segment.kind = PACKET_ICMP_TCP;
	if (segment.kind == PACKET_ICMP_TCP)
		engine_quote(engine, &segment, hosts->now_us);
	free(frame.data);
}

static void
do_rare(struct engine *engine, struct hosts *hosts, struct fuzz_input *input)
{
	switch (fuzz_byte(input) % RARE_COUNT) {
	case RARE_RAW:
		hosts_raw(hosts, input, engine_room(engine));
		engine_came(engine);
		break;
	case RARE_RETUNE:
		engine_flush(engine);
		engine_retune(engine, fuzz_byte(input), fuzz_byte(input));
		break;
	case RARE_QUERY:
		engine_flush(engine);
		ask(engine, input);
		break;
	case RARE_BLIND:
		engine_flush(engine);
		pipeline_note_blind(engine->pipeline, hosts->now_us);
		break;
	case RARE_QUOTE:
		engine_flush(engine);
		quote(engine, hosts, input);
		break;
	case RARE_REPORT:
		engine_flush(engine);
		engine_report(engine, hosts->now_us);
		break;
	case RARE_JUDGE:
		engine_flush(engine);
		engine_judge(engine, hosts->now_us);
		break;
	default:
		engine_flush(engine);
		engine_check_table(engine);
		break;
	}
}

static void
do_next(struct engine *engine, struct hosts *hosts, struct fuzz_input *input)
{
	switch (fuzz_byte(input) % OPERATION_COUNT) {
	case OPERATION_WAIT:
		hosts_wait(hosts, input);
		break;
	case OPERATION_FLUSH:
		engine_flush(engine);
		break;
	case OPERATION_TICK:
		engine_flush(engine);
		engine_tick(engine, hosts->now_us, fuzz_byte(input));
		break;
	case OPERATION_CROWD:
		crowd(engine, hosts, input);
		break;
	case OPERATION_RARE:
		do_rare(engine, hosts, input);
		break;
	default:
		hosts_say(hosts, input, engine_room(engine));
		engine_came(engine);
		break;
	}
}

static void
run(struct engine *engine, const uint8_t *data, size_t size, uint32_t burst_len)
{
	struct fuzz_input input = { data, data + size };
	struct hosts hosts;
	const uint8_t settings = fuzz_byte(&input), timing = fuzz_byte(&input);

	hosts_init(&hosts);
	engine_start(engine, settings, timing, burst_len);
	while (!fuzz_is_over(&input) && engine->frames < FRAMES_MAX)
		do_next(engine, &hosts, &input);
	engine_finish(engine, hosts.now_us);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct engine together, alone;

	run(&together, data, size, PIPELINE_BURST_MAX);
	run(&alone, data, size, 1);
	FUZZ_REQUIRE(together.told_hash == alone.told_hash);
	FUZZ_REQUIRE(memcmp(&together.invariants.before, &alone.invariants.before,
				     sizeof(alone.invariants.before)) == 0);
	return 0;
}
