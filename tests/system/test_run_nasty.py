#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traffic that is meant to break something, through a running appliance.

What comes out must be what went in, each byte of each frame, in order; the appliance lives,
and its counts are those of what was sent. Captures of real traffic, with all that other
programs' tests found worth keeping, pass the same way where they are there.

Usage: test_run_nasty.py SYNWIRE CAPTURES [unittest's options]
"""

import collections
import os
import pathlib
import re
import sys
import unittest

import appliance
import nasty_frames
from appliance import AF_PACKET, Appliance, Kind
from testbed import CLIENT, SERVER, TestbedTest, main
from wire_ends import Ends

VLAN_TYPES = b"\x81\0", b"\x88\xa8"
JUMBO_MTU = 9216
MUTATIONS = 8000
# Long enough to ask what state a connection is in, and short enough to run out meanwhile.
TIMERS = {"tcp": {"syn_retries": 2, "synack_retries": 2},
          "timeouts": {"time_wait": "10s", "reset": "10s", "closing": "10s"}}
CORPORA = pathlib.Path(__file__).resolve().parents[1] / "fuzz" / "corpus"
LIFE = "started", "stopping", "stopped"  # what every log says


def kernel_takes(frame):
    """Linux lets no frame of less than its header on a cable, and takes none with half a tag off."""
    return len(frame) >= 14 and (frame[12:14] not in VLAN_TYPES or len(frame) >= 20)


class Nasty:
    """The tests; each kind of port has a class of them."""

    kind, service_tag_kept = None, True

    @classmethod
    def setUpClass(cls):
        testbed = cls.set_up_testbed(mtu=cls.kind.mtu)
        for place in CLIENT, SERVER:  # a host that says nothing, whatever it is asked
            testbed.ip(place, "link", "set", "eth0", "arp", "off", "multicast", "off")
            testbed.sysctl(place, "net.ipv6.conf.eth0.disable_ipv6", 1)
            testbed.ip(place, "addr", "flush", "dev", "eth0")
        cls.appliance = Appliance(testbed, cls.kind, TIMERS).start()
        cls.ends = cls.enterClassContext(Ends(testbed))
        cls.sent, cls.sent_bytes = 0, 0

    @classmethod
    def tearDownClass(cls):
        """Each frame that was sent is counted, once by the wire and once by what it is."""
        assert cls.appliance.stop() == 0, cls.appliance.program.err
        stats = cls.appliance.last_stats()
        assert stats["proof"] == {"rx": cls.sent, "tx": cls.sent, "drops": 0, "in_flight": 0}, \
            f"{cls.sent} frames were sent: {stats['proof']}"
        assert stats["counters"]["rx_bytes"] == stats["counters"]["tx_bytes"] == cls.sent_bytes
        assert sum(stats["frames"].values()) == stats["counters"]["frames"] == cls.sent, stats["frames"]
        opened, closed = (stats["counters"][name] for name in ("flows_opened", "flows_closed"))
        assert opened == closed == sum(stats["handshakes"].values()), stats["handshakes"]
        cls.assert_the_log_says_nothing_of_frames(stats["alarms"]["detector"]["alarms"])

    @classmethod
    def assert_the_log_says_nothing_of_frames(cls, alarms):
        """It tells of the start, the end, and of each alarm twice."""
        told = [line for line in cls.appliance.program.err.splitlines() if line.startswith("synwire: ")]
        of_alarms = [line for line in told if re.search(r"\d begins: |\d is over: ", line)]
        assert len(of_alarms) <= 2 * alarms, told
        assert len(told) - len(of_alarms) == len(LIFE), told

    def expect(self, frame):
        """DPDK's net_af_packet does not know which tag the kernel took off."""
        if frame[12:14] == b"\x88\xa8" and not self.service_tag_kept:
            return frame[:12] + b"\x81\0" + frame[14:]
        return frame

    def pass_all(self, frames):
        """Gives how many were sent."""
        room = self.kind.mtu + 14
        frames = [(place, frame[:room]) for place, frame in frames if kernel_takes(frame)]
        passed = self.ends.exchange(
            frames, [(place, self.expect(frame)) for place, frame in frames])
        self.assertEqual(passed.differences[:10], [])
        cls = type(self)
        cls.sent += len(frames)
        cls.sent_bytes += sum(len(frame) for _, frame in frames)
        self.assertIsNone(self.appliance.program.status)
        return len(frames)

    def test_all_flags_in_all_states(self):
        for state, port, there, then in nasty_frames.flags_in_states():
            for frames in there:
                self.pass_all(frames)
            if state:
                flows = self.appliance.show("flows", "--port", port, "--limit", 10000)["flows"]
                self.assertEqual(collections.Counter(flow["state"] for flow in flows),
                                 {state: 2 * nasty_frames.FLAGS})
            for frames in then:
                self.assertEqual(self.pass_all(frames), 2 * nasty_frames.FLAGS)

    def test_options_to_the_brim(self):
        self.pass_all(nasty_frames.options())

    def test_ipv4_headers_that_are_none(self):
        self.pass_all(nasty_frames.ipv4_oddities())

    def test_tiny_and_overlapping_fragments(self):
        self.pass_all(nasty_frames.ipv4_fragments())

    def test_chains_of_ipv6_headers(self):
        self.pass_all(nasty_frames.ipv6_chains())

    def test_runts_and_frames_cut_anywhere(self):
        self.pass_all(nasty_frames.every_length())

    def test_large_frames(self):
        self.pass_all([(place, frame) for place, frame in nasty_frames.large()
                       if len(frame) <= self.kind.mtu + 14])

    def test_land_and_addresses_of_nobody(self):
        self.pass_all(nasty_frames.addresses())

    def test_games_with_sequence_numbers_windows_and_timestamps(self):
        self.pass_all(nasty_frames.sequence_games())

    def test_all_of_it_with_bytes_changed(self):
        frames = [*nasty_frames.options(), *nasty_frames.ipv4_fragments(), *nasty_frames.ipv6_chains(),
                  *nasty_frames.every_length(), *nasty_frames.sequence_games()]
        self.pass_all(nasty_frames.mutated(frames, MUTATIONS))

    def test_captures_of_real_traffic(self):
        folder = pathlib.Path(os.environ["CAPTURES"])
        if not folder.is_dir():
            raise unittest.SkipTest(f"{folder} is not there")
        for path in sorted(folder.glob("*.pcap")):
            with self.subTest(capture=path.name):
                self.pass_all(nasty_frames.of_capture(path))

    def test_what_the_fuzzers_found_worth_keeping(self):
        if not CORPORA.is_dir():
            raise unittest.SkipTest(f"{CORPORA} is not there")
        # Inputs of all targets, as frames; those of one target are such, behind their first byte.
        inputs = [path.read_bytes()[1:] for path in sorted(CORPORA.glob("*/*"))]
        self.pass_all([((CLIENT, SERVER)[number % 2], data) for number, data in enumerate(inputs)])


class AfPacket(Nasty, TestbedTest):
    kind, service_tag_kept = Kind(AF_PACKET, {"count": 1}, JUMBO_MTU), False


class AfXdp(Nasty, TestbedTest):
    kind = appliance.AF_XDP


os.environ["CAPTURES"] = sys.argv.pop(2)
main()
