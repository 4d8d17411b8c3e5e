/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The table of all keys of the configuration.
 *
 * The rows are all there is: from them follow struct config, what the reader of files
 * accepts, the checks and their messages, what `synwire check` prints and
 * docs/configuration.md. A new key is a new row, and its use in app/.
 *
 * X(section, key, member, type, when, min, max, standard, choices, help)
 * - `member` is the name in C, with the unit.
 * - `when`: CONFIG_LIVE, a change takes effect while synwire runs; CONFIG_FIXED, at a start.
 * - `min` and `max` are in the member's unit: durations in microseconds, sizes in bytes; for
 *   texts the length, for lists the number of words. A number's default may lie outside,
 *   and then means "not set".
 * - `standard` is the default, as a file would have it, a list's words with blanks between;
 *   NULL: the key must be given. '#' in it is the position in the section's list, from 0.
 * - `choices`: words; CONFIG_CHOICE counts from 0 in their order, CONFIG_SET from bit 0.
 */

#ifndef CONFIG_CONFIG_ROWS_H
#define CONFIG_CONFIG_ROWS_H

#include "base/usec.h"

#include <stdint.h>

#define CONFIG_DAY (86400 * USEC_PER_SEC)
#define CONFIG_KIB UINT64_C(1024)
#define CONFIG_TIB (UINT64_C(1) << 40)

#define CONFIG_TEXT_LEN 256 /* of a text, with its end */
#define CONFIG_WORDS_MAX 16 /* of a list of words */
#define CONFIG_PORTS_MAX 2 /* of a wire */
#define CONFIG_WIRES_MAX 16
#define CONFIG_OUTPUTS_MAX 8
#define CONFIG_WORKERS_MAX 64
#define CONFIG_RECEIVERS_MAX 16
#define CONFIG_SOCKET_PATH_MAX 107 /* what sun_path holds */

/* type: what it is in C */
#define CONFIG_NUMBER_MEMBER(member) uint64_t member
#define CONFIG_OCTAL_MEMBER(member) uint64_t member
#define CONFIG_POWER_OF_TWO_MEMBER(member) uint64_t member
#define CONFIG_SIZE_MEMBER(member) uint64_t member
#define CONFIG_DURATION_MEMBER(member) uint64_t member
#define CONFIG_SWITCH_MEMBER(member) uint64_t member
#define CONFIG_CHOICE_MEMBER(member) uint64_t member
#define CONFIG_SET_MEMBER(member) uint64_t member
#define CONFIG_TEXT_MEMBER(member) char member[CONFIG_TEXT_LEN]
#define CONFIG_NAME_MEMBER(member) char member[CONFIG_TEXT_LEN]
#define CONFIG_CORES_MEMBER(member) char member[CONFIG_TEXT_LEN]
#define CONFIG_ADDRESS_MEMBER(member) char member[CONFIG_TEXT_LEN]
#define CONFIG_WORDS_MEMBER(member) struct config_words member

#define CONFIG_TOP(X, section) \
	X(section, mode, mode, CONFIG_CHOICE, CONFIG_LIVE, 0, 1, "monitor", "monitor bypass", \
			"Follow the connections (monitor), or forward without looking (bypass).") \
	X(section, fail, fail, CONFIG_CHOICE, CONFIG_LIVE, 0, 1, "open", "open closed", \
			"What a worker does that cannot keep up for long, see overload: forward " \
			"without tracking until there is time again (open), or go on tracking, " \
			"and lose frames (closed).")

#define CONFIG_WIRES(X, section) \
	X(section, name, name, CONFIG_NAME, CONFIG_FIXED, 1, 63, "wire#", NULL, \
			"What events, tables and metrics call it.") \
	X(section, ports, ports, CONFIG_WORDS, CONFIG_FIXED, 1, CONFIG_PORTS_MAX, NULL, \
			"PCI addresses or virtual devices", \
			"Its two ends, or a single port that is only listened to (a mirror): a " \
			"PCI address such as 0000:03:00.0, or a virtual device of DPDK such as " \
			"'net_af_packet0,iface=eth1,qpairs=2'.") \
	X(section, mtu, mtu, CONFIG_NUMBER, CONFIG_FIXED, 68, 9216, "0", NULL, \
			"The largest IP packet that passes, in bytes, set on both ports; 0: as " \
			"the ports have it, and both must have the same.") \
	X(section, link_propagation, link_propagation, CONFIG_SWITCH, CONFIG_LIVE, 0, 1, "true", \
			NULL, \
			"Whether a port whose peer loses its link is taken down too, so that the " \
			"machines on that side see it and may take another way.")

