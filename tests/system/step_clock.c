/* SPDX-License-Identifier: Apache-2.0 */

/*
 * LD_PRELOAD=step_clock.so STEP_CLOCK=FILE PROGRAM...
 *
 * The program's clock on the wall goes wrong by as many seconds as the file holds, a 64-bit
 * number that may change at any time. No other program notices, nor any other clock.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t none, *shift_s = &none; /* another process writes it */

__attribute__((constructor)) static void
find_shift(void)
{
	const char *path = getenv("STEP_CLOCK");
	const int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	const void *map = fd >= 0 ? mmap(NULL, sizeof(*shift_s), PROT_READ, MAP_SHARED, fd, 0)
				  : MAP_FAILED;

	if (map != MAP_FAILED)
		shift_s = map;
	if (fd >= 0)
		close(fd);
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	const int rc = (int)syscall(SYS_clock_gettime, clock, now);

	if (rc == 0 && clock == CLOCK_REALTIME)
		now->tv_sec += *shift_s;
	return rc;
}
