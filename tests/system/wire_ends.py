# SPDX-License-Identifier: Apache-2.0
"""Raw frames from one end of a wire to the other, each looked at as it arrives.

Slower than tcpdump on both sides (capture.py), but what is sent waits for what has arrived: no
ring of a port ever holds more than a window of frames, so none may be lost, and the frames of
both sides pass in the order that the test means.
"""

import collections
import ctypes
import socket
import struct
import time

from programs import PATIENCE
from testbed import CLIENT, SERVER, WIRE

ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 8, 23  # of <linux/if_packet.h>
SO_ATTACH_FILTER, SO_RCVBUFFORCE = 26, 33  # of <asm/socket.h>
AUXDATA = struct.Struct("=IIIHHHH")
VLAN_VALID, VLAN_TPID_VALID = 0x10, 0x40
LOAD_WORD, LOAD_HALF, IF_EQUAL, GIVE = 0x20, 0x28, 0x15, 0x06  # of classic BPF
RECEIVE_BUFFER = 64 << 20
LONGEST = 65536
WINDOW = 200  # frames under way; the smallest ring of a port has 512

OTHER = {CLIENT: SERVER, SERVER: CLIENT}

# seconds: from the first frame that was sent to the last that arrived.
Passed = collections.namedtuple("Passed", "seconds differences")


def only_to(mac):
    """The filter that lets in what is for this address; and the memory that it is in."""
    high, low = struct.unpack(">IH", mac)
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in (
        (LOAD_WORD, 0, 0, 0), (IF_EQUAL, 0, 3, high), (LOAD_HALF, 0, 0, 4), (IF_EQUAL, 0, 1, low),
        (GIVE, 0, 0, LONGEST), (GIVE, 0, 0, 0)))
    memory = ctypes.create_string_buffer(code)
    return struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(memory)), memory


def keep_all_in_order(testbed):
    """
    All that a cable carries goes through one processor's queue, whoever sends it: else only
    the frames of a stream are in their order among themselves.
    """
    for place, interface in (CLIENT, "eth0"), (WIRE, "in0"), (WIRE, "out0"), (SERVER, "eth0"):
        testbed.run(place, "sh", "-c",
                    f"for queue in /sys/class/net/{interface}/queues/rx-*; do echo 1 >$queue/rps_cpus;"
                    " done")


class End:
    """A side's cable: what is put on it, and what comes from the wire (to `mac`, if given)."""

    def __init__(self, testbed, place, mac=None):
        with testbed.inside(place):
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        self._socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self._socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        if mac:
            program, memory = only_to(mac)
            self._socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
            del memory  # the kernel has a copy
        self._socket.bind(("eth0", ETH_P_ALL))
        self._socket.settimeout(PATIENCE)
        self.send = self._socket.send

    def receive(self):
        """A frame as it was on the cable: Linux takes the outermost tag off, and says so."""
        frame, ancillary, *_ = self._socket.recvmsg(LONGEST, 64)
        status, *_, tag, kind = AUXDATA.unpack_from(ancillary[0][2])
        if not status & VLAN_VALID:
            return frame
        kind = kind if status & VLAN_TPID_VALID else 0x8100
        return frame[:12] + struct.pack(">HH", kind, tag) + frame[12:]

    def close(self):
        self._socket.close()


class Ends:
    """with Ends(testbed) as ends: ends.exchange([(CLIENT, frame), ...])"""

    def __init__(self, testbed, macs=None):
        """macs: {place: the address that its frames of interest are sent to}"""
        keep_all_in_order(testbed)
        self._ends = {place: End(testbed, place, (macs or {}).get(place))
                      for place in (CLIENT, SERVER)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in self._ends.values():
            end.close()

    def exchange(self, frames, expected=None):
        """
        Send frames, (place, frame) each, in windows, and take in as many on the other sides.
        Those of one place arrive in their order.

        expected: what they are to be there, where a driver is known to change them.
        """
        expected = frames if expected is None else expected
        begun, differences = time.monotonic(), []
        for first in range(0, len(frames), WINDOW):
            for place, frame in frames[first:first + WINDOW]:
                self._ends[place].send(frame)
            for number, (place, wanted) in enumerate(expected[first:first + WINDOW], first):
                try:
                    came = self._ends[OTHER[place]].receive()
                except TimeoutError:
                    return Passed(time.monotonic() - begun, differences + [
                        f"number {number} from the {place}, or one before it, does not come"])
                if came != wanted:
                    differences.append(f"number {number} from the {place}: {wanted.hex()} came as"
                                       f" {came.hex()}")
        return Passed(time.monotonic() - begun, differences)
