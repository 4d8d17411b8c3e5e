# SPDX-License-Identifier: Apache-2.0
"""How a network card would spread connections over workers: captures, and RSS as synwire sets it.

lib/io/port_rss.c gives the card a Toeplitz key that repeats every 16 bits, so that both directions
hash alike, and fills its table (RETA) with the queues in turn.
"""

import collections
import random
import struct

KEY = bytes.fromhex("6d5a") * 20
WINDOW = 32  # bits of the key that a bit of the input selects
ETHERTYPES_VLAN = 0x8100, 0x88a8
IPV4, IPV6, TCP = 0x0800, 0x86dd, 6


def _byte_tables(key, length):
    """For each byte of the input and each value of it: what it adds to the hash."""
    bits = int.from_bytes(key, "big")
    size = 8 * len(key)
    windows = [(bits >> (size - WINDOW - at)) & 0xffffffff for at in range(8 * length)]
    tables = []
    for byte in range(length):
        table = [0] * 256
        for value in range(256):
            for bit in range(8):
                if value & (0x80 >> bit):
                    table[value] ^= windows[8 * byte + bit]
        tables.append(table)
    return tables


TABLES = _byte_tables(KEY, 36)


def toeplitz(words, tables=None):
    """Of source address, destination address, source port, destination port, as they lie."""
    result = 0
    for byte, table in zip(words, tables or TABLES):
        result ^= table[byte]
    return result


# Captures

def read_pcap(path):
    """The frames of a pcap file; nothing of a file that is none, or not of Ethernet."""
    data = path.read_bytes()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">",
             b"\xa1\xb2\x3c\x4d": ">"}.get(data[:4])
    if order is None or struct.unpack_from(order + "I", data, 20)[0] & 0xffff != 1:
        return
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack_from(order + "I", data, at + 8)[0]
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def tcp_words(frame):
    """What is hashed of a TCP segment; None of anything else, and of fragments."""
    at, kind = 14, int.from_bytes(frame[12:14], "big")
    while kind in ETHERTYPES_VLAN:
        at, kind = at + 4, int.from_bytes(frame[at + 2:at + 4], "big")
    if kind == IPV4 and len(frame) >= at + 20 and frame[at + 9] == TCP and \
            not int.from_bytes(frame[at + 6:at + 8], "big") & 0x3fff:
        tcp = at + 4 * (frame[at] & 0xf)
        words = frame[at + 12:at + 20] + frame[tcp:tcp + 4]
        return words if len(words) == 12 else None
    if kind == IPV6 and len(frame) >= at + 44 and frame[at + 6] == TCP:
        return frame[at + 8:at + 44]
    return None


def one_way(words):
    """The same for both directions."""
    half = (len(words) - 4) // 2
    turned = words[half:2 * half] + words[:half] + words[-2:] + words[-4:-2]
    return min(words, turned)


def flows_of(paths):
    """{the words of a connection: its packets}"""
    flows = collections.Counter()
    for path in paths:
        for frame in read_pcap(path):
            words = tcp_words(frame)
            if words:
                flows[one_way(words)] += 1
    return flows


# Spread

def imbalance(loads):
    """The fullest queue's load, where 1 is an even share."""
    return max(loads) * len(loads) / sum(loads)


def hashed(flows):
    """[(hash, packets)]"""
    return [(toeplitz(words), packets) for words, packets in flows.items()]


def load_of(hashes, queues, reta):
    loads = [0] * queues
    for value, packets in hashes:
        loads[value % reta % queues] += packets
    return loads


def resampled(sizes, count, seed):
    """So many connections from anywhere, as large as those: {words: packets}."""
    source = random.Random(seed)
    return {source.randbytes(12): source.choice(sizes) for _ in range(count)}