#define CONFIG_OUTPUTS(X, section) \
	X(section, type, type, CONFIG_CHOICE, CONFIG_LIVE, 0, 3, NULL, \
			"file stdout unix_stream unix_dgram", \
			"A file, standard output, or a UNIX socket on which another program " \
			"listens, to which synwire connects.") \
	X(section, path, path, CONFIG_TEXT, CONFIG_LIVE, 1, CONFIG_TEXT_LEN - 1, "", NULL, \
			"The file or the socket; none with stdout. SIGUSR1 opens a file anew.") \
	X(section, events, events, CONFIG_SET, CONFIG_LIVE, 1, 8, \
			"incomplete_handshake rst connection wire stats syn_flood scan storm", \
			"incomplete_handshake rst connection wire stats syn_flood scan storm", \
			"Which events are written there, see docs/output.md; storm: backscatter, " \
			"rst_storm and ack_storm.") \
	X(section, rotate_size, rotate_size, CONFIG_SIZE, CONFIG_LIVE, 4 * CONFIG_KIB, CONFIG_TIB, \
			"0", NULL, \
			"A file that has grown so large is renamed to PATH.1, its predecessor to " \
			"PATH.2, and a new one begins; 0: never.") \
	X(section, rotate_keep, rotate_keep, CONFIG_NUMBER, CONFIG_LIVE, 1, 1000, "5", NULL, \
			"How many of the renamed files are kept.")

#define CONFIG_WORKERS(X, section) \
	X(section, count, count, CONFIG_NUMBER, CONFIG_FIXED, 1, CONFIG_WORKERS_MAX, "1", NULL, \
			"Threads that follow connections, each with a core, a receive queue of " \
			"every port and a flow table of its own.") \
	X(section, cores, cores, CONFIG_CORES, CONFIG_FIXED, 0, CONFIG_TEXT_LEN - 1, "", NULL, \
			"The core of each worker, in order, such as 2-5 or 2,4,6,8; empty: any. " \
			"Cores of the NUMA node of the ports are best.") \
	X(section, steering, steering, CONFIG_CHOICE, CONFIG_FIXED, 0, 1, "rss", "rss software", \
			"Who sees to it that both directions of a connection reach the same " \
			"worker: the ports, by a symmetric hash (rss), or receiver threads, " \
			"for ports that cannot (software).") \
	X(section, receivers, receivers, CONFIG_NUMBER, CONFIG_FIXED, 1, CONFIG_RECEIVERS_MAX, \
			"1", NULL, \
			"With software steering: threads that receive, hand over to the workers, " \
			"and send.") \
	X(section, receiver_cores, receiver_cores, CONFIG_CORES, CONFIG_FIXED, 0, \
			CONFIG_TEXT_LEN - 1, "", NULL, \
			"The core of each receiver, in order; empty: any.") \
	X(section, idle, idle, CONFIG_CHOICE, CONFIG_LIVE, 0, 2, "pause", "poll pause sleep", \
			"What a worker does that finds nothing to do: ask again at once (poll), " \
			"rest the core for about 2 microseconds where the processor can wait, " \
			"else for a few pauses (pause), or sleep, which leaves the core to others " \
			"and delays the next frame (sleep).") \
	X(section, stalled_after, stalled_after_us, CONFIG_DURATION, CONFIG_LIVE, \
			100 * USEC_PER_MSEC, 60 * USEC_PER_SEC, "1s", NULL, \
			"A worker that makes no progress for so long is reported as stalled, by a " \
			"wire event.")

#define CONFIG_CONTROL(X, section) \
	X(section, cores, cores, CONFIG_CORES, CONFIG_FIXED, 0, CONFIG_TEXT_LEN - 1, "", NULL, \
			"Cores for everything but workers and receivers; empty: any.") \
	X(section, socket, socket, CONFIG_TEXT, CONFIG_FIXED, 1, CONFIG_SOCKET_PATH_MAX, \
			"/run/synwire/control.sock", NULL, \
			"The UNIX socket on which `synwire show`, `reload` and `bypass` reach it.") \
	X(section, socket_mode, socket_mode, CONFIG_OCTAL, CONFIG_FIXED, 0, 0777, "0600", NULL, \
			"The permissions of that socket: who may connect may steer.")

