/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The honest clients of an attacked or failing server: they come independently of each other,
 * fetch something and close. While the server is down they try again as real ones do: one that
 * hears nothing sends its SYN again when its kernel does, one that is refused comes anew after
 * a second, from another port.
 */

#ifndef APP_GENERATE_HONEST_H
#define APP_GENERATE_HONEST_H

#include "app/generate/generator.h"

/** When the next one comes, which is drawn once; UINT64_MAX: nobody comes any more. */
uint64_t honest_next_us(struct generator *generator);

/** Begin the connection of the next one. */
void honest_begin(struct generator *generator, struct dialogue *dialogue);

/** A dialogue is over: whether its client tries again; see `again` of a kind. */
bool honest_again(struct generator *generator, struct dialogue *dialogue);

#endif /* APP_GENERATE_HONEST_H */
