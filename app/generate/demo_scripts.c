/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/demo_scripts.h"

#define DATA 500
#define WEB HANDSHAKE, EXCHANGE, CLOSE_BY_CLIENT

/* Both ends are heard, and all goes well. */
static const struct script_step closed_by_client[] = { WEB };
static const struct script_step closed_by_server[] = { HANDSHAKE, EXCHANGE, CLOSE_BY_SERVER };
static const struct script_step left_open[] = { HANDSHAKE, EXCHANGE };
static const struct script_step half_closed_by_client[] = {
	HANDSHAKE,
	EXCHANGE,
	{ CLIENT, FIN },
	{ SERVER, ACK },
};
static const struct script_step half_closed_by_server[] = {
	HANDSHAKE,
	EXCHANGE,
	{ SERVER, FIN },
	{ CLIENT, ACK },
};
static const struct script_step second_syn[] = {
	{ CLIENT, SYN },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ SERVER, SYN_ACK },
	{ CLIENT, ACK },
	EXCHANGE,
	CLOSE_BY_CLIENT,
};
static const struct script_step second_synack[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK },
	{ SERVER, SYN_ACK, .after_us = SECONDS(1) },
	{ CLIENT, ACK },
	EXCHANGE,
	CLOSE_BY_CLIENT,
};
static const struct script_step implied_ack[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK },
	{ CLIENT, ACK, HIDDEN },
	EXCHANGE,
	CLOSE_BY_CLIENT,
};
static const struct script_step lost_data[] = {
	HANDSHAKE,
	{ CLIENT, PUSH, .text = SCRIPT_REQUEST },
	{ SERVER, ACK, .len = DATA, .after_us = MS(2) },
	{ SERVER, PUSH, .len = DATA },
	{ SERVER, ACK, ASIDE, .len = DATA, .seq = -2 * DATA, .after_us = MS(210) },
	{ SERVER, PUSH, ASIDE, .len = DATA, .seq = -DATA, .after_us = MS(420) },
	{ CLIENT, ACK },
	CLOSE_BY_CLIENT,
};
static const struct script_step cookie_asked[] = {
	{ CLIENT, SYN, FAST_OPEN },
	{ SERVER, SYN_ACK, FAST_OPEN },
	{ CLIENT, ACK },
	EXCHANGE,
	CLOSE_BY_CLIENT,
};
static const struct script_step cookie_used[] = {
	{ CLIENT, SYN, FAST_OPEN, .text = SCRIPT_REQUEST },
	{ SERVER, SYN_ACK },
	{ SERVER, PUSH, .text = SCRIPT_RESPONSE },
	{ CLIENT, ACK },
	CLOSE_BY_CLIENT,
};
static const struct script_step both_knock[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN, UNASKED, .after_us = MS(3) },
	{ CLIENT, SYN_ACK },
	{ SERVER, SYN_ACK },
	EXCHANGE,
	CLOSE_BY_CLIENT,
};
static const struct script_step same_ports_again[] = {
	WEB,
	{ CLIENT, SYN, ANEW, .after_us = SECONDS(2) },
	{ SERVER, SYN_ACK },
	{ CLIENT, ACK },
	EXCHANGE,
	CLOSE_BY_CLIENT,
};

