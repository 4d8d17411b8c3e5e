#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What befalls an appliance from outside: signals by the thousand, a clock that is set, kill -9,
ports that take nothing or are reset.

Usage: test_run_storms.py SYNWIRE STEP-CLOCK [--kills N] [unittest's options]

By default it is killed a few times; --kills 100 is for an evening.
"""

import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import struct
import sys
import time

import appliance as kinds
from appliance import FINE
from background import Background
from live import Datagrams, LiveTest, Transfer, complete, http_get, port_of
from live_floods import seconds_of
from programs import wait_until
from servers import WebServer, wait_for_listener
from testbed import CLIENT, SERVER, WIRE, address, main

KILLS = 5
HOUR_S, DAY_S = 3600, 86400
STORM = 4000
STRAYS = (signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO,
          signal.SIGPWR, signal.SIGPIPE, signal.SIGCHLD, signal.SIGWINCH, signal.SIGURG,
          signal.SIGCONT, signal.SIGRTMIN, signal.SIGRTMAX)
ASKED = signal.SIGHUP, signal.SIGUSR1


def missed(stats):
    """Frames that a busy machine lost before the wire had them."""
    return sum(port["missed"] for port in stats["ports"])


class Signals(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.web = WebServer(cls.set_up_testbed())

    def test_a_storm_of_signals_costs_no_frame_and_each_reload_is_told(self):
        appliance = self.start_appliance()
        chance = random.Random(1)
        with Datagrams(self.testbed) as load:
            load.wait_for(100)
            for number in range(STORM):
                appliance.program.send_signal(chance.choice(STRAYS if number % 4 else ASKED))
                if number % 50 == 0:
                    time.sleep(0.005)
            made = self.web.fetch_many(100)
            load.wait_for(500)
        appliance.wait_for_connections(made, dest_port=80)
        stats = self.assert_stops_well(appliance)
        self.assertLessEqual(len(load.missing()), missed(stats))
        self.assertEqual((stats["counters"]["events_lost"], stats["proof"]["drops"]), (0, 0))
        told = [event["wire"]["what"] for event in appliance.events("wire")]
        self.assertGreater(told.count("reloaded"), 0)
        self.assertEqual(set(told), {"started", "reloaded", "stopped"})

    def test_told_to_stop_a_hundred_times_it_stops_once_and_well(self):
        appliance = self.start_appliance()
        with Datagrams(self.testbed) as load:
            load.wait_for(500)
            for number in range(100):
                with contextlib.suppress(ProcessLookupError):
                    appliance.program.send_signal((signal.SIGTERM, signal.SIGINT, signal.SIGHUP,
                                                   signal.SIGUSR1)[number % 4])
            self.assertEqual(appliance.program.wait(), FINE, appliance.program.err)
        self.assertEqual(appliance.last_stats()["proof"]["in_flight"], 0)
        self.assertEqual([event["wire"]["what"] for event in appliance.events("wire")
                          if event["wire"]["what"] != "reloaded"], ["started", "stopped"])


class Clock(LiveTest):
    """The clock on the wall, and of this process alone."""

    @classmethod
    def setUpClass(cls):
        cls.web = WebServer(cls.set_up_testbed())

    def set_clock(self, shift_s):
        # In place: of a file that is cut off for a moment, a reader of its memory dies.
        with open(self.shift, "r+b") as file:
            file.write(struct.pack("=q", shift_s))

    def connect(self, port):
        server = self.testbed.start(SERVER, "nc", "-l", "-N", address(SERVER), port)
        wait_for_listener(self.testbed, port)
        return server

    def fetch(self, appliance):
        """Records of what is fetched now."""
        seen = len(appliance.connections(dest_port=80))
        made = self.web.fetch_many(10)
        return appliance.wait_for_connections(seen + made, dest_port=80)[seen:]

    def test_times_follow_a_clock_that_is_set_and_nothing_else_does(self):
        self.shift = self.testbed.folder / "shift"
        self.shift.write_bytes(bytes(8))
        appliance = self.start_appliance({"flood": {"hold": "1s"}}, env={
            # By its name: a path that has a space in it would be taken for two.
            "LD_PRELOAD": STEP_CLOCK.name, "LD_LIBRARY_PATH": str(STEP_CLOCK.parent),
            "STEP_CLOCK": str(self.shift),
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")})
        begun = time.monotonic()
        with Transfer(self.testbed, 7000) as transfer:
            transfer.wait_for()
            for shift_s in HOUR_S, -DAY_S, 40 * 365 * DAY_S, 0:
                with self.subTest(shift_s=shift_s):
                    self.set_clock(shift_s)
                    time.sleep(0.25)  # it looks each tenth of a second
                    transfer.wait_for()
                    self.assert_is_now(self.fetch(appliance), shift_s)
                    self.assertEqual(http_get(self.testbed, "/healthz"), (200, "ok\n"))
            uptime = appliance.stats()["uptime_s"]
        self.assertLessEqual(uptime, time.monotonic() - begun + 1)
        record, = appliance.wait_for_connections(1, dest_port=7000)
        self.assertEqual((record["handshake"]["result"], record["end"]["how"]),
                         ("complete", "fin_both"))
        self.assert_stops_well(appliance)
        self.assertEqual({event["wire"]["what"] for event in appliance.events("wire")},
                         {"started", "stopped"})

    def assert_is_now(self, records, shift_s):
        for record in complete(records):
            now, flow = time.time() + shift_s, record["flow"]
            self.assertAlmostEqual(seconds_of(record["timestamp"]), now, delta=30)
            took = seconds_of(flow["end"]) - seconds_of(flow["start"])
            self.assertTrue(0 <= took < 30, record)
            self.assertEqual(record["end"]["how"], "fin_both")


class Kills(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.web = WebServer(cls.set_up_testbed())

    def test_killed_at_any_moment_it_starts_again_and_readers_find_whole_lines(self):
        folder = self.testbed.folder / "killed"
        folder.mkdir()
        appliance = self.start_appliance({"outputs": [
            {"type": "file", "path": str(folder / "events.json"), "rotate_size": "64KiB",
             "rotate_keep": 1000}]}, wait=False)
        chance = random.Random()
        with Churn(self.testbed) as churn:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0, 0.7))
                appliance.stop(signal.SIGKILL)
                appliance.start(wait=False)
            appliance.wait_for_notice("READY=1")
            churn.wait_for_more()
        self.ping()
        self.assertEqual(http_get(self.testbed, "/healthz")[0], 200)
        self.assertEqual(appliance.stop(), FINE, appliance.program.err)
        self.assertIn("0 in flight", appliance.program.out)
        self.assertEqual({path.name for path in appliance.folder.iterdir()},
                         {"synwire.yaml", "notify.sock"})
        self.assert_lines_are_whole(folder)

    def assert_lines_are_whole(self, folder):
        """But for one that a kill may have torn: it has its newline, so the next is whole."""
        torn = 0
        for path in folder.iterdir():
            text = path.read_text()
            self.assertTrue(text.endswith("\n") or not text, path)
            for line in text.splitlines():
                try:
                    self.assertIn("event_type", json.loads(line))
                except ValueError:
                    torn += 1
        self.assertLessEqual(torn, KILLS)


class Ports(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.set_up_testbed()

    def test_a_port_that_takes_next_to_nothing_for_seconds_costs_its_own_frames_alone(self):
        # Its queue is that of a line of 64 kbit/s, which is passed by unless the driver is told so.
        slow = kinds.Kind(kinds.AF_PACKET + ",qdisc_bypass=0", {"count": 1})
        wire = self.start_appliance(kind=slow)
        self.testbed.run(WIRE, "tc", "qdisc", "add", "dev", "out0", "root", "tbf", "rate", "64kbit",
                         "burst", 1600, "limit", "100mb")
        with Datagrams(self.testbed, size=1000) as there, Datagrams(self.testbed, SERVER) as back:
            wait_until(lambda: self.tx_full(wire) > 0, "it is full")
            full, begun = self.tx_full(wire), time.monotonic()
            while time.monotonic() < begun + 2:
                back.wait_for(500)
                self.assertFalse(wire.stats()["workers"][0]["stalled"])
            self.assertGreater(self.tx_full(wire), full)
            self.testbed.run(WIRE, "tc", "qdisc", "del", "dev", "out0", "root")
            there.wait_for(500)
        stats = self.assert_stops_well(wire)
        self.assertEqual(stats["proof"]["drops"], stats["dropped"]["tx_full"])
        self.assertEqual(port_of(stats, SERVER)["dropped"]["tx_full"], 0)
        self.assertLessEqual(len(back.missing()), missed(stats))

    def tx_full(self, wire):
        return wire.stats()["dropped"]["tx_full"]

    def test_ports_that_are_reset_again_and_again_go_on(self):
        for propagation in True, False:
            with self.subTest(link_propagation=propagation):
                wire = self.start_appliance()
                wire.config["wires"][0]["link_propagation"] = propagation
                wire.write_config()
                wire.command("reload")
                with Datagrams(self.testbed) as load:
                    load.wait_for(200)
                    for number in range(20):
                        for state in "down", "up":
                            self.testbed.ip(WIRE, "link", "set", ("in0", "out0")[number % 2], state)
                        time.sleep(0.04 * (number % 4))
                    load.wait_for(500)
                stats = self.assert_stops_well(wire)
                self.assertEqual(stats["proof"]["drops"],
                                 stats["dropped"]["tx_down"] + stats["dropped"]["tx_full"])
                self.assertNotIn("port_stopped", [event["wire"]["what"]
                                                  for event in wire.events("wire")])


class Churn(Background):
    """Connections that are refused, one after another: there is always something to write."""

    def __init__(self, testbed):
        super().__init__()
        self._testbed, self._made = testbed, 0

    def run(self):
        with self._testbed.inside(CLIENT):
            while not self.stopping.is_set():
                with socket.socket() as client:
                    client.settimeout(0.02)
                    with contextlib.suppress(OSError):
                        client.connect((address(SERVER), 81))
                self._made += 1

    def wait_for_more(self):
        wanted = self._made + 100
        wait_until(lambda: self._made >= wanted, "connections are made")


STEP_CLOCK = pathlib.Path(sys.argv.pop(2)).resolve()
if "--kills" in sys.argv:
    at = sys.argv.index("--kills")
    KILLS = int(sys.argv[at + 1])
    del sys.argv[at:at + 2]
main()
