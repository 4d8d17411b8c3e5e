#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run `synwire generate` and read what it wrote with other eyes than synwire's.

Usage: test_generate.py SYNWIRE [TEST]...
"""

import collections
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

SYNWIRE = ""
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
PROTOCOL_TCP, PROTOCOL_ICMP, PROTOCOL_ICMPV6 = 6, 1, 58

Segment = collections.namedtuple(
    "Segment", "time vlans version ttl src sport dst dport seq ack flags window options payload")


def generate(*args):
    return subprocess.run([SYNWIRE, "generate", *args], capture_output=True, check=False)


def ones_complement_sum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total


def frames(data):
    """(time in microseconds, frame) of every packet of a pcap file, which must be whole."""
    assert struct.unpack_from("<IHHiIII", data)[0] == 0xa1b2c3d4
    assert struct.unpack_from("<I", data, 20)[0] == 1, "Ethernet"
    at = 24
    while at < len(data):
        seconds, micros, kept, length = struct.unpack_from("<IIII", data, at)
        assert kept == length and micros < 1000000
        at += 16
        yield seconds * 1000000 + micros, data[at:at + kept]
        at += kept
    assert at == len(data)


def read_link(frame):
    """VLAN tags as (type, identifier), and the packet behind them."""
    vlans, at = [], 12
    kind = struct.unpack_from("!H", frame, at)[0]
    while kind in (0x8100, 0x88a8):
        tag, following = struct.unpack_from("!HH", frame, at + 2)
        vlans.append((kind, tag & 0xfff))
        kind, at = following, at + 4
    assert kind in (0x0800, 0x86dd), hex(kind)
    assert len(frame) >= 60
    return vlans, frame[at + 2:]


def read_ip(packet):
    """version, hop limit, protocol, source, destination, payload."""
    if packet[0] >> 4 == 4:
        assert packet[0] == 0x45
        assert ones_complement_sum(packet[:20]) == 0xffff, "IPv4 header checksum"
        length = struct.unpack_from("!H", packet, 2)[0]
        return 4, packet[8], packet[9], packet[12:16], packet[16:20], packet[20:length]
    assert packet[0] >> 4 == 6
    length = struct.unpack_from("!H", packet, 4)[0]
    return 6, packet[7], packet[6], packet[8:24], packet[24:40], packet[40:40 + length]


def check_payload(version, protocol, src, dst, payload):
    pseudo = src + dst + struct.pack("!II", len(payload), protocol)
    if (version, protocol) == (4, PROTOCOL_ICMP):
        pseudo = b""
    assert ones_complement_sum(pseudo + payload) == 0xffff, "checksum"


def read_segment(time, frame):
    """A Segment; None for an ICMP error, whose quote is checked too."""
    vlans, packet = read_link(frame)
    version, ttl, protocol, src, dst, payload = read_ip(packet)
    check_payload(version, protocol, src, dst, payload)
    if protocol in (PROTOCOL_ICMP, PROTOCOL_ICMPV6):
        version, _, protocol, src, dst, payload = read_ip(payload[8:])
        assert protocol == PROTOCOL_TCP
        check_payload(version, protocol, src, dst, payload)
        return None
    assert protocol == PROTOCOL_TCP
    sport, dport, seq, ack, offset, flags, window = struct.unpack_from("!HHIIBBH", payload)
    end = (offset >> 4) * 4
    return Segment(time, vlans, version, ttl, src, sport, dst, dport, seq, ack, flags, window,
                   payload[20:end], payload[end:])


class Connection:
    """Follows one connection in the simplest way that tells a completed handshake."""

    def __init__(self, first):
        self.client = (first.src, first.sport)
        self.isn = {}
        self.sent = {}  # the end of what each side sent
        self.fins = set()
        self.syns = self.synacks = self.data = 0
        self.complete = False
        self.rst = None
        self.after_rst = 0
        self.answered = False  # the RST's number is the ack of the segment before
        self.last = None
        self.start = first.time

    def add(self, segment):
        side = (segment.src, segment.sport)
        peer = (segment.dst, segment.dport)
        if self.rst:
            self.after_rst += 1
        if segment.flags & SYN:
            self.isn[side] = segment.seq
            self.sent.setdefault(side, (segment.seq + 1) & 0xffffffff)
            if segment.flags & ACK:
                self.synacks += 1
                assert segment.ack == (self.isn[peer] + 1) & 0xffffffff
            else:
                self.syns += 1
        elif segment.flags & RST:
            self.rst = segment
            self.answered = (self.last.src, self.last.sport) == peer and \
                self.last.ack == segment.seq
        else:
            assert segment.seq == self.sent[side], "no gap and nothing twice"
            assert segment.ack == self.sent[peer]
            self.sent[side] = (segment.seq + len(segment.payload) +
                               bool(segment.flags & FIN)) & 0xffffffff
            self.data += len(segment.payload)
            if side == self.client and self.synacks:
                self.complete = True
            if segment.flags & FIN:
                self.fins.add(side)
        self.last = segment


class Reading:
    """What a capture holds; checksums are verified and times are in order."""

    def __init__(self, data):
        self.segments = []
        self.icmp = 0
        self.connections = {}
        before = 0
        for time, frame in frames(data):
            assert time >= before, "in the order of time"
            before = time
            segment = read_segment(time, frame)
            if segment is None:
                self.icmp += 1
            else:
                self.segments.append(segment)

    def follow(self):
        for segment in self.segments:
            key = frozenset(((segment.src, segment.sport), (segment.dst, segment.dport)))
            if key not in self.connections:
                assert segment.flags == SYN
                self.connections[key] = Connection(segment)
            self.connections[key].add(segment)
        return list(self.connections.values())


class GenerateTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "out.pcap")

    def make(self, *args):
        done = generate(*args, "-o", self.path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, b"")
        with open(self.path, "rb") as file:
            return file.read()

    def read(self, *args):
        return Reading(self.make(*args))

    def fails(self, status, *args):
        done = generate(*args)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith(b"synwire generate: "), done.stderr)
        return done.stderr.decode()

    def test_a_synflood_has_262144_syns_from_distinct_sources(self):
        reading = self.read("synflood")
        self.assertEqual(len(reading.segments), 262144)
        self.assertEqual({segment.flags for segment in reading.segments}, {SYN})
        self.assertEqual({(segment.dst, segment.dport) for segment in reading.segments},
                         {(bytes([192, 0, 2, 80]), 80)})
        self.assertEqual(len({(s.src, s.sport) for s in reading.segments}), 262144)
        for segment in reading.segments:
            self.assertNotIn(segment.src[0], (0, 10, 127, *range(224, 256)))

    def test_a_synflood_is_answered_as_often_as_asked(self):
        reading = self.read("synflood", "--count", "5000", "--answered", "20")
        connections = reading.follow()
        self.assertEqual(len(connections), 5000)
        self.assertFalse(any(connection.complete for connection in connections))
        self.assertAlmostEqual(sum(c.synacks for c in connections), 1000, delta=150)
        all_answered = self.read("synflood", "--count", "50", "--answered", "100")
        self.assertEqual(len(all_answered.segments), 100)

    def test_handshakes_has_65536_complete_ones_and_nothing_else(self):
        reading = self.read("handshakes")
        connections = reading.follow()
        self.assertEqual(len(reading.segments), 3 * 65536)
        self.assertEqual(len(connections), 65536)
        self.assertTrue(all(c.complete and not c.rst and not c.fins for c in connections))
        self.assertTrue(all(32768 <= c.client[1] <= 60999 for c in connections))
        self.assertTrue(all(c.client[0][:2] in (b"\xc6\x12", b"\xc6\x13") for c in connections))

    def test_established_talks_to_the_end(self):
        reading = self.read("established", "--connections", "100", "--exchanges", "7",
                            "--duration", "5")
        connections = reading.follow()
        self.assertEqual(len(connections), 100)
        self.assertTrue(all(c.complete and not c.rst and not c.fins for c in connections))
        self.assertEqual({c.data for c in connections}, {7 * 400})
        self.assertEqual(len(reading.segments), 100 * (3 + 7 * 3))
        took = reading.segments[-1].time - reading.segments[0].time
        self.assertTrue(4000000 < took < 5500000, took)

    def test_everybody_in_a_flashcrowd_completes_and_closes(self):
        reading = self.read("flashcrowd", "--count", "2000")
        connections = reading.follow()
        self.assertEqual(len(connections), 2000)
        self.assertTrue(all(c.complete and not c.rst and len(c.fins) == 2 for c in connections))
        self.assertTrue(100 < sum(c.syns > 1 for c in connections) < 300)
        self.assertTrue(any(c.synacks > 1 for c in connections))
        half = reading.segments[0].time + 500000
        self.assertEqual(sum(c.start < half for c in connections), 200)

    def test_a_scan_finds_open_closed_and_filtered_ports(self):
        connections = self.read("scan").follow()
        asked = collections.defaultdict(list)
        for connection in connections:
            server = next(end for end in (
                (connection.last.src, connection.last.sport),
                (connection.last.dst, connection.last.dport)) if end != connection.client)
            asked[server].append(connection)
        self.assertEqual(len(asked), 4096)
        self.assertEqual({address for address, _ in asked},
                         {bytes([192, 0, 2, 80 + host]) for host in range(4)})
        fates = collections.Counter()
        for (_, port), tries in asked.items():
            first = tries[0]
            if port in (22, 80, 443):
                self.assertEqual((first.synacks, first.rst.flags), (1, RST))
                self.assertEqual((first.rst.src, first.rst.sport), first.client)
                fates["open"] += 1
            elif first.rst:
                self.assertEqual((first.rst.flags, first.rst.seq), (RST | ACK, 0))
                self.assertEqual(first.rst.ack, first.isn[first.client] + 1 & 0xffffffff)
                fates["closed"] += 1
            else:
                self.assertEqual(len(tries), 2)
                self.assertEqual(tries[1].start - first.start, 1000000)
                self.assertEqual(tries[1].client[1], first.client[1] + 1)
                fates["filtered"] += 1
        self.assertEqual(fates["open"], 12)
        self.assertTrue(300 < fates["filtered"] < 520, fates)

    def check_mixed(self, complete, flood, rst, *args):
        reading = self.read("mixed", *args)
        connections = reading.follow()
        completed = [c for c in connections if c.complete]
        cut = [c for c in connections if c.rst]
        self.assertEqual(len(completed), complete)
        self.assertEqual(len(connections) - len(completed), flood)
        self.assertEqual(len(cut), rst)
        self.assertEqual(len(cut), sum(bool(s.flags & RST) for s in reading.segments))
        for connection in cut:
            sender = (connection.rst.src, connection.rst.sport)
            self.assertTrue(connection.complete and not connection.fins)
            self.assertEqual(connection.after_rst, 0)
            self.assertEqual(connection.rst.seq, connection.sent[sender])
        return connections, cut

    def test_mixed_is_exact(self):
        connections, cut = self.check_mixed(65536, 14564, 656)
        by_client = sum((c.rst.src, c.rst.sport) == c.client for c in cut)
        self.assertTrue(200 < by_client < 456, by_client)
        self.assertTrue(200 < sum(c.answered for c in cut) < 656)
        self.assertTrue(any(len(c.fins) == 2 for c in connections))
        self.assertTrue(any(c.complete and not c.fins and not c.rst for c in connections))
        flood = [c.start for c in connections if not c.complete]
        start = min(c.start for c in connections)
        self.assertTrue(start + 1500000 < min(flood) and max(flood) < start + 6500000)

    def test_mixed_takes_other_numbers(self):
        self.check_mixed(300, 40, 17, "--count", "300", "--flood", "40", "--rst", "17")
        self.check_mixed(50, 0, 50, "--count", "50", "--flood", "0", "--rst", "50")
        self.check_mixed(50, 3, 0, "--count", "50", "--flood", "3", "--rst", "0")

    def attack(self, *args, kind="attack"):
        """What is in it, and what is said of it."""
        path = os.path.join(self.folder.name, "truth.jsonl")
        reading = self.read(kind, "--truth", path, *args)
        with open(path, encoding="ascii") as file:
            return reading, [json.loads(line) for line in file]

    def test_an_attack_begins_when_it_is_said_to_over_honest_clients(self):
        reading, (truth,) = self.attack("--baseline", "50", "--rate", "700", "--onset", "3.217",
                                        "--length", "2.5", "--duration", "8")
        connections = reading.follow()
        flood = [c for c in connections if not c.complete]
        honest = [c for c in connections if c.complete]
        self.assertEqual(len(flood), 1750)
        self.assertTrue(all(c.synacks == 0 and c.syns == 1 for c in flood))
        self.assertEqual(len({c.client[0] for c in flood}), 1750)
        self.assertAlmostEqual(len(honest), 400, delta=60)
        self.assertTrue(all(len(c.fins) == 2 for c in honest))
        start = 1767225600 * 1000000
        self.assertEqual(min(c.start for c in flood), start + 3217000)
        self.assertTrue(5700000 < max(c.start for c in flood) - start <= 5717000 + 1429)
        self.assertTrue(max(c.start for c in honest) < start + 8000000)
        self.assertEqual(truth["onset"], "2026-01-01T00:00:03.217000Z")
        self.assertEqual([truth[name] for name in ("segments", "spoofed", "sources")], [1750] * 3)

    def test_the_truth_has_the_busiest_second_of_each_victim(self):
        reading, waves = self.attack("--baseline", "60", "--rate", "900", "--victims", "3",
                                     "--length", "1.5", "--times", "2", "--every", "4",
                                     "--sources", "40", "--onset", "1.05", "--spoofed", "30",
                                     "--answered", "50")
        connections = reading.follow()
        for wave, truth in enumerate(waves):
            begin = 1767225600 * 1000000 + 1050000 + 4000000 * wave
            sources = {c.client[0] for c in connections
                       if begin <= c.start < begin + 1600000 and not c.complete}
            self.assertEqual((len(sources), truth["sources"]), (40, 40))
            self.assertEqual(truth["segments"], 1350)
            for number, victim in enumerate(truth["victims"]):
                self.assertEqual(victim["ip"], f"192.0.2.{80 + number}")
                ticks = collections.Counter(
                    c.start // 100000 for c in connections
                    if bytes([192, 0, 2, 80 + number]) in (c.last.src, c.last.dst))
                busiest = max(sum(ticks[first + i] for i in range(10)) for first in
                              range(begin // 100000 - 9, (begin + 2900000) // 100000))
                self.assertEqual(victim["peak_pps"], busiest)

    def test_attackers_that_exist_insist_or_reset(self):
        def flood(*args):
            reading, (truth,) = self.attack("--baseline", "0", "--rate", "400", "--sources", "50",
                                            "--spoofed", "60", *args)
            return reading.follow(), truth["segments"] - truth["spoofed"]

        connections, real = flood()
        self.assertEqual(sum(c.syns == 4 for c in connections), real)
        self.assertEqual(sum(c.syns == 1 for c in connections), 2000 - real)
        connections, real = flood("--answered", "100")
        self.assertEqual(sum(c.rst is not None for c in connections), real)
        self.assertTrue(all(c.synacks == 1 and not c.complete for c in connections))
        self.assertAlmostEqual(real, 800, delta=250)

    def test_ports_and_victims_take_turns(self):
        reading, _ = self.attack("--baseline", "0", "--rate", "20000", "--ports", "65535",
                                 "--length", "1")
        ports = collections.Counter(s.dport for s in reading.segments)
        self.assertEqual((len(ports), max(ports.values()), 0 in ports), (20000, 1, False))
        reading, _ = self.attack("--baseline", "0", "--rate", "2560", "--victims", "256",
                                 "--length", "1", "--victim", "198.51.100.0:443")
        hit = collections.Counter((s.dst, s.dport) for s in reading.segments)
        self.assertEqual(len(hit), 256)
        self.assertEqual(set(hit.values()), {10})
        self.assertEqual({address[:3] for address, _ in hit}, {bytes([198, 51, 100])})

    def test_a_flood_may_be_of_segments_that_belong_to_nothing(self):
        for word, flags in (("synack", SYN | ACK), ("ack", ACK), ("rst", RST)):
            with self.subTest(word):
                reading, _ = self.attack("--baseline", "0", "--with", word, "--length", "1")
                first = {}
                for segment in reading.segments:
                    first.setdefault((segment.src, segment.sport, segment.dport, segment.seq),
                                     segment)
                self.assertAlmostEqual(len(first), 2000, delta=2)
                self.assertEqual({s.flags for s in reading.segments}, {flags})
                sources = {s.src for s in reading.segments}
                self.assertEqual(len(sources), 1 if word == "synack" else 2000)
                again = len(reading.segments) - len(first)
                self.assertTrue(again > 1500 if word == "synack" else again == 0, again)

    def test_what_belongs_to_nothing_is_reset_by_its_number(self):
        reading, _ = self.attack("--baseline", "0", "--with", "ack", "--length", "1",
                                 "--answered", "100")
        asked = {(s.src, s.sport): s for s in reading.segments if s.flags == ACK}
        resets = [s for s in reading.segments if s.flags == RST]
        self.assertEqual(len(resets), 2000)
        self.assertTrue(all(asked[s.dst, s.dport].ack == s.seq for s in resets))

    def test_clients_of_an_outage_send_their_syn_again_until_they_are_served(self):
        reading, _ = self.attack("--length", "9", kind="outage")
        connections = reading.follow()
        start = 1767225600 * 1000000
        self.assertTrue(all(c.complete and len(c.fins) == 2 for c in connections))
        for connection in connections:
            down = start + 5000000 <= connection.start < start + 14000000
            self.assertEqual(connection.syns > 1, down)
        schedules = collections.defaultdict(list)
        for segment in reading.segments:
            if segment.flags == SYN:
                schedules[segment.src, segment.sport].append(segment.time)
        waits = {tuple((time - times[0]) // 1000000 for time in times)
                 for times in schedules.values()}
        self.assertIn((0, 1, 2, 3, 4, 5, 7, 11), waits)  # Linux
        self.assertIn((0, 1, 3, 7, 15), waits)  # Windows

    def test_clients_that_are_refused_come_anew(self):
        reading, _ = self.attack("--refused", "100", "--length", "3", kind="outage")
        connections = reading.follow()
        refused = [c for c in connections if not c.complete]
        self.assertTrue(all(c.rst.flags == RST | ACK and c.syns == 1 for c in refused))
        starts = {(c.client[0], c.start // 1000) for c in connections}
        for connection in refused:
            again = (connection.last.time + 1000000) // 1000
            self.assertIn((connection.client[0], again), starts)
        self.assertTrue(500 < len(refused) < 700, len(refused))

    def test_clients_that_are_refused_and_not_heard_in_turn_send_each_syn_as_their_stack_does(self):
        reading, _ = self.attack("--refused", "50", "--length", "12", kind="outage")
        schedules = collections.defaultdict(list)
        for segment in reading.segments:
            if segment.flags == SYN:
                schedules[segment.src, segment.sport, segment.seq].append(segment.time)
        linux, windows = (0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67), (0, 1, 3, 7, 15)
        seconds = {tuple((time - times[0]) // 1000000 for time in times)
                   for times in schedules.values()}
        for waits in seconds:
            self.assertIn(waits, (linux[:len(waits)], windows[:len(waits)]))
        self.assertGreater(max(map(len, seconds)), 5)

    def test_a_flashcrowd_is_as_sudden_and_as_far_and_loses_as_much_as_asked(self):
        connections = self.read("flashcrowd", "--count", "10100", "--surge", "100", "--rtt", "300",
                                "--loss", "1").follow()
        self.assertTrue(all(c.complete for c in connections))
        start = min(c.start for c in connections)
        half = start + 10100 * 1000000 // 2000 // 2
        self.assertEqual(sum(c.start < half for c in connections), 100)
        again = sum(c.syns > 1 or c.synacks > 1 for c in connections)
        self.assertAlmostEqual(again, 303, delta=60)
        none = self.read("flashcrowd", "--count", "500", "--loss", "0").follow()
        self.assertTrue(all(c.syns == 1 and c.synacks == 1 for c in none))

    def test_a_round_trip_is_as_long_as_said(self):
        reading = self.read("handshakes", "--count", "200", "--rtt", "300")
        synacks = {(s.dst, s.dport): s.time for s in reading.segments if s.flags == SYN | ACK}
        for segment in reading.segments:
            if segment.flags == ACK:
                took = segment.time - synacks[segment.src, segment.sport]
                self.assertTrue(285000 <= took <= 315000, took)

    def test_one_client_may_be_behind_all_connections(self):
        connections = self.read("flashcrowd", "--count", "3000", "--clients", "1").follow()
        self.assertEqual({c.client[0] for c in connections}, {bytes([198, 18, 0, 0])})
        self.assertEqual({c.client[1] for c in connections}, set(range(32768, 35768)))

    def test_the_demo_has_something_of_everything(self):
        reading = self.read("demo")
        self.assertTrue(300 < len(reading.segments) < 600)
        self.assertEqual(reading.icmp, 2)
        self.assertEqual({s.version for s in reading.segments}, {4, 6})
        tags = {tuple(s.vlans) for s in reading.segments}
        self.assertEqual(tags, {(), ((0x8100, 100),), ((0x88a8, 200), (0x8100, 100))})
        self.assertTrue(any(s.flags == SYN and s.payload for s in reading.segments))
        self.assertTrue(any(s.flags & (SYN | FIN) == SYN | FIN for s in reading.segments))
        syns = collections.defaultdict(list)
        for segment in reading.segments:
            if segment.flags == SYN:
                syns[segment.src, segment.sport, segment.seq].append(segment.time)
        schedules = {tuple(round((time - times[0]) / 1e6) for time in times)
                     for times in syns.values()}
        self.assertIn((0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67), schedules)
        self.assertIn((0, 1, 3, 7, 15, 31, 63), schedules)

    def test_the_same_seed_makes_the_same_bytes(self):
        for args in (("flashcrowd", "--count", "300"), ("mixed", "--count", "300"),
                     ("scan", "--count", "300"), ("attack", "--rate", "300"), ("outage",)):
            once = self.make(*args)
            self.assertEqual(once, self.make(*args, "--seed", "1"))
            self.assertNotEqual(once, self.make(*args, "--seed", "2"))

    def test_every_kind_goes_over_ipv6_and_vlans(self):
        kinds = ("synflood", "handshakes", "established", "flashcrowd", "scan", "mixed")
        for kind, *args in (*((kind, "--count", "200") for kind in kinds),
                            ("attack", "--victims", "3"), ("outage",)):
            with self.subTest(kind=kind):
                reading = self.read(kind, *args, "--ipv6", "--vlan", "300",
                                    "--vlan", "4094")
                reading.follow()
                self.assertEqual({s.version for s in reading.segments}, {6})
                self.assertEqual({tuple(s.vlans) for s in reading.segments},
                                 {((0x88a8, 300), (0x8100, 4094))})

    def test_rate_duration_and_start_are_kept(self):
        reading = self.read("synflood", "--rate", "1000", "--duration", "2",
                            "--start", "2021-03-20T12:49:33Z")
        self.assertEqual(len(reading.segments), 2000)
        start = 1616244573 * 1000000
        self.assertTrue(start <= reading.segments[0].time < start + 2000)
        self.assertTrue(start + 1990000 < reading.segments[-1].time <= start + 2000000)
        spread = self.read("handshakes", "--count", "10", "--duration", "100", "--start", "5")
        shares = [(c.start - 5000000) // 10000000 for c in spread.follow()]
        self.assertEqual(shares, list(range(10)))

    def test_the_victim_is_where_it_is_said_to_be(self):
        for text, address, port in (
                ("203.0.113.9:8080", bytes([203, 0, 113, 9]), 8080),
                ("203.0.113.9", bytes([203, 0, 113, 9]), 80),
                ("[2001:db8::7]:443", bytes.fromhex("20010db8" + "0" * 23 + "7"), 443),
                ("2001:db8::7", bytes.fromhex("20010db8" + "0" * 23 + "7"), 80)):
            reading = self.read("synflood", "--count", "5", "--victim", text)
            self.assertEqual({(s.dst, s.dport) for s in reading.segments}, {(address, port)})

    def test_standard_output_gets_the_capture_alone(self):
        data = self.make("mixed", "--count", "100")
        done = generate("mixed", "--count", "100", "-o", "-")
        self.assertEqual((done.returncode, done.stdout), (0, data))

    def test_wrong_words_are_named(self):
        out = ("-o", self.path)
        for args, named in (
                ((), "KIND"),
                (("storm", *out), "storm"),
                (("synflood", "scan", *out), "scan"),
                (("synflood",), "-o"),
                (("synflood", "-o"), "-o"),
                (("synflood", "--count", "0", *out), "--count"),
                (("synflood", "--count", "-1", *out), "-1"),
                (("synflood", "--count", "5x", *out), "5x"),
                (("synflood", "--count", "99999999999999999999", *out), "--count"),
                (("synflood", "--rst", "5", *out), "--rst"),
                (("demo", "--count", "5", *out), "--count"),
                (("mixed", "--count", "5", "--rst", "6", *out), "--rst"),
                (("synflood", "--bogus", *out), "--bogus"),
                (("attack", "--count", "5", *out), "--count"),
                (("outage", "--rate", "5", *out), "--rate"),
                (("attack", "--with", "fin", *out), "fin"),
                (("mixed", "--with", "syn", *out), "--with"),
                (("mixed", "--truth", "x", *out), "--truth"),
                (("attack", "--every", "4", *out), "--every"),
                (("attack", "--victims", "257", *out), "--victims"),
                (("attack", "--onset", "soon", *out), "--onset"),
                (("attack", "--rate", "1000000000", *out), "--rate"),
                (("flashcrowd", "--loss", "26", *out), "--loss"),
                (("synflood", "-x", *out), "-x"),
                (("synflood", "--vlan", "4095", *out), "4095"),
                (("synflood", "--vlan", "1", "--vlan", "2", "--vlan", "3", *out), "--vlan"),
                (("synflood", "--victim", "nowhere:80", *out), "nowhere"),
                (("synflood", "--victim", "192.0.2.1:0", *out), "port"),
                (("synflood", "--victim", "[2001:db8::1", *out), "2001:db8::1"),
                (("synflood", "--victim", "192.0.2.1", "--ipv6", *out), "--ipv6"),
                (("synflood", "--start", "yesterday", *out), "yesterday"),
                (("synflood", "--duration", "0", *out), "--duration"),
                (("synflood", "--duration", "nan", *out), "--duration"),
                (("synflood", "--count", "5", "--rate", "5", "--duration", "5", *out), "two"),
                (("synflood", "--rate", "1000000000", "--duration", "100", *out), "--rate"),
                (("synflood", "--start", "4294967290", "--duration", "60", *out), "2106")):
            with self.subTest(args=args):
                self.assertIn(named, self.fails(64, *args))
                self.assertFalse(os.path.exists(self.path))

    def test_what_cannot_be_written_is_told(self):
        self.assertIn("/nowhere/out.pcap", self.fails(1, "demo", "-o", "/nowhere/out.pcap"))
        self.assertIn("/dev/full", self.fails(1, "synflood", "-o", "/dev/full"))
        for truth in ("/dev/full", "/nowhere/truth.jsonl"):
            self.assertIn(truth, self.fails(1, "attack", "-o", self.path, "--truth", truth))
        self.assertIn(self.folder.name, self.fails(1, "demo", "-o", self.folder.name))

    def test_a_reader_that_goes_away_is_told(self):
        with subprocess.Popen([SYNWIRE, "generate", "synflood", "-o", "-"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdout.read(24)
            process.stdout.close()
            said = process.stderr.read()
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"standard output", said)

    def test_help_names_every_kind(self):
        done = generate("--help")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        for kind in ("synflood", "handshakes", "established", "flashcrowd", "scan", "mixed",
                     "attack", "outage", "demo"):
            self.assertIn(kind.encode(), done.stdout)


if __name__ == "__main__":
    SYNWIRE = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
