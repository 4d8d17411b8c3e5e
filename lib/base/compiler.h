/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The few compiler and CPU facts the rest of the tree needs by name.
 */

#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#define CACHE_LINE 64
#define CACHE_ALIGNED __attribute__((aligned(CACHE_LINE)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))

#endif /* BASE_COMPILER_H */
