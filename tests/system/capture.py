# SPDX-License-Identifier: Apache-2.0
"""What left one side against what reached the other, frame by frame.

tcpdump listens at both far ends. A frame was sent by a side if it bears that side's address
as its source; a marker from each side tells that both captures have begun, and another that
they are about to end. Frames are compared in their order within a stream (same addresses,
protocol and ports), since the wire's queues owe no order between streams. Nor is there one
among what a kernel sends by itself, from several processors at once: ARP, ICMP, RSTs.
"""

import collections
import contextlib
import os
import re
import signal
import socket
import struct

from programs import wait_until
from testbed import CLIENT, SERVER

BUFFER_KIB = 65536
MARKER_TYPE = b"\x88\xb5"  # IEEE's for local experiments
VLAN_TYPES = (b"\x81\x00", b"\x88\xa8")
FRAGMENT_V4 = 0x3FFF  # more fragments, or an offset
TCP, WITH_PORTS = 6, (6, 17, 132)
RST_FLAG = 0x04
ARP, ICMP, ICMPV6, RST = b"\x08\x06", 1, 58, "RST"


def stream_of(frame):
    """Frames that must stay in order among themselves have this in common."""
    at, tags = 12, ()
    while frame[at:at + 2] in VLAN_TYPES:
        tags += (frame[at:at + 4],)
        at += 4
    kind, packet = frame[at:at + 2], frame[at + 2:]
    if kind == b"\x08\x00" and len(packet) >= 20:
        header, protocol, hosts = (packet[0] & 15) * 4, packet[9], packet[12:20]
        whole = not struct.unpack_from(">H", packet, 6)[0] & FRAGMENT_V4
    elif kind == b"\x86\xdd" and len(packet) >= 40:
        header, protocol, hosts, whole = 40, packet[6], packet[8:40], True
    else:
        return tags, frame[:12], kind
    ports = packet[header:header + 4] if whole and protocol in WITH_PORTS else b""
    if ports and protocol == TCP and int.from_bytes(packet[header + 13:header + 14]) & RST_FLAG:
        protocol = RST
    return tags, hosts, protocol, ports


def has_order(stream):
    return stream[2] not in (ARP, ICMP, ICMPV6, RST)


def describe(frame):
    text = frame[:64].hex()
    return f"{len(frame)} bytes {text}{'...' if len(frame) > 64 else ''}"


class Seen:
    """Frames in the order in which they passed one end; those from number `begin` on count."""

    def __init__(self, frames, begin=0):
        self.frames, self.begin = frames, begin

    def streams(self):
        """{stream: (its frames, how many of them count)}"""
        streams = collections.defaultdict(lambda: [[], 0])
        for number, frame in enumerate(self.frames):
            stream = streams[stream_of(frame)]
            stream[0].append(frame)
            stream[1] += number >= self.begin
        return streams


def compare_captures(sent, received, may_lose=0):
    """
    Sentences on all that is not as it should be; none if all is well. A stream may lack so many.

    What passed one end just before the beginning may have passed the other just after, so
    the frames of a stream are aligned by their end: the last that left are the last that came.
    """
    differences, left_of, came_of = [], sent.streams(), received.streams()
    for stream in left_of.keys() | came_of.keys():
        (left, left_count), (came, came_count) = left_of[stream], came_of[stream]
        count = max(left_count, came_count)
        if count:
            order = list if has_order(stream) else sorted
            differences += compare_streams(order(left[-count:]), order(came[-count:]),
                                           may_lose)
    return differences


def compare_streams(left, came, may_lose):
    if left == came:
        return []
    lost = collections.Counter(left) - collections.Counter(came)
    extra = collections.Counter(came) - collections.Counter(left)
    if not lost and not extra:
        first = next(i for i, pair in enumerate(zip(left, came)) if pair[0] != pair[1])
        return [f"out of order from number {first}: {describe(came[first])}"]
    if not extra and lost.total() <= may_lose:
        return []
    return [f"{frames.total()} of {len(left)} {what}; the first: {describe(next(iter(frames)))}"
            for what, frames in (("lost", lost), ("not sent so, or not so often", extra)) if frames]


