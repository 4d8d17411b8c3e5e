/* SPDX-License-Identifier: Apache-2.0 */

#include "io/eal_limits.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* Open files of a run: DPDK's own, four for each thread, and captures and outputs. */
#define DESCRIPTORS_BASE 24
#define DESCRIPTORS_PER_THREAD 4

/* DPDK's own: interrupts, telemetry and its sockets, a second process. */
#define THREADS_OF_DPDK 4

/* What DPDK maps beside what it is told to take: its tables of it, and the rings of ports. */
#define MEMORY_BESIDE_MB 32

static int
check_descriptors(uint32_t threads, struct err *err)
{
	const rlim_t needed = DESCRIPTORS_BASE + DESCRIPTORS_PER_THREAD * (rlim_t)threads;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
		return 0;
	return err_set(err, EMFILE,
			"%llu open files are needed, and the limit is %llu; 'ulimit -n' sets it",
			(unsigned long long)needed, (unsigned long long)limit.rlim_cur);
}

static void *
wait_for_the_others(void *gate)
{
	pthread_mutex_lock(gate);
	pthread_mutex_unlock(gate);
	return NULL;
}

/* All at once, and each ends when the last is there. 0, or the error of the first that is not. */
static int
try_threads(pthread_t *threads, uint32_t count)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	uint32_t made = 0;
	int error = 0;

	pthread_mutex_lock(&gate);
	while (made < count && error == 0) {
		error = pthread_create(&threads[made], NULL, wait_for_the_others, &gate);
		made += error == 0;
	}
	pthread_mutex_unlock(&gate);
	while (made > 0)
		pthread_join(threads[--made], NULL);
	return error;
}

/* While as much is mapped as DPDK will have taken by then; not a page of it is touched. */
static int
check_threads(uint32_t count, uint32_t memory_mb, struct err *err)
{
	const size_t size = (size_t)memory_mb << 20;
	void *memory = mmap(
			NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	pthread_t *threads = calloc(count, sizeof(*threads));
	int error = ENOMEM;

	if (memory == MAP_FAILED)
		err_set(err, error, "no %u MiB of memory for packets: %s; 'ulimit -v' limits it",
				memory_mb, strerror(error));
	else if (threads == NULL)
		err_set(err, error, "no memory left to start DPDK");
	else if ((error = try_threads(threads, count)) != 0)
		err_set(err, error,
				"no %u threads beside %u MiB of memory: %s; 'ulimit -u' and 'ulimit -v',"
				" or the service's TasksMax=, limit them",
				count, memory_mb, strerror(error));
	free(threads);
	if (memory != MAP_FAILED)
		munmap(memory, size);
	return -error;
}

int
eal_limits_check(uint32_t threads, uint32_t memory_mb, struct err *err)
{
	int rc = check_descriptors(threads, err);

	if (rc == 0)
		rc = check_threads(
				threads - 1 + THREADS_OF_DPDK, memory_mb + MEMORY_BESIDE_MB, err);
	return rc;
}
