# SPDX-License-Identifier: Apache-2.0
"""Frames byte by byte, with valid checksums unless a test wants others."""

import socket
import struct

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
TCP, FRAGMENT = 6, 44
IPV4, IPV6 = b"\x08\x00", b"\x86\xdd"


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def tcp(ends, ports, flags, seq=0, ack=0, window=65535, options=b"", data=b"", offset=None):
    """A segment between two packed addresses; offset: of its data, in words, where it is to lie."""
    words = 5 + len(options) // 4 if offset is None else offset
    head = struct.pack(">HHIIHHHH", *ports, seq & 0xffffffff, ack & 0xffffffff,
                       words << 12 | flags, window, 0, 0)
    segment = head + options + data
    length = struct.pack(">I" if len(ends[0]) == 16 else ">H", len(segment))
    pseudo = b"".join(ends) + (length + b"\0\0\0\6" if len(ends[0]) == 16 else b"\0\6" + length)
    return segment[:16] + struct.pack(">H", checksum(pseudo + segment)) + segment[18:]


def ipv4(ends, payload, protocol=TCP, ident=0, fragment=0, options=b"", ttl=64):
    """fragment: flags and offset as they stand in the header."""
    head = struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
                       20 + len(options) + len(payload), ident, fragment, ttl, protocol, 0, *ends)
    head += options
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def ipv6(ends, payload, protocol=TCP, hops=64):
    return struct.pack(">IHBB16s16s", 6 << 28, len(payload), protocol, hops, *ends) + payload


def ethernet(macs, kind, payload, tags=()):
    """macs: destination, source. tags: (type, TCI) of each, the outermost first."""
    return macs[0] + macs[1] + b"".join(struct.pack(">HH", *tag) for tag in tags) + kind + payload


def tcp_frame(macs, ends, ports, flags, **fields):
    """A segment in a packet in a frame."""
    segment = tcp(ends, ports, flags, **fields)
    if len(ends[0]) == 16:
        return ethernet(macs, IPV6, ipv6(ends, segment))
    return ethernet(macs, IPV4, ipv4(ends, segment))
