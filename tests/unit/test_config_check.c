/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_check.h"
#include "config_fixture.h"

/* A file that is right key by key. */
static void
assert_fine(struct scratch *scratch, const char *text)
{
	assert_loaded(scratch, text);
	if (config_check(&scratch->config, &scratch->errors) != 0)
		fail_msg("%s", scratch->errors.errs[0].text);
	config_defaults(&scratch->config);
}

static void
assert_wrong(struct scratch *scratch, const char *text, const char *why)
{
	assert_loaded(scratch, text);
	assert_int_equal(config_check(&scratch->config, NULL), -EINVAL);
	assert_int_equal(config_check(&scratch->config, &scratch->errors), -EINVAL);
	assert_string_equal(scratch->errors.errs[0].text, why);
	assert_int_equal(scratch->errors.count, 1);
	config_defaults(&scratch->config);
}

static void
the_defaults_go_together_but_an_appliance_needs_a_wire(void **state)
{
	struct scratch *scratch = *state;

	assert_fine(scratch, "");
	assert_int_equal(config_check_run(&scratch->config, &scratch->errors), -EINVAL);
	assert_string_equal(scratch->errors.errs[0].text,
			"wires: must name at least one wire, as 'wires:' in docs/configuration.md");
	assert_loaded(scratch, "wires: [{ ports: [net_null0] }]\n");
	assert_int_equal(config_check_run(&scratch->config, &scratch->errors), 0);
}

static void
wires_have_names_of_their_own(void **state)
{
	struct scratch *scratch = *state;

	assert_wrong(scratch, "wires: [{ name: a, ports: [x] }, { name: a, ports: [y] }]\n",
			"wires[1].name: must differ from wires[0].name, got a");
	assert_wrong(scratch, "wires: [{ name: wire1, ports: [x] }, { ports: [y] }]\n",
			"wires[1].name: must differ from wires[0].name, got wire1");
}

static void
a_port_is_an_end_of_one_wire(void **state)
{
	struct scratch *scratch = *state;

	assert_fine(scratch,
			"wires:\n"
			"- ports: ['0000:03:00.0', '0000:03:00.1']\n"
			"- ports: ['net_af_packet0,iface=eth1', 'net_af_packet1,iface=eth11']\n"
			"- ports: ['net_pcap0,rx_pcap=a', 'net_pcap1,rx_pcap=a']\n");
	assert_wrong(scratch, "wires: [{ ports: ['0000:03:00.0', '0000:03:00.0'] }]\n",
			"wires[0].ports: 0000:03:00.0 is the same port as 0000:03:00.0");
	assert_wrong(scratch, "wires: [{ ports: ['03:0a.0', '0000:03:0A.0,x=1'] }]\n",
			"wires[0].ports: 0000:03:0A.0,x=1 is the same port as 03:0a.0");
	assert_wrong(scratch,
			"wires: [{ ports: ['net_pcap0,rx_pcap=a'] }, { ports: ['net_pcap0,rx_pcap=b'] }]\n",
			"wires[1].ports: net_pcap0,rx_pcap=b is the same port as "
			"net_pcap0,rx_pcap=a of another wire");
	assert_wrong(scratch,
			"wires: [{ ports: ['net_af_packet0,iface=eth1', 'net_af_xdp0,q=1,iface=eth1'] "
			"}]\n",
			"wires[0].ports: net_af_xdp0,q=1,iface=eth1 is the same port as "
			"net_af_packet0,iface=eth1");
}

static void
an_output_has_the_path_that_its_type_needs(void **state)
{
	struct scratch *scratch = *state;

	assert_fine(scratch, "outputs: [{ type: file, path: a }, { type: stdout }]\n");
	assert_wrong(scratch, "outputs: [{ type: stdout }, { type: unix_stream }]\n",
			"outputs[1].path: is missing; only outputs[1].type: stdout needs none");
	assert_wrong(scratch, "outputs: [{ type: stdout, path: a }]\n",
			"outputs[0].path: must be absent, as outputs[0].type is stdout, got a");
}