class GrowingCapture:
    """The frames of a pcap file that is still being written."""

    def __init__(self, path):
        self._path = path
        self._at = 24  # behind the file's header
        self.frames = []

    def read_on(self):
        with open(self._path, "rb") as file:
            file.seek(self._at)
            data, at = file.read(), 0
        while at + 16 <= len(data):
            size, length = struct.unpack_from("<II", data, at + 8)
            if at + 16 + size > len(data):
                break
            assert size == length, f"a frame of {length} bytes is longer than any that may pass"
            self.frames.append(data[at + 16:at + 16 + size])
            at += 16 + size
        self._at += at
        return self.frames


def send_frames(testbed, place, frames, interface="eth0"):
    """Raw frames to everybody, from this side's address; each is what follows the addresses."""
    with testbed.inside(place), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind((interface, 0))
        addresses = b"\xff" * 6 + sender.getsockname()[4]
        for frame in frames:
            sender.send(addresses + frame)


class Captures:
    """with Captures(testbed) as captures: ...; then captures.differences()."""

    def __init__(self, testbed, link=0):
        self._testbed, self._interface = testbed, f"eth{link}"
        self._nonce = os.urandom(8)
        self._macs = {place: testbed.mac(place, self._interface) for place in (CLIENT, SERVER)}
        self._dumps, self._captures = {}, {}

    def __enter__(self):
        for place in (CLIENT, SERVER):
            path = self._testbed.folder / f"{self._nonce.hex()}-{place}.pcap"
            self._dumps[place] = self._testbed.start(
                place, "tcpdump", "-i", self._interface, "-w", path, "-U", "-n", "-Z", "root",
                "--immediate-mode", "-B", BUFFER_KIB, "-s", self._testbed.mtu + 100)
        for place, dump in self._dumps.items():
            dump.wait_for("listening on")
            self._captures[place] = GrowingCapture(
                self._testbed.folder / f"{self._nonce.hex()}-{place}.pcap")
        self._mark(b"begin")
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self._mark(b"end")
                # Should what is still on its way never come, the comparison tells.
                with contextlib.suppress(AssertionError):
                    wait_until(lambda: not self._read_and_compare(), "all comes", 5)
        finally:
            for dump in self._dumps.values():
                dump.stop(signal.SIGINT)
        for place, dump in self._dumps.items():
            dropped = int(re.search(r"(\d+) packets? dropped by kernel", dump.err).group(1))
            assert dropped == 0, f"tcpdump at the {place} missed {dropped} frames: nothing is proven"

    def _marker(self, word):
        return MARKER_TYPE + self._nonce + word + bytes(44)

    def _mark(self, word):
        """A frame from each side, and both seen at both ends."""
        marker = self._marker(word)
        for place in (CLIENT, SERVER):
            send_frames(self._testbed, place, [marker], self._interface)
        for place, capture in self._captures.items():
            wait_until(lambda: sum(frame[12:] == marker for frame in capture.read_on()) >= 2,
                       f"the frame that marks the {word.decode()} reaches the {place}")

    def _of(self, sender, place):
        """What `sender` sent, as it was seen at `place`."""
        mac, begin = self._macs[sender], self._marker(b"begin")
        frames = [frame for frame in self._captures[place].frames if frame[6:12] == mac]
        return Seen(frames, next(i for i, frame in enumerate(frames) if frame[12:] == begin) + 1)

    def sent(self, place):
        return self._of(place, place)

    def received(self, sender):
        """What the other side got of it."""
        return self._of(sender, SERVER if sender == CLIENT else CLIENT)

    def strangers(self):
        """Frames at either end that neither side sent: the kernel in the middle, perhaps."""
        known = set(self._macs.values())
        return [frame for capture in self._captures.values() for frame in capture.frames
                if frame[6:12] not in known]

    def _read_and_compare(self):
        for capture in self._captures.values():
            capture.read_on()
        return self.differences()

    def differences(self, may_lose=0):
        found = [f"from the {place}: {difference}" for place in (CLIENT, SERVER)
                 for difference in compare_captures(self.sent(place), self.received(place),
                                                   may_lose)]
        return found + [f"from nobody: {describe(frame)}" for frame in self.strangers()]
