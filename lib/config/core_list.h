/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Lists of CPU cores as people write them: "2-5,8".
 */

#ifndef CONFIG_CORE_LIST_H
#define CONFIG_CORE_LIST_H

#include "base/err.h"

#include <stdint.h>

#define CORE_LIST_CORE_MAX 1023 /* the highest number of a core, as sched_setaffinity() takes it */
#define CORE_LIST_MAX (CORE_LIST_CORE_MAX + 1) /* so many cores may be named at most */

/**
 * @param text
 *   Numbers and ranges between commas, each core once; "" names none. Whether the machine
 *   has such cores is another question.
 * @param[out] cores
 *   In the order of the text; up to @p max are written.
 * @return
 *   How many; -EINVAL with a sentence about the text, -E2BIG if it names more than @p max.
 */
int core_list_parse(const char *text, uint32_t *cores, uint32_t max, struct err *err);

#endif /* CONFIG_CORE_LIST_H */
