/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/truth.h"

#include "observe/address.h"
#include "observe/timestamp.h"
#include "packet/bytes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKS 10
#define TICK_US (USEC_PER_SEC / TICKS)

struct rate {
	uint64_t tick; /* of the newest count */
	uint32_t counts[TICKS];
	uint32_t sum; /* of them: of a second */
	uint32_t peak;
};

struct truth {
	FILE *file;
	const char *path;
	const struct generator_params *params;
	int64_t wave; /* the one that is gathered; -1: none yet */
	uint64_t first_us, last_us; /* of the flood; 0: none came */
	uint64_t segments;
	uint64_t spoofed;
	struct rate all;
	struct rate victims[];
};

struct truth *
truth_open(const char *path, const struct generator_params *params, struct err *err)
{
	struct truth *truth = calloc(
			1, sizeof(*truth) + params->victims * sizeof(truth->victims[0]));

	if (truth == NULL) {
		err_set(err, ENOMEM, "no memory left");
		return NULL;
	}
	truth->path = path;
	truth->params = params;
	truth->wave = -1;
	truth->file = fopen(path, "we");
	if (truth->file == NULL) {
		err_set(err, errno, "%s: cannot be written: %s", path, strerror(errno));
		free(truth);
		return NULL;
	}
	return truth;
}

static void
forget_old(struct rate *rate, uint64_t tick)
{
	uint64_t steps = tick - rate->tick;

	for (uint64_t i = 1; i <= steps && i <= TICKS; i++) {
		uint32_t *oldest = &rate->counts[(rate->tick + i) % TICKS];

		rate->sum -= *oldest;
		*oldest = 0;
	}
	rate->tick = tick;
}

static void
count(struct rate *rate, uint64_t time_us)
{
	uint64_t tick = time_us / TICK_US;

	forget_old(rate, tick);
	rate->counts[tick % TICKS]++;
	if (++rate->sum > rate->peak)
		rate->peak = rate->sum;
}

static void
write_time(struct truth *truth, const char *name, uint64_t time_us)
{
	struct timestamp_cache cache = { 0 };
	char text[TIMESTAMP_LEN];

	timestamp_write(&cache, time_us, text);
	fprintf(truth->file, "\"%s\":\"%.*s\",", name, TIMESTAMP_LEN, text);
}

static void
write_victims(struct truth *truth)
{
	const struct generator_params *params = truth->params;
	char text[ADDRESS_LEN_MAX];

	for (uint32_t i = 0; i < params->victims; i++) {
		uint8_t addr[16];
		const char *end;

		memcpy(addr, params->victim_addr, sizeof(addr));
		bytes_store32(addr + 12, bytes_load32(addr + 12) + i);
		end = address_write(addr, params->ip_version, text);
		fprintf(truth->file, "%s{\"ip\":\"%.*s\",\"peak_pps\":%u}", i == 0 ? "" : ",",
				(int)(end - text), text, truth->victims[i].peak);
		truth->victims[i].peak = 0;
	}
}

/* Sources take turns, and all victims of a wave see all of them. */
static uint64_t
count_sources(const struct truth *truth)
{
	const struct generator_params *params = truth->params;
	uint64_t turns = (truth->segments + params->victims - 1) / params->victims;

	if (params->sources == 0)
		return truth->segments;
	return turns < params->sources ? turns : params->sources;
}

static void
write_wave(struct truth *truth)
{
	const struct generator_params *params = truth->params;
	const struct generator_waves *waves = &params->waves;
	uint64_t onset_us = params->start_us + waves->onset_us +
			(uint64_t)truth->wave * waves->every_us;

	fputc('{', truth->file);
	write_time(truth, "onset", truth->segments != 0 ? truth->first_us : onset_us);
	write_time(truth, "end",
			truth->segments != 0 ? truth->last_us : onset_us + waves->length_us);
	fprintf(truth->file,
			"\"segments\":%llu,\"spoofed\":%llu,\"sources\":%llu,\"peak_pps\":%u,"
			"\"victims\":[",
			(unsigned long long)truth->segments, (unsigned long long)truth->spoofed,
			(unsigned long long)count_sources(truth), truth->all.peak);
	write_victims(truth);
	fputs("]}\n", truth->file);
	truth->segments = 0;
	truth->spoofed = 0;
	truth->all.peak = 0;
}

static uint32_t
victim_of(const struct truth *truth, const struct dialogue *dialogue)
{
	return bytes_load32(dialogue->host[SERVER].addr + 12) -
			bytes_load32(truth->params->victim_addr + 12);
}

void
truth_note(struct truth *truth, const struct dialogue *dialogue, enum truth_who who)
{
	uint64_t time_us = dialogue->time_us;
	int64_t wave;

	if (truth == NULL)
		return;
	wave = generator_wave(truth->params, time_us);
	while (truth->wave < wave) {
		if (truth->wave >= 0)
			write_wave(truth);
		truth->wave++;
	}
	count(&truth->all, time_us);
	count(&truth->victims[victim_of(truth, dialogue)], time_us);
	if (who == TRUTH_HONEST)
		return;
	if (truth->segments++ == 0)
		truth->first_us = time_us;
	truth->last_us = time_us;
	truth->spoofed += who == TRUTH_SPOOFED;
}

int
truth_close(struct truth *truth, struct err *err)
{
	bool failed;

	if (truth == NULL)
		return 0;
	if (truth->wave >= 0)
		write_wave(truth);
	failed = ferror(truth->file) != 0;
	failed |= fclose(truth->file) != 0;
	if (failed)
		err_set(err, EIO, "%s: could not be written", truth->path);
	free(truth);
	return failed ? -EIO : 0;
}
