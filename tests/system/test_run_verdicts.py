#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scans, floods, refusals and dying servers through a running appliance: each gets its name.

The kernels at both ends are told the timers that the appliance is told (appliance.py), so that
a handshake that will not complete is judged after three seconds.

Usage: test_run_verdicts.py SYNWIRE [unittest's options]
"""

import contextlib
import signal
import socket
import struct

import appliance
from appliance import Appliance, verdicts
from programs import wait_until
from servers import WebServer, wait_for_listener
from testbed import CLIENT, SERVER, TestbedTest, address, main

OPEN, CLOSED, DROPPED, REJECTED, KILLED, IDLE = 80, 81, 82, 83, 84, 85
ALIAS = "10.77.0.3"  # the client's too
NOWHERE = "198.18.0.{}"  # routed to the client, which does not answer for it
RULES = f"""
table inet filter {{
	chain input {{
		type filter hook input priority 0;
		tcp dport {DROPPED} drop
		meta nfproto ipv4 tcp dport {REJECTED} reject with icmp type admin-prohibited
		meta nfproto ipv6 tcp dport {REJECTED} reject with icmpv6 type admin-prohibited
	}}
}}
"""


def connection_error(testbed, port, version=4):
    """What connect(2) of the client says: None if it went well."""
    with testbed.inside(CLIENT):
        client = socket.socket(socket.AF_INET6 if version == 6 else socket.AF_INET)
    with client:
        client.settimeout(30)
        try:
            client.connect((address(SERVER, version=version), port))
            client.getpeername()  # what only seems to be a connection has no peer
        except OSError as error:
            return error
    return None


class Verdicts:
    kind = None

    @classmethod
    def setUpClass(cls):
        testbed = cls.set_up_testbed()
        for place in CLIENT, SERVER:
            testbed.sysctl(place, "net.ipv4.tcp_syn_retries", 1)
            testbed.sysctl(place, "net.ipv4.tcp_synack_retries", 1)
            with contextlib.suppress(AssertionError):  # kernels before 6.5
                testbed.sysctl(place, "net.ipv4.tcp_syn_linear_timeouts", 0)
        testbed.ip(CLIENT, "addr", "add", f"{ALIAS}/24", "dev", "eth0")
        testbed.ip(SERVER, "route", "add", "198.18.0.0/15", "via", address(CLIENT))
        testbed.run(SERVER, "nft", "-f", "-", input=RULES)
        cls.appliance = Appliance(testbed, cls.kind, {"events": {"rst": "all"}}).start()
        cls.web = WebServer(testbed, OPEN)

    @classmethod
    def tearDownClass(cls):
        assert cls.appliance.stop() == 0, cls.appliance.program.err

    def incomplete(self, count, **fields):
        """The judgements of so many handshakes."""
        def judged():
            found = [event for event in self.appliance.events("incomplete_handshake")
                     if all(event.get(name) == value for name, value in fields.items())]
            return found if len(found) >= count else None
        events = wait_until(judged, f"{count} judgements with {fields}")
        self.assertEqual(len(events), count)
        return [event["handshake"] for event in events]

    def test_a_closed_port_refuses(self):
        for version in 4, 6:
            self.assertIsInstance(connection_error(self.testbed, CLOSED, version),
                                  ConnectionRefusedError)
        for handshake in self.incomplete(2, dest_port=CLOSED):
            self.assertEqual((handshake["result"], handshake["silent"], handshake["syn"]),
                             ("refused", None, 1))
        records = self.appliance.wait_for_connections(2, dest_port=CLOSED)
        self.assertEqual(verdicts(records), {("refused", "rst_server"): 2})
        self.assertEqual({record["end"]["rst"]["verdict"] for record in records}, {"refused"})

    def test_a_filtered_port_is_silent(self):
        self.assertIsInstance(connection_error(self.testbed, DROPPED), TimeoutError)
        handshake, = self.incomplete(1, dest_port=DROPPED)
        self.assertEqual((handshake["result"], handshake["silent"], handshake["syn"],
                          handshake["syn_retransmits"]), ("server_silent", "server", 2, 1))
        self.assertGreaterEqual(handshake["waited_ms"], 2900)
        records = self.appliance.wait_for_connections(1, dest_port=DROPPED)
        self.assertEqual(verdicts(records), {("server_silent", "timeout"): 1})

    def test_an_icmp_error_makes_a_host_unreachable_and_its_code_is_kept(self):
        for version in 4, 6:
            self.assertIsInstance(connection_error(self.testbed, REJECTED, version), OSError)
        records = self.appliance.wait_for_connections(2, dest_port=REJECTED)
        self.assertEqual({record["handshake"]["result"] for record in records}, {"unreachable"})
        self.assertEqual({tuple(record["handshake"]["icmp"].values()) for record in records},
                         {(3, 13), (1, 1)})

    def test_a_server_that_is_killed_cuts_its_connection(self):
        server = self.testbed.start(SERVER, "nc", "-l", address(SERVER), KILLED)
        wait_for_listener(self.testbed, KILLED)
        server.send_signal(signal.SIGSTOP)
        with self.testbed.inside(CLIENT):
            client = socket.socket()
        with client:
            client.connect((address(SERVER), KILLED))
            client.sendall(b"never read")  # so the kernel answers with a RST, not a FIN
            server.kill()
            client.settimeout(30)
            self.assertRaises(ConnectionResetError, client.recv, 1)
        record, = self.appliance.wait_for_connections(1, dest_port=KILLED)
        self.assertEqual(verdicts([record]), {("complete", "rst_server"): 1})
        rst, = [event["rst"] for event in self.appliance.events("rst")
                if event["dest_port"] == KILLED]
        self.assertEqual((rst["by"], rst["phase"], rst["position"], rst["verdict"]),
                         ("server", "established", "exact", "mid_connection"))

    def test_a_client_that_aborts_cuts_its_connection(self):
        with self.testbed.inside(SERVER):
            listener = socket.create_server((address(SERVER), IDLE))
        with self.testbed.inside(CLIENT):
            client = socket.socket()
        with listener:
            client.connect((address(SERVER), IDLE))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            record, = self.appliance.wait_for_connections(1, dest_port=IDLE)
        self.assertEqual(verdicts([record]), {("complete", "rst_client"): 1})
        self.assertEqual(record["end"]["rst"]["verdict"], "mid_connection")

    def scan(self, how, *ports):
        out = self.testbed.run(CLIENT, "nmap", how, "-n", "-Pn", "--disable-arp-ping", "-S", ALIAS,
                               "-e", "eth0", "-p", ",".join(map(str, ports)), address(SERVER))
        self.assertIn("open", out)

    def test_a_half_open_scan_is_a_client_that_resets(self):
        self.scan("-sS", OPEN, 1001, 1002)
        records = self.appliance.wait_for_connections(1, src_ip=ALIAS, dest_port=OPEN)
        self.assertEqual(verdicts(records), {("client_reset", "rst_client"): 1})
        for port in 1001, 1002:
            handshake, = self.incomplete(1, src_ip=ALIAS, dest_port=port)
            self.assertEqual(handshake["result"], "refused")

    def test_a_connecting_scan_completes_and_resets(self):
        before = len(self.appliance.connections(src_ip=address(CLIENT), dest_port=OPEN))
        out = self.testbed.run(CLIENT, "nmap", "-sT", "-n", "-Pn", "-p", f"{OPEN},1003",
                               address(SERVER))
        self.assertRegex(out, rf"{OPEN}/tcp +open")
        records = self.appliance.wait_for_connections(before + 1, src_ip=address(CLIENT), dest_port=OPEN)
        self.assertEqual(verdicts(records)[("complete", "rst_client")], 1)
        self.assertEqual(self.incomplete(1, dest_port=1003)[0]["result"], "refused")

    def flood(self, source, count):
        """So many SYNs, each from another port; hping3 fails, as no answer comes to it."""
        self.testbed.try_run(CLIENT, "hping3", "-q", "-n", "-S", "-p", OPEN, "-c", count,
                             "-i", "u2000", "-a", source, address(SERVER))

    def test_spoofed_sources_are_silent_clients(self):
        sources, count = [NOWHERE.format(host) for host in (1, 2, 3)], 40
        for source in sources:
            self.flood(source, count)
        for source in sources:
            handshakes = self.incomplete(count, src_ip=source)
            self.assertEqual({(handshake["result"], handshake["silent"], handshake["syn"],
                               handshake["synack"]) for handshake in handshakes},
                             {("client_silent", "client", 1, 2)})

    def test_the_owner_of_a_spoofed_address_resets(self):
        source = "10.77.0.4"
        self.testbed.ip(CLIENT, "addr", "add", f"{source}/24", "dev", "eth0")
        self.flood(source, 40)
        self.assertEqual({handshake["result"] for handshake in self.incomplete(40, src_ip=source)},
                         {"client_reset"})

    def test_what_is_shown_of_the_service_agrees_with_the_records(self):
        connection_error(self.testbed, 1004)
        self.appliance.wait_for_connections(1, dest_port=1004)
        services = self.appliance.show("services")["services"]
        service, = [service for service in services if service["dest_port"] == 1004]
        self.assertEqual((service["attempts"], service["refused"]), (1, 1))


class OneQueue(Verdicts, TestbedTest):
    kind = appliance.ONE_QUEUE


class SteeredBySoftware(Verdicts, TestbedTest):
    kind = appliance.SOFTWARE


main()
