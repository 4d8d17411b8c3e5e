/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/control_request.h"
#include "base/compiler.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int
read_text(const char *text, struct control_request *request, struct err *err)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	const int rc = control_request_read(json, request, err);

	assert_non_null(json);
	json_decref(json);
	return rc;
}

static struct control_request
good(const char *text)
{
	struct control_request request;
	struct err err = { "" };

	if (read_text(text, &request, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	return request;
}

static void
a_command_is_read_with_all_that_belongs_to_it(void **state)
{
	static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 1 };
	static const uint8_t six[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	struct control_request request;

	(void)state;

	request = good("{\"command\":\"show\",\"what\":\"flows\",\"address\":\"192.0.2.1\","
		       "\"port\":65535,\"state\":\"SYN_SENT\",\"limit\":7}");
	assert_int_equal(request.command, CONTROL_SHOW);
	assert_int_equal(request.what, CONTROL_FLOWS);
	assert_true(request.filter.has_address);
	assert_memory_equal(request.filter.address, mapped, sizeof(mapped));
	assert_int_equal(request.filter.port, 65535);
	assert_int_equal(request.filter.state, HS_SYN_SENT);
	assert_int_equal(request.filter.limit, 7);

	request = good("{\"command\":\"show\",\"what\":\"services\",\"address\":\"2001:db8::1\"}");
	assert_memory_equal(request.filter.address, six, sizeof(six));

	request = good("{\"command\":\"show\",\"what\":\"floods\",\"active\":true,\"limit\":3}");
	assert_int_equal(request.what, CONTROL_FLOODS);
	assert_true(request.filter.only_active);
	assert_int_equal(request.filter.limit, 3);

	assert_int_equal(good("{\"command\":\"reload\"}").command, CONTROL_RELOAD);
	assert_true(good("{\"command\":\"bypass\",\"on\":true}").on);
	assert_false(good("{\"command\":\"bypass\",\"on\":false}").on);
}

static void
a_filter_that_is_not_given_lets_everything_through(void **state)
{
	const struct control_request request = good("{\"command\":\"show\",\"what\":\"flows\"}");

	(void)state;

	assert_false(request.filter.has_address);
	assert_int_equal(request.filter.port, 0);
	assert_int_equal(request.filter.state, HS_STATE_UNSET);
	assert_int_equal(request.filter.limit, CONTROL_LIMIT_DEFAULT);
}

static void
what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
		{ "[]", "JSON object" },
		{ "{}", "command must be one of show, reload or bypass" },
		{ "{\"command\":7}", "command must be" },
		{ "{\"command\":\"restart\"}", "not 'restart'" },
		{ "{\"command\":\"reload\",\"what\":\"flows\"}", "nothing else" },
		{ "{\"command\":\"bypass\"}", "\"on\"" },
		{ "{\"command\":\"bypass\",\"on\":1}", "true or false" },
		{ "{\"command\":\"bypass\",\"on\":true,\"off\":true}", "nothing else" },
		{ "{\"command\":\"show\"}", "stats, flows, floods, services, config or wires" },
		{ "{\"command\":\"show\",\"what\":\"flows\",\"adress\":\"::1\"}", "'adress'" },
		{ "{\"command\":\"show\",\"what\":\"wires\",\"port\":80}", "'show wires'" },
		{ "{\"command\":\"show\",\"what\":\"flows\",\"active\":true}", "'active'" },
		{ "{\"command\":\"show\",\"what\":\"floods\",\"active\":1}", "true or false" },
		{ "{\"command\":\"show\",\"what\":\"floods\",\"port\":80}", "'show floods'" },
		{ "{\"command\":\"show\",\"what\":\"floods\",\"limit\":0}", "1 to 10000" },
		{ "{\"command\":\"show\",\"what\":\"services\",\"state\":\"RESET\"}", "'state'" },
		{ "{\"command\":\"show\",\"what\":\"flows\",\"address\":\"www\"}", "'www'" },
		{ "{\"command\":\"show\",\"what\":\"flows\",\"address\":1}", "address must" },
		{ "{\"command\":\"show\",\"what\":\"flows\",\"port\":0}", "1 to 65535" },
		{ "{\"command\":\"show\",\"what\":\"flows\",\"port\":65536}", "1 to 65535" },
		{ "{\"command\":\"show\",\"what\":\"flows\",\"port\":\"80\"}", "1 to 65535" },
		{ "{\"command\":\"show\",\"what\":\"flows\",\"limit\":10001}", "1 to 10000" },
		{ "{\"command\":\"show\",\"what\":\"flows\",\"state\":\"OPEN\"}", "MIDSTREAM" },
		{ "{\"command\":\"show\",\"what\":\"flows\",\"state\":null}", "SYN_CROSSED" },
	};
	struct control_request request;
	struct err err;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		err.text[0] = '\0';
		assert_int_equal(read_text(cases[i].text, &request, &err), -EINVAL);
		if (strstr(err.text, cases[i].told) == NULL)
			fail_msg("%s: '%s' does not tell '%s'", cases[i].text, err.text,
					cases[i].told);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_read_with_all_that_belongs_to_it),
		cmocka_unit_test(a_filter_that_is_not_given_lets_everything_through),
		cmocka_unit_test(what_is_wrong_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