#define CONFIG_MEMORY(X, section) \
	X(section, hugepages, hugepages, CONFIG_SWITCH, CONFIG_FIXED, 0, 1, "true", NULL, \
			"Whether memory is taken from hugepages, as most PCI ports need it; " \
			"without, ports of the kernel and files work, slower.")

#define CONFIG_TCP(X, section) \
	X(section, syn_retries, syn_retries, CONFIG_NUMBER, CONFIG_LIVE, 1, 127, "6", NULL, \
			"How often a client repeats an unanswered SYN, each wait twice the last: " \
			"net.ipv4.tcp_syn_retries of its kernel.") \
	X(section, syn_linear_timeouts, syn_linear_timeouts, CONFIG_NUMBER, CONFIG_LIVE, 0, 127, \
			"4", NULL, \
			"How many repetitions come before these, at even distances: " \
			"net.ipv4.tcp_syn_linear_timeouts, 4 since Linux 6.5; write 0 for " \
			"older kernels.") \
	X(section, synack_retries, synack_retries, CONFIG_NUMBER, CONFIG_LIVE, 0, 127, "5", NULL, \
			"How often a server repeats an unacknowledged SYN-ACK: " \
			"net.ipv4.tcp_synack_retries.") \
	X(section, initial_rto, initial_rto_us, CONFIG_DURATION, CONFIG_LIVE, 10 * USEC_PER_MSEC, \
			120 * USEC_PER_SEC, "1s", NULL, \
			"What both wait before the first repetition (RFC 6298 section 2.1).")

#define CONFIG_TIMEOUTS(X, section) \
	X(section, established, established_us, CONFIG_DURATION, CONFIG_LIVE, USEC_PER_SEC, \
			30 * CONFIG_DAY, "2h", NULL, \
			"An established connection is forgotten after this idle time.") \
	X(section, closing, closing_us, CONFIG_DURATION, CONFIG_LIVE, USEC_PER_SEC, CONFIG_DAY, \
			"120s", NULL, "The same, once a side has sent FIN.") \
	X(section, time_wait, time_wait_us, CONFIG_DURATION, CONFIG_LIVE, USEC_PER_SEC, \
			CONFIG_DAY, "60s", NULL, "The same, once both FINs are acknowledged.") \
	X(section, reset, reset_us, CONFIG_DURATION, CONFIG_LIVE, USEC_PER_SEC, CONFIG_DAY, "10s", \
			NULL, "The same, after a RST.")

#define CONFIG_RST(X, section) \
	X(section, ttl_tolerance, ttl_tolerance, CONFIG_NUMBER, CONFIG_LIVE, 0, 255, "5", NULL, \
			"By how many hops a RST's hop limit may differ from its sender's usual " \
			"one before another machine is suspected to have sent it.") \
	X(section, confirm, confirm_us, CONFIG_DURATION, CONFIG_LIVE, 10 * USEC_PER_MSEC, \
			60 * USEC_PER_SEC, "1s", NULL, \
			"How long the receiver of a RST that is in the window, but not exact, must " \
			"stay silent before the RST is believed (RFC 5961 section 3).")

#define CONFIG_EVENTS(X, section) \
	X(section, rst, rst, CONFIG_CHOICE, CONFIG_LIVE, 0, 1, "notable", "notable all", \
			"Which RSTs become events: notable ones (mid_connection, " \
			"suspected_injection), or all.") \
	X(section, ring, ring, CONFIG_POWER_OF_TWO, CONFIG_FIXED, 1024, 1048576, "65536", NULL, \
			"Events that wait between each worker and the control thread; what finds " \
			"no room is lost and counted, the frames are not.")

#define CONFIG_FLOW(X, section) \
	X(section, slots, slots, CONFIG_POWER_OF_TWO, CONFIG_FIXED, 1024, 1073741824, "1048576", \
			NULL, \
			"Connections that each worker can follow at a time; 160 bytes each, " \
			"taken at start.") \
	X(section, vlan_in_key, vlan_in_key, CONFIG_SWITCH, CONFIG_FIXED, 0, 1, "false", NULL, \
			"Whether the same addresses and ports under other VLAN tags are another " \
			"connection.")

#define CONFIG_TRACKER(X, section) \
	X(section, verify_checksum, verify_checksum, CONFIG_SWITCH, CONFIG_LIVE, 0, 1, "false", \
			NULL, \
			"Whether a segment with a wrong TCP checksum is kept from the state " \
			"machine. Captures and offloading network cards often show wrong ones.")

