#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real programs through a running appliance: what goes in comes out, and is in the records.

Usage: test_run_traffic.py SYNWIRE [unittest's options]
"""

import contextlib
import os

import appliance
from appliance import Appliance, verdicts
from capture import Captures, send_frames
from live import KernelCounts
from servers import WebServer, run_iperf3, run_netcat
from testbed import CLIENT, SERVER, WIRE, TestbedTest, address, main

VLAN = 100
MANY, MANY_V6, BIG, TAGGED, BACK = 80, 81, 82, 83, 84  # ports, one for each test
ALL_WELL = ("complete", "fin_both")
BLIND = ("midstream", "one_way", "synack_only", "no_syn")
SYN = bytes.fromhex("45000028000040004006000001010101020202021f90000900000001000000005002ffff00000000")

# What follows the two addresses.
ODD_FRAMES = {
    "an unknown protocol": "88b6" + "11" * 60,
    "a frame of 14 bytes": "88b6",
    "an odd length": "88b6" + "22" * 47,
    "LLDP": "88cc" + "0207040102" + "00" * 41,
    "802.3 with a length": "0026424203000000000080000000000000000000000080000000000000000000",
    "MPLS": "8847000641ff" + SYN.hex(),
    "PPPoE": "886411000001002a0021" + SYN.hex(),
    "a VLAN tag with priority": "8100e064" + "0800" + SYN.hex(),
    "two VLAN tags": "8100006481000065" + "0800" + SYN.hex(),
    "checksums that are wrong": "0800" + SYN.hex(),
    "bytes behind the packet": "0800" + SYN.hex() + "55" * 20,
    "an IP packet longer than its frame": "0800" + SYN.hex().replace("01010101", "03030303")[:60],
    "an IP header that is none": "0800" + "f" * 80,
    "the longest frame": "88b6" + "33" * 1500,
}
# Linux takes the outer tag off, and DPDK's net_af_packet puts 0x8100 back whatever it was.
SERVICE_TAG = {"a service tag": "88a8006481000065" + "0800" + SYN.hex()}


class Traffic:
    """The tests; each kind of wire has a class of them."""

    kind = None
    requests, big_size = 1000, 20_000_000

    @classmethod
    def setUpClass(cls):
        testbed = cls.set_up_testbed(mtu=cls.kind.mtu)
        cls.appliance = Appliance(testbed, cls.kind).start()
        cls.web = {port: WebServer(testbed, port) for port in (MANY, MANY_V6, BIG, TAGGED)}

    @classmethod
    def tearDownClass(cls):
        """The wire as a whole: not a frame lost, and both directions were seen of all."""
        assert cls.appliance.stop() == 0, cls.appliance.program.err
        stats = cls.appliance.last_stats()
        proof = stats["proof"]
        assert proof["rx"] == proof["tx"] and proof["drops"] == proof["in_flight"] == 0, proof
        assert stats["counters"]["missteered_packets"] == 0, stats["counters"]
        blind = [record for record in cls.appliance.events("connection")
                 if record["handshake"]["result"] in BLIND]
        assert not blind, blind

    @contextlib.contextmanager
    def nothing_lost_or_changed(self):
        """But what a kernel, on the way to the wire or from it, had no room for, counted, and gave up."""
        counts, missed = KernelCounts(self.testbed), self.missed()
        with Captures(self.testbed) as captures:
            yield captures
        lost = counts.lost_by_kernels() + self.missed() - missed
        if self.kind is not appliance.AF_XDP:  # with AF_PACKET, what is refused goes with the next
            lost -= sum(map(counts.refused, (CLIENT, SERVER)))
        self.assertEqual(captures.differences(may_lose=lost), [],
                         f"kernels say that they lost {lost}")

    def missed(self):
        return sum(port["missed"] for port in self.appliance.stats()["ports"])

    def assert_all_well(self, made, **fields):
        records = self.appliance.wait_for_connections(made, **fields)
        self.assertEqual(verdicts(records), {ALL_WELL: made})
        return records

    def test_many_requests_of_curl_are_answered_and_each_connection_is_recorded(self):
        with self.nothing_lost_or_changed():
            made = self.web[MANY].fetch_many(self.requests)
        records = self.assert_all_well(made, dest_port=MANY)
        workers = {record["worker"] for record in records}
        self.assertEqual(len(workers), self.kind.workers["count"], "workers with connections")

    def test_ipv6_passes_and_is_recorded(self):
        with self.nothing_lost_or_changed():
            made = self.web[MANY_V6].fetch_many(self.requests // 5, version=6)
        self.assert_all_well(made, dest_port=MANY_V6, dest_ip="fd77::2")

    def test_a_connection_from_the_other_side_has_its_client_there(self):
        with self.nothing_lost_or_changed():
            self.assertEqual(run_netcat(self.testbed, b"back", BACK, to=CLIENT), b"back")
        records = self.assert_all_well(1, dest_port=BACK)
        self.assertEqual(records[0]["src_ip"], address(SERVER))

    def test_a_big_file_arrives_whole(self):
        data = os.urandom(self.big_size)
        checksum = self.web[BIG].add_file("big", data)
        with self.nothing_lost_or_changed():
            self.assertEqual(self.web[BIG].fetch("big"), checksum)
        record, = self.assert_all_well(1, dest_port=BIG)
        self.assertGreaterEqual(record["flow"]["bytes_toclient"], self.big_size)

    def test_iperf3_and_netcat_pass(self):
        data = os.urandom(1_000_000)
        with self.nothing_lost_or_changed():
            self.assertGreaterEqual(run_iperf3(self.testbed, 20_000_000), 15_000_000)
            self.assertEqual(run_netcat(self.testbed, data), data)
        self.assert_all_well(1, dest_port=7000)

    def test_tagged_frames_pass_and_their_records_name_the_vlan(self):
        for place in CLIENT, SERVER:
            self.testbed.add_vlan(place, VLAN)
        with self.nothing_lost_or_changed():
            made = self.web[TAGGED].fetch_many(50, link=VLAN)
        self.assert_all_well(made, dest_port=TAGGED, vlan=[VLAN])

    def test_pings_of_all_sizes_pass_fragmented_ones_too(self):
        with self.nothing_lost_or_changed() as captures:
            for version in 4, 6:
                for size in 0, 56, self.testbed.mtu - 48, 3 * self.testbed.mtu:
                    self.testbed.run(CLIENT, "ping", "-q", "-c", 3, "-i", 0.05, "-W", 5, "-s", size,
                                     address(SERVER, version=version))
        self.assertGreater(len(captures.sent(CLIENT).frames), 24)

    def test_neighbours_find_each_other_through_the_wire(self):
        with self.nothing_lost_or_changed() as captures:
            self.testbed.ip(CLIENT, "neigh", "flush", "dev", "eth0")
            for version in 4, 6:
                self.testbed.run(CLIENT, "ping", "-q", "-c", 1, "-W", 5,
                                 address(SERVER, version=version))
        kinds = {frame[12:14].hex() for frame in captures.received(SERVER).frames}
        self.assertIn("0806", kinds)

    def test_frames_of_every_sort_pass_unchanged(self):
        frames = {**ODD_FRAMES, **(SERVICE_TAG if self.kind is appliance.AF_XDP else {})}
        frames = [bytes.fromhex(text) for text in frames.values()]
        with self.nothing_lost_or_changed() as captures:
            for place in CLIENT, SERVER:
                send_frames(self.testbed, place, frames)
        for place in CLIENT, SERVER:
            came = [frame[12:] for frame in captures.received(place).frames]
            self.assertEqual([frame for frame in frames if frame not in came], [])


class OneQueue(Traffic, TestbedTest):
    kind, requests, big_size = appliance.ONE_QUEUE, 3000, 100_000_000


class TwoWorkers(Traffic, TestbedTest):
    kind = appliance.TWO_WORKERS


class FourWorkers(Traffic, TestbedTest):
    kind = appliance.FOUR_WORKERS


class SteeredBySoftware(Traffic, TestbedTest):
    kind = appliance.SOFTWARE


class AfXdp(Traffic, TestbedTest):
    kind = appliance.AF_XDP


class AfXdpAgain(TestbedTest):
    def test_an_interface_that_a_killed_run_left_is_taken_over_and_left_clean(self):
        testbed = self.set_up_testbed()
        again = Appliance(testbed, appliance.AF_XDP)
        web = WebServer(testbed, MANY)
        again.start()
        again.kill()
        again.start()
        made = web.fetch_many(50)
        self.assertEqual(verdicts(again.wait_for_connections(made)), {ALL_WELL: made})
        self.assertEqual(again.stop(), 0, again.program.err)
        for interface in "in0", "out0":
            self.assertNotRegex(testbed.ip(WIRE, "link", "show", interface), "xdp|PROMISC")


class Jumbo(Traffic, TestbedTest):
    kind, requests = appliance.JUMBO, 100


main()
