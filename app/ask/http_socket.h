/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The socket that the metrics are fetched from: on one address, of IPv4 or IPv6 alone.
 */

#ifndef APP_ASK_HTTP_SOCKET_H
#define APP_ASK_HTTP_SOCKET_H

#include "base/err.h"

#include <stdint.h>

/**
 * @param text
 *   An IPv4 or IPv6 address.
 * @param port
 *   0: one that is free.
 * @return
 *   A descriptor that listens and never blocks, or -errno with the sentence in @p err.
 */
int http_socket_open(const char *text, uint16_t port, struct err *err);

/** The port that it listens on. */
uint16_t http_socket_port(int fd);

#endif /* APP_ASK_HTTP_SOCKET_H */
