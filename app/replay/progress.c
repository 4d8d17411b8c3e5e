/* SPDX-License-Identifier: Apache-2.0 */

#include "app/replay/progress.h"

#include "base/usec.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LARGE_BYTES (UINT64_C(32) << 20)
#define REDRAW_US (200 * USEC_PER_MSEC)

uint64_t
progress_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

void
progress_start(struct progress *progress, uint64_t total_bytes)
{
	progress->total_bytes = total_bytes;
	progress->started_us = progress_clock_us();
	progress->drawn_us = progress->started_us;
	progress->shown = total_bytes >= LARGE_BYTES && isatty(STDERR_FILENO);
}

void
progress_update(struct progress *progress, uint64_t bytes, uint64_t frames)
{
	uint64_t now_us, per_mille;

	if (!progress->shown)
		return;
	now_us = progress_clock_us();
	if (now_us - progress->drawn_us < REDRAW_US)
		return;
	progress->drawn_us = now_us;
	per_mille = bytes * 1000 / progress->total_bytes;
	/* What is behind the packets in a file is not known: it is not over before it is over. */
	if (per_mille > 999)
		per_mille = 999;
	fprintf(stderr, "\r%3" PRIu64 ".%" PRIu64 " %%  %" PRIu64 " packets  %.2f million/s \x1b[K",
			per_mille / 10, per_mille % 10, frames,
			(double)frames / (double)(now_us - progress->started_us));
	fflush(stderr);
}

void
progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\x1b[K", stderr);
	progress->shown = false;
}
