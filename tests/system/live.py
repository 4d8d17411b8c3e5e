# SPDX-License-Identifier: Apache-2.0
"""What tests of a living appliance share: one for each test, steady traffic, the kernel's counts.

Traffic here is datagrams with numbers, sent without a pause until it is told to stop: those
that do not arrive are known by name, and no protocol sends them again.
"""

import collections
import contextlib
import errno
import hashlib
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import threading
import time

from appliance import Appliance
from programs import PATIENCE, wait_until
from servers import wait_for_listener
from testbed import CLIENT, SERVER, WIRE, TestbedTest, address

OTHER = {CLIENT: SERVER, SERVER: CLIENT}
RECEIVE_BUFFER = 64 << 20
SO_RCVBUFFORCE = 33  # of <asm/socket.h>
INNER = {CLIENT: "in0", SERVER: "out0"}  # the wire's end of each side's cable


class LiveTest(TestbedTest):
    """Tests that each have an appliance of their own, in a testbed that they share."""

    def start_appliance(self, config=None, **options):
        start = {name: options.pop(name) for name in ("env", "wait") if name in options}
        appliance = Appliance(self.testbed, config=config, **options)
        self.addCleanup(appliance.kill)
        return appliance.start(**start)

    def start_in_silence(self, config=None, **options):
        """
        And what the kernel counts from then on: no frame came between these counts and its
        start, so all that follow are its own.
        """
        def start():
            counts = KernelCounts(self.testbed)
            appliance = self.start_appliance(config, **options)
            if not any(map(counts.reached_the_wire, OTHER)):
                return appliance, counts
            appliance.stop()
            return None
        return wait_until(start, "nobody says anything")

    def assert_all_that_came_was_counted(self, stats, counts, sides=tuple(OTHER)):
        """What a host says of its own, such as an ARP request, may come after the end."""
        for side in sides:
            port = port_of(stats, side)
            counted = port["rx_packets"] + port["missed"]
            self.assertGreaterEqual(counted, counts.reached_before_the_stop(side), f"from the {side}")
            self.assertLessEqual(counted, counts.reached_the_wire(side), f"from the {side}")
            self.assert_all_that_was_sent_left(port, counts, side)

    def assert_all_that_was_sent_left(self, port, counts, side):
        """
        A frame for which a side's kernel has no room stays in the AF_PACKET ring of the port and
        goes with the next: it is one frame, but was refused at least once.
        """
        left = counts.left_the_wire(side)
        self.assertGreaterEqual(port["tx_packets"], left, f"to the {side}")
        self.assertLessEqual(port["tx_packets"], left + counts.refused(side), f"to the {side}")

    def assert_stops_well(self, appliance, counts=None):
        """Its last counts; no frame is unaccounted for. The kernel's counts note when it was told to stop."""
        if counts is not None:
            counts.note_stop()
        self.assertEqual(appliance.stop(), 0, appliance.program.err)
        stats = appliance.last_stats()
        proof = stats["proof"]
        self.assertEqual((proof["rx"], proof["in_flight"]), (proof["tx"] + proof["drops"], 0))
        return stats

    def ping(self, count=1, **options):
        self.testbed.run(CLIENT, "ping", "-q", "-c", count, "-i", 0.02, "-W", 5,
                         address(SERVER, **options))


def complete(records):
    """
    Those of connections that were made. A busy machine may be so late with the last segment of
    one that it comes when the connection is forgotten, and has a record of its own.
    """
    return [record for record in records if record["handshake"]["result"] == "complete"]


def port_of(stats, side):
    """A side's port among the counters; each side has one in these testbeds."""
    port, = [port for port in stats["ports"] if port["port"].endswith("01"[side == SERVER])]
    return port


def kernel_counts(testbed, place, interface):
    shown, = json.loads(testbed.ip(place, "-j", "-s", "link", "show", interface))
    return collections.Counter({f"{way}_{what}": shown["stats64"][way][what]
                                for way in ("rx", "tx") for what in ("packets", "dropped")})


class KernelCounts:
    """What the kernel has counted of a side's cable since this was made."""

    def __init__(self, testbed):
        self._testbed, self._first, self._at_stop = testbed, {}, {}
        self._first = {key: self._now(*key) for key in self._keys()}

    @staticmethod
    def _keys():
        return [(place, "eth0") for place in OTHER] + [(WIRE, inner) for inner in INNER.values()]

    def _now(self, place, interface):
        return kernel_counts(self._testbed, place, interface)

    def _since(self, place, interface, what):
        return self._now(place, interface)[what] - self._first[place, interface][what]

    def left_the_wire(self, side):
        """Frames that were sent to a side."""
        return self._since(side, "eth0", "rx_packets")

    def refused(self, side):
        """How often the side's kernel had no room for a frame. It may have been tried again."""
        return self._since(WIRE, INNER[side], "tx_dropped")

    def lost_by_kernels(self):
        """Frames that some kernel had no room for, on either side of the wire, at the most."""
        return sum(self._since(*key, f"{way}_dropped") for key in self._keys()
                   for way in ("rx", "tx"))

    def reached_the_wire(self, side):
        """Frames that came from a side."""
        return self._since(WIRE, INNER[side], "rx_packets")

    def note_stop(self):
        """What comes from now on may come too late for a program that is being stopped."""
        self._at_stop = {side: self.reached_the_wire(side) for side in OTHER}

    def reached_before_the_stop(self, side):
        """Without note_stop(), all that came."""
        return self._at_stop.get(side, self.reached_the_wire(side))


