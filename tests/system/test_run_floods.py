#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is no flood raises no alarm; and what a flood sets going: hooks, and captures of its packets.

The floods are hping3's, over a real nginx that real clients use, behind a running appliance.

Usage: test_run_floods.py SYNWIRE [unittest's options]
"""

import os
import shutil
import signal
import time
import unittest

import appliance
from live import http_get, refuse_many
from live_floods import (ATTACKER, DELAY_S, HOLD_S, PORT, FloodTest, Hook, Knocks, Visitors,
                         seconds_of)
from programs import wait_until
from servers import WebServer
from testbed import CLIENT, SERVER, WIRE, address, main

SILENT = 81
KEPT = 500  # packets of a capture
DROPPING = f"""
table inet silence {{
	chain input {{
		type filter hook input priority 0;
		tcp dport {SILENT} drop
	}}
}}
"""


class NoFloods(FloodTest):
    def assert_quiet(self, seconds=2.0):
        """Nothing is said, now or soon."""
        time.sleep(seconds)
        self.assertEqual(self.alarms(), [])

    def test_a_rush_of_clients_that_are_served_raises_no_alarm(self):
        self.start()
        with Visitors(self.testbed, self.web) as visitors:
            wait_until(lambda: visitors.served >= 10, "visitors are served")
            self.web.fetch_many(3000, at_once=200)
            self.assert_quiet()

    @unittest.skipUnless(shutil.which("nmap"), "not installed: nmap")
    def test_a_half_open_scan_is_a_scan_and_nothing_else(self):
        self.start()
        with Visitors(self.testbed, self.web):
            self.testbed.run(CLIENT, "nmap", "-sS", "-n", "-Pn", "--disable-arp-ping",
                             "-S", ATTACKER, "-e", "eth0", "--max-rate", 400, "-p", "1-1000",
                             address(SERVER))
            alarm = self.wait_for_alarm()
            self.assertEqual(alarm["event_type"], "scan")
            self.assertEqual(alarm["src_ip"], ATTACKER)
            self.assertEqual(self.wait_for_alarm("end")["flood_id"], alarm["flood_id"])
        self.assertEqual(len(self.alarms()), 1)

    def test_a_server_that_is_killed_refuses_and_that_is_no_flood(self):
        self.start()
        web = WebServer(self.testbed, PORT + 2)
        with Visitors(self.testbed, self.web):
            web.fetch_many(200)
            web.program.send_signal(signal.SIGKILL)
            web.program.wait()
            with Knocks(self.testbed, web.port, rate=200):
                time.sleep(2)
            refuse_many(self.testbed, 1000, web.port)
            self.assert_quiet()

    def test_a_server_that_falls_silent_is_down_at_most_until_it_is_back(self):
        self.start()
        web = WebServer(self.testbed, SILENT)
        with Knocks(self.testbed, web.port):
            time.sleep(3)
            self.testbed.run(SERVER, "nft", "-f", "-", input=DROPPING)
            time.sleep(4)
            self.testbed.run(SERVER, "nft", "delete", "table", "inet", "silence")
            wait_until(lambda: len(self.alarms("end")) == len(self.alarms()) and not self.active(),
                       "what was said is over", HOLD_S + 5)
            web.fetch_many(10)
        self.assertLessEqual({alarm["flood"]["kind"] for phase in ("start", "update", "end")
                              for alarm in self.alarms(phase)}, {"server_down"})
        self.assertLessEqual(len(self.alarms()), 1)


class Hooks(FloodTest):
    def run_with(self, text, **flood):
        """Its program is this one; the process that it was."""
        hook = Hook(self.testbed, "#!/bin/sh\necho $$ >{folder}/pid\n" + text)
        self.start(on_flood=[str(hook.path)], **flood)
        with self.attack(count=3000):
            self.wait_for_alarm()
            pid = wait_until(lambda: (hook.folder / "pid").exists() and
                             (hook.folder / "pid").read_text().strip(), "the hook runs")
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "the hook is no more")
        self.wait_for_alarm("end")
        self.assertEqual(http_get(self.testbed, "/healthz")[0], 200)
        return self.assert_stops_well(self.appliance)["hooks"]

    def test_a_hook_that_hangs_is_killed_and_counted(self):
        self.assertGreaterEqual(
            self.run_with("exec sleep 1000\n", on_flood_timeout="1s")["killed"], 1)

    def test_a_hook_that_hangs_and_takes_no_signal_is_killed_and_counted(self):
        self.assertGreaterEqual(
            self.run_with("trap '' TERM INT HUP\nwhile :; do sleep 1; done\n",
                          on_flood_timeout="1s")["killed"], 1)

    def test_a_hook_that_fails_is_counted(self):
        self.assertGreaterEqual(self.run_with("exit 3\n")["failed"], 1)

    def test_a_hook_that_prints_without_end_is_stopped_and_counted(self):
        self.assertGreaterEqual(
            self.run_with("exec yes\n", on_flood_timeout="1s")["killed"], 1)

    def test_a_hook_that_is_not_there_is_said_at_the_start(self):
        absent = self.start_appliance({"flood": {"on_flood": ["/nonexistent/hook"]}}, wait=False)
        self.assertEqual(absent.program.wait(), appliance.FAILED)
        self.assertIn("flood.on_flood: /nonexistent/hook: No such file", absent.program.err)


class Evidence(FloodTest):
    def packets(self, path):
        """(time, line) of each, as tcpdump reads them."""
        out = self.testbed.run(WIRE, "tcpdump", "-tt", "-n", "-r", path)
        return [(float(line.split()[0]), line) for line in out.splitlines()]

    def test_the_first_packets_of_a_flood_are_kept_and_some_from_before_the_alarm(self):
        folder = self.testbed.folder / "evidence"
        folder.mkdir()
        self.start(capture=str(folder), capture_packets=KEPT)
        with self.attack() as attack:
            event = self.wait_for_alarm()
        end = self.wait_for_alarm("end")
        path, = folder.iterdir()
        self.assertEqual(end["flood"]["capture"], str(path))
        self.assertRegex(path.name, rf"^flood-{event['flood_id']}-\d{{8}}T\d{{6}}Z\.pcap$")
        packets, told = self.packets(path), seconds_of(event["timestamp"])
        before = sum(time < told for time, _ in packets)
        self.assertGreater(before, 50)
        self.assertGreaterEqual(len(packets) - before, KEPT - 50)
        self.assertLessEqual(len(packets), 2 * KEPT)
        self.assertLess(packets[0][0], attack.first + DELAY_S)
        self.assertGreater(sum(f"> {address(SERVER)}.{PORT}: Flags [S]" in line
                               for _, line in packets), KEPT / 2)

    def test_a_folder_that_is_missing_is_told_once_and_nothing_stops(self):
        self.start(capture="/nonexistent/evidence")
        for number in 1, 2:
            with self.attack(count=2000):
                wait_until(lambda: len(self.alarms()) >= number, "the flood is told")
            wait_until(lambda: len(self.alarms("end")) >= number, "the flood is over")
        failed = [event for event in self.appliance.events("wire")
                  if event["wire"]["what"] == "capture_failed"]
        self.assertEqual(len(failed), 1)
        self.assert_stops_well(self.appliance)

    def test_a_folder_that_is_full_is_told_once_and_nothing_stops(self):
        folder = self.testbed.mount_small("16k")
        self.start(capture=str(folder))
        with self.attack(count=4000):
            self.wait_for_alarm()
        self.wait_for_alarm("end")
        failed = [event for event in self.appliance.events("wire")
                  if event["wire"]["what"] == "capture_failed"]
        self.assertEqual(len(failed), 1)
        self.assert_stops_well(self.appliance)


main()