static void
a_sockets_path_is_short_and_a_files_need_not_be(void **state)
{
	struct scratch *scratch = *state;
	char text[256];

	snprintf(text, sizeof(text), "outputs: [{ type: file, path: /%0107d }]\n", 0);
	assert_fine(scratch, text);
	snprintf(text, sizeof(text), "outputs: [{ type: unix_dgram, path: /%0106d }]\n", 0);
	assert_fine(scratch, text);
	snprintf(text, sizeof(text), "outputs: [{ type: unix_dgram, path: /%0107d }]\n", 0);
	assert_wrong(scratch, text,
			"outputs[0].path: must be of at most 107 characters for a socket, got 108");
}

static void
two_outputs_do_not_write_to_one_place(void **state)
{
	struct scratch *scratch = *state;

	assert_wrong(scratch, "outputs: [{ type: file, path: a }, { type: file, path: a }]\n",
			"outputs[1]: is the same as outputs[0]: a");
	assert_wrong(scratch, "outputs: [{ type: stdout }, { type: stdout }]\n",
			"outputs[1]: is the same as outputs[0]: stdout");
	assert_wrong(scratch, "outputs: [{ type: unix_stream, path: c }]\ncontrol: { socket: c }\n",
			"outputs[0].path: is control.socket: c");
}

static void
only_a_file_is_rotated(void **state)
{
	struct scratch *scratch = *state;

	assert_fine(scratch, "outputs: [{ type: file, path: a, rotate_size: 1MiB }]\n");
	assert_fine(scratch, "outputs: [{ type: stdout, rotate_size: 0, rotate_keep: 5 }]\n");
	assert_wrong(scratch, "outputs: [{ type: stdout, rotate_size: 1MiB }]\n",
			"outputs[0].rotate_size: must be absent, as only a file is rotated");
	assert_wrong(scratch, "outputs: [{ type: unix_stream, path: a, rotate_keep: 6 }]\n",
			"outputs[0].rotate_keep: must be absent, as only a file is rotated");
}

static void
receivers_come_with_software_steering(void **state)
{
	struct scratch *scratch = *state;

	assert_fine(scratch, "workers: { steering: software, receivers: 2 }\n");
	assert_fine(scratch, "workers: { steering: rss, receivers: 1 }\n");
	assert_wrong(scratch, "workers: { receivers: 2 }\n",
			"workers.receivers: must be absent, as only workers.steering: software has "
			"receivers");
	assert_wrong(scratch, "workers: { receiver_cores: 4 }\n",
			"workers.receiver_cores: must be absent, as only workers.steering: software "
			"has receivers");
}

static void
each_thread_has_a_core(void **state)
{
	struct scratch *scratch = *state;

	assert_fine(scratch, "workers: { count: 4 }\n");
	assert_fine(scratch, "workers: { count: 4, cores: 2-5 }\n");
	assert_fine(scratch, "workers: { count: 2, cores: 2-5 }\n");
	assert_wrong(scratch, "workers: { count: 4, cores: 2-4 }\n",
			"workers.cores: must name a core for each of workers.count: 4, got 3");
	assert_wrong(scratch, "workers: { steering: software, receivers: 2, receiver_cores: 4 }\n",
			"workers.receiver_cores: must name a core for each of workers.receivers: 2, "
			"got 1");
}

static void
a_core_is_given_once(void **state)
{
	struct scratch *scratch = *state;

	assert_fine(scratch,
			"workers: { cores: 2-5, steering: software, receiver_cores: 6 }\n"
			"control: { cores: '0-1,7' }\n");
	assert_wrong(scratch, "workers: { cores: 2-5 }\ncontrol: { cores: 4-5 }\n",
			"control.cores: core 4 is in workers.cores already");
	assert_wrong(scratch, "workers: { cores: 2-5, steering: software, receiver_cores: 5 }\n",
			"workers.receiver_cores: core 5 is in workers.cores already");
	assert_wrong(scratch,
			"workers: { steering: software, receiver_cores: 5 }\n"
			"control: { cores: 0-5 }\n",
			"control.cores: core 5 is in workers.receiver_cores already");
}

