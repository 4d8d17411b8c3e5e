#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Threads of an appliance that stand still, or cannot keep up: what goes on, and what is told.

Usage: test_run_stalls.py SYNWIRE PAUSE-THREAD [unittest's options]
"""

import datetime
import os
import signal
import sys
import time

from appliance import TWO_WORKERS
from live import (Datagrams, LiveTest, PausedThread, Transfer, complete, control_thread,
                  http_get, worker_thread)
from programs import wait_until
from servers import WebServer
from testbed import CLIENT, SERVER, address, main

STALLED_AFTER = 0.3
QUICK = {"workers": {"stalled_after": "300ms"}}
OVERLOAD = {"overload": {"after": "300ms", "until": "300ms"}}
HOLD_MS, FREE_MS = 80, 2  # a worker that has a fortieth of its time


def time_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Control(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.web = WebServer(cls.set_up_testbed())

    def test_frames_pass_while_the_control_thread_stands_still_and_events_come_afterwards(self):
        appliance = self.start_appliance()
        with PausedThread(self.testbed, control_thread(appliance)):
            begun, seen = time.monotonic(), len(appliance.events())
            made = self.web.fetch_many(300)
            with Transfer(self.testbed, 7000) as transfer:
                wait_until(lambda: time.monotonic() > begun + 2, "two seconds have passed")
                transfer.wait_for()
            self.assertEqual(len(appliance.events()), seen, "nothing is written meanwhile")
        appliance.wait_for_connections(made, dest_port=80)
        stats = self.assert_stops_well(appliance)
        self.assertEqual(len(complete(appliance.connections())), made + 1)
        self.assertEqual(stats["counters"]["events_lost"], 0)
        # That it stood still itself is no sign that the worker did.
        self.assertNotIn("worker_stalled", [event["wire"]["what"]
                                            for event in appliance.events("wire")])


class Workers(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.set_up_testbed(queues=2)

    def test_a_worker_that_stands_still_is_told_of_and_frames_that_it_missed_are_counted(self):
        appliance, counts = self.start_in_silence(QUICK)
        with Datagrams(self.testbed) as load:
            load.wait_for(500)
            with PausedThread(self.testbed, worker_thread(appliance)):
                stalled = appliance.wait_for_wire_event("worker_stalled", worker=0)
                self.assertEqual(http_get(self.testbed, "/healthz"), (503, "a worker is stalled\n"))
                self.assertTrue(appliance.stats()["workers"][0]["stalled"])
                wait_until(lambda: self.missed(appliance.stats()) > 0, "its ring overflows")
            recovered = appliance.wait_for_wire_event("worker_recovered", worker=0)
            load.wait_for(500)
            load.stop_sending()
            self.wait_for_last(load)
            self.assertEqual(http_get(self.testbed, "/healthz"), (200, "ok\n"))
            stats = self.assert_stops_well(appliance, counts)
        self.assert_times(appliance, stalled, recovered)
        self.assert_all_that_came_was_counted(stats, counts)
        missing = len(load.missing()) - self.missed(stats) - stats["proof"]["drops"]
        self.assertGreaterEqual(missing, 0)
        self.assertLessEqual(missing, counts.lost_by_kernels())

    def missed(self, stats):
        return sum(port["missed"] for port in stats["ports"])

    def wait_for_last(self, load):
        wait_until(lambda: load.received[-1] == load.sent - 1, "the last datagram arrives")

    def assert_times(self, appliance, stalled, recovered):
        told = {event["wire"]["what"]: time_of(event["timestamp"])
                for event in appliance.events("wire")}
        since = time_of(stalled["since"])
        self.assertGreater(since, told["started"])
        self.assertGreaterEqual(told["worker_stalled"] - since, STALLED_AFTER)
        self.assertEqual(recovered["since"], stalled["since"])

    def test_the_other_worker_goes_on(self):
        appliance = self.start_appliance(QUICK, kind=TWO_WORKERS)
        with Datagrams(self.testbed) as load:
            load.wait_for(100)
            frames = [worker["rx_packets"] for worker in appliance.stats()["workers"]]
            busy = frames.index(max(frames))
            with PausedThread(self.testbed, worker_thread(appliance, 1 - busy)):
                appliance.wait_for_wire_event("worker_stalled", worker=1 - busy)
                load.wait_for(1000)
                stalled = [worker["stalled"] for worker in appliance.stats()["workers"]]
                self.assertFalse(stalled[busy])
            appliance.wait_for_wire_event("worker_recovered", worker=1 - busy)
        self.assert_stops_well(appliance)

    def test_what_waits_in_its_ring_at_the_end_is_sent_first(self):
        appliance, counts = self.start_in_silence()
        with Datagrams(self.testbed) as load:
            load.wait_for(100)
            with PausedThread(self.testbed, worker_thread(appliance)):
                sent = load.sent
                wait_until(lambda: load.sent > sent + 1000, "frames wait for it")
                load.stop_sending()
                appliance.program.send_signal(signal.SIGTERM)
                appliance.wait_for_notice("STOPPING=1")
            self.assertEqual(appliance.program.wait(), 0, appliance.program.err)
            stats = appliance.last_stats()
            self.assert_all_that_came_was_counted(stats, counts, sides=[CLIENT])
            wait_until(lambda: len(load.received) == load.sent - self.missed(stats),
                       "all that were not missed arrive")

    def start_flood(self):
        return self.testbed.start(CLIENT, "hping3", "-q", "--udp", "--flood", "-p", 9000,
                                  address(SERVER))

    def test_a_worker_that_cannot_keep_up_stops_tracking_until_it_can_again(self):
        appliance, counts = self.start_in_silence(OVERLOAD)
        flood = self.start_flood()
        with PausedThread(self.testbed, worker_thread(appliance), HOLD_MS, FREE_MS):
            appliance.wait_for_wire_event("bypass_on", reason="overload", worker=0)
            self.assertEqual(appliance.stats()["workers"][0]["bypass"], "overload")
            bypassed = appliance.stats()["counters"]["bypassed_packets"]
            wait_until(lambda: appliance.stats()["counters"]["bypassed_packets"] > bypassed,
                       "frames pass untracked")
        flood.kill()
        off = appliance.wait_for_wire_event("bypass_off", reason="overload", worker=0)
        self.assertIn("since", off)
        self.assertIsNone(appliance.stats()["workers"][0]["bypass"])
        stats = self.assert_stops_well(appliance, counts)
        self.assert_all_that_came_was_counted(stats, counts)


os.environ["PAUSE_THREAD"] = os.path.abspath(sys.argv.pop(2))
main()