#define CONFIG_FLOOD(X, section) \
	X(section, detect, detect, CONFIG_SWITCH, CONFIG_FIXED, 0, 1, "true", NULL, \
			"Whether floods, scans and storms are looked for at all.") \
	X(section, min_syn_pps, min_syn_pps, CONFIG_NUMBER, CONFIG_LIVE, 1, 100000000, "40", NULL, \
			"Fewer handshakes a second that are left open by one victim's clients are no " \
			"sudden flood.") \
	X(section, min_slow_syn_pps, min_slow_syn_pps, CONFIG_NUMBER, CONFIG_LIVE, 1, 100000000, \
			"20", NULL, \
			"Nor are fewer than this a slow one, which takes longer to be told from what " \
			"the victim is used to.") \
	X(section, max_completion, max_completion_percent, CONFIG_NUMBER, CONFIG_LIVE, 1, 90, \
			"40", NULL, \
			"Where more than so many of a hundred handshakes complete, there is no flood " \
			"but a crowd.") \
	X(section, window, window_us, CONFIG_DURATION, CONFIG_LIVE, 100 * USEC_PER_MSEC, \
			2 * USEC_PER_SEC, "200ms", NULL, \
			"The stretch of time by which a sudden flood is judged: longer, and fewer bunches of " \
			"clients are taken for one; a multiple of 100ms.") \
	X(section, hold, hold_us, CONFIG_DURATION, CONFIG_LIVE, USEC_PER_SEC, 3600 * USEC_PER_SEC, \
			"10s", NULL, \
			"For so long nothing of it must have been seen before it is over; a multiple of " \
			"100ms.") \
	X(section, update, update_us, CONFIG_DURATION, CONFIG_LIVE, USEC_PER_SEC, \
			3600 * USEC_PER_SEC, "10s", NULL, \
			"How often a flood that lasts is told anew; a multiple of 100ms.") \
	X(section, prefix_ipv4, prefix_ipv4, CONFIG_NUMBER, CONFIG_FIXED, 8, 32, "24", NULL, \
			"A flood spread over many addresses is one flood to the prefix of so many bits " \
			"that they share.") \
	X(section, prefix_ipv6, prefix_ipv6, CONFIG_NUMBER, CONFIG_FIXED, 16, 128, "64", NULL, \
			"The same, for IPv6.") \
	X(section, on_flood, on_flood, CONFIG_WORDS, CONFIG_FIXED, 0, CONFIG_WORDS_MAX, "", \
			"words: a program's path and its arguments", \
			"A program that is run, without a shell, for each event of a flood, scan or " \
			"storm, with the event's line on its standard input; empty: none.") \
	X(section, on_flood_timeout, on_flood_timeout_us, CONFIG_DURATION, CONFIG_LIVE, \
			100 * USEC_PER_MSEC, 600 * USEC_PER_SEC, "10s", NULL, \
			"It is killed, with its process group, if it takes longer.") \
	X(section, capture, capture, CONFIG_TEXT, CONFIG_FIXED, 0, 200, "", NULL, \
			"The folder for a capture file of the first packets of each flood; empty: none " \
			"are made.") \
	X(section, capture_packets, capture_packets, CONFIG_NUMBER, CONFIG_LIVE, 1, 10000, "1000", \
			NULL, \
			"How many packets of one flood are kept, and at most as many from before.") \
	X(section, capture_size, capture_size, CONFIG_SIZE, CONFIG_LIVE, 64 * CONFIG_KIB, \
			CONFIG_TIB, "64MiB", NULL, \
			"How large all capture files of that folder may be together; the oldest give " \
			"way.")

#define CONFIG_SCAN(X, section) \
	X(section, min_targets, min_targets, CONFIG_NUMBER, CONFIG_LIVE, 4, 4096, "64", NULL, \
			"One source is scanning that knocks at so many different addresses and ports " \
			"within ten seconds and hardly ever connects.")

#define CONFIG_STORM(X, section) \
	X(section, min_pps, min_pps, CONFIG_NUMBER, CONFIG_LIVE, 1, 100000000, "1000", NULL, \
			"So many segments a second to one victim that belong to no connection are a " \
			"storm.")

#define CONFIG_STATS(X, section) \
	X(section, interval, interval_us, CONFIG_DURATION, CONFIG_LIVE, USEC_PER_SEC, CONFIG_DAY, \
			"10s", NULL, "How often a stats event is written.")

