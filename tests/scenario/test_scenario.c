/* SPDX-License-Identifier: Apache-2.0 */

/* The runner itself: what is not as it must be fails, and says why. */

#include "base/compiler.h"
#include "scenario.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SYN "10:00:00.000000 IP 10.0.0.1.1 > 10.0.0.2.2: Flags [S], seq 7, win 9, length 0\n"
#define REFUSAL \
	"10:00:00.001000 IP 10.0.0.2.2 > 10.0.0.1.1: Flags [R.], seq 0, ack 8, win 0, length 0\n"
#define REFUSED "expect incomplete_handshake\n\thandshake.result refused\n"

static const struct {
	const char *text;
	const char *error; /* NULL: as it must be */
} cases[] = {
	{ SYN REFUSAL REFUSED "finish\nexpect connection\n", NULL },
	{ SYN REFUSAL "expect incomplete_handshake stamped 10:00:00.001000\n"
		      "expect connection at 10:00:10.001000 stamped 10:00:00.001000\n",
			NULL },
	{ "", "case:1: expected a case that expects something" },
	{ SYN, "case:2: expected a case that expects something" },
	{ SYN REFUSAL REFUSED, "expected nothing, got connection" },
	{ SYN REFUSAL "finish\n", "case:3: before this line: expected nothing, got incomplete" },
	{ SYN REFUSAL "expect connection\n", "case:3: expected connection, got incomplete" },
	{ SYN "expect incomplete_handshake\n",
			"case:2: expected incomplete_handshake, got nothing" },
	{ SYN REFUSAL "expect incomplete_handshake\n\thandshake.result complete\n",
			"case:4: handshake.result: expected complete, got \"refused\"" },
	{ SYN REFUSAL "expect incomplete_handshake\n\thandshake.syn \"1\"\n",
			"case:4: handshake.syn: expected \"1\", got 1" },
	{ SYN REFUSAL "expect incomplete_handshake\n\thandshake.silence null\n",
			"case:4: handshake.silence: expected null, got nothing" },
	{ SYN REFUSAL "expect incomplete_handshake\n\tabsent handshake.syn\n",
			"case:4: handshake.syn: expected it absent, got 1" },
	{ SYN REFUSAL "expect incomplete_handshake stamped 10:00:00.001001\n",
			"case:3: expected this time in the event, got one -1 us later" },
	{ SYN REFUSAL REFUSED "expect connection at 10:00:10.001001\n",
			"expected nothing, got connection" },
	{ SYN REFUSAL REFUSED "expect connection at 10:00:10.000999\n",
			"case:5: expected connection, got nothing" },
	{ SYN REFUSAL REFUSED "expect connection at 10:00:10.001000\n",
			"case:5: expected this time in the event, got one -10000000 us later" },
	{ SYN REFUSAL REFUSED "quiet until 10:00:10.001001\n", "expected nothing, got connection" },
	{ SYN REFUSAL REFUSED "counter rst 2\n", "case:5: rst: expected 2, got 1" },
	{ SYN REFUSAL REFUSED "counter rts 1\n", "case:5: expected the name of a counter" },
	{ SYN "set tcp.syn_retries 1\n", "settings before the first packet only" },
	{ "set tcp.syn_retrys 1\n", "case:1:5: expected a key" },
	{ "set tcp.syn_retries 128\n", "expected a number this key can take" },
	{ "set tcp.initial_rto 1\n", "expected a unit" },
	{ "\thandshake.result refused\n", "below an expect only" },
	{ "finish\n" SYN, "behind \"finish\"" },
	{ "expekt connection\n", "case:1:1: expected a packet" },
};

/* The runner prints the JSON line of a failure, which is what is wanted here all the time. */
static int
run_silently(struct scenario *scenario, const char *text, struct err *err)
{
	int kept = dup(STDERR_FILENO), rc;

	assert_non_null(freopen("/dev/null", "w", stderr));
	rc = scenario_run(scenario, text, strlen(text), err);
	fflush(stderr);
	dup2(kept, STDERR_FILENO);
	close(kept);
	return rc;
}

static void
what_is_not_as_it_must_be_fails(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scenario *scenario = scenario_create("case", 1);
		struct err err = { "" };
		int rc;

		assert_non_null(scenario);
		rc = run_silently(scenario, cases[i].text, &err);
		scenario_destroy(scenario);
		if (cases[i].error == NULL && rc != 0)
			fail_msg("%s\n%s", cases[i].text, err.text);
		if (cases[i].error != NULL &&
				(rc != -EINVAL || strstr(err.text, cases[i].error) == NULL))
			fail_msg("%s\nsays: %s\nnot: %s", cases[i].text, err.text, cases[i].error);
	}
}

static void
a_packet_that_is_past_is_refused(void **state)
{
	static const char text[] = SYN "09:59:59.999999 IP 10.0.0.1.1 > 10.0.0.2.2: Flags [S], "
				       "seq 7, win 9, length 0\n";
	struct scenario *scenario = scenario_create("case", PIPELINE_BURST_MAX);
	struct err err;

	(void)state;

	assert_non_null(scenario);
	assert_int_equal(scenario_run(scenario, text, sizeof(text) - 1, &err), -EINVAL);
	assert_string_equal(err.text, "case:2: expected a time that is not past");
	scenario_destroy(scenario);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_as_it_must_be_fails),
		cmocka_unit_test(a_packet_that_is_past_is_refused),
	};

	return cmocka_run_group_tests_name("scenario", tests, NULL, NULL);
}