/* The handshake does not complete. */
static const struct script_step silent_server[] = {
	/* Linux from 6.5 on: four SYNs a second apart, then twice as long each time. */
	{ CLIENT, SYN },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ CLIENT, SYN, .after_us = SECONDS(2) },
	{ CLIENT, SYN, .after_us = SECONDS(4) },
	{ CLIENT, SYN, .after_us = SECONDS(8) },
	{ CLIENT, SYN, .after_us = SECONDS(16) },
	{ CLIENT, SYN, .after_us = SECONDS(32) },
};
static const struct script_step silent_server_older[] = {
	{ CLIENT, SYN },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ CLIENT, SYN, .after_us = SECONDS(2) },
	{ CLIENT, SYN, .after_us = SECONDS(4) },
	{ CLIENT, SYN, .after_us = SECONDS(8) },
	{ CLIENT, SYN, .after_us = SECONDS(16) },
	{ CLIENT, SYN, .after_us = SECONDS(32) },
};
static const struct script_step gave_up_early[] = {
	{ CLIENT, SYN },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ CLIENT, SYN, .after_us = SECONDS(2) },
};
static const struct script_step silent_client[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK },
	{ SERVER, SYN_ACK, .after_us = SECONDS(1) },
	{ SERVER, SYN_ACK, .after_us = SECONDS(2) },
	{ SERVER, SYN_ACK, .after_us = SECONDS(4) },
	{ SERVER, SYN_ACK, .after_us = SECONDS(8) },
	{ SERVER, SYN_ACK, .after_us = SECONDS(16) },
};
static const struct script_step spoofed_client[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK },
	{ SERVER, SYN_ACK, .after_us = SECONDS(1) },
};
static const struct script_step refused[] = { { CLIENT, SYN }, { SERVER, RST_ACK } };
static const struct script_step refused_with_bad_ack[] = {
	{ CLIENT, SYN },
	{ SERVER, RST_ACK, ASIDE, .ack = 7777 },
};
static const struct script_step half_open_scan[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK },
	{ CLIENT, RST },
};
static const struct script_step server_thinks_better[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK },
	{ SERVER, RST, .after_us = MS(5) },
};
static const struct script_step fin_before_answer[] = {
	{ CLIENT, SYN },
	{ CLIENT, FIN, .after_us = MS(40) },
};
static const struct script_step host_unreachable[] = {
	{ CLIENT, SYN },
	{ SERVER, .mods = ICMP_ERROR, .icmp_type = 3, .icmp_code = 1 },
};
static const struct script_step address_unreachable[] = {
	{ CLIENT, SYN },
	{ SERVER, .mods = ICMP_ERROR, .icmp_type = 1, .icmp_code = 3 },
};
static const struct script_step bad_synack[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK, ASIDE, .ack = 100000 },
};
static const struct script_step odd_answer[] = {
	{ CLIENT, SYN },
	{ SERVER, ACK, ASIDE, .seq = 40000, .ack = -90000 },
};
static const struct script_step both_knock_in_vain[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN, UNASKED, .after_us = MS(3) },
};
static const struct script_step backscatter[] = {
	{ CLIENT, SYN, HIDDEN },
	{ SERVER, SYN_ACK },
	{ SERVER, SYN_ACK, .after_us = SECONDS(1) },
};
static const struct script_step backscatter_refused[] = {
	{ CLIENT, SYN, HIDDEN },
	{ SERVER, SYN_ACK },
	{ CLIENT, RST },
};
static const struct script_step syn_not_seen[] = {
	{ CLIENT, SYN, HIDDEN },
	{ SERVER, SYN_ACK },
	{ CLIENT, ACK },
	EXCHANGE,
	CLOSE_BY_CLIENT,
};
static const struct script_step server_not_seen[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK, HIDDEN },
	{ CLIENT, ACK },
	{ CLIENT, PUSH, .text = SCRIPT_REQUEST },
	{ SERVER, PUSH, HIDDEN, .text = SCRIPT_RESPONSE },
	{ CLIENT, ACK },
	{ CLIENT, FIN, .after_us = MS(1) },
	{ SERVER, FIN, HIDDEN },
	{ CLIENT, ACK },
};
static const struct script_step begun_before[] = {
	{ CLIENT, SYN, HIDDEN },
	{ SERVER, SYN_ACK, HIDDEN },
	{ CLIENT, ACK, HIDDEN },
	EXCHANGE,
	CLOSE_BY_CLIENT,
};

