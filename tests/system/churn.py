# SPDX-License-Identifier: Apache-2.0
"""Connections made of raw frames: thousands begin and end while real programs would make a few.

Both hosts are played here, at addresses that nobody has, so no kernel has a say in them. A
turn lets each conversation take one step, all of the client's side first: the wire sees
answers after what they answer, and each frame is looked at as it arrives.
"""

import collections
import random
import struct
import threading
import time

import raw_frames
from raw_frames import ACK, FIN, PSH, RST, SYN
from testbed import CLIENT, SERVER
from wire_ends import Ends

TO_SERVER, TO_CLIENT = b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"
MACS = {CLIENT: (TO_SERVER, TO_CLIENT), SERVER: (TO_CLIENT, TO_SERVER)}  # destination, source
TURN_S = 0.02
DATA = b"a request, or what answers it..........."  # 40 bytes
IPV6_EACH = 4  # one in so many
SERVERS = 17  # which each serve all kinds of them

# Who, flags, and how far both sides are: in the sender's and in the receiver's sequence space.
SCRIPTS = {
    "complete": ((CLIENT, SYN, 0, 0), (SERVER, SYN | ACK, 0, 1), (CLIENT, PSH | ACK, 1, 1),
                 (SERVER, PSH | ACK, 1, 41), (CLIENT, FIN | ACK, 41, 41),
                 (SERVER, FIN | ACK, 41, 42), (CLIENT, ACK, 42, 42)),
    "cut": ((CLIENT, SYN, 0, 0), (SERVER, SYN | ACK, 0, 1), (CLIENT, PSH | ACK, 1, 1),
            (SERVER, RST | ACK, 1, 41)),
    "refused": ((CLIENT, SYN, 0, 0), (SERVER, RST | ACK, 0, 1)),
    "silent": ((CLIENT, SYN, 0, 0),),
}
KINDS = ["complete"] * 13 + ["cut", "refused", "silent"]  # in turn


def pack_address(host, number, version):
    """Of the benchmarks' network (RFC 2544), or of the one for documentation."""
    if version == 4:
        return struct.pack(">HH", 0xc612 + host, number & 0xffff)
    return struct.pack(">IIII", 0x20010db8, host, 0, number)


class Conversation:
    def __init__(self, number):
        self.kind = KINDS[number % len(KINDS)]
        version = 4 if number % IPV6_EACH else 6
        ends = pack_address(0, number & 0xffff, version), pack_address(1, number % SERVERS, version)
        ports = 1024 + (number >> 16), 80
        self._way = {CLIENT: (ends, ports), SERVER: (ends[::-1], ports[::-1])}
        self._isn = {CLIENT: random.getrandbits(32), SERVER: random.getrandbits(32)}
        self._script = iter(SCRIPTS[self.kind])

    def step(self):
        """(side, frame); None behind the last."""
        step = next(self._script, None)
        if not step:
            return None
        side, flags, seq, ack = step
        other = SERVER if side == CLIENT else CLIENT
        is_first = flags == SYN
        return side, raw_frames.tcp_frame(
            MACS[side], *self._way[side], flags, seq=self._isn[side] + seq,
            ack=0 if is_first else self._isn[other] + ack, data=DATA if flags & PSH else b"")


class Churn:
    """with Churn(testbed, rate) as churn: so many conversations begin each second, if there is time."""

    def __init__(self, testbed, rate, flood_rate=2000):
        self._ends = Ends(testbed, {SERVER: TO_SERVER, CLIENT: TO_CLIENT})
        self._begins, self._flood_begins = round(rate * TURN_S), round(flood_rate * TURN_S)
        self._open = []
        self.made = collections.Counter()  # conversations by kind, and `flood`
        self.frames = 0
        self.differences = []
        self.delays_us = []  # of a frame that goes alone, one for each turn; taken by the reader
        self._victim, self._floods = None, 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run_and_tell)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self._ends.__exit__()

    def stop(self):
        """All conversations come to their end first."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def flood(self, begins):
        """Begin a flood of SYNs from everywhere to a server of its own, or end it."""
        self._floods += begins
        self._victim = pack_address(1, 0x100 + self._floods, 4) if begins else None

    def _run_and_tell(self):
        try:
            self._run()
        except Exception as error:  # whatever it is, whoever looks at the frames is to know
            self.differences.append(f"no more frames are sent: {error!r}")
            raise

    def _run(self):
        number, due = 0, time.monotonic()
        while not self._stop.is_set() or self._open:
            if not self._stop.is_set():
                self._open += map(Conversation, range(number, number + self._begins))
                number += self._begins
            self._turn()
            due = max(due + TURN_S, time.monotonic())
            time.sleep(max(0, due - time.monotonic()))

    def _turn(self):
        probe = raw_frames.ethernet(MACS[CLIENT], b"\x88\xb6", struct.pack(">Q", self.frames) + bytes(38))
        self.delays_us.append(self._pass([(CLIENT, probe)]) * 1e6)
        steps, goes_on = [], []
        for conversation in self._open:
            step = conversation.step()
            if step:
                steps.append(step)
                goes_on.append(conversation)
            else:
                self.made[conversation.kind] += 1
        self._open = goes_on
        for side in CLIENT, SERVER:
            self._pass([step for step in steps if step[0] == side])
        self._pass(self._flood_frames())

    def _flood_frames(self):
        victim = self._victim
        if not victim or self._stop.is_set():
            return []
        self.made["flood"] += self._flood_begins
        return [(CLIENT, raw_frames.tcp_frame(
            MACS[CLIENT], (struct.pack(">I", 0x0b000000 + random.getrandbits(24)), victim),
            (random.randrange(1024, 65536), 80), SYN, seq=random.getrandbits(32)))
            for _ in range(self._flood_begins)]

    def _pass(self, frames):
        passed = self._ends.exchange(frames)
        self.frames += len(frames)
        self.differences += passed.differences[:10]
        return passed.seconds
