#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an appliance needs and does not get: descriptors, memory, a disk; at its start, and later.

A start either succeeds or ends with a sentence and exit status 1, whatever the limit; nothing
is left of one that failed. One that runs forwards and records on, and answers again when it can.

Usage: test_run_scarce.py SYNWIRE [unittest's options]
"""

import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import time
import unittest

from appliance import FAILED, FINE, Appliance
from live import Datagrams, LiveTest, Transfer, http_get
from programs import wait_until
from servers import WebServer
from testbed import CLIENT, SERVER, WIRE, address, main

MIB = 1 << 20
MADE_BY_DPDK = "EAL: FATAL: "  # a line of its own, beside ours


def is_sanitized():
    """It maps terabytes of shadow, so a limit on memory says nothing."""
    program = pathlib.Path(os.environ["SYNWIRE"]).read_bytes()
    return b"__asan_init" in program or b"__tsan_init" in program


class Start(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.set_up_testbed()

    def start_within(self, limit, config=None):
        """(exit status, its sentences); FINE if it forwards, and ends when told to."""
        appliance = Appliance(self.testbed, config=config)
        program = self.testbed.start(WIRE, "prlimit", limit, os.environ["SYNWIRE"], "run", "-c",
                                     appliance.config_path)
        appliance.program = program
        self.addCleanup(appliance.kill)
        wait_until(lambda: program.status is not None or appliance.events("wire"), "it starts or ends")
        if program.status is None:
            program.send_signal(signal.SIGTERM)
        status = program.wait()
        self.assertFalse(appliance.socket_path.exists(), f"{limit} leaves a socket behind")
        lines = program.err.splitlines()
        return status, [line for line in lines if not line.startswith(MADE_BY_DPDK)]

    def assert_fine_or_told(self, limit, **options):
        """Whether it was fine."""
        status, lines = self.start_within(limit, **options)
        with self.subTest(limit=limit):
            self.assertIn(status, (FINE, FAILED), lines)
            if status == FAILED:
                self.assertTrue(lines)
                for line in lines:
                    self.assertRegex(line, r"\Asynwire run: .{20}")
        return status == FINE

    def test_with_any_number_of_descriptors_it_starts_or_says_what_it_lacks(self):
        fine = [self.assert_fine_or_told(f"--nofile={number}") for number in (4, 5, 6, 7, 8, 20, 31)]
        self.assertFalse(any(fine))
        _, (line,) = self.start_within("--nofile=31")
        needed = re.search(r"(\d+) open files are needed, and the limit is 31", line).group(1)
        # What is said to be needed is what is needed.
        self.assertTrue(self.assert_fine_or_told(f"--nofile={needed}"))

    def test_with_any_amount_of_memory_it_starts_or_says_what_it_lacks(self):
        if is_sanitized():
            self.skipTest("a sanitizer maps more than any limit")
        amounts = 40, 80, 140, 200, 260, 280, 300, 320, 340, 360
        fine = [self.assert_fine_or_told(f"--as={amount * MIB}") for amount in amounts]
        self.assertFalse(fine[0])
        self.assertTrue(self.assert_fine_or_told(f"--as={2048 * MIB}"))

    def test_a_table_larger_than_all_memory_is_refused(self):
        status, (line,) = self.start_within("--nofile=1024", {"flow": {"slots": 1 << 30}})
        self.assertEqual(status, FAILED)
        self.assertRegex(line, r"no \d+ MiB of memory for a worker's flow table \(flow\.slots .*\)"
                               r": \d+ MiB are to be had\Z")


class Descriptors(LiveTest):
    """That run out while it runs."""

    @classmethod
    def setUpClass(cls):
        cls.web = WebServer(cls.set_up_testbed())

    def let_it_have_none(self, appliance):
        """No more than it has."""
        taken = {int(path.name) for path in
                 pathlib.Path(f"/proc/{appliance.program.pid}/fd").iterdir()}
        self.limit_descriptors(appliance, next(n for n in range(len(taken) + 1) if n not in taken))

    def limit_descriptors(self, appliance, number):
        resource.prlimit(appliance.program.pid, resource.RLIMIT_NOFILE, (number, 4096))

    def is_healthy(self):
        try:
            return http_get(self.testbed, "/healthz") == (200, "ok\n")
        except AssertionError:
            return False

    def test_frames_pass_and_are_recorded_and_it_answers_again_afterwards(self):
        path = self.testbed.folder / "events.json"
        appliance = self.start_appliance({"outputs": [
            {"type": "file", "path": str(path), "rotate_size": "64KiB", "rotate_keep": 100}]})
        appliance.events_path = path
        self.let_it_have_none(appliance)
        with Transfer(self.testbed, 7000) as transfer:
            transfer.wait_for()
            made = self.web.fetch_many(300)
            self.assertNotEqual(self.testbed.try_run(
                WIRE, "curl", "-sS", "-m", "0.5", "http://127.0.0.1:9464/healthz").returncode, 0)
            appliance.write_config({"outputs": [{"type": "file", "path": f"{path}.other"}]})
            appliance.program.send_signal(signal.SIGHUP)
            refused = wait_until(lambda: self.find(path, '"what":"reload_refused"'), "it is refused")
            self.assertIn("Too many open files", refused)
            transfer.wait_for()
        self.limit_descriptors(appliance, 1024)
        wait_until(self.is_healthy, "it answers again")
        wait_until(lambda: appliance.stats()["outputs"][0]["rotations"] > 0, "it rotates again")
        wait_until(lambda: self.records(path) >= made + 1, "all is recorded")
        stats = appliance.stats()
        self.assertEqual((stats["outputs"][0]["lines_lost"], stats["counters"]["events_lost"]), (0, 0))
        self.assertEqual(appliance.stop(), FINE, appliance.program.err)

    def files(self, path):
        return list(path.parent.glob(path.name + "*"))

    def find(self, path, word):
        return next((line for file in self.files(path)
                     for line in file.read_text().splitlines() if word in line), None)

    def records(self, path):
        return sum(line.count('"event_type":"connection"') for file in self.files(path)
                   for line in file.read_text().splitlines() if '"result":"complete"' in line)


class Disk(LiveTest):
    """A disk that takes nothing for seconds, and says nothing: it hangs."""

    SIZE, HANGS_S = 16 * MIB, 3

    @classmethod
    def setUpClass(cls):
        testbed = cls.set_up_testbed()
        cls.web = WebServer(testbed)
        cls.folder = testbed.folder / "disk"
        cls.folder.mkdir()
        image = testbed.folder / "disk.img"
        with open(image, "wb") as file:
            file.truncate(cls.SIZE)
        for command in (["mkfs.ext4", "-q", image], ["mount", "-o", "loop", image, cls.folder]):
            try:
                subprocess.run(command, check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError) as error:
                raise unittest.SkipTest(f"no file system in a file: {error}") from None
        cls.addClassCleanup(subprocess.run, ["umount", "-l", cls.folder], check=False)
        for program in "fsfreeze", "hping3":
            if not shutil.which(program):
                raise unittest.SkipTest(f"not installed: {program}")

    def freeze(self):
        subprocess.run(["fsfreeze", "-f", self.folder], check=True)
        self.addCleanup(self.thaw)

    def thaw(self):
        subprocess.run(["fsfreeze", "-u", self.folder], check=False, stderr=subprocess.DEVNULL)

    def setUp(self):
        self.path = self.folder / f"{self.id()}.json"
        self.output = {"type": "file", "path": str(self.path)}

    def test_frames_pass_while_a_disk_hangs_and_all_is_written_afterwards(self):
        appliance = self.start_appliance({"outputs": [self.output]})
        appliance.events_path = self.path
        made = self.web.fetch_many(20)
        appliance.wait_for_connections(made)
        self.freeze()
        begun = time.monotonic()
        with Datagrams(self.testbed) as load:
            while time.monotonic() < begun + self.HANGS_S:
                made += self.web.fetch_many(20)
            load.wait_for(500)
        self.thaw()
        appliance.wait_for_connections(made)
        stats = self.assert_stops_well(appliance)
        self.assertEqual((stats["counters"]["events_lost"], stats["outputs"][0]["lines_lost"],
                          stats["proof"]["drops"]), (0, 0, 0))
        self.assertLessEqual(len(load.missing()), sum(port["missed"] for port in stats["ports"]))

    def start_with_two(self):
        """Another output is a file on a disk that works."""
        appliance = self.start_appliance({"outputs": [self.output, {
            "type": "file", "path": str(self.testbed.folder / f"{self.id()}.json")}]})
        appliance.events_path = pathlib.Path(appliance.config["outputs"][1]["path"])
        return appliance

    def assert_it_does_all_it_should(self, appliance):
        made = self.web.fetch_many(20)
        appliance.wait_for_connections(made)
        self.assertEqual(http_get(self.testbed, "/healthz"), (200, "ok\n"))
        appliance.write_config({"timeouts": {"closing": "4s"}})
        appliance.command("reload")
        self.testbed.start(CLIENT, "hping3", "-q", "-n", "-S", "-p", 80, "-i", "u500", "-c", 2000,
                           "--rand-source", address(SERVER)).wait()
        wait_until(lambda: appliance.events("syn_flood"), "an attack is told of")
        return made

    def test_all_but_its_output_goes_on_while_a_disk_hangs(self):
        appliance = self.start_with_two()
        self.freeze()
        made = self.assert_it_does_all_it_should(appliance)
        appliance.wait_for_wire_event("output_failed", output=str(self.path), detail="its disk hangs")
        shown, other = appliance.stats()["outputs"]
        self.assertEqual((shown["ready"], other["ready"]), (False, True))
        # What would have to be opened there is refused, and all goes on as it was.
        outputs = appliance.config["outputs"]
        appliance.write_config({"outputs": [*outputs, {"type": "file", "path": f"{self.path}.new"}]})
        refused = appliance.ask("reload")
        self.assertEqual(refused.returncode, FAILED)
        self.assertIn("its disk does not answer", refused.stdout + refused.stderr)
        self.thaw()
        appliance.wait_for_wire_event("output_recovered", output=str(self.path))
        self.assertEqual([output["lines_lost"] for output in appliance.stats()["outputs"]], [0, 0])
        self.assert_stops_well(appliance)
        told, kept = (path.read_text() for path in (self.path, appliance.events_path))
        self.assertEqual(told, kept)
        self.assertGreaterEqual(told.count('"event_type":"connection"'), made)

    def test_it_stops_while_a_disk_hangs(self):
        """The process itself is gone when the kernel lets go of its thread."""
        appliance = self.start_with_two()
        self.freeze()
        appliance.wait_for_connections(self.web.fetch_many(20))
        appliance.program.send_signal(signal.SIGTERM)
        appliance.program.wait_for("Connections: ")
        appliance.program.wait_for("its disk hangs: ")
        self.thaw()
        self.assertEqual(appliance.program.wait(), FINE, appliance.program.err)
        for line in self.path.read_text().splitlines():
            json.loads(line)


main()
