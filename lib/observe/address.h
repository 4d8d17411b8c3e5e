/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Addresses as text: IPv4 dotted, IPv6 as RFC 5952 wants it (lower case, no leading
 * zeros, the longest run of two or more zero groups shortened, the first of equals).
 */

#ifndef OBSERVE_ADDRESS_H
#define OBSERVE_ADDRESS_H

#include <stdint.h>

/* The longest text: eight groups of four digits; nothing here writes a zero byte. */
#define ADDRESS_LEN_MAX 39
#define ADDRESS_ENDPOINT_LEN_MAX (1 + ADDRESS_LEN_MAX + 2 + 5)

/**
 * Write an address.
 *
 * @param addr
 *   16 bytes as on the wire; IPv4 in the IPv4-mapped form.
 * @param ip_version
 *   With 4 the last four bytes are written dotted. With 6 all are, and an IPv4-mapped
 *   address, which may stand in an IPv6 header, stays one: ::ffff:192.0.2.1.
 * @return
 *   Behind the last character; ADDRESS_LEN_MAX at most are written.
 */
char *address_write(const uint8_t addr[16], uint8_t ip_version, char *out);

/** With the port: 192.0.2.1:80, [2001:db8::1]:80. */
char *address_endpoint_write(const uint8_t addr[16], uint16_t port, uint8_t ip_version, char *out);

#endif /* OBSERVE_ADDRESS_H */
