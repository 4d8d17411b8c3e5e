/* SPDX-License-Identifier: Apache-2.0 */

/*
 * LD_PRELOAD=slow_disk.so PROGRAM...
 *
 * Each write of a thread that is named "output" takes a twentieth of a second longer.
 */

#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DELAY_NSEC 50000000

ssize_t
write(int fd, const void *bytes, size_t len)
{
	const struct timespec delay = { .tv_nsec = DELAY_NSEC };
	char name[16] = "";

	if (pthread_getname_np(pthread_self(), name, sizeof(name)) == 0 &&
			strcmp(name, "output") == 0)
		nanosleep(&delay, NULL);
	return syscall(SYS_write, fd, bytes, len);
}
