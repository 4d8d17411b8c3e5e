# SPDX-License-Identifier: Apache-2.0
"""What tests of alarms share: floods of hping3, visitors that go on, a hook that notes the time.

All times are seconds of the machine's clock, as the events have them.
"""

import collections
import contextlib
import datetime
import json
import shutil
import socket
import struct
import threading
import time
import unittest

import appliance
from background import Background
from live import LiveTest
from programs import wait_until
from servers import WebServer
from testbed import CLIENT, SERVER, address

SO_TIMESTAMPNS, SO_RCVBUFFORCE = 35, 33  # of <asm/socket.h>
RECEIVE_BUFFER = 16 << 20
ALARMS = "syn_flood", "scan", "backscatter", "rst_storm", "ack_storm"
SYN, ACK = 2, 16
PORT = 80
ATTACKER = "10.77.0.4"  # the client's too, whose kernel resets what it did not ask for
HOLD_S = 1
DELAY_S = 0.5  # from the first packet to an alarm that is seen

# When it ran, and what it was given.
HOOK = """#!/bin/sh
now=$(date +%s.%N)
call=$(mktemp {folder}/calling.XXXXXX)
{{ echo "$now"; cat; }} >"$call"
mv "$call" "$(mktemp -u {folder}/called.XXXXXX)"
"""

Call = collections.namedtuple("Call", "time event")


def seconds_of(stamp):
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


class Hook:
    """A program for flood.on_flood, and what it noted each time that it ran."""

    def __init__(self, testbed, text=HOOK):
        Hook.count = getattr(Hook, "count", 0) + 1
        self.folder = testbed.folder / f"hook{Hook.count}"
        self.folder.mkdir()
        self.path = self.folder / "hook"
        self.path.write_text(text.format(folder=self.folder))
        self.path.chmod(0o755)

    def calls(self):
        calls = []
        for path in self.folder.glob("called.*"):
            when, _, event = path.read_text().partition("\n")
            calls.append(Call(float(when), json.loads(event)))
        return sorted(calls, key=lambda call: call.time)


class Attack:
    """with Attack(testbed, ...): hping3 sends so many SYNs; when the first left, and the last."""

    def __init__(self, testbed, port, count=4000, interval_us=300, source=None):
        """source: an address of the client, which resets; None: another one for each."""
        self._testbed, self._count = testbed, count
        self._args = ["-q", "-n", "-S", "-p", port, "-c", count, "-i", f"u{interval_us}",
                      *(["-a", source] if source else ["--rand-source"]), address(SERVER)]
        self.first = self.last = None
        self.sent = 0
        with testbed.inside(CLIENT):
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        self._socket.bind(("eth0", 3))
        self._socket.settimeout(0.05)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._program = None

    def __enter__(self):
        self._thread.start()
        self._program = self._testbed.start(CLIENT, "hping3", *self._args)
        return self

    def __exit__(self, *_):
        self.wait()
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def wait(self):
        """hping3 fails, as no answer comes to it. What it sent has then been seen."""
        self._program.wait()
        wait_until(lambda: self.sent == self._count, f"{self._count} SYNs are seen to be sent")

    def _watch(self):
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                frame, ancillary, *_ = self._socket.recvmsg(128, 64)
                if self._is_attack(frame):
                    seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
                    self.last = seconds + nanoseconds / 1e9
                    self.first = self.first or self.last
                    self.sent += 1

    @staticmethod
    def _is_attack(frame):
        """A SYN to the server from an address that no visitor has."""
        return frame[12:14] == b"\x08\0" and frame[23] == socket.IPPROTO_TCP and \
            frame[30:34] == socket.inet_aton(address(SERVER)) and \
            frame[26:30] != socket.inet_aton(address(CLIENT)) and frame[47] & (SYN | ACK) == SYN


class Visitors(Background):
    """with Visitors(web): curl fetches a file again and again; what failed is kept."""

    def __init__(self, testbed, web, pause=0.05):
        super().__init__()
        self._testbed, self._web, self._pause = testbed, web, pause
        self.served, self.failed = 0, []

    def run(self):
        while not self.stopping.is_set():
            done = self._testbed.try_run(CLIENT, "curl", "-sSf", "-m", 30, "-o", "/dev/null",
                                         self._web.url("small"))
            if done.returncode:
                self.failed.append(done.stderr)
            else:
                self.served += 1
            time.sleep(self._pause)


class Knocks(Background):
    """with Knocks(testbed, port): so many connections begin in a second, as a kernel makes them."""

    def __init__(self, testbed, port, rate=100, patience=3.0):
        super().__init__()
        self._testbed, self._port, self._rate, self._patience = testbed, port, rate, patience

    def run(self):
        waiting = collections.deque()
        with self._testbed.inside(CLIENT):
            while not self.stopping.is_set():
                client = socket.socket()
                client.setblocking(False)
                client.connect_ex((address(SERVER), self._port))
                waiting.append((time.monotonic(), client))
                while time.monotonic() - waiting[0][0] > self._patience:
                    waiting.popleft()[1].close()
                time.sleep(1 / self._rate)
        for _, client in waiting:
            client.close()


class Stalls(Background):
    """with Stalls() as stalls: how much time a thread lost that wanted to run now and then."""

    STEP_S, USUAL_S = 0.005, 0.005

    def __init__(self):
        super().__init__()
        self.lost = 0.0

    def run(self):
        last = time.monotonic()
        while not self.stopping.is_set():
            time.sleep(self.STEP_S)
            now = time.monotonic()
            late = now - last - self.STEP_S
            self.lost += late if late > self.USUAL_S else 0
            last = now


class FloodTest(LiveTest):
    """One testbed with a web server; its server answers all addresses through the wire."""

    kind = appliance.ONE_QUEUE

    @classmethod
    def setUpClass(cls):
        if not shutil.which("hping3"):
            raise unittest.SkipTest("not installed: hping3")
        testbed = cls.set_up_testbed()
        testbed.ip(CLIENT, "addr", "add", f"{ATTACKER}/24", "dev", "eth0")
        testbed.ip(SERVER, "route", "add", "default", "via", address(CLIENT))
        testbed.sysctl(SERVER, "net.ipv4.tcp_syncookies", 1)
        for place in CLIENT, SERVER:  # as the appliance is told
            testbed.sysctl(place, "net.ipv4.tcp_syn_retries", 1)
            testbed.sysctl(place, "net.ipv4.tcp_synack_retries", 1)
            with contextlib.suppress(AssertionError):  # kernels before 6.5
                testbed.sysctl(place, "net.ipv4.tcp_syn_linear_timeouts", 0)
        cls.web = WebServer(testbed, PORT)

    def start(self, **flood):
        """With its hook, and alarms among the events that it writes."""
        self.hook = Hook(self.testbed)
        flood = {"hold": f"{HOLD_S}s", "update": "1s", "on_flood": [str(self.hook.path)], **flood}
        self.appliance = self.start_appliance({"flood": flood}, kind=self.kind)
        return self.appliance

    def alarms(self, phase="start", types=ALARMS):
        return [event for event in self.appliance.events()
                if event["event_type"] in types and event["phase"] == phase]

    def wait_for_alarm(self, phase="start"):
        return wait_until(lambda: self.alarms(phase), f"an alarm's {phase}")[0]

    def attack(self, **options):
        return Attack(self.testbed, PORT, **options)

    def active(self):
        return [flood for flood in self.appliance.show("floods")["floods"] if "ended" not in flood]
