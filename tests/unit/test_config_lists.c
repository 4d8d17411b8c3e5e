/* SPDX-License-Identifier: Apache-2.0 */

/* Lists of wires and outputs, as a file has them. */

#include "config_fixture.h"

static void
wires_are_read_in_order_with_defaults_filled_in(void **state)
{
	struct scratch *scratch = *state;
	const struct config_wires *wires = scratch->config.wires;

	assert_loaded(scratch,
			"wires:\n"
			"- name: wan\n"
			"  ports: [0000:03:00.0, 0000:03:00.1]\n"
			"  mtu: 9000\n"
			"  link_propagation: false\n"
			"- ports:\n"
			"  - net_af_packet0,iface=eth1,qpairs=2\n");
	assert_int_equal(scratch->config.wire_count, 2);
	assert_string_equal(wires[0].name, "wan");
	assert_int_equal(wires[0].ports.count, 2);
	assert_string_equal(wires[0].ports.word[0], "0000:03:00.0");
	assert_string_equal(wires[0].ports.word[1], "0000:03:00.1");
	assert_int_equal(wires[0].mtu, 9000);
	assert_false(wires[0].link_propagation);
	assert_string_equal(wires[1].name, "wire1");
	assert_int_equal(wires[1].ports.count, 1);
	assert_string_equal(wires[1].ports.word[0], "net_af_packet0,iface=eth1,qpairs=2");
	assert_int_equal(wires[1].mtu, 0);
	assert_true(wires[1].link_propagation);
}

static void
outputs_are_read_in_order_with_defaults_filled_in(void **state)
{
	struct scratch *scratch = *state;
	const struct config_outputs *outputs = scratch->config.outputs;

	assert_loaded(scratch,
			"outputs:\n"
			"- { type: file, path: /var/log/e.jsonl, rotate_size: 64MiB, "
			"rotate_keep: 3 }\n"
			"- { type: unix_dgram, path: e.sock, events: [wire, rst] }\n"
			"- type: stdout\n");
	assert_int_equal(scratch->config.output_count, 3);
	assert_int_equal(outputs[0].type, CONFIG_OUTPUT_FILE);
	assert_string_equal(outputs[0].path, "/var/log/e.jsonl");
	assert_int_equal(outputs[0].rotate_size, 67108864);
	assert_int_equal(outputs[0].rotate_keep, 3);
	assert_int_equal(outputs[0].events,
			CONFIG_EVENT_INCOMPLETE_HANDSHAKE | CONFIG_EVENT_RST |
					CONFIG_EVENT_CONNECTION | CONFIG_EVENT_WIRE |
					CONFIG_EVENT_STATS | CONFIG_EVENT_SYN_FLOOD |
					CONFIG_EVENT_SCAN | CONFIG_EVENT_STORM);
	assert_int_equal(outputs[1].type, CONFIG_OUTPUT_UNIX_DGRAM);
	assert_int_equal(outputs[1].events, CONFIG_EVENT_WIRE | CONFIG_EVENT_RST);
	assert_int_equal(outputs[2].type, CONFIG_OUTPUT_STDOUT);
	assert_int_equal(outputs[2].rotate_size, 0);
	assert_int_equal(outputs[2].rotate_keep, 5);
}

static void
a_program_has_as_many_arguments_as_there_is_room_for_and_a_wire_two_ports(void **state)
{
	struct scratch *scratch = *state;
	const struct config_words *words = &scratch->config.flood.on_flood;

	assert_int_equal(words->count, 0);
	assert_loaded(scratch, "flood: { on_flood: [/bin/a, '-x y', b] }\n");
	assert_int_equal(words->count, 3);
	assert_string_equal(words->word[0], "/bin/a");
	assert_string_equal(words->word[1], "-x y");
	assert_string_equal(words->word[2], "b");
	assert_loaded(scratch, "flood: { on_flood: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p] }\n");
	assert_int_equal(words->count, CONFIG_WORDS_MAX);
	assert_refused(scratch, "flood: { on_flood: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q] }\n",
			":1: flood.on_flood: must be a list of 0 to 16 words: a program's path and "
			"its arguments, got 17");
	assert_loaded(scratch, "flood: { on_flood: [] }\n");
	assert_int_equal(words->count, 0);
	assert_refused(scratch, "wires: [{ ports: [a, b, c] }]\n",
			":1: wires[0].ports: must be a list of 1 to 2 PCI addresses or virtual "
			"devices, got 3");
}

static void
a_list_takes_the_place_of_the_one_before(void **state)
{
	struct scratch *scratch = *state;
	struct config empty = scratch->config;

	assert_loaded(scratch, "wires: [{ ports: [a] }, { ports: [b], mtu: 9000 }]\n");
	assert_loaded(scratch, "mode: monitor\n");
	assert_int_equal(scratch->config.wire_count, 2);
	assert_loaded(scratch, "wires: [{ ports: [c] }]\n");
	assert_int_equal(scratch->config.wire_count, 1);
	assert_string_equal(scratch->config.wires[0].ports.word[0], "c");
	assert_loaded(scratch, "wires: []\n");
	assert_memory_equal(&scratch->config, &empty, sizeof(empty));
}

