/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What `synwire show` prints for people, from the replies of a running appliance
 * (status_json.h). What a reply lacks is shown as "-" or left out.
 *
 * Each returns 0, or -ENOMEM.
 */

#ifndef OBSERVE_SHOW_TEXT_H
#define OBSERVE_SHOW_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/** One screen: is a frame lost, how are workers, ports and outputs, what became of handshakes. */
int show_text_stats(json_t *reply, FILE *out);

/** Each port of each wire. */
int show_text_wires(json_t *reply, FILE *out);

/** Each service with what became of its handshakes, and how long they took. */
int show_text_services(json_t *reply, FILE *out);

/** {"flows": [...], "more": whether there are more}. */
int show_text_flows(json_t *reply, FILE *out);

/** Attacks that last, and the last that are over (floods_json.h); bars need @p utf8. */
int show_text_floods(json_t *reply, bool utf8, FILE *out);

#endif /* OBSERVE_SHOW_TEXT_H */
