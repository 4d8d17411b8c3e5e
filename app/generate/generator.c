/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/generator.h"

#include "app/generate/schedule.h"

#include <errno.h>

#define CLIENT_HALF_BITS 16 /* 17 bits of address and 15 of port */
#define SPOOFED_HALF_BITS 24 /* 32 and 16 */
#define SOURCES_HALF_BITS 16 /* 32 of address */
#define SOURCES_SEED UINT64_C(0x736f757263657321) /* apart from the numbers of all else */

void
generator_init(struct generator *generator, const struct generator_params *params)
{
	struct random random;

	*generator = (struct generator){ .params = params };
	random_init(&generator->random, params->seed);
	shuffle_init(&generator->clients, CLIENT_HALF_BITS, &generator->random);
	shuffle_init(&generator->spoofed, SPOOFED_HALF_BITS, &generator->random);
	random_init(&random, params->seed ^ SOURCES_SEED);
	shuffle_init(&generator->sources, SOURCES_HALF_BITS, &random);
}

int64_t
generator_wave(const struct generator_params *params, uint64_t time_us)
{
	const struct generator_waves *waves = &params->waves;
	uint64_t first_us = params->start_us + waves->onset_us;
	uint64_t wave;

	if (waves->times == 0 || time_us < first_us)
		return -1;
	wave = (time_us - first_us) / waves->every_us;
	return wave < waves->times ? (int64_t)wave : waves->times - 1;
}

bool
generator_in_wave(const struct generator_params *params, uint64_t time_us)
{
	const struct generator_waves *waves = &params->waves;
	int64_t wave = generator_wave(params, time_us);

	return wave >= 0 &&
			time_us - params->start_us - waves->onset_us -
					(uint64_t)wave * waves->every_us <
			waves->length_us;
}

uint64_t
generator_arrival_us(struct generator *generator, uint32_t number)
{
	const struct generator_params *params = generator->params;
	uint64_t share_us = params->duration_us / params->count;
	uint32_t jitter_us = share_us < UINT32_MAX ? (uint32_t)share_us : UINT32_MAX - 1;

	return params->start_us + generator_share_us(params->duration_us, number, params->count) +
			random_below(&generator->random, jitter_us + 1);
}

static int
play(struct generator *generator, struct schedule *schedule, struct capture_writer *writer,
		struct generator_stats *stats)
{
	const struct generator_kind *kind = generator->params->kind;
	uint8_t frame[DIALOGUE_FRAME_MAX];
	struct dialogue *dialogue = schedule_first(schedule);
	uint64_t time_us = dialogue->time_us;
	uint32_t len = (uint32_t)dialogue_play(dialogue, frame, &generator->random);
	int rc = 0;

	if (len != 0) {
		if (stats->packets++ == 0)
			stats->first_us = time_us;
		stats->last_us = time_us;
		stats->bytes += len;
		rc = capture_writer_write(writer, frame, len, len, time_us);
	}
	if (dialogue_advance(dialogue, &generator->random) ||
			(kind->again != NULL && kind->again(generator, dialogue)))
		schedule_update_first(schedule);
	else
		schedule_remove_first(schedule);
	return rc;
}

/* A dialogue that is to begin waits outside the schedule until its time has come. */
static int
run(struct generator *generator, struct schedule *schedule, struct capture_writer *writer,
		struct generator_stats *stats, struct err *err)
{
	const struct generator_kind *kind = generator->params->kind;
	struct dialogue next = { 0 };
	bool more = kind->next(generator, &next);

	while (more || schedule_first(schedule) != NULL) {
		const struct dialogue *first = schedule_first(schedule);
		int rc;

		if (more && (first == NULL || next.time_us <= first->time_us)) {
			rc = schedule_add(schedule, &next);
			if (rc < 0)
				return err_set(err, -rc,
						"no memory left for so many connections at once; "
						"a lower --rate needs less");
			next = (struct dialogue){ 0 };
			more = kind->next(generator, &next);
		} else {
			rc = play(generator, schedule, writer, stats);
			if (rc < 0)
				return rc;
		}
	}
	return 0;
}

int
generator_run(struct generator *generator, struct capture_writer *writer,
		struct generator_stats *stats, struct err *err)
{
	struct schedule schedule;
	int rc;

	*stats = (struct generator_stats){ 0 };
	schedule_init(&schedule);
	rc = run(generator, &schedule, writer, stats, err);
	schedule_fini(&schedule);
	return rc;
}