static void
a_mistake_in_a_list_is_reported_with_its_position(void **state)
{
	struct scratch *scratch = *state;

	assert_refused(scratch, "wires:\n- ports: [a]\n- ports: [b]\n  mtu: 10000\n",
			":4: wires[1].mtu: must be a number from 68 to 9216, or 0, got 10000");
	assert_refused(scratch, "wires:\n- ports: [a]\n- ports: [b]\n  mtus: 1500\n",
			":4: wires[1].mtus: unknown key; did you mean wires[].mtu?");
	assert_refused(scratch, "wires:\n- ports: [a]\n  mtu: 1500\n  mtu: 1501\n",
			":4: wires[0].mtu: is on line 3 already");
	assert_refused(scratch, "outputs:\n- type: stdout\n  events: [rst, rts]\n",
			":3: outputs[0].events: must be a list of incomplete_handshake, rst, "
			"connection, wire, stats, syn_flood, scan or storm, got rts");
	assert_refused(scratch, "outputs:\n- type: stdout\n  events: [rst, wire, rst]\n",
			":3: outputs[0].events: names rst twice");
	assert_refused(scratch, "outputs:\n- type: stdout\n  events: []\n",
			":3: outputs[0].events: must be a list of incomplete_handshake, rst, "
			"connection, wire, stats, syn_flood, scan or storm, got none");
}

static void
a_key_that_must_be_given_is_missed(void **state)
{
	struct scratch *scratch = *state;

	assert_refused(scratch, "wires:\n- ports: [a]\n- name: b\n",
			":3: wires[1].ports: is missing; must be a list of 1 to 2 PCI addresses or "
			"virtual devices");
	assert_refused(scratch, "outputs:\n- path: b\n",
			":2: outputs[0].type: is missing; must be file, stdout, unix_stream or "
			"unix_dgram");
	/* What was meant is clear, so it is told once. */
	assert_refused(scratch, "wires:\n- port: [a]\n",
			":2: wires[0].port: unknown key; did you mean wires[].ports?");
}

static void
a_wire_has_one_port_or_two(void **state)
{
	struct scratch *scratch = *state;

	assert_refused(scratch, "wires: [{ ports: [a, b, c] }]\n",
			":1: wires[0].ports: must be a list of 1 to 2 PCI addresses or virtual "
			"devices, got 3");
	assert_refused(scratch, "wires: [{ ports: [] }]\n",
			":1: wires[0].ports: must be a list of 1 to 2 PCI addresses or virtual "
			"devices, got 0");
	assert_refused(scratch, "wires: [{ ports: [a, ''] }]\n",
			":1: wires[0].ports: must be a list of 1 to 2 PCI addresses or virtual "
			"devices, got nothing");
}

static void
a_list_of_the_wrong_shape_is_reported(void **state)
{
	struct scratch *scratch = *state;

	assert_refused(scratch, "wires: eth0\n",
			":1: wires: must have a list of '- key: value' below it, indented");
	assert_refused(scratch, "wires: { ports: [a] }\n",
			":1: wires: must have a list of '- key: value' below it, indented");
	assert_refused(scratch, "wires:\n- ports: [a]\n- eth0\n",
			":3: wires[1]: must be keys with their values");
	assert_refused(scratch, "wires:\n- ports: a\n",
			":2: wires[0].ports: must be a list of 1 to 2 PCI addresses or virtual "
			"devices, got a single value; write [one, two]");
	assert_refused(scratch, "wires:\n- ports:\n",
			":2: wires[0].ports: must be a list of 1 to 2 PCI addresses or virtual "
			"devices, got nothing");
	assert_refused(scratch, "wires:\n- ports: [[a], b]\n",
			":2: wires[0].ports: must be a list of 1 to 2 PCI addresses or virtual "
			"devices, got a list of something else");
}

static void
a_list_that_is_too_long_is_reported_and_the_rest_is_checked(void **state)
{
	static const char *const whys[] = { ":1: outputs: must be at most 8, got 9",
		":2: outputs[0].rotate_keep: must be a number from 1 to 1000, got 0", NULL };

	assert_all_refused(*state,
			"outputs:\n"
			"- { type: file, path: a, rotate_keep: 0 }\n"
			"- { type: file, path: b }\n- { type: file, path: c }\n"
			"- { type: file, path: d }\n- { type: file, path: e }\n"
			"- { type: file, path: f }\n- { type: file, path: g }\n"
			"- { type: file, path: h }\n- { type: file, path: i }\n",
			whys);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SCRATCH(wires_are_read_in_order_with_defaults_filled_in),
		WITH_SCRATCH(outputs_are_read_in_order_with_defaults_filled_in),
		WITH_SCRATCH(a_program_has_as_many_arguments_as_there_is_room_for_and_a_wire_two_ports),
		WITH_SCRATCH(a_list_takes_the_place_of_the_one_before),
		WITH_SCRATCH(a_mistake_in_a_list_is_reported_with_its_position),
		WITH_SCRATCH(a_key_that_must_be_given_is_missed),
		WITH_SCRATCH(a_wire_has_one_port_or_two),
		WITH_SCRATCH(a_list_of_the_wrong_shape_is_reported),
		WITH_SCRATCH(a_list_that_is_too_long_is_reported_and_the_rest_is_checked),
	};

	return cmocka_run_group_tests_name("config_lists", tests, NULL, NULL);
}
