# SPDX-License-Identifier: Apache-2.0
"""Frames that no honest host sends, or hardly ever: a wire must pass them like all others.

Each function gives a list of (place, frame), to be sent in this order; the seed is fixed, so a
run can be had again. What needs a connection in a certain state brings it there first.
"""

import itertools
import random
import struct

import raw_frames as raw
from raw_frames import ACK, FIN, FRAGMENT, IPV4, IPV6, PSH, RST, SYN, TCP, URG
from testbed import CLIENT, SERVER

MACS = {CLIENT: (b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"), SERVER: (b"\2\0\0\0\0\2", b"\2\0\0\0\0\1")}
FLAGS = 256  # all values of the flags' byte
ISN = {CLIENT: 0xfffffff0, SERVER: 0x7ffffff0}  # the numbers of both wrap, or change sign, at once
MORE = 0x2000  # fragments
HOP_BY_HOP, UDP, ROUTING, ESP, AUTHENTICATION, NO_NEXT, DESTINATION = 0, 17, 43, 50, 51, 59, 60
MOBILITY, HIP, SHIM6, ICMPV6 = 135, 139, 140, 58
JUMBO = 9000

# How a connection comes to each state of the tracker: who, flags, how far both sides are.
OPENED = ((CLIENT, SYN, 0, 0), (SERVER, SYN | ACK, 0, 1), (CLIENT, ACK, 1, 1))
WAYS = (
    (None, ()),  # none: what comes is the first that is heard
    ("SYN_SENT", OPENED[:1]),
    ("SYN_CROSSED", ((CLIENT, SYN, 0, 0), (SERVER, SYN, 0, 0))),
    ("SYN_RECEIVED", OPENED[:2]),
    ("ESTABLISHED", OPENED),
    ("FIN_WAIT", OPENED + ((CLIENT, FIN | ACK, 1, 1),)),
    ("FIN_WAIT", OPENED + ((SERVER, FIN | ACK, 1, 1),)),
    ("CLOSING", OPENED + ((CLIENT, FIN | ACK, 1, 1), (SERVER, FIN | ACK, 1, 1))),
    ("TIME_WAIT", OPENED + ((CLIENT, FIN | ACK, 1, 1), (SERVER, FIN | ACK, 1, 2), (CLIENT, ACK, 2, 2))),
    ("RESET", OPENED + ((CLIENT, RST, 1, 0),)),
    ("RESET", ((CLIENT, SYN, 0, 0), (SERVER, RST | ACK, 0, 1))),  # refused
    ("MIDSTREAM", OPENED[2:]),
)


def hosts(number, version=4):
    """The client's and the server's address of a connection."""
    if version == 4:
        return struct.pack(">I", 0xc6120000 + number), b"\xc6\x13\0\1"
    return (struct.pack(">IIII", 0x20010db8, 0, 0, number), struct.pack(">IIII", 0x20010db8, 1, 0, 1))


def segment(place, number, flags, seq=0, ack=0, version=4, port=80, **fields):
    """From a side of a connection, as far as both are in their numbers."""
    other = SERVER if place == CLIENT else CLIENT
    ends, ports = hosts(number, version), (20000, port)
    if place == SERVER:
        ends, ports = ends[::-1], ports[::-1]
    return place, raw.tcp_frame(MACS[place], ends, ports, flags, seq=ISN[place] + seq,
                                ack=ISN[other] + ack if flags & ACK else 0, **fields)


def flags_in_states():
    """
    Each value of the flags, from each side, in each state. Yields the state, the port of the
    connections that are to be in it, and lists: what brings them there, and what comes then.
    """
    for number, (state, way) in enumerate(WAYS):
        port, flows = 1000 + number, range(number * 2 * FLAGS, (number + 1) * 2 * FLAGS)
        there = [[segment(who, flow, flags, seq, ack, port=port) for flow in flows]
                 for who, flags, seq, ack in way]
        then = [[segment((CLIENT, SERVER)[flow % 2], flow, flow // 2 % FLAGS, 1 + again, 1, port=port)
                 for flow in flows] for again in range(2)]
        yield state, port, there, then


def options():
    """Lists of options of all lengths and sorts, right and wrong, in all kinds of segments."""
    chance = random.Random(5)
    lists = [bytes([kind, length]) + b"\xff" * 38 for kind in range(256) for length in (0, 1, 2, 40)]
    lists += [bytes([kind, length, *[1] * 38]) for kind in (2, 3, 4, 5, 8, 34) for length in range(48)]
    lists += [b"\1" * 40, b"\0" * 40, b"\1" * 39 + b"\2", b"\1" * 38 + b"\2\4", b"\2\4\0\0" * 10,
              b"\2\4\xff\xff\3\3\xff\0" * 5, b"\3\3\x0e\1" * 10, b"\1\1\5\x22" + b"\xff" * 32 + b"\0" * 4]
    lists += [chance.randbytes(40) for _ in range(500)]
    frames = [segment(CLIENT, number, flags, options=some, version=version, port=81)
              for number, (some, flags, version) in enumerate(
                  itertools.product(lists, (SYN, SYN | ACK, ACK), (4, 6)))]
    # A header that says it is longer, or shorter, than it is.
    return frames + [segment(CLIENT, 0, flags, offset=offset, data=bytes(length), port=82)
                     for flags in (SYN, ACK) for offset in range(16) for length in (0, 1, 19, 40)]


def packet(place, payload, kind=IPV4):
    return place, raw.ethernet(MACS[place], kind, payload)


def ipv4_oddities():
    """Options to the brim, lengths that are wrong, versions that are none."""
    chance, ends = random.Random(6), hosts(1)
    syn = raw.tcp(ends, (30000, 80), SYN)
    headers = [raw.ipv4(ends, syn, options=chance.randbytes(4 * words)) for words in range(11)]
    headers += [raw.ipv4(ends, syn, options=bytes([kind, length]) + b"\4" * 38)
                for kind in (7, 68, 131, 137, 148) for length in (0, 3, 4, 39, 40, 255)]
    headers += [bytes([first]) + headers[0][1:] for first in range(256)]  # version and length
    headers += [headers[0][:2] + struct.pack(">H", length) + headers[0][4:]
                for length in (0, 1, 19, 20, 39, 41, 1500, 65535)]
    return [packet(CLIENT, header) for header in headers]


def ipv4_fragments():
    """Tiny, overlapping, in all orders, far out; of a SYN and of data."""
    chance, frames = random.Random(7), []
    for ident in range(300):
        ends = hosts(ident)
        whole = raw.tcp(ends, (31000, 80), (SYN, ACK, RST)[ident % 3], data=bytes(ident % 64))
        step = (8, 8, 16, 24)[ident % 4]
        pieces = [(at, whole[at:at + step + (8 if ident % 5 == 0 else 0)])
                  for at in range(0, len(whole), step)]
        if ident % 2:
            chance.shuffle(pieces)
        frames += [packet(CLIENT, raw.ipv4(
            ends, piece, ident=ident, fragment=at // 8 | (MORE if at + step < len(whole) else 0)))
            for at, piece in pieces]
    for offset in (0, 1, 2, 3, 100, 0x1ffe, 0x1fff):
        for flag in (0, MORE, 0x4000, 0x8000, 0xe000):
            frames += [packet(CLIENT, raw.ipv4(hosts(1), bytes(length), fragment=offset | flag))
                       for length in (0, 1, 7, 8, 20, 1400)]
    return frames


def extension(kind, following, chance):
    """An IPv6 extension header, most of the time with a length that is true."""
    if kind == FRAGMENT:
        return struct.pack(">BBHI", following, 0, chance.choice((0, 0, 1, 8, 0xfff9)), chance.getrandbits(32))
    units = chance.choice((0, 0, 0, 1, 3, 30))
    size = 4 * (units + 2) if kind == AUTHENTICATION else 8 * (units + 1)
    said = units if chance.random() < 0.9 else chance.randrange(256)
    return bytes([following, said]) + chance.randbytes(size - 2)


def ipv6_chains():
    """Extension headers in every order and number, some longer than the packet says."""
    chance, frames = random.Random(8), []
    kinds = (HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION, MOBILITY, HIP, SHIM6)
    last = (TCP, TCP, TCP, TCP, UDP, ICMPV6, NO_NEXT, ESP, 253)
    for number in range(3000):
        ends, end = hosts(number, 6), chance.choice(last)
        chain = [chance.choice(kinds) for _ in range(chance.choice((1, 2, 3, 4, 8, 40)))] + [end]
        payload = raw.tcp(ends, (32000, 80), chance.choice((SYN, ACK, RST)))
        for kind, following in zip(reversed(chain[:-1]), reversed(chain[1:])):
            payload = extension(kind, following, chance) + payload
        if len(payload) <= 1400:
            cut = chance.randrange(len(payload)) if number % 7 == 0 else len(payload)
            frames.append(packet(CLIENT, raw.ipv6(ends, payload, chain[0])[:40 + cut], IPV6))
    return frames


def every_length():
    """Frames cut after each byte, behind link headers of all sorts; and ever longer ones."""
    frames = []
    for version in 4, 6:
        _, whole = segment(CLIENT, 1, SYN, version=version, port=83, options=b"\1" * 40)
        kind, inner = whole[12:14], whole[14:]
        number = b"\0\x21" if version == 4 else b"\0\x57"  # PPP's
        for head in (kind, b"\x81\0\0\1" + kind, b"\x88\xa8\0\1\x81\0\0\2" + kind,
                     b"\x81\0\0\1" * 6 + kind, b"\x88\x47\0\0\x11\x40", b"\x88\x47\0\0\x10\x40" * 9,
                     b"\x88\x64\x11\0\0\1\0\x40" + number):
            frames += [(CLIENT, whole[:12] + (head + inner)[:length])
                       for length in range(2, len(head) + len(inner) + 1)]
    return frames


def large():
    """Up to the largest, with all that is between two powers of two."""
    sizes = [*range(100, 1500, 101), *range(1490, 1500), *range(2030, 2060), *range(4060, 4110),
             *range(8150, 8210), *range(8950, JUMBO - 60 + 1)]
    return [segment(place, number, ACK, 1 + number * JUMBO, 1, version=version, data=bytes(size))
            for number, size in enumerate(sizes) for place in (CLIENT, SERVER) for version in (4, 6)]


def addresses():
    """Land: from a host to itself. And addresses and ports that belong to nobody."""
    special = [bytes(4), b"\xff" * 4, b"\x7f\0\0\1", b"\xe0\0\0\1", b"\xf0\0\0\1", hosts(1)[0],
               bytes(16), b"\xff" * 16, bytes(15) + b"\1", b"\xff\2" + bytes(13) + b"\1",
               bytes(10) + b"\xff\xff\x0a\0\0\1", hosts(1, 6)[0]]
    return [(place, raw.tcp_frame(MACS[place], ends, ports, flags, seq=1, ack=2))
            for place in (CLIENT, SERVER) for ends in itertools.product(special, repeat=2)
            if len(ends[0]) == len(ends[1])
            for ports in ((80, 80), (0, 0), (0, 80), (65535, 0))
            for flags in (SYN, SYN | ACK, ACK, RST, FIN | ACK)]


def stamps(value, echo=0):
    return b"\1\1\x08\x0a" + struct.pack(">II", value & 0xffffffff, echo & 0xffffffff)


def sequence_games():
    """Numbers that wrap, windows of nothing and of everything, timestamps that go back."""
    chance, frames = random.Random(9), []
    for flow, version in itertools.product(range(10000, 10040), (4, 6)):
        def say(place, flags, seq=0, ack=0, **fields):
            frames.append(segment(place, flow, flags, seq, ack, version, **fields))

        wide = b"\3\3" + bytes([chance.choice((0, 7, 14, 15, 255))]) + b"\1"
        say(CLIENT, SYN, options=wide + stamps(0xfffffff0))
        say(SERVER, SYN | ACK, ack=1, options=wide + stamps(5, 0xfffffff0))
        say(CLIENT, ACK, 1, 1, window=0, options=stamps(0xfffffff1, 5))
        far = 1
        for _ in range(40):
            place = chance.choice((CLIENT, SERVER))
            step = chance.choice((0, 1, -1, 1000, -1000, 65535, 1 << 20, 1 << 30, (1 << 31) - 1,
                                  1 << 31, -(1 << 31) + 1))
            say(place, chance.choice((ACK, PSH | ACK, ACK | URG, RST, RST | ACK, FIN | ACK, SYN)),
                far + step, far + chance.choice((0, 1, -1, step)),
                window=chance.choice((0, 1, 65535)), data=bytes(chance.choice((0, 1, 100))),
                options=stamps(chance.choice((0, 5, 0x7fffffff, 0x80000000, 0xffffffff))))
            far += chance.choice((0, 100, 1 << 30))
    return frames


def mutated(frames, count):
    """Of other frames, with a few bytes changed, cut out, or put in twice."""
    chance, out = random.Random(10), []
    for place, frame in (chance.choice(frames) for _ in range(count)):
        bytes_now = bytearray(frame)
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(12, len(bytes_now)) if len(bytes_now) > 12 else 12
            what = chance.random()
            if what < 0.8 and at < len(bytes_now):
                bytes_now[at] = chance.choice((0, 1, 0x7f, 0x80, 0xff, chance.randrange(256)))
            elif what < 0.9:
                del bytes_now[at:at + chance.randrange(1, 8)]
            elif len(bytes_now) < 1400:
                bytes_now[at:at] = bytes_now[at:at + 8]
        bytes_now += bytes(max(0, 14 - len(bytes_now)))
        out.append((place, bytes(bytes_now)))
    return out


def of_capture(path):
    """The frames of a pcap file; who sends the first of them is the client."""
    data = path.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    frames, at, first = [], 24, data[24 + 16 + 6:24 + 16 + 12]
    while at + 16 <= len(data):
        size, = struct.unpack_from(order + "I", data, at + 8)
        frame = data[at + 16:at + 16 + size]
        frames.append((CLIENT if frame[6:12] == first else SERVER, frame))
        at += 16 + size
    return frames