/* A RST, genuine or not. */
static const struct script_step client_aborts[] = {
	HANDSHAKE,
	EXCHANGE,
	{ CLIENT, RST_ACK, .after_us = MS(300) },
};
static const struct script_step server_aborts[] = {
	HANDSHAKE,
	EXCHANGE,
	{ SERVER, RST_ACK, UNASKED, .after_us = SECONDS(3) },
};
static const struct script_step server_forgot[] = {
	HANDSHAKE,
	EXCHANGE,
	{ CLIENT, PUSH, .len = DATA, .after_us = SECONDS(7) },
	{ SERVER, RST },
};
static const struct script_step reset_after_fin[] = {
	HANDSHAKE,
	EXCHANGE,
	{ CLIENT, FIN },
	{ SERVER, PUSH, .text = SCRIPT_RESPONSE },
	{ CLIENT, RST },
};
static const struct script_step forged_out_of_window[] = {
	HANDSHAKE,
	EXCHANGE,
	{ SERVER, RST, ASIDE, .seq = 50000000, .after_us = MS(50) },
	EXCHANGE,
	CLOSE_BY_CLIENT,
};
static const struct script_step forged_in_window[] = {
	HANDSHAKE,
	EXCHANGE,
	{ SERVER, RST, ASIDE, .seq = 3000, .after_us = MS(50) },
	{ CLIENT, ACK }, /* the challenge of RFC 5961 section 3.2 */
	EXCHANGE,
	CLOSE_BY_CLIENT,
};
static const struct script_step reset_in_window[] = {
	HANDSHAKE,
	EXCHANGE,
	{ SERVER, PUSH, HIDDEN, .len = DATA, .after_us = MS(50) },
	{ SERVER, RST, .after_us = MS(1) },
};
static const struct script_step forged_from_nearby[] = {
	HANDSHAKE,
	{ CLIENT, PUSH, .text = SCRIPT_REQUEST },
	{ SERVER, RST_ACK, ASIDE, .hops = 55 },
	{ SERVER, ACK, .after_us = MS(1) },
	{ SERVER, PUSH, .text = SCRIPT_RESPONSE },
	{ CLIENT, RST },
};
static const struct script_step reset_for_nothing[] = { { SERVER, RST, .seq = 12345 } };
static const struct script_step same_ports_after_reset[] = {
	HANDSHAKE,
	EXCHANGE,
	{ CLIENT, RST_ACK },
	{ CLIENT, SYN, ANEW, .after_us = SECONDS(1) },
	{ SERVER, SYN_ACK },
	{ CLIENT, ACK },
	EXCHANGE,
	CLOSE_BY_SERVER,
};

/* What should not be. */
static const struct script_step syn_challenged[] = {
	HANDSHAKE,
	EXCHANGE,
	{ CLIENT, SYN, ASIDE, .seq = 900000, .after_us = MS(500) },
	{ SERVER, ACK }, /* the challenge of RFC 5961 section 4.2 */
	EXCHANGE,
	CLOSE_BY_CLIENT,
};
static const struct script_step client_rebooted[] = {
	HANDSHAKE,
	EXCHANGE,
	{ CLIENT, SYN, ANEW, .after_us = SECONDS(4) },
	{ SERVER, SYN_ACK },
	{ CLIENT, ACK },
	EXCHANGE,
	CLOSE_BY_CLIENT,
};
static const struct script_step christmas_tree[] = {
	{ CLIENT, TCP_FIN | TCP_PSH | TCP_URG, ASIDE },
	{ SERVER, RST_ACK, .ack = 1 },
};
static const struct script_step syn_and_fin[] = {
	{ CLIENT, TCP_SYN | TCP_FIN, ASIDE },
	{ SERVER, RST_ACK, .ack = 2 },
};

/*
 * In the order in which they begin. The long waits come first, so that the kernels'
 * patience runs out before the capture does; a few begin so late that it does not.
 */
