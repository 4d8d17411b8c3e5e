/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/alarm_text.h"
#include "tests/unit/alarm_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
check_victim(enum victim_level level, const char *address, uint16_t port, const char *expected)
{
	struct alarm alarm = alarm_flood(1, "192.0.2.1", 80);

	alarm_victim(&alarm, level, address, port);
	assert_string_equal(alarm_text_victim(&alarm).text, expected);
	assert_string_equal(alarm_text_whom(&alarm).text, expected);
}

static void
a_victim_is_a_service_an_address_or_a_prefix(void **state)
{
	(void)state;

	check_victim(VICTIM_SERVICE, "192.0.2.1", 80, "192.0.2.1:80");
	check_victim(VICTIM_SERVICE, "2001:db8:1111:2222:3333:4444:5555:6666", 65535,
			"[2001:db8:1111:2222:3333:4444:5555:6666]:65535");
	check_victim(VICTIM_SERVICE, "192.0.2.1", 0, "192.0.2.1:0");
	check_victim(VICTIM_ADDRESS, "192.0.2.1", 0, "192.0.2.1");
	check_victim(VICTIM_ADDRESS, "2001:db8::1", 0, "2001:db8::1");
	check_victim(VICTIM_PREFIX, "192.0.2.0", 0, "192.0.2.0/24");
	check_victim(VICTIM_PREFIX, "2001:db8::", 0, "2001:db8::/64");
}

static void
a_scan_is_known_by_who_scans(void **state)
{
	struct alarm alarm = alarm_scan(1, "192.0.2.66");

	(void)state;

	assert_string_equal(alarm_text_whom(&alarm).text, "by 192.0.2.66, 300 targets");
	alarm = alarm_scan(1, "2001:db8:1111:2222:3333:4444:5555:6666");
	alarm.scan_targets = UINT32_MAX;
	assert_string_equal(alarm_text_whom(&alarm).text,
			"by 2001:db8:1111:2222:3333:4444:5555:6666, 4,294,967,295 targets");
}

static void
a_flood_is_called_by_its_kind(void **state)
{
	struct alarm alarm = alarm_flood(1, "192.0.2.1", 80);

	(void)state;

	alarm.kind = FLOOD_SERVER_DOWN;
	assert_string_equal(alarm_text_what(&alarm), "server_down");
	alarm.type = ALARM_BACKSCATTER;
	assert_string_equal(alarm_text_what(&alarm), "backscatter");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_victim_is_a_service_an_address_or_a_prefix),
		cmocka_unit_test(a_scan_is_known_by_who_scans),
		cmocka_unit_test(a_flood_is_called_by_its_kind),
	};

	return cmocka_run_group_tests_name("alarm_text", tests, NULL, NULL);
}