#define CONFIG_METRICS(X, section) \
	X(section, enabled, enabled, CONFIG_SWITCH, CONFIG_FIXED, 0, 1, "true", NULL, \
			"Whether GET /metrics and /healthz are answered.") \
	X(section, address, address, CONFIG_ADDRESS, CONFIG_FIXED, 1, CONFIG_TEXT_LEN - 1, \
			"127.0.0.1", NULL, \
			"Where; whoever reaches another address than loopback sees all counters.") \
	X(section, port, port, CONFIG_NUMBER, CONFIG_FIXED, 1, 65535, "9464", NULL, "Its TCP port.")

#define CONFIG_TELEMETRY(X, section) \
	X(section, enabled, enabled, CONFIG_SWITCH, CONFIG_FIXED, 0, 1, "true", NULL, \
			"Whether DPDK's telemetry socket is there, with commands under /synwire/.")

#define CONFIG_OVERLOAD(X, section) \
	X(section, after, after_us, CONFIG_DURATION, CONFIG_LIVE, 100 * USEC_PER_MSEC, \
			3600 * USEC_PER_SEC, "3s", NULL, \
			"A worker that for so long finds as many frames as it takes at a time, in " \
			"every turn, is overloaded: with `fail: open` it forwards without tracking.") \
	X(section, until, until_us, CONFIG_DURATION, CONFIG_LIVE, 100 * USEC_PER_MSEC, \
			3600 * USEC_PER_SEC, "10s", NULL, \
			"It tracks again once it had time to spare for so long.")

#define CONFIG_PRIVILEGES(X, section) \
	X(section, user, user, CONFIG_NAME, CONFIG_FIXED, 0, CONFIG_TEXT_LEN - 1, "", NULL, \
			"The user that synwire becomes once the ports are open; empty: it stays " \
			"who it is.") \
	X(section, seccomp, seccomp, CONFIG_SWITCH, CONFIG_FIXED, 0, 1, "true", NULL, \
			"Whether the kernel is told to refuse it every system call that it does " \
			"not need.")

#define CONFIG_DPDK(X, section) \
	X(section, prefix, prefix, CONFIG_NAME, CONFIG_FIXED, 1, 63, "synwire", NULL, \
			"The prefix of DPDK's files; two appliances on one machine need two.")

/*
 * T(section, rows, help): keys without a section. S(section, rows, help): keys below their
 * section. L(section, item, rows, max, help): a list of at most `max` groups of keys.
 */
#define CONFIG_SECTIONS(T, S, L) \
	T(top, CONFIG_TOP, "What happens to the traffic.") \
	L(wires, wire, CONFIG_WIRES, CONFIG_WIRES_MAX, \
			"What is forwarded between which ports. A replay needs none.") \
	L(outputs, output, CONFIG_OUTPUTS, CONFIG_OUTPUTS_MAX, "Where events are written.") \
	S(workers, CONFIG_WORKERS, "The threads between the ports.") \
	S(control, CONFIG_CONTROL, "The thread that gathers and answers.") \
	S(memory, CONFIG_MEMORY, "Where packets and connections are kept.") \
	S(tcp, CONFIG_TCP, "How patient the kernels of clients and servers are.") \
	S(timeouts, CONFIG_TIMEOUTS, "When a connection that is silent is forgotten.") \
	S(rst, CONFIG_RST, "How RSTs are judged.") \
	S(events, CONFIG_EVENTS, "What is written beside the record of each connection.") \
	S(flow, CONFIG_FLOW, "The flow table.") \
	S(tracker, CONFIG_TRACKER, "What a segment must pass before it is tracked.") \
	S(flood, CONFIG_FLOOD, "When handshakes that are left open are an attack, and what then.") \
	S(scan, CONFIG_SCAN, "When one source that tries many doors is told.") \
	S(storm, CONFIG_STORM, "When segments that belong to no connection are told.") \
	S(stats, CONFIG_STATS, "The appliance's own counters, as events.") \
	S(metrics, CONFIG_METRICS, "The same, for Prometheus.") \
	S(telemetry, CONFIG_TELEMETRY, "The same, for DPDK's tools.") \
	S(overload, CONFIG_OVERLOAD, "When there is more traffic than can be followed.") \
	S(privileges, CONFIG_PRIVILEGES, "What synwire gives up once it has started.") \
	S(dpdk, CONFIG_DPDK, "The environment of DPDK.")

#endif /* CONFIG_CONFIG_ROWS_H */