static void
thresholds_of_floods_do_not_contradict_each_other(void **state)
{
	struct scratch *scratch = *state;

	assert_fine(scratch, "flood: { min_syn_pps: 20, min_slow_syn_pps: 20 }\n");
	assert_wrong(scratch, "flood: { min_syn_pps: 19 }\n",
			"flood.min_slow_syn_pps: must be at most flood.min_syn_pps: 19, got 20");
	assert_wrong(scratch, "flood: { min_slow_syn_pps: 61 }\n",
			"flood.min_slow_syn_pps: must be at most flood.min_syn_pps: 40, got 61");
}

static void
times_of_floods_are_whole_ticks_and_in_order(void **state)
{
	struct scratch *scratch = *state;

	assert_fine(scratch, "flood: { window: 2s, hold: 2s, update: 1500ms }\n");
	assert_wrong(scratch, "flood: { window: 250ms }\n",
			"flood.window: must be a multiple of 100ms, got 250ms");
	assert_wrong(scratch, "flood: { hold: 1050ms }\n",
			"flood.hold: must be a multiple of 100ms, got 1050ms");
	assert_wrong(scratch, "flood: { update: 1001ms }\n",
			"flood.update: must be a multiple of 100ms, got 1001ms");
	assert_wrong(scratch, "flood: { window: 2s, hold: 1s }\n",
			"flood.hold: must be at least flood.window: 2s, got 1s");
}

static void
the_program_of_a_flood_is_named_by_its_whole_path(void **state)
{
	struct scratch *scratch = *state;

	assert_fine(scratch, "flood: { on_flood: [/no/such/program], on_flood_timeout: 2s }\n");
	assert_wrong(scratch, "flood: { on_flood: [logger, -t, synwire] }\n",
			"flood.on_flood: must begin with the whole path of a program, got logger");
	assert_wrong(scratch, "flood: { on_flood_timeout: 2s }\n",
			"flood.on_flood_timeout: must be absent, as flood.on_flood names no program");
}

static void
the_folder_of_captures_has_room_for_one(void **state)
{
	struct scratch *scratch = *state;

	assert_fine(scratch, "flood: { capture: /d, capture_packets: 455, capture_size: 64KiB }\n");
	assert_wrong(scratch, "flood: { capture: /d, capture_packets: 456, capture_size: 64KiB }\n",
			"flood.capture_size: must have room for flood.capture_packets: 456 take up to "
			"65664 bytes, got 64KiB");
	assert_wrong(scratch, "flood: { capture_packets: 10 }\n",
			"flood.capture_packets: must be absent, as flood.capture names no folder");
	assert_wrong(scratch, "flood: { capture_size: 1MiB }\n",
			"flood.capture_size: must be absent, as flood.capture names no folder");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SCRATCH(the_defaults_go_together_but_an_appliance_needs_a_wire),
		WITH_SCRATCH(wires_have_names_of_their_own),
		WITH_SCRATCH(a_port_is_an_end_of_one_wire),
		WITH_SCRATCH(an_output_has_the_path_that_its_type_needs),
		WITH_SCRATCH(a_sockets_path_is_short_and_a_files_need_not_be),
		WITH_SCRATCH(two_outputs_do_not_write_to_one_place),
		WITH_SCRATCH(only_a_file_is_rotated),
		WITH_SCRATCH(receivers_come_with_software_steering),
		WITH_SCRATCH(each_thread_has_a_core),
		WITH_SCRATCH(a_core_is_given_once),
		WITH_SCRATCH(thresholds_of_floods_do_not_contradict_each_other),
		WITH_SCRATCH(times_of_floods_are_whole_ticks_and_in_order),
		WITH_SCRATCH(the_program_of_a_flood_is_named_by_its_whole_path),
		WITH_SCRATCH(the_folder_of_captures_has_room_for_one),
	};

	return cmocka_run_group_tests_name("config_check", tests, NULL, NULL);
}
