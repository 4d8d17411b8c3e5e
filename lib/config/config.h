/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The configuration: plain numbers, one for each row of CONFIG_SECTIONS.
 *
 * The rows are all there is: from them follow this struct, what the reader of files
 * accepts, the checks and their messages, what `synwire check` prints and
 * docs/configuration.md. A new key is a new row, and its use in app/params.c.
 *
 * Whoever takes a configuration takes it whole: a key that no file and no command line
 * set holds its default. Called by the control side only, before the workers start.
 */

#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/err.h"
#include "base/usec.h"

#include <stdint.h>

#define CONFIG_DAY (86400 * USEC_PER_SEC)

/*
 * X(section, key, member, type, min, max, standard, choices, help): `member` is the name
 * here, with the unit; `min` and `max` are in that unit, and CONFIG_CHOICE counts from 0
 * in the order of `choices`. Durations are in microseconds.
 */
#define CONFIG_TCP(X, section) \
	X(section, syn_retries, syn_retries, CONFIG_NUMBER, 1, 127, "6", NULL, \
			"How often a client repeats an unanswered SYN, each wait twice the last: " \
			"net.ipv4.tcp_syn_retries of its kernel.") \
	X(section, syn_linear_timeouts, syn_linear_timeouts, CONFIG_NUMBER, 0, 127, "4", NULL, \
			"How many repetitions come before these, at even distances: " \
			"net.ipv4.tcp_syn_linear_timeouts, 4 since Linux 6.5; write 0 for " \
			"older kernels.") \
	X(section, synack_retries, synack_retries, CONFIG_NUMBER, 0, 127, "5", NULL, \
			"How often a server repeats an unacknowledged SYN-ACK: " \
			"net.ipv4.tcp_synack_retries.") \
	X(section, initial_rto, initial_rto_us, CONFIG_DURATION, 10 * USEC_PER_MSEC, \
			120 * USEC_PER_SEC, "1s", NULL, \
			"What both wait before the first repetition (RFC 6298 section 2.1).")

#define CONFIG_TIMEOUTS(X, section) \
	X(section, established, established_us, CONFIG_DURATION, USEC_PER_SEC, 30 * CONFIG_DAY, \
			"2h", NULL, \
			"An established connection is forgotten after this idle time.") \
	X(section, closing, closing_us, CONFIG_DURATION, USEC_PER_SEC, CONFIG_DAY, "120s", NULL, \
			"The same, once a side has sent FIN.") \
	X(section, time_wait, time_wait_us, CONFIG_DURATION, USEC_PER_SEC, CONFIG_DAY, "60s", \
			NULL, "The same, once both FINs are acknowledged.") \
	X(section, reset, reset_us, CONFIG_DURATION, USEC_PER_SEC, CONFIG_DAY, "10s", NULL, \
			"The same, after a RST.")

#define CONFIG_RST(X, section) \
	X(section, ttl_tolerance, ttl_tolerance, CONFIG_NUMBER, 0, 255, "5", NULL, \
			"By how many hops a RST's hop limit may differ from its sender's usual " \
			"one before another machine is suspected to have sent it.") \
	X(section, confirm, confirm_us, CONFIG_DURATION, 10 * USEC_PER_MSEC, 60 * USEC_PER_SEC, \
			"1s", NULL, \
			"How long the receiver of a RST that is in the window, but not exact, must " \
			"stay silent before the RST is believed (RFC 5961 section 3).")

#define CONFIG_EVENTS(X, section) \
	X(section, rst, rst, CONFIG_CHOICE, 0, 1, "notable", "notable all", \
			"Which RSTs become events: notable ones (mid_connection, " \
			"suspected_injection), or all.")

#define CONFIG_FLOW(X, section) \
	X(section, slots, slots, CONFIG_POWER_OF_TWO, 1024, 1073741824, "1048576", NULL, \
			"Connections that each worker can follow at a time; 160 bytes each, " \
			"taken at start.") \
	X(section, vlan_in_key, vlan_in_key, CONFIG_SWITCH, 0, 1, "false", NULL, \
			"Whether the same addresses and ports under other VLAN tags are another " \
			"connection.")

#define CONFIG_TRACKER(X, section) \
	X(section, verify_checksum, verify_checksum, CONFIG_SWITCH, 0, 1, "false", NULL, \
			"Whether a segment with a wrong TCP checksum is kept from the state " \
			"machine. Captures and offloading network cards often show wrong ones.")

/* S(section, rows, help) */
#define CONFIG_SECTIONS(S) \
	S(tcp, CONFIG_TCP, "How patient the kernels of clients and servers are.") \
	S(timeouts, CONFIG_TIMEOUTS, "When a connection that is silent is forgotten.") \
	S(rst, CONFIG_RST, "How RSTs are judged.") \
	S(events, CONFIG_EVENTS, "What is written beside the record of each connection.") \
	S(flow, CONFIG_FLOW, "The flow table.") \
	S(tracker, CONFIG_TRACKER, "What a segment must pass before it is tracked.")

struct config {
#define CONFIG_MEMBER(section, key, member, ...) uint64_t member;
#define CONFIG_STRUCT(section, rows, help) \
	struct { \
		rows(CONFIG_MEMBER, section) \
	} section;
	CONFIG_SECTIONS(CONFIG_STRUCT)
#undef CONFIG_STRUCT
#undef CONFIG_MEMBER
};

/* events.rst, in the order of its choices. */
enum config_events_rst {
	CONFIG_EVENTS_RST_NOTABLE,
	CONFIG_EVENTS_RST_ALL,
};

/** Every key at its default. */
void config_defaults(struct config *config);

/**
 * Read a file over what @p config holds; keys that it does not name stay.
 *
 * @return
 *   0; -EINVAL for a file that says something wrong, with "FILE:LINE: KEY: must be ...,
 *   got ..." in @p err; another negative errno value for one that cannot be read.
 *   @p config is then as it was.
 */
int config_load(struct config *config, const char *path, struct err *err);

/**
 * Set one key, as `--set KEY=VALUE` does.
 *
 * @param path
 *   Section and key, such as "tcp.syn_retries".
 * @param text
 *   The value as a file would have it.
 */
int config_set(struct config *config, const char *path, const char *text, struct err *err);

#endif /* CONFIG_CONFIG_H */