const struct demo_case demo_scripts_cases[] = {
	{ SCRIPT(silent_server), .start_ms = 0 },
	{ SCRIPT(silent_server_older), .start_ms = 300 },
	{ SCRIPT(silent_client), .start_ms = 700 },
	{ SCRIPT(closed_by_client), .start_ms = 1100 },
	{ SCRIPT(closed_by_server), .start_ms = 1900, .ip_version = 6 },
	{ SCRIPT(closed_by_client), .start_ms = 2600, .vlan_count = 1, .vlan = { 100 } },
	{ SCRIPT(closed_by_client), .start_ms = 3300, .vlan_count = 2, .vlan = { 200, 100 } },
	{ SCRIPT(closed_by_client), .start_ms = 3900, .stack = &host_windows },
	{ SCRIPT(half_closed_by_client), .start_ms = 4800 },
	{ SCRIPT(half_closed_by_server), .start_ms = 5500 },
	{ SCRIPT(second_syn), .start_ms = 6200 },
	{ SCRIPT(second_synack), .start_ms = 7000 },
	{ SCRIPT(implied_ack), .start_ms = 9100 },
	{ SCRIPT(lost_data), .start_ms = 10000 },
	{ SCRIPT(cookie_asked), .start_ms = 12000 },
	{ SCRIPT(cookie_used), .start_ms = 13000 },
	{ SCRIPT(both_knock), .start_ms = 14000 },
	{ SCRIPT(same_ports_again), .start_ms = 15000 },
	{ SCRIPT(gave_up_early), .start_ms = 19000 },
	{ SCRIPT(refused), .start_ms = 20000 },
	{ SCRIPT(refused), .start_ms = 20400, .ip_version = 6 },
	{ SCRIPT(refused_with_bad_ack), .start_ms = 21000 },
	{ SCRIPT(half_open_scan), .start_ms = 22000, .stack = &host_scanner },
	{ SCRIPT(server_thinks_better), .start_ms = 23000 },
	{ SCRIPT(fin_before_answer), .start_ms = 24000 },
	{ SCRIPT(host_unreachable), .start_ms = 25000, .ip_version = 4 },
	{ SCRIPT(address_unreachable), .start_ms = 26000, .ip_version = 6 },
	{ SCRIPT(bad_synack), .start_ms = 27000 },
	{ SCRIPT(odd_answer), .start_ms = 28000 },
	{ SCRIPT(both_knock_in_vain), .start_ms = 29000 },
	{ SCRIPT(backscatter), .start_ms = 30000 },
	{ SCRIPT(backscatter_refused), .start_ms = 32000 },
	{ SCRIPT(syn_not_seen), .start_ms = 33000 },
	{ SCRIPT(server_not_seen), .start_ms = 34000 },
	{ SCRIPT(begun_before), .start_ms = 35000 },
	{ SCRIPT(client_aborts), .start_ms = 36000 },
	{ SCRIPT(server_aborts), .start_ms = 37000 },
	{ SCRIPT(server_forgot), .start_ms = 38000 },
	{ SCRIPT(reset_after_fin), .start_ms = 39000 },
	{ SCRIPT(forged_out_of_window), .start_ms = 40000 },
	{ SCRIPT(forged_in_window), .start_ms = 41000 },
	{ SCRIPT(reset_in_window), .start_ms = 42000 },
	{ SCRIPT(forged_from_nearby), .start_ms = 43000 },
	{ SCRIPT(reset_for_nothing), .start_ms = 44000 },
	{ SCRIPT(same_ports_after_reset), .start_ms = 45000 },
	{ SCRIPT(syn_challenged), .start_ms = 46000 },
	{ SCRIPT(client_rebooted), .start_ms = 47000 },
	{ SCRIPT(christmas_tree), .start_ms = 48000, .stack = &host_scanner },
	{ SCRIPT(syn_and_fin), .start_ms = 49000, .stack = &host_scanner },
	{ SCRIPT(closed_by_client), .start_ms = 132000 },
	{ SCRIPT(spoofed_client), .start_ms = 135000, .stack = &host_flooder },
	{ SCRIPT(left_open), .start_ms = 136500 },
	{ SCRIPT(left_open), .start_ms = 137500, .ip_version = 6 },
};

const uint32_t demo_scripts_count = ARRAY_LEN(demo_scripts_cases);
