#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong around an appliance: its outputs, its ports, its rings. Frames pass all the same.

Usage: test_run_faults.py SYNWIRE PAUSE-THREAD [unittest's options]
"""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading

from live import (Datagrams, KernelCounts, LiveTest, PausedThread, Transfer, complete, control_thread,
                  http_get, port_of, refuse_many)
from programs import wait_until
from servers import WebServer
from testbed import CLIENT, SERVER, WIRE, main

MANY = 3000  # connections whose lines are more than the buffer of an output holds, which has 4 MiB
LINES_EACH = 3  # incomplete_handshake, rst and connection of one that is refused


class Outputs(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.web = WebServer(cls.set_up_testbed())

    def start_with(self, **output):
        """An output for what is told of connections, and a file for all else."""
        path = self.testbed.folder / f"rest{self.id()}.json"
        appliance = self.start_appliance({"events": {"rst": "all"}, "outputs": [
            {"events": ["incomplete_handshake", "rst", "connection"], **output},
            {"type": "file", "path": str(path), "events": ["wire", "stats"]}]})
        appliance.events_path = path
        return appliance

    def state(self, appliance):
        return appliance.stats()["outputs"][0]

    def read(self, lines):
        """Whole lines, each once."""
        events = [json.loads(line) for line in lines]
        self.assertEqual(len({(event["flow_id"], event["event_type"]) for event in events}),
                         len(events))
        return events

    def assert_all_there(self, lines, made):
        """The records of all connections that were made."""
        events = self.read(lines)
        records = [event for event in events if event["event_type"] == "connection"]
        self.assertEqual(len(complete(records)), made)

    def assert_there_or_lost(self, lines, stats):
        """Of all that there was to tell, all but what was lost."""
        self.assertEqual(len(self.read(lines)) + stats["outputs"][0]["lines_lost"],
                         self.lines_told(stats))

    def lines_told(self, stats):
        """What the tracker had to tell of these connections."""
        return stats["counters"]["flows_closed"] + stats["handshakes"]["refused"] + \
            sum(stats["rst_verdicts"].values())


class Files(Outputs):
    def fetch_in_background(self, count):
        return self.enterContext(concurrent.futures.ThreadPoolExecutor()).submit(
            self.web.fetch_many, count)

    def test_rotation_under_load_tears_and_loses_no_line(self):
        folder = self.testbed.folder / "rotation"
        folder.mkdir()
        appliance = self.start_with(
            type="file", path=str(folder / "events.json"), rotate_size="32KiB", rotate_keep=1000)
        made = self.web.fetch_many(1500)
        wait_until(lambda: self.state(appliance)["lines"] >= made, "the last record is written")
        stats = self.assert_stops_well(appliance)
        files = list(folder.iterdir())
        self.assertGreater(len(files), 20)
        self.assertEqual(stats["outputs"][0]["rotations"], len(files) - 1)
        # Each but the newest was closed with the line that filled it.
        full = sorted(path.stat().st_size for path in files)[1:]
        self.assertTrue(all(32 << 10 <= size < 36 << 10 for size in full), full)
        texts = [path.read_text() for path in files]
        self.assertTrue(all(text.endswith("\n") for text in texts if text))
        self.assert_all_there([line for text in texts for line in text.splitlines()], made)

    def test_only_so_many_files_are_kept(self):
        folder = self.testbed.folder / "kept"
        folder.mkdir()
        appliance = self.start_with(
            type="file", path=str(folder / "events.json"), rotate_size="4KiB", rotate_keep=3)
        self.web.fetch_many(100)
        self.assert_stops_well(appliance)
        self.assertEqual({path.name for path in folder.iterdir()},
                         {"events.json", "events.json.1", "events.json.2", "events.json.3"})

    def test_a_file_that_was_renamed_is_opened_anew_on_sigusr1_and_no_line_is_lost(self):
        folder = self.testbed.folder / "renamed"
        folder.mkdir()
        path = folder / "events.json"
        appliance = self.start_with(type="file", path=str(path))
        load = self.fetch_in_background(1500)
        for number in range(5):
            wait_until(lambda: path.exists() and path.stat().st_size, "records come")
            path.rename(folder / f"moved{number}")
            appliance.program.send_signal(signal.SIGUSR1)
            wait_until(path.exists, "it is opened anew")
        made = load.result()
        self.assert_stops_well(appliance)
        self.assert_all_there([line for file in folder.iterdir()
                               for line in file.read_text().splitlines()], made)

    def test_a_full_disk_costs_lines_which_are_counted_and_no_frames(self):
        folder = self.testbed.mount_small("128k")
        path = folder / "events.json"
        appliance = self.start_with(type="file", path=str(path))
        with Transfer(self.testbed, 7000) as transfer:
            transfer.wait_for()
            refuse_many(self.testbed, MANY)
            wait_until(lambda: self.state(appliance)["lines_lost"] > 0, "lines are lost")
            self.assertFalse(self.state(appliance)["ready"])
            self.assertIn("No space left", self.state(appliance)["trouble"])
            failed = appliance.wait_for_wire_event("output_failed", output=str(path))
            self.assertIn("No space left", failed["detail"])
            transfer.wait_for()
            subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
            wait_until(lambda: self.state(appliance)["ready"], "it is written again")
            appliance.wait_for_wire_event("output_recovered", output=str(path))
            refuse_many(self.testbed, 10)
        stats = self.assert_stops_well(appliance)
        self.assertGreater(stats["outputs"][0]["lines_lost"], 0)
        self.assert_there_or_lost(path.read_text().splitlines(), stats)


class Reader:
    """Lines that come to a UNIX socket, while it is told to read."""

    def __init__(self, path, kind):
        self.path, self._kind = str(path), kind
        self.lines, self.taken, self._rest = [], 0, b""
        self._begin()

    def _begin(self):
        self._listener = socket.socket(socket.AF_UNIX, self._kind)
        self._listener.bind(self.path)
        self._connection = None
        if self._kind == socket.SOCK_STREAM:
            self._listener.listen()
        self.read_on()

    def read_on(self):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def stop_reading(self):
        self._stop.set()
        self._thread.join()

    def go(self):
        """As a process that ends."""
        self.stop_reading()
        for end in self._connection, self._listener:
            if end:
                end.close()
        pathlib.Path(self.path).unlink(missing_ok=True)

    def come_back(self):
        self._begin()

    def _read(self):
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                self._receive()

    def _receive(self):
        if self._kind == socket.SOCK_DGRAM:
            self._listener.settimeout(0.05)
            self._take(self._listener.recv(1 << 20))
            return
        if not self._connection:
            self._listener.settimeout(0.05)
            self._connection, _ = self._listener.accept()
            self._connection.settimeout(0.05)
        self._take(self._connection.recv(1 << 20))

    def _take(self, data):
        """A datagram is a whole line; of a stream the end of a line may follow later."""
        assert self._kind == socket.SOCK_STREAM or data[-1:] == b"\n", data
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.lines += lines


class Sockets(Outputs):
    def start_with_reader(self, kind):
        path = self.testbed.folder / f"{kind}.sock"
        reader = Reader(path, socket.SOCK_STREAM if kind == "unix_stream" else socket.SOCK_DGRAM)
        self.addCleanup(reader.go)
        return self.start_with(type=kind, path=str(path)), reader

    def stop_reading_for_a_while(self, kind):
        appliance, reader = self.start_with_reader(kind)
        refuse_many(self.testbed, 20)
        wait_until(lambda: len(reader.lines) >= LINES_EACH * 20, "the first records come")
        reader.stop_reading()
        with Transfer(self.testbed, 7000) as transfer:
            refuse_many(self.testbed, MANY)
            wait_until(lambda: self.state(appliance)["lines_lost"] > 0, "lines are lost")
            appliance.wait_for_wire_event("output_failed", output=str(reader.path))
            transfer.wait_for()
            reader.read_on()
            wait_until(lambda: self.state(appliance)["ready"], "lines are taken again")
            appliance.wait_for_wire_event("output_recovered", output=str(reader.path))
            refuse_many(self.testbed, 10)
        self.wait_for_all_lines(appliance)
        stats = self.assert_stops_well(appliance)
        self.assertGreater(stats["outputs"][0]["lines_lost"], 0)
        self.assert_all_arrive(reader, stats)

    def wait_for_all_lines(self, appliance):
        """Until every connection has ended, and every line was written or lost."""
        def is_over():
            stats = appliance.stats()
            lines = stats["outputs"][0]["lines"] + stats["outputs"][0]["lines_lost"]
            return stats["flows"]["in_use"] == 0 and lines == self.lines_told(stats)
        wait_until(is_over, "each line is written or lost")

    def assert_all_arrive(self, reader, stats):
        wait_until(lambda: len(reader.lines) >= stats["outputs"][0]["lines"], "the last lines come")
        self.assert_there_or_lost(reader.lines, stats)

    def test_a_stream_reader_that_stops_reading_costs_lines_which_are_counted(self):
        self.stop_reading_for_a_while("unix_stream")

    def test_a_datagram_reader_that_stops_reading_costs_lines_which_are_counted(self):
        self.stop_reading_for_a_while("unix_dgram")

    def go_for_a_while(self, kind):
        appliance, reader = self.start_with_reader(kind)
        refuse_many(self.testbed, 50)
        wait_until(lambda: len(reader.lines) >= LINES_EACH * 50, "the first records come")
        reader.go()
        refuse_many(self.testbed, 50)
        appliance.wait_for_wire_event("output_failed", output=str(reader.path))
        self.assertFalse(self.state(appliance)["ready"])
        reader.come_back()
        appliance.wait_for_wire_event("output_recovered", output=str(reader.path))
        refuse_many(self.testbed, 50)
        self.wait_for_all_lines(appliance)
        stats = self.assert_stops_well(appliance)
        self.assertEqual(stats["outputs"][0]["lines_lost"], 0)
        self.assert_all_arrive(reader, stats)

    def test_a_stream_reader_that_goes_finds_all_when_it_comes_back(self):
        self.go_for_a_while("unix_stream")

    def test_a_datagram_reader_that_goes_finds_all_when_it_comes_back(self):
        self.go_for_a_while("unix_dgram")


class Ports(LiveTest):
    def test_an_interface_that_is_deleted_is_told_of_and_the_appliance_lives_on(self):
        self.set_up_testbed()
        appliance = self.start_appliance()
        self.ping()
        self.testbed.ip(WIRE, "link", "del", "in0")
        stopped = appliance.wait_for_wire_event("port_stopped")
        self.assertEqual(stopped["port"], "net_af_packet0")
        self.assertEqual(http_get(self.testbed, "/healthz"), (503, "a port's interface is gone\n"))
        # Whoever is behind the other port is to see that the wire is broken.
        wait_until(lambda: not self.testbed.has_carrier(SERVER, "eth0"), "the server loses its link")
        self.assertIsNone(appliance.program.status)
        self.assertEqual(port_of(appliance.stats(), CLIENT)["link"], "down")
        self.assert_stops_well(appliance)

    def test_frames_to_a_port_that_is_down_are_dropped_and_never_come_late(self):
        self.set_up_testbed()
        appliance = self.start_appliance()
        appliance.config["wires"][0]["link_propagation"] = False
        appliance.write_config()
        appliance.command("reload")
        with Datagrams(self.testbed) as load:
            load.wait_for(1000)
            self.testbed.ip(WIRE, "link", "set", "out0", "down")
            appliance.wait_for_wire_event("link_down", port="net_af_packet1")
            first = load.sent + 1  # one may just be on its way
            wait_until(lambda: self.tx_down(appliance) > 500, "frames are dropped for that")
            load.stop_sending()
            wait_until(lambda: appliance.stats()["proof"]["in_flight"] == 0 and
                       self.tx_down(appliance) >= load.sent - first, "all of them are")
            self.testbed.ip(WIRE, "link", "set", "out0", "up")
            appliance.wait_for_wire_event("link_up", port="net_af_packet1")
            with Datagrams(self.testbed, port=9001) as later:
                later.wait_for(100)
            self.assertEqual([number for number in load.received if number >= first], [])
        stats = self.assert_stops_well(appliance)
        self.assertEqual(stats["proof"]["drops"],
                         stats["dropped"]["tx_down"] + stats["dropped"]["tx_full"])

    def tx_down(self, appliance):
        return appliance.stats()["dropped"]["tx_down"]


class Rings(LiveTest):
    def test_events_that_find_no_room_are_counted_and_the_frames_pass(self):
        self.set_up_testbed()
        appliance = self.start_appliance({"events": {"ring": 1024}})
        counts = KernelCounts(self.testbed)
        with Transfer(self.testbed, 7000) as transfer:
            transfer.wait_for()
            with PausedThread(self.testbed, control_thread(appliance)):
                refuse_many(self.testbed, MANY)
                transfer.wait_for()
        appliance.wait_for_connections(1, dest_port=7000)
        stats = self.assert_stops_well(appliance)
        self.assertGreater(stats["counters"]["events_lost"], 0)
        # What was counted on the way is complete; what was written is what was not lost.
        closed, refused = stats["counters"]["flows_closed"], stats["handshakes"]["refused"]
        self.assertGreaterEqual(refused, MANY)
        missing = closed + refused - len(appliance.connections()) - \
            len(appliance.events("incomplete_handshake"))
        self.assertGreater(missing, 0)
        self.assertLessEqual(missing, 2 * stats["counters"]["events_lost"])  # one may be both
        self.assertEqual(sum(port["missed"] for port in stats["ports"]), 0)
        self.assertGreater(counts.left_the_wire(SERVER), MANY)


os.environ["PAUSE_THREAD"] = os.path.abspath(sys.argv.pop(2))
main()
