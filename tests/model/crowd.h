/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Too many connections for the table: what must hold even so.
 */

#ifndef MODEL_CROWD_H
#define MODEL_CROWD_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Many conversations at once through a table with the least room there is.
 *
 * @return
 *   Whether all held: connections never outnumber the slots; each that was opened is closed
 *   and reported exactly once, with all its segments; none whose handshake completed is
 *   reported evicted; every frame is counted and forwarded as it came. What did not is printed.
 */
bool crowd_holds(uint64_t seed);

#endif /* MODEL_CROWD_H */
