/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
check(const char *text, uint8_t ip_version, const char *expected)
{
	uint8_t addr[16] = { [10] = 0xff, [11] = 0xff };
	char actual[ADDRESS_LEN_MAX + 1];

	if (ip_version == 4)
		assert_int_equal(inet_pton(AF_INET, text, addr + 12), 1);
	else
		assert_int_equal(inet_pton(AF_INET6, text, addr), 1);
	*address_write(addr, ip_version, actual) = '\0';
	assert_string_equal(actual, expected);
}

static void
ipv4_addresses_are_dotted(void **state)
{
	(void)state;

	check("0.0.0.0", 4, "0.0.0.0");
	check("192.0.2.1", 4, "192.0.2.1");
	check("255.255.255.255", 4, "255.255.255.255");
}

/* The examples of the RFC's sections 4 and 5. */
static void
ipv6_addresses_are_written_as_rfc_5952_wants_them(void **state)
{
	(void)state;

	check("2001:0DB8:0000:0000:0000:0000:0002:0001", 6, "2001:db8::2:1");
	check("2001:db8:0:1:1:1:1:1", 6, "2001:db8:0:1:1:1:1:1");
	check("2001:0:0:1:0:0:0:1", 6, "2001:0:0:1::1");
	check("2001:db8:0:0:1:0:0:1", 6, "2001:db8::1:0:0:1");
	check("::", 6, "::");
	check("::1", 6, "::1");
	check("1::", 6, "1::");
	check("fe80:0:0:1::", 6, "fe80:0:0:1::");
	check("1234:5678:9abc:def0:1234:5678:9abc:def0", 6,
			"1234:5678:9abc:def0:1234:5678:9abc:def0");
}

static void
a_mapped_address_in_an_ipv6_header_is_told_from_an_ipv4_one(void **state)
{
	(void)state;

	check("::ffff:192.0.2.1", 6, "::ffff:192.0.2.1");
	check("::fffe:192.0.2.1", 6, "::fffe:c000:201");
}

/* Each way in which groups can be zero, against the C library. */
static void
every_pattern_of_zero_groups_agrees_with_the_c_library(void **state)
{
	uint8_t addr[16];
	char expected[INET6_ADDRSTRLEN], actual[ADDRESS_LEN_MAX + 1];

	(void)state;

	for (unsigned zeros = 0; zeros < 256; zeros++) {
		for (unsigned group = 0; group < 8; group++) {
			addr[2 * group] = 0;
			addr[2 * group + 1] = (zeros >> group & 1) != 0 ? 0 : 0xa0;
		}
		if ((zeros & 0x3f) == 0x3f)
			continue; /* the C library writes these as IPv4: RFC 4291 deprecates it */
		assert_non_null(inet_ntop(AF_INET6, addr, expected, sizeof(expected)));
		*address_write(addr, 6, actual) = '\0';
		assert_string_equal(actual, expected);
	}
}

static void
an_endpoint_has_its_port_and_ipv6_brackets(void **state)
{
	uint8_t v4[16] = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2, [15] = 1 };
	uint8_t v6[16];
	char actual[ADDRESS_ENDPOINT_LEN_MAX + 1];

	(void)state;

	*address_endpoint_write(v4, 80, 4, actual) = '\0';
	assert_string_equal(actual, "192.0.2.1:80");
	memset(v6, 0xfe, sizeof(v6));
	*address_endpoint_write(v6, 65535, 6, actual) = '\0';
	assert_string_equal(actual, "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:65535");
	assert_int_equal(strlen(actual), ADDRESS_ENDPOINT_LEN_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_addresses_are_dotted),
		cmocka_unit_test(ipv6_addresses_are_written_as_rfc_5952_wants_them),
		cmocka_unit_test(a_mapped_address_in_an_ipv6_header_is_told_from_an_ipv4_one),
		cmocka_unit_test(every_pattern_of_zero_groups_agrees_with_the_c_library),
		cmocka_unit_test(an_endpoint_has_its_port_and_ipv6_brackets),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
