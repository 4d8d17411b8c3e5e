/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Telling UTF-8 from other bytes: names that an administrator or a kernel gave may hold
 * anything, and a name that was cut to fit may end in the middle of a character.
 */

#ifndef OBSERVE_UTF8_H
#define OBSERVE_UTF8_H

#include <stdint.h>

/**
 * How long the character is that a text begins with.
 *
 * @param text
 *   Ends with a zero byte.
 * @return
 *   1 to 4 bytes; 0 if they are no UTF-8 (RFC 3629: not overlong, no surrogates, below
 *   U+110000).
 */
uint32_t utf8_len(const char *text);

#endif /* OBSERVE_UTF8_H */