class Datagrams:
    """with Datagrams(testbed) as load: numbered datagrams flow from a side to the other."""

    def __init__(self, testbed, start=CLIENT, port=9000, size=100, at_once=10, pause=0.001):
        self._rhythm, self._size = (at_once, pause), size
        with testbed.inside(OTHER[start]):
            self._sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sink.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        self._sink.bind((address(OTHER[start]), port))
        self._sink.settimeout(0.05)
        with testbed.inside(start):
            self._source = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._source.connect((address(OTHER[start]), port))
        self.sent, self.received = 0, []
        self._stop_sending, self._stop = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._send), threading.Thread(target=self._receive)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop_sending()
        self._stop.set()
        self._threads[1].join()
        self._sink.close()
        self._source.close()

    def _send(self):
        at_once, pause = self._rhythm
        while not self._stop_sending.is_set():
            for _ in range(at_once):
                number = struct.pack(">Q", self.sent)
                with contextlib.suppress(OSError):  # its link may be down; the number is used up
                    self._source.send(number + bytes(self._size - len(number)))
                self.sent += 1
            time.sleep(pause)

    def _receive(self):
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                self.received.append(struct.unpack_from(">Q", self._sink.recv(65536))[0])

    def stop_sending(self):
        self._stop_sending.set()
        self._threads[0].join()

    def wait_for(self, more, seconds=20.0):
        """Until so many more have arrived."""
        wanted = len(self.received) + more
        wait_until(lambda: len(self.received) >= wanted, f"{more} more datagrams arrive", seconds)

    def missing(self):
        """Numbers that did not arrive, of those before the last that did."""
        return set(range(max(self.received, default=-1) + 1)) - set(self.received)


class Transfer:
    """with Transfer(testbed, port): a connection carries data all the while, and it must arrive."""

    def __init__(self, testbed, port):
        self._arrived, self._sum = testbed.folder / f"transfer{port}", hashlib.sha256()
        with open(self._arrived, "wb") as out:
            self._server = testbed.start(SERVER, "nc", "-l", "-N", address(SERVER), port, stdout=out)
        wait_for_listener(testbed, port)
        with testbed.inside(CLIENT):
            self._client = socket.socket()
        self._client.connect((address(SERVER), port))
        self._client.settimeout(PATIENCE)  # if the wire is gone, no byte leaves any more
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def _send(self):
        while not self._stop.is_set():
            data = os.urandom(10000)
            self._sum.update(data)
            self._client.sendall(data)
            time.sleep(0.002)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        self._stop.set()
        self._thread.join()
        self._client.shutdown(socket.SHUT_WR)
        if kind is None:
            assert self._server.wait() == 0, self._server.err
            arrived = hashlib.sha256(self._arrived.read_bytes()).digest()
            assert arrived == self._sum.digest(), "what arrived is not what was sent"
        self._client.close()

    def size(self):
        return self._arrived.stat().st_size

    def wait_for(self, more=100_000):
        """Until so many more bytes have arrived."""
        wanted = self.size() + more
        wait_until(lambda: self.size() >= wanted, f"{more} more bytes arrive")


def refuse_many(testbed, count, port=81):
    """So many connections to a port that is closed: many records of little traffic."""
    with testbed.inside(CLIENT):
        for _ in range(count):
            with socket.socket() as client:
                assert client.connect_ex((address(SERVER), port)) == errno.ECONNREFUSED


class PausedThread:
    """with PausedThread(testbed, thread): it stands still, while its process goes on."""

    def __init__(self, testbed, thread, *turns):
        """turns: milliseconds for which it is held and let go, again and again."""
        self._program = testbed.programs.start(
            "pause_thread", [os.environ["PAUSE_THREAD"], thread, *turns], stdin=subprocess.PIPE)

    def __enter__(self):
        self._program.wait_for("held")
        return self

    def __exit__(self, *_):
        self._program.stdin.close()
        assert self._program.wait() == 0, self._program.err


def control_thread(appliance):
    return appliance.program.pid


def worker_thread(appliance, worker=0):
    """DPDK names the threads after its lcores, of which the control thread is the first."""
    names = threads_of(appliance.program.pid)
    thread, = [number for number, name in names.items() if name.endswith(f"worker-{worker + 1}")]
    return thread


def copy_for_all(program, folder):
    """A program where every user may run it; the folder it was built in may be private."""
    place = pathlib.Path(folder) / pathlib.Path(program).name
    shutil.copy(program, place)
    place.chmod(0o755)
    return place


def http_get(testbed, path, port=9464):
    """(status, text) of an answer on the wire's loopback."""
    out = testbed.run(WIRE, "curl", "-sS", "-m", 10, "-w", "\n%{http_code}",
                      f"http://127.0.0.1:{port}{path}")
    text, status = out.rsplit("\n", 1)
    return int(status), text


def threads_of(pid):
    """{thread's number: its name}"""
    return {int(task.name): (task / "comm").read_text().strip()
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}
