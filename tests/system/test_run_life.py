#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An appliance's life under traffic: reloads, rotation, bypass, links, kill -9, SIGTERM.

Usage: test_run_life.py SYNWIRE [unittest's options]
"""

import json
import re
import signal

import appliance
from appliance import FAILED, Appliance, verdicts
from programs import wait_until
from servers import WebServer, wait_for_listener
from testbed import CLIENT, SERVER, WIRE, TestbedTest, address, main

WEB = 80
ALL_WELL = ("complete", "fin_both")


class Life(TestbedTest):
    @classmethod
    def setUpClass(cls):
        cls.set_up_testbed()
        cls.web = WebServer(cls.testbed, WEB)

    def start(self, kind=appliance.ONE_QUEUE, config=None):
        wire = Appliance(self.testbed, kind, config)
        self.addCleanup(wire.kill)
        return wire.start()

    def frames_sent(self, interface):
        """The kernel's own count."""
        shown = json.loads(self.testbed.ip(WIRE, "-j", "-s", "link", "show", interface))
        return shown[0]["stats64"]["tx"]["packets"]

    def fetch_while(self, action, count=1500):
        """The connections that curl made, while action() was done in the midst of them."""
        curl = self.web.start_fetching(count, at_once=10)
        wait_until(lambda: curl.out.count("\n") > 20, "curl is under way")
        action()
        self.assertIsNone(curl.status, "curl was done too early")
        return self.web.finish_fetching(curl, count)

    def assert_stops_with_all_accounted_for(self, wire, before):
        self.assertEqual(wire.program.wait(), 0, wire.program.err)
        proof = wire.last_stats()["proof"]
        self.assertEqual((proof["rx"], proof["in_flight"]), (proof["tx"] + proof["drops"], 0))
        self.assertGreater(proof["rx"], 5000)
        # What it says it has sent, the interfaces have sent.
        sent = [port["tx_packets"] for port in wire.last_stats()["ports"]]
        self.assertEqual([self.frames_sent(interface) - count
                          for interface, count in before.items()], sent)
        self.assertIn(f"{proof['rx']:,} in = {proof['tx']:,} out", wire.program.out)

    def stop_under_load(self, kind, number):
        before = {interface: self.frames_sent(interface) for interface in ("in0", "out0")}
        wire = self.start(kind)
        server = self.testbed.start(SERVER, "iperf3", "-s", "-1")
        wait_for_listener(self.testbed, 5201)
        client = self.testbed.start(CLIENT, "iperf3", "-c", address(SERVER), "-t", 60, "-P", 2)
        wait_until(lambda: wire.stats()["proof"]["rx"] > 5000, "there is load")
        wire.program.send_signal(number)
        self.assert_stops_with_all_accounted_for(wire, before)
        for program in client, server:
            program.kill()

    def test_sigterm_under_load_leaves_no_frame_unaccounted_for(self):
        self.stop_under_load(appliance.ONE_QUEUE, signal.SIGTERM)

    def test_sigint_under_load_does_so_with_four_workers_and_a_receiver(self):
        self.stop_under_load(appliance.SOFTWARE, signal.SIGINT)

    def test_what_can_change_is_reloaded_under_traffic_and_no_connection_is_harmed(self):
        wire = self.start()

        def reload():
            wire.write_config({"timeouts": {"established": "33m"}, "stats": {"interval": "2s"},
                               "workers": {"idle": "pause"}})
            wire.command("reload")
            wire.write_config({"timeouts": {"established": "44m"}})
            wire.program.send_signal(signal.SIGHUP)
            wait_until(lambda: self.established(wire) == "44m", "SIGHUP is heard")
        made = self.fetch_while(reload)
        records = wire.wait_for_connections(made)
        self.assertEqual(verdicts(records), {ALL_WELL: made})
        self.assertEqual(self.happened(wire).count("reloaded"), 2)

    def established(self, wire):
        return re.search(r"established: (\S+)", wire.show("config")["config"]).group(1)

    def happened(self, wire):
        return [event["wire"]["what"] for event in wire.events("wire")]

    def test_a_bad_configuration_is_refused_and_the_old_one_stays_whole(self):
        wire = self.start()
        good = wire.config
        before = self.established(wire)
        wire.write_config({"timeouts": {"established": "5m", "closing": "never"}})
        done = wire.ask("reload")
        self.assertEqual(done.returncode, FAILED)
        self.assertRegex(done.stderr, r"synwire\.yaml:\d+: timeouts\.closing: must be .*, got 'never'")
        self.assertEqual(self.established(wire), before)
        wire.program.send_signal(signal.SIGHUP)
        wait_until(lambda: self.happened(wire).count("reload_refused") == 2, "SIGHUP is heard")
        self.assertIn("timeouts.closing", wire.wait_for_wire_event("reload_refused")["detail"])
        self.assertEqual(self.established(wire), before)
        wire.config = good
        wire.write_config({"timeouts": {"established": "5m"}})
        wire.command("reload")
        self.assertEqual(self.established(wire), "5m")

    def test_what_cannot_change_is_refused_by_name(self):
        wire = self.start()
        before = self.established(wire)
        wire.write_config({"timeouts": {"established": "6m"}, "flow": {"slots": 1024},
                           "workers": {"count": 3}})
        done = wire.ask("reload")
        self.assertEqual(done.returncode, FAILED)
        for name in "flow.slots", "workers.count":
            self.assertIn(name, done.stderr)
        self.assertEqual(self.established(wire), before)

    def test_rotation_under_load_tears_and_loses_no_line(self):
        wire = self.start()
        wire.write_config({"outputs": [{
            "type": "file", "path": str(wire.events_path), "rotate_size": "64KiB",
            "rotate_keep": 1000}]})
        made = self.fetch_while(lambda: wire.command("reload"))
        wait_until(lambda: wire.stats()["ends"]["fin_both"] >= made, "all connections are over")
        self.assertEqual(wire.stop(), 0, wire.program.err)
        output, = wire.last_stats()["outputs"]
        files = sorted(wire.folder.glob("events.json*"))
        self.assertGreater(len(files), 5)
        self.assertEqual(output["lines_lost"], 0)
        lines = [line for path in files for line in path.read_text().splitlines(keepends=True)]
        self.assertTrue(all(line.endswith("\n") for line in lines))
        events = [json.loads(line) for line in lines]
        records = [event for event in events if event["event_type"] == "connection"]
        self.assertEqual(verdicts(records), {ALL_WELL: made})
        self.assertEqual(len({record["flow_id"] for record in records}), made)

    def test_sigusr1_opens_the_event_file_anew(self):
        wire = self.start()
        moved = wire.folder / "moved"
        wire.events_path.rename(moved)
        wire.program.send_signal(signal.SIGUSR1)
        wait_until(wire.events_path.exists, "the file is there again")
        made = self.web.fetch_many(5)
        wire.wait_for_connections(made)

    def test_a_second_run_after_kill_9_just_works(self):
        wire = self.start()
        self.web.fetch_many(10)
        wire.kill()
        wire.start()
        before = len(wire.connections())
        made = self.web.fetch_many(100)
        records = wire.wait_for_connections(before + made)
        self.assertEqual(verdicts(records[before:]), {ALL_WELL: made})

    def test_a_link_that_goes_down_takes_the_other_side_with_it(self):
        wire = self.start()
        for place, port, other, far in ((CLIENT, "net_af_packet0", "net_af_packet1", SERVER),
                                        (SERVER, "net_af_packet1", "net_af_packet0", CLIENT)):
            with self.subTest(place):
                happened = len(wire.events("wire"))
                self.testbed.ip(place, "link", "set", "eth0", "down")
                wait_until(lambda: not self.testbed.has_carrier(far, "eth0"), "the other side loses link")
                wire.wait_for_wire_event("link_down", happened, port=port)
                wire.wait_for_wire_event("held_down", happened, port=other)
                self.testbed.ip(place, "link", "set", "eth0", "up")
                wait_until(lambda: self.testbed.has_carrier(far, "eth0"), "the other side has link")
                wire.wait_for_wire_event("link_up", happened, port=port)
                wire.wait_for_wire_event("released", happened, port=other)
                self.web.fetch_many(20)
        ports = wire.show("wires")["wires"][0]["ports"]
        self.assertEqual([(port["link"], port["held_down"]) for port in ports], [("up", False)] * 2)

    def test_a_stopped_appliance_leaves_no_link_held_down(self):
        wire = self.start()
        self.testbed.ip(CLIENT, "link", "set", "eth0", "down")
        wait_until(lambda: not self.testbed.has_carrier(SERVER, "eth0"), "the other side loses link")
        wire.stop()
        wait_until(lambda: self.testbed.has_carrier(SERVER, "eth0"), "the other side has link")
        self.testbed.ip(CLIENT, "link", "set", "eth0", "up")

    def test_without_link_propagation_the_other_side_stays_up(self):
        wire = self.start(config={"wires": [{
            "name": "wire0", "ports": ["net_af_packet0,iface=in0", "net_af_packet1,iface=out0"],
            "link_propagation": False}]})
        self.testbed.ip(CLIENT, "link", "set", "eth0", "down")
        wire.wait_for_wire_event("link_down", port="net_af_packet0")
        self.assertTrue(self.testbed.has_carrier(SERVER, "eth0"))
        self.testbed.ip(CLIENT, "link", "set", "eth0", "up")
        wire.wait_for_wire_event("link_up", port="net_af_packet0")

    def test_bypass_forwards_without_tracking_until_it_is_told_to_track_again(self):
        wire = self.start(appliance.SOFTWARE)
        self.assertEqual(self.web.fetch_many(50), 50)
        wire.wait_for_connections(50)
        wire.command("bypass", "on")
        self.assertEqual(wire.wait_for_wire_event("bypass_on")["reason"], "operator")
        self.assertEqual(self.web.fetch_many(50), 50)
        wire.command("bypass", "off")
        wire.wait_for_wire_event("bypass_off")
        self.assertEqual(self.web.fetch_many(70), 70)
        records = wire.wait_for_connections(120)
        self.assertEqual(verdicts(records), {ALL_WELL: 120})
        self.assertGreater(wire.stats()["counters"]["bypassed_packets"], 400)
        wire.write_config({"mode": "bypass"})
        wire.command("reload")
        self.assertEqual(self.web.fetch_many(5), 5)
        wait_until(lambda: {worker["bypass"] for worker in wire.stats()["workers"]
                            if "receiver" not in worker} == {"operator"}, "the mode is in force")


main()
