#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The life of an appliance: how it begins, is told otherwise, and ends.

Usage: test_run_life.py SYNWIRE SLOW_DISK [unittest's options]; SLOW_DISK as slow_disk.c makes it
"""

import json
import os
import pathlib
import pwd
import re
import signal
import subprocess
import sys

from appliance import FAILED, FINE, TWO_WORKERS, Appliance
from live import (Datagrams, KernelCounts, LiveTest, Transfer, complete, copy_for_all, http_get,
                  port_of)
from programs import wait_until
from servers import WebServer, run_netcat, wait_for_listener
from testbed import CLIENT, SERVER, WIRE, address, main

NOBODY = pwd.getpwnam("nobody")
KILLS = 3
TRIAL = pathlib.Path(__file__).parents[2] / "conf" / "trial-pcap.yaml"


class Stopping(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.set_up_testbed(queues=2)

    def stop_under_load(self, **options):
        counts = KernelCounts(self.testbed)
        appliance = self.start_appliance(**options)
        with Datagrams(self.testbed) as there, Datagrams(self.testbed, SERVER) as back:
            run_netcat(self.testbed, os.urandom(1_000_000))
            for load in there, back:
                load.wait_for(2000)
            stats = self.assert_stops_well(appliance)
        self.assert_counted(stats, counts, there, back)
        return appliance

    def assert_counted(self, stats, counts, there, back):
        """What the far ends saw is what was counted, and what they miss was counted too."""
        lost = stats["proof"]["drops"] + sum(port["missed"] for port in stats["ports"])
        for side in CLIENT, SERVER:
            port = port_of(stats, side)
            self.assert_all_that_was_sent_left(port, counts, side)
            # What came when it had stopped already is no frame of its own.
            self.assertLessEqual(port["rx_packets"] + port["missed"], counts.reached_the_wire(side))
        self.assertLessEqual(len(there.missing()) + len(back.missing()), lost)

    def test_sigterm_under_load_loses_no_frame_and_the_last_counts_are_exact(self):
        appliance = self.stop_under_load()
        self.assertIn("0 in flight", appliance.program.out)
        self.assertEqual(appliance.events("wire")[-1]["wire"]["what"], "stopped")

    def test_sigterm_under_load_with_two_workers(self):
        self.stop_under_load(kind=TWO_WORKERS)

    def test_between_two_silences_each_frame_that_reached_it_is_counted(self):
        appliance, counts = self.start_in_silence()
        with Datagrams(self.testbed) as there, Datagrams(self.testbed, SERVER) as back:
            for load in there, back:
                load.wait_for(2000)
            there.stop_sending()
            back.stop_sending()
            wait_until(lambda: all(load.received[-1] == load.sent - 1 for load in (there, back)),
                       "the last datagram arrives")
            stats = self.assert_stops_well(appliance, counts)
        self.assert_all_that_came_was_counted(stats, counts)
        self.assert_counted(stats, counts, there, back)

    def test_a_connection_that_is_open_at_the_end_is_recorded_as_open(self):
        appliance = self.start_appliance()
        server = self.testbed.start(SERVER, "nc", "-l", address(SERVER), 7001)
        wait_for_listener(self.testbed, 7001)
        client = self.testbed.start(CLIENT, "nc", address(SERVER), 7001, stdin=subprocess.PIPE)
        wait_until(lambda: appliance.show("flows", "--port", "7001")["flows"], "it is shown")
        self.assert_stops_well(appliance)
        record, = appliance.connections(dest_port=7001)
        self.assertEqual((record["handshake"]["result"], record["end"]["how"]), ("complete", "open"))
        client.kill()
        server.kill()


class Starting(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.set_up_testbed(links=2)

    def wires(self, link):
        return [{"name": f"wire{link}", "ports": [
            f"net_af_packet{2 * link},iface=in{link}", f"net_af_packet{2 * link + 1},iface=out{link}"]}]

    def assert_refused(self, config, *sentences):
        second = self.start_appliance(config, wait=False)
        self.assertEqual(second.program.wait(), FAILED)
        for sentence in sentences:
            self.assertRegex(second.program.err, rf"(?m)^synwire run: .*{sentence}")
        self.assertEqual(len(second.program.err.splitlines()), len(sentences), second.program.err)

    def test_a_second_one_is_refused_for_each_thing_that_the_first_has(self):
        first = self.start_appliance({"wires": self.wires(0)})
        elsewhere = {"wires": self.wires(1), "metrics": {"port": 9465}}
        self.assert_refused({**elsewhere, "control": {"socket": str(first.socket_path)}},
                            r"another synwire.*control\.sock")
        self.assert_refused({**elsewhere, "metrics": {"port": 9464}}, "9464.*another program")
        self.assert_refused({**elsewhere, "wires": self.wires(0)}, "in0.*in use by another synwire")
        self.ping()
        self.assertEqual(first.stop(), FINE)

    def test_a_second_one_with_nothing_in_common_runs_beside_the_first(self):
        first = self.start_appliance({"wires": self.wires(0)})
        second = self.start_appliance({"wires": self.wires(1), "metrics": {"port": 9465}})
        for link in 0, 1:
            self.ping(link=link)
        for appliance in first, second:
            self.assert_stops_well(appliance)

    def test_its_packet_sockets_have_groups_that_no_other_process_can_have(self):
        """As DPDK numbers them, two processes on two interfaces may by chance meet."""
        appliance = self.start_appliance()
        shown = self.testbed.run(WIRE, "ss", "-0", "-H", "-e")
        numbers = {int(number) for number in re.findall(r"fanout\(id:(\d+),", shown)}
        links = json.loads(self.testbed.ip(WIRE, "-j", "link"))
        self.assertEqual(numbers, {link["ifindex"] | 0x8000 for link in links
                                   if link["ifname"] != "lo"})
        self.assertEqual(appliance.stop(), FINE)

    def test_all_that_stands_in_the_way_is_told_at_once(self):
        first = self.start_appliance({"wires": self.wires(0)})
        self.assert_refused({"wires": self.wires(1), "control": {"socket": str(first.socket_path)},
                             "outputs": [{"type": "file", "path": "/nowhere/events.json"}]},
                            "/nowhere/events.json", "control.sock", "9464")

    def test_when_it_is_ready_its_start_is_told(self):
        appliance = self.start_appliance(env={
            # By its name: a path that has a space in it would be taken for two.
            "LD_PRELOAD": SLOW_DISK.name, "LD_LIBRARY_PATH": str(SLOW_DISK.parent),
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")})
        self.assertEqual([event["wire"]["what"] for event in appliance.events("wire")], ["started"])
        self.assertEqual(appliance.stop(), FINE)

    def test_it_starts_again_at_once_after_kill_9(self):
        appliance = self.start_appliance()
        for _ in range(KILLS):
            self.ping()
            appliance.stop(signal.SIGKILL)
            self.assertTrue(appliance.socket_path.is_socket())
            appliance.start()
        self.ping()
        self.assertEqual(http_get(self.testbed, "/healthz")[0], 200)
        self.assertGreater(appliance.stats()["proof"]["rx"], 0)
        self.assert_stops_well(appliance)
        self.assertFalse(appliance.socket_path.exists())
        started = [event for event in appliance.events("wire") if event["wire"]["what"] == "started"]
        self.assertEqual(len(started), KILLS + 1)

    def test_systemd_is_told_of_start_reload_stop_and_life(self):
        appliance = self.start_appliance(env={"WATCHDOG_USEC": "400000"})  # waits for READY=1
        for _ in range(3):
            appliance.wait_for_notice("WATCHDOG=1")
        appliance.command("reload")
        for word in "RELOADING=1", "READY=1":
            appliance.wait_for_notice(word)
        appliance.program.send_signal(signal.SIGTERM)
        appliance.wait_for_notice("STOPPING=1")
        self.assertEqual(appliance.program.wait(), FINE)


class Reloading(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.web = WebServer(cls.set_up_testbed())

    def reload_by_signal(self, appliance):
        appliance.program.send_signal(signal.SIGHUP)

    def reload_by_command(self, appliance):
        appliance.command("reload")

    def config_of(self, appliance):
        return appliance.show("config")["config"]

    def test_a_reload_changes_timeouts_under_a_transfer_that_goes_on(self):
        for how in self.reload_by_command, self.reload_by_signal:
            with self.subTest(how=how.__name__):
                appliance = self.start_appliance()
                with Transfer(self.testbed, 7000) as transfer:
                    for timeout in "661s", "662s", "663s":
                        transfer.wait_for()
                        appliance.write_config({"timeouts": {"established": timeout}})
                        how(appliance)
                        wait_until(lambda: f"established: {timeout}\n" in self.config_of(appliance),
                                   "the new timeout is shown")
                    transfer.wait_for()
                record, = appliance.wait_for_connections(1, dest_port=7000)
                self.assertEqual(record["end"]["how"], "fin_both")
                self.assert_stops_well(appliance)
                reloads = [event for event in appliance.events("wire")
                           if event["wire"]["what"] == "reloaded"]
                self.assertEqual(len(reloads), 3)

    def test_a_shorter_timeout_holds_for_connections_that_are_open(self):
        appliance = self.start_appliance()
        self.testbed.start(SERVER, "nc", "-l", address(SERVER), 7002)
        wait_for_listener(self.testbed, 7002)
        client = self.testbed.start(CLIENT, "nc", address(SERVER), 7002, stdin=subprocess.PIPE)
        wait_until(lambda: appliance.show("flows", "--port", "7002")["flows"], "it is shown")
        appliance.write_config({"timeouts": {"established": "1s"}})
        appliance.command("reload")
        client.stdin.write(b"a sign of life\n")
        client.stdin.flush()
        record, = appliance.wait_for_connections(1, dest_port=7002)
        self.assertEqual(record["end"]["how"], "timeout")
        client.kill()

    def test_a_reload_changes_the_outputs(self):
        appliance = self.start_appliance()
        other = appliance.folder / "other.json"
        appliance.write_config({"outputs": [{"type": "file", "path": str(other),
                                             "events": ["connection"]}]})
        appliance.command("reload")
        made = self.web.fetch_many(50)
        wait_until(lambda: len(other.read_text().splitlines()) >= made, f"{made} records there")
        self.assertEqual(appliance.stop(), FINE)
        self.assertEqual(appliance.connections(), [])
        self.assertEqual(len(complete(map(json.loads, other.read_text().splitlines()))), made)

    def test_a_bad_file_is_refused_whole_and_all_mistakes_are_told(self):
        appliance = self.start_appliance()
        before = self.config_of(appliance)
        appliance.write_config({"timeouts": {"established": "20m", "reset": "never"},
                                "stats": {"interval": "1ms"}, "colour": "red"})
        done = appliance.ask("reload")
        self.assertEqual(done.returncode, FAILED)
        for word in "timeouts.reset", "stats.interval", "colour":
            self.assertIn(word, done.stderr)
        self.assertEqual(self.config_of(appliance), before)
        appliance.wait_for_wire_event("reload_refused")
        seen = len(appliance.events("wire"))
        self.reload_by_signal(appliance)
        appliance.wait_for_wire_event("reload_refused", after=seen)
        self.assertEqual(self.config_of(appliance), before)
        self.ping()
        self.assert_stops_well(appliance)

    def test_a_command_that_is_given_the_bad_file_reaches_the_appliance_too(self):
        appliance = self.start_appliance()
        appliance.write_config({f"colour{i}": "red" for i in range(40)})
        done = self.testbed.try_run(WIRE, os.environ["SYNWIRE"], "reload", "-c",
                                    appliance.config_path)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("colour0: unknown key", done.stderr)
        self.assertTrue(done.stderr.endswith(": and 8 more\n"), done.stderr)
        appliance.wait_for_wire_event("reload_refused")
        self.assert_stops_well(appliance)

    def test_outputs_that_cannot_be_opened_leave_the_old_ones_as_they_are(self):
        appliance = self.start_appliance()
        appliance.write_config({"outputs": [{"type": "file", "path": "/nowhere/a"},
                                            {"type": "file", "path": "/nowhere/b"}]})
        done = appliance.ask("reload")
        self.assertEqual(done.returncode, FAILED)
        for word in "/nowhere/a", "/nowhere/b":
            self.assertIn(word, done.stderr)
        made = self.web.fetch_many(20)
        appliance.wait_for_connections(made)
        self.assert_stops_well(appliance)

    def test_each_key_that_needs_a_restart_is_named(self):
        appliance = self.start_appliance()
        before = self.config_of(appliance)
        appliance.write_config({"workers": {"count": 2}, "flow": {"slots": 131072},
                                "metrics": {"port": 9465}, "timeouts": {"established": "20m"}})
        done = appliance.ask("reload")
        self.assertEqual(done.returncode, FAILED)
        for word in "workers.count", "flow.slots", "metrics.port":
            self.assertRegex(done.stderr, rf"{word}: needs a restart")
        self.assertNotIn("established", done.stderr)
        self.assertEqual(self.config_of(appliance), before)
        self.assert_stops_well(appliance)


class Bypass(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.web = WebServer(cls.set_up_testbed())

    def start_connection(self, port):
        server = self.testbed.start(SERVER, "nc", "-l", "-N", address(SERVER), port)
        wait_for_listener(self.testbed, port)
        client = self.testbed.start(CLIENT, "nc", "-N", address(SERVER), port,
                                    stdin=subprocess.PIPE)
        return client, server

    def say(self, client, server, text):
        client.stdin.write(text.encode())
        client.stdin.flush()
        server.wait_for(text)

    def test_frames_pass_untracked_until_it_is_turned_off(self):
        appliance = self.start_appliance()
        made = self.web.fetch_many(20)
        appliance.wait_for_connections(made)
        client, server = self.start_connection(7003)
        self.say(client, server, "before")
        appliance.command("bypass", "on")
        on = appliance.wait_for_wire_event("bypass_on", reason="operator")
        wait_until(lambda: appliance.stats()["workers"][0]["bypass"] == "operator", "it is shown")
        self.say(client, server, "meanwhile")
        self.web.fetch_many(20)
        self.assertGreater(appliance.stats()["counters"]["bypassed_packets"], 20 * 8)
        appliance.command("bypass", "off")
        off = appliance.wait_for_wire_event("bypass_off", reason="operator")
        self.assertIn("since", off)
        self.assertNotIn("since", on)
        self.say(client, server, "after")
        client.stdin.close()
        self.assertEqual((client.wait(), server.wait()), (0, 0))
        made += self.web.fetch_many(20)
        self.assert_stops_well(appliance)
        self.assert_records(appliance, made)

    def assert_records(self, appliance, tracked):
        """Those of before and after, and the one that lived through it, marked so."""
        records = complete(appliance.connections(dest_port=80))
        self.assertEqual(len(records), tracked)
        self.assertFalse(any("blind" in record for record in records))
        record, = appliance.connections(dest_port=7003)
        self.assertEqual((record["handshake"]["result"], record["blind"]), ("complete", True))

    def test_a_reload_of_the_mode_is_another_way_to_say_so(self):
        appliance = self.start_appliance({"mode": "bypass"})
        self.web.fetch_many(20)
        appliance.write_config({"mode": "monitor"})
        appliance.command("reload")
        appliance.wait_for_wire_event("bypass_off", reason="operator")
        made = self.web.fetch_many(20)
        appliance.wait_for_connections(made)
        stats = self.assert_stops_well(appliance)
        self.assertEqual(len(complete(appliance.connections())), made)
        self.assertGreater(stats["counters"]["bypassed_packets"], 20 * 8)


class Links(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.set_up_testbed()

    def set_link(self, place, state):
        self.testbed.ip(place, "link", "set", "eth0", state)

    def wait_for_carrier(self, place, has):
        wait_until(lambda: self.testbed.has_carrier(place, "eth0") == has,
                   f"the {place} {'gets' if has else 'loses'} its link")

    def test_a_link_that_is_lost_on_one_side_is_taken_from_the_other_and_comes_back(self):
        appliance = self.start_appliance()
        for place, other in (SERVER, CLIENT), (CLIENT, SERVER):
            with self.subTest(place=place):
                self.ping()
                seen = len(appliance.events("wire"))
                self.set_link(place, "down")
                self.wait_for_carrier(other, False)
                self.set_link(place, "up")
                self.wait_for_carrier(other, True)
                for what in "link_down", "held_down", "link_up", "released":
                    appliance.wait_for_wire_event(what, after=seen)
                self.ping()
        self.assert_stops_well(appliance)

    def test_a_link_that_is_held_down_is_given_back_at_the_end(self):
        appliance = self.start_appliance()
        self.set_link(SERVER, "down")
        self.wait_for_carrier(CLIENT, False)
        self.assert_stops_well(appliance)
        self.wait_for_carrier(CLIENT, True)
        self.set_link(SERVER, "up")
        self.wait_for_carrier(SERVER, True)

    def test_the_other_side_keeps_its_link_where_the_configuration_says_so(self):
        appliance = self.start_appliance()
        appliance.config["wires"][0]["link_propagation"] = False
        appliance.write_config()
        appliance.command("reload")
        self.set_link(SERVER, "down")
        appliance.wait_for_wire_event("link_down")
        self.assertTrue(self.testbed.has_carrier(CLIENT, "eth0"))
        self.set_link(SERVER, "up")
        appliance.wait_for_wire_event("link_up")
        self.ping()
        self.assert_stops_well(appliance)
        self.assertNotIn("held_down", [event["wire"]["what"] for event in appliance.events("wire")])


class Privileges(LiveTest):
    @classmethod
    def setUpClass(cls):
        testbed = cls.set_up_testbed()
        testbed.folder.chmod(0o755)
        cls.web = WebServer(testbed)

    def statuses(self, pid):
        """Of each thread, {key: value}."""
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            lines = (task / "status").read_text().splitlines()
            yield dict(line.split(":\t", 1) for line in lines if ":\t" in line)

    def test_it_becomes_another_user_in_all_its_threads_and_can_do_all_it_must(self):
        folder = self.testbed.folder / "nobodys"
        folder.mkdir()
        os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
        events = folder / "events.json"
        appliance = Appliance(self.testbed, config={
            "privileges": {"user": "nobody"}, "control": {"socket": str(folder / "control.sock")},
            "outputs": [{"type": "file", "path": str(events), "rotate_size": "16KiB",
                         "rotate_keep": 100}]})
        appliance.socket_path, appliance.events_path = folder / "control.sock", events
        self.addCleanup(appliance.kill)
        appliance.start()
        self.assert_is_nobody(appliance.program.pid)
        self.assertEqual(appliance.socket_path.stat().st_uid, NOBODY.pw_uid)
        made = self.web.fetch_many(200)
        wait_until(lambda: appliance.stats()["outputs"][0]["rotations"] >= 3, "it rotates")
        appliance.write_config({"timeouts": {"established": "661s"}})
        appliance.command("reload")
        self.assertIn("established: 661s", appliance.show("config")["config"])
        self.assert_reopens(appliance, events)
        self.assert_holds_links(appliance)
        self.assertEqual(appliance.stop(), FINE, appliance.program.err)
        self.assertFalse(appliance.socket_path.exists())
        events = [json.loads(line) for path in folder.iterdir() if path.is_file()
                  for line in path.read_text().splitlines()]
        records = [event for event in events if event["event_type"] == "connection"]
        self.assertEqual(len(complete(records)), made)

    def assert_is_nobody(self, pid):
        statuses = list(self.statuses(pid))
        self.assertGreater(len(statuses), 2)
        for status in statuses:
            self.assertEqual(set(status["Uid"].split()), {str(NOBODY.pw_uid)}, status["Name"])
            self.assertEqual(set(status["Gid"].split()), {str(NOBODY.pw_gid)}, status["Name"])
            self.assertEqual(status["Groups"].split(), [str(NOBODY.pw_gid)], status["Name"])
            self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"), status["Name"])
        kept = [int(status["CapEff"], 16) for status in statuses]
        self.assertEqual(sorted(set(kept)), [0, 1 << 12], "one thread keeps CAP_NET_ADMIN")
        self.assertEqual(len([caps for caps in kept if caps]), 1)

    def assert_reopens(self, appliance, events):
        events.rename(events.with_suffix(".moved"))
        appliance.program.send_signal(signal.SIGUSR1)
        wait_until(events.exists, "the file is opened anew")

    def assert_holds_links(self, appliance):
        """What needs the capability that is left."""
        self.testbed.ip(SERVER, "link", "set", "eth0", "down")
        wait_until(lambda: not self.testbed.has_carrier(CLIENT, "eth0"), "the link is taken down")
        self.testbed.ip(SERVER, "link", "set", "eth0", "up")
        wait_until(lambda: self.testbed.has_carrier(CLIENT, "eth0"), "the link comes back")

    def test_without_a_user_it_stays_root_and_is_limited_all_the_same(self):
        appliance = self.start_appliance()
        for status in self.statuses(appliance.program.pid):
            self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
            self.assertEqual(status["Uid"].split()[0], "0")

    def test_a_user_who_is_not_there_stops_the_start(self):
        appliance = self.start_appliance({"privileges": {"user": "no-such-user"}}, wait=False)
        self.assertEqual(appliance.program.wait(), FAILED)
        self.assertRegex(appliance.program.err, r"\Asynwire run: .*no-such-user.*\n\Z")


class OrdinaryUser(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.set_up_testbed()

    def run_as_nobody(self, *args, **options):
        return self.testbed.start(
            WIRE, "setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}",
            "--clear-groups", self.synwire, *args, cwd=self.folder, **options)

    def test_the_trial_with_captures_needs_no_root(self):
        self.testbed.folder.chmod(0o755)
        self.folder = self.testbed.folder / "trial"
        self.folder.mkdir()
        os.chown(self.folder, NOBODY.pw_uid, NOBODY.pw_gid)
        self.synwire = copy_for_all(os.environ["SYNWIRE"], self.testbed.folder)
        generate = self.run_as_nobody("generate", "demo", "-o", "trial-in.pcap")
        self.assertEqual(generate.wait(), FINE, generate.err)
        appliance = self.run_as_nobody("run", "-c", copy_for_all(TRIAL, self.folder))
        wait_until(lambda: '"event_type":"connection"' in appliance.out or
                   self.assertIsNone(appliance.status, appliance.err), "it tells of connections")
        shown = self.run_as_nobody("show", "stats", "-c", self.folder / TRIAL.name)
        self.assertEqual(shown.wait(), FINE, shown.err)
        self.assertEqual(appliance.stop(), FINE, appliance.err)
        self.assertIn("0 in flight", appliance.err)
        self.assertGreater((self.folder / "trial-out.pcap").stat().st_size, 24)


SLOW_DISK = pathlib.Path(sys.argv.pop(2)).resolve()
main()
