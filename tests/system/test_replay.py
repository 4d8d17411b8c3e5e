#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`synwire replay` from the outside: what it reads, what it writes, what it says.

Usage: test_replay.py SYNWIRE [unittest's options]
"""

import contextlib
import ctypes
import json
import os
import pathlib
import pty
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

SYNWIRE = ""
CAPTURES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "captures" / "dev"
FINE, FAILED, USAGE, CONFIG = 0, 1, 64, 78
ETHERNET, PPP, RAW_IP, LINUX_SLL, USB = 1, 9, 101, 113, 189
SYN, ACK, FIN, RST, PSH = 0x02, 0x10, 0x01, 0x04, 0x08
IN_CREATE = 0x100  # of <sys/inotify.h>
CLIENT, SERVER = ("192.0.2.1", 40000), ("198.51.100.2", 80)


def segment(src, dst, flags, seq, ack=0, payload=b"", pad=0):
    """An Ethernet frame; checksums are zero, which nobody verifies by default."""
    tcp = struct.pack(">HHIIBBHHH", src[1], dst[1], seq, ack, 0x50, flags, 64240, 0, 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0,
                     socket.inet_aton(src[0]), socket.inet_aton(dst[0]))
    return bytes(12) + b"\x08\x00" + ip + tcp + bytes(pad)


def conversation(client=CLIENT, server=SERVER, start=1_600_000_000.0):
    """(time, frame) of a whole connection."""
    frames = [
        segment(client, server, SYN, 100),
        segment(server, client, SYN | ACK, 500, 101),
        segment(client, server, ACK, 101, 501),
        segment(client, server, ACK | PSH, 101, 501, b"hello"),
        segment(server, client, ACK | FIN, 501, 106),
        segment(client, server, ACK | FIN, 106, 502),
        segment(server, client, ACK, 502, 107),
    ]
    return [(start + i / 1000, frame) for i, frame in enumerate(frames)]


def pcap_header(link_type=ETHERNET, order="<", magic=0xA1B2C3D4):
    return struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link_type)


def pcap_record(when, frame, wire_len=None, order="<", scale=1_000_000):
    ticks = round(when * 1_000_000) * (scale // 1_000_000)
    return struct.pack(order + "IIII", ticks // scale, ticks % scale, len(frame),
                       wire_len or len(frame)) + frame


def pcap(packets, **options):
    order, scale = options.get("order", "<"), options.pop("scale", 1_000_000)
    return pcap_header(**options) + b"".join(
        pcap_record(when, frame, order=order, scale=scale) for when, frame in packets)


def pcapng(packets, snaplens=(262144,), link_types=(ETHERNET,)):
    """As many interfaces as either has, the last value again; the packets are of the first."""
    out = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    for i in range(max(len(snaplens), len(link_types))):
        out += struct.pack("<IIHHII", 1, 20, link_types[min(i, len(link_types) - 1)], 0,
                           snaplens[min(i, len(snaplens) - 1)], 20)
    for when, frame in packets:
        padded = frame + bytes(-len(frame) % 4)
        ticks = round(when * 1_000_000)
        size = 32 + len(padded)
        out += struct.pack("<IIIIIII", 6, size, 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame),
                           len(frame)) + padded + struct.pack("<I", size)
    return out


def read_pcap(data):
    """[(seconds, microseconds, frame)] of a pcap file, by its own magic number."""
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    assert struct.unpack(order + "I", data[:4])[0] == 0xA1B2C3D4, data[:4]
    packets, at = [], 24
    while at + 16 <= len(data):
        seconds, micros, size, _ = struct.unpack_from(order + "IIII", data, at)
        packets.append((seconds, micros, data[at + 16:at + 16 + size]))
        at += 16 + size
    assert at == len(data), "the file ends inside a record"
    return packets


class ReplayTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="test_replay."))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def path(self, name):
        return str(self.folder / name)

    def replay(self, *args, **options):
        return subprocess.run([SYNWIRE, "replay", *args], capture_output=True, timeout=120,
                              stdin=subprocess.DEVNULL, check=False, **options)

    def assert_says(self, result, status, *parts):
        """One sentence, ours, that holds the parts."""
        text = result.stderr.decode()
        self.assertEqual(result.returncode, status, text)
        self.assertTrue(text.startswith("synwire replay: "), text)
        self.assertEqual(text.count("\n"), 1, text)
        for part in parts:
            self.assertIn(part, text)

    def assert_fine(self, result):
        self.assertEqual((result.returncode, result.stderr.decode()), (FINE, ""))

    def events(self, *args):
        """The JSON lines of a replay, by event type."""
        result = self.replay(*args, "--json", self.path("events.json"), "--quiet")
        self.assert_fine(result)
        found = {}
        for line in (self.folder / "events.json").read_text().splitlines():
            event = json.loads(line)
            found.setdefault(event["event_type"], []).append(event)
        return found


class Forwarding(ReplayTest):
    """What leaves is byte for byte what came in, in order."""

    def test_the_out_file_is_the_capture_itself(self):
        capture = pcap(conversation())
        self.assert_fine(self.replay(self.write("in.pcap", capture), "--quiet",
                                     "--out", self.path("out.pcap")))
        self.assertEqual((self.folder / "out.pcap").read_bytes(), capture)

    def test_frames_that_are_no_tcp_pass_as_well(self):
        frames = [b"", b"\0", bytes(13), bytes(14), b"\xff" * 60, bytes(range(256)) * 5,
                  bytes(12) + b"\x08\x06" + bytes(28), bytes(12) + b"\x88\xcc" + bytes(46),
                  bytes(2048), bytes(2049), bytes(9018), bytes(65535),
                  segment(CLIENT, SERVER, SYN, 1, pad=30000)]
        capture = pcap([(1e9 + i, frame) for i, frame in enumerate(frames)])
        self.assert_fine(self.replay(self.write("in.pcap", capture), "--quiet",
                                     "--out", self.path("out.pcap")))
        self.assertEqual((self.folder / "out.pcap").read_bytes(), capture)

    def test_a_frame_the_port_cannot_carry_whole_is_told(self):
        capture = pcap([(1.0, bytes(60)), (2.0, bytes(100000)), (3.0, bytes(60))])
        self.assert_says(self.replay(self.write("in.pcap", capture), "--quiet",
                                     "--out", self.path("out.pcap")), FAILED, "65535 bytes")
        self.assertEqual((self.folder / "out.pcap").read_bytes(),
                         pcap([(1.0, bytes(60))]))

    def test_every_byte_order_and_resolution_is_read(self):
        packets = conversation()
        expected = pcap(packets)
        for name, capture in (("big", pcap(packets, order=">")),
                              ("nano", pcap(packets, magic=0xA1B23C4D, scale=1_000_000_000)),
                              ("ng", pcapng(packets))):
            with self.subTest(name):
                self.assert_fine(self.replay(self.write(name, capture), "--quiet",
                                             "--out", self.path("out.pcap")))
                self.assertEqual((self.folder / "out.pcap").read_bytes(), expected)

    def test_several_captures_leave_one_after_the_other(self):
        first, second = conversation(), conversation(("192.0.2.9", 5), start=1_500_000_000.0)
        self.assert_fine(self.replay(self.write("a", pcap(first)), self.write("b", pcapng(second)),
                                     self.path("a"), "--quiet", "--out", self.path("out")))
        self.assertEqual((self.folder / "out").read_bytes(), pcap(first + second + first))

    def test_the_time_of_the_year_2106_is_kept(self):
        capture = pcap([(2**31 - 1, bytes(60)), (2**31, bytes(60)), (2**32 - 1, bytes(60))])
        self.assert_fine(self.replay(self.write("in.pcap", capture), "--quiet",
                                     "--out", self.path("out.pcap")))
        self.assertEqual((self.folder / "out.pcap").read_bytes(), capture)

    def test_all_real_captures_pass_unchanged(self):
        files = sorted([*CAPTURES.glob("*.pcap"), *CAPTURES.glob("*.pcapng")])
        if not files:
            self.skipTest(f"no captures in {CAPTURES}")
        self.assert_fine(self.replay(*map(str, files), "--quiet", "--out", self.path("out")))
        packets = read_pcap((self.folder / "out").read_bytes())
        at = 0
        for file in files:
            expected = read_pcap(file.read_bytes())
            with self.subTest(file.name):
                self.assertEqual(packets[at:at + len(expected)], expected)
            at += len(expected)
        self.assertEqual(at, len(packets))


class Events(ReplayTest):
    def test_a_connection_is_reported(self):
        found = self.events(self.write("in", pcap(conversation())))
        self.assertEqual(list(found), ["connection"])
        (event,) = found["connection"]
        self.assertEqual(event["handshake"]["result"], "complete")
        self.assertEqual(event["end"]["how"], "fin_both")
        self.assertEqual(event["flow"]["start"], "2020-09-13T12:26:40.000000Z")

    def test_a_connection_goes_on_from_one_capture_to_the_next(self):
        packets = conversation()
        found = self.events(self.write("a", pcap(packets[:2])), self.write("b", pcap(packets[2:])))
        self.assertEqual([e["handshake"]["result"] for e in found["connection"]], ["complete"])

    def test_timers_run_in_packet_time_between_two_frames_of_one_burst(self):
        syn = segment(CLIENT, SERVER, SYN, 100)
        capture = self.write("in", pcap([(1e9, syn), (1e9 + 1000, syn)]))
        found = self.events(capture)
        self.assertEqual([e["handshake"]["result"] for e in found["connection"]],
                         ["server_silent", "server_silent"])
        self.assertEqual([e["handshake"]["syn"] for e in found["connection"]], [1, 1])
        found = self.events(capture, "--timeouts", "off")
        self.assertEqual([e["handshake"]["syn"] for e in found["connection"]], [2])
        self.assertEqual([e["end"]["how"] for e in found["connection"]], ["open"])

    def test_timers_run_out_before_later_frames_need_the_room(self):
        packets = [(1e9 + i // 16 * 1000, segment(("192.0.2.1", 1 + i), SERVER, SYN, i))
                   for i in range(32)]
        found = self.events(self.write("in", pcap(packets)), "--flows", "16")
        self.assertEqual(sorted(e["end"]["how"] for e in found["connection"]),
                         ["open"] * 16 + ["timeout"] * 16)

    def test_an_earlier_capture_has_timers_of_its_own(self):
        syns = [segment(("192.0.2.1", port), SERVER, SYN, 100) for port in (1, 2)]
        found = self.events(self.write("later", pcap([(1.6e9, bytes(60))])),
                            self.write("earlier", pcap([(1.5e9, syns[0]), (1.5e9 + 1000, syns[1])])))
        self.assertEqual([(e["src_port"], e["end"]["how"]) for e in found["connection"]],
                         [(1, "timeout"), (2, "open")])

    def test_settings_reach_the_tracker(self):
        syn = segment(CLIENT, SERVER, SYN, 100)
        capture = self.write("in", pcap([(1e9, syn), (1e9 + 20, syn)]))
        found = self.events(capture, "--set", "tcp.syn_retries=1")
        self.assertEqual(len(found["connection"]), 2)
        self.assertEqual(len(self.events(capture)["connection"]), 1)

    def test_no_event_is_lost_when_its_reader_is_slow(self):
        packets = [(1e9 + i / 1e6, segment(("192.0.2.1", 1 + i % 60000),
                                           ("198.51.100.2", 1 + i // 60000), SYN, i))
                   for i in range(100_000)]
        found = self.events(self.write("in", pcap(packets)), "--timeouts", "off")
        self.assertEqual(len(found["connection"]), len(packets))

    def test_a_small_table_holds_as_many_connections_as_it_is_told(self):
        packets = [(1e9 + i / 1e6, segment(("192.0.2.1", 1 + i), SERVER, SYN, i))
                   for i in range(10_000)]
        found = self.events(self.write("in", pcap(packets)), "--flows", "1024")
        results = [e["handshake"]["result"] for e in found["connection"]]
        self.assertEqual(len(results), len(packets))
        self.assertGreater(results.count("evicted"), 8000)


class Summary(ReplayTest):
    def test_it_goes_to_standard_output_and_proves_that_no_frame_is_lost(self):
        result = self.replay(self.write("in", pcap(conversation())))
        self.assert_fine(result)
        self.assertIn("7 in = 7 out + 0 dropped", result.stdout.decode())

    def test_it_makes_room_for_events_on_standard_output(self):
        result = self.replay(self.write("in", pcap(conversation())), "--json", "-")
        self.assertEqual(result.returncode, FINE)
        self.assertEqual([json.loads(line)["event_type"] for line in result.stdout.splitlines()],
                         ["connection"])
        self.assertIn("7 in = 7 out + 0 dropped", result.stderr.decode())

    def test_it_makes_room_for_frames_on_standard_output(self):
        capture = pcap(conversation())
        result = self.replay(self.write("in", capture), "--out", "-")
        self.assertEqual((result.returncode, result.stdout), (FINE, capture))
        self.assertIn("7 in = 7 out + 0 dropped", result.stderr.decode())

    def test_quiet_prints_none(self):
        result = self.replay(self.write("in", pcap(conversation())), "--quiet")
        self.assertEqual((result.stdout, result.stderr), (b"", b""))

    def test_a_summary_that_cannot_be_written_is_told(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([SYNWIRE, "replay", self.write("in", pcap(conversation()))],
                                    stdout=full, stderr=subprocess.PIPE, check=False)
        self.assert_says(result, FAILED, "summary", "No space left")


class BadInput(ReplayTest):
    """One clear sentence each; no output is made or emptied for an input that is refused."""

    def assert_refused(self, capture, *parts):
        kept = self.write("kept", b"still here")
        self.assert_says(self.replay(capture, "--out", kept), FAILED, capture, *parts)
        self.assertEqual(pathlib.Path(kept).read_bytes(), b"still here")

    def test_a_missing_file(self):
        self.assert_refused(self.path("nowhere.pcap"), "No such file")

    def test_an_empty_file(self):
        self.assert_refused(self.write("empty.pcap", b""), "is empty")

    def test_a_file_cut_off_in_its_header(self):
        self.assert_refused(self.write("cut.pcap", pcap_header()[:20]), "cut off in the file header")

    def test_a_foreign_file(self):
        self.assert_refused(self.write("x.txt", b"no capture at all, but a text\n" * 9),
                            "neither a pcap nor a pcapng")

    def test_a_compressed_file(self):
        self.assert_refused(self.write("x.pcap.gz", b"\x1f\x8b\x08" + bytes(99)), "gunzip")

    def test_a_folder(self):
        self.assert_refused(str(self.folder), "folder")

    def test_a_file_that_may_not_be_read(self):
        path = self.write("secret.pcap", pcap([]))
        os.chmod(path, 0)
        if os.access(path, os.R_OK):
            self.skipTest("root may read everything")
        self.assert_refused(path, "Permission denied")

    def test_a_pipe(self):
        os.mkfifo(self.path("fifo"))
        self.assert_refused(self.path("fifo"), "write it to a file first")

    def test_standard_input(self):
        self.assert_says(self.replay("-"), FAILED, "standard input", "write it to a file first")

    def test_another_link_type_is_named_with_how_to_convert(self):
        self.assert_refused(self.write("any.pcap", pcap([], link_type=LINUX_SLL)), "LINUX_SLL",
                            "tcprewrite --dlt=enet")
        self.assert_refused(self.write("usb.pcap", pcap([], link_type=USB)), "USB_LINUX",
                            "Ethernet only", "no program")
        self.assert_refused(self.write("ppp.pcap", pcap([], link_type=PPP)), "PPP (PPP)",
                            "Ethernet only", "no program")
        self.assert_refused(self.write("new.pcap", pcap([], link_type=60000)), "link type 60000,",
                            "Ethernet only", "no program")

    def test_the_bad_one_of_several_is_named_before_any_is_replayed(self):
        good = self.write("good.pcap", pcap(conversation()))
        self.assert_says(self.replay(good, self.path("nowhere.pcap"), "--json", "-"), FAILED,
                         self.path("nowhere.pcap"))

    def test_a_capture_cut_off_in_a_packet_is_replayed_up_to_there(self):
        packets = conversation()
        whole = pcap(packets)
        for cut in (1, 40, len(packets[-1][1]), len(packets[-1][1]) + 15):
            with self.subTest(cut=cut):
                path = self.write("cut.pcap", whole[:-cut])
                self.assert_says(self.replay(path, "--quiet", "--out", self.path("out.pcap")), FINE,
                                 path, "cut off in the middle of a packet", "6 packets")
                self.assertEqual((self.folder / "out.pcap").read_bytes(), pcap(packets[:-1]))

    def test_a_cut_capture_does_not_keep_the_next_from_being_replayed(self):
        packets = conversation()
        # A whole number of bursts before the cut is the hard case: no burst is short.
        for count in (1, 31, 32, 33, 64):
            with self.subTest(count=count):
                many = [(1e9 + i, bytes(60)) for i in range(count)]
                cut = self.write("cut.pcap", pcap(many) + bytes(7))
                good = self.write("good.pcap", pcap(packets))
                self.assert_says(self.replay(cut, good, "--quiet", "--out", self.path("out.pcap")),
                                 FINE, cut, f"{count} packets")
                self.assertEqual((self.folder / "out.pcap").read_bytes(), pcap(many + packets))

    def test_a_damaged_capture_is_replayed_up_to_there_and_fails(self):
        packets = conversation()
        damage = struct.pack("<IIII", 1, 1, 2**31 - 1, 2**31 - 1)
        path = self.write("damaged.pcap", pcap(packets) + damage + pcap(packets)[24:])
        self.assert_says(self.replay(path, "--quiet", "--out", self.path("out.pcap")), FAILED,
                         path, "damaged", "7 packets")
        self.assertEqual((self.folder / "out.pcap").read_bytes(), pcap(packets))

    def test_a_pcapng_of_several_interfaces_that_cannot_be_read_is_told(self):
        path = self.write("two.pcapng", pcapng(conversation(), snaplens=(262144, 96)))
        self.assert_says(self.replay(path, "--quiet"), FAILED, path, "interface",
                         "editcap -F pcap")


    def test_a_pcapng_with_an_interface_of_another_link_type_names_it(self):
        for link_type, name in ((RAW_IP, "RAW (Raw IP)"), (LINUX_SLL, "LINUX_SLL ("),
                                (PPP, "PPP (PPP)"), (60000, "60000")):
            with self.subTest(name):
                path = self.write("two.pcapng", pcapng(conversation(),
                                                       link_types=(ETHERNET, link_type)))
                result = self.replay(path, "--quiet")
                self.assert_says(result, FAILED, path, f"link type {name}", "not Ethernet",
                                 "tshark -r IN", "editcap -F pcap -T ether")
                self.assertNotIn(b"damaged", result.stderr)


class BadOutput(ReplayTest):
    def setUp(self):
        super().setUp()
        self.capture = self.write("in.pcap", pcap(conversation()))

    def test_a_folder_that_is_not_there(self):
        for option in ("--json", "--out"):
            with self.subTest(option):
                self.assert_says(self.replay(self.capture, option, "/nowhere/x"), FAILED,
                                 "/nowhere/x", "No such file")

    def test_one_that_cannot_be_opened_costs_the_other_nothing(self):
        (self.folder / "loop").symlink_to("loop")
        (self.folder / "astray").symlink_to("nowhere/x")
        (self.folder / "astray2").symlink_to(self.folder / "astray")
        locked = self.folder / "locked"
        locked.mkdir(mode=0o500)
        bad = ["/nowhere/x", str(self.folder), self.path("new") + "/", "", self.path("n" * 300),
               self.path("loop"), self.path("astray"), self.path("astray2")]
        if os.geteuid() != 0:
            bad.append(str(locked / "x"))
        kept = self.write("kept", b"still here")
        for one, other in (("--json", "--out"), ("--out", "--json")):
            for output in bad:
                with self.subTest(one, output=output):
                    self.assert_says(self.replay(self.capture, one, kept, other, output), FAILED,
                                     f"{output}: cannot be written: ")
                    self.assertEqual(pathlib.Path(kept).read_bytes(), b"still here")
                    self.replay(self.capture, one, self.path("new"), other, output)
                    self.assertFalse(os.path.exists(self.path("new")))

    def test_a_link_to_a_file_not_yet_there_makes_it(self):
        (self.folder / "sub").mkdir()
        (self.folder / "link").symlink_to("sub/new")
        self.assert_fine(self.replay(self.capture, "--quiet", "--out", "link", cwd=self.folder))
        self.assertTrue((self.folder / "sub" / "new").exists())

    def test_a_named_pipe_is_written_as_its_reader_comes(self):
        os.mkfifo(self.path("fifo"))
        with subprocess.Popen(["cat", self.path("fifo")], stdout=subprocess.PIPE) as reader:
            self.assert_fine(self.replay(self.capture, "--quiet", "--out", self.path("fifo")))
            self.assertEqual(reader.stdout.read(), pathlib.Path(self.capture).read_bytes())

    def test_an_output_that_is_the_configuration(self):
        config = self.write("own.yaml", b"tcp:\n  syn_retries: 3\n")
        for option in ("--json", "--out"):
            with self.subTest(option):
                self.assert_says(self.replay(self.capture, "-c", config, option, config), USAGE,
                                 "would overwrite the configuration", config)
        self.assertEqual(pathlib.Path(config).read_bytes(), b"tcp:\n  syn_retries: 3\n")

    def test_a_full_disk(self):
        for option in ("--json", "--out"):
            with self.subTest(option):
                self.assert_says(self.replay(self.capture, option, "/dev/full"), FAILED,
                                 "/dev/full", "No space left")

    def test_a_disk_that_fills_up_keeps_what_was_written(self):
        packets = [(1e9 + i, bytes(1000)) for i in range(5000)]
        capture = self.write("large.pcap", pcap(packets))
        disk = self.folder / "disk"
        disk.mkdir()
        script = ('mount -t tmpfs -o size=2m none "$1" || exit 99; '
                  '"$2" replay "$3" --quiet --out "$1/out.pcap"; status=$?; '
                  'cat "$1/out.pcap" >"$4"; exit $status')
        result = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", str(disk), SYNWIRE,
                                 capture, self.path("kept")], capture_output=True, check=False)
        if result.returncode == 99 or b"unshare" in result.stderr:
            self.skipTest("may not mount: " + result.stderr.decode())
        self.assert_says(result, FAILED, "out.pcap", "No space left")
        kept = (self.folder / "kept").read_bytes()
        self.assertGreater(len(kept), 1_000_000)
        self.assertEqual(kept, pcap(packets)[:len(kept)])

    def test_a_reader_that_has_gone(self):
        for option in ("--json", "--out"):
            with self.subTest(option):
                ours, theirs = os.pipe()
                os.close(ours)
                result = subprocess.run([SYNWIRE, "replay", self.capture, option, "-"],
                                        stdout=theirs, stderr=subprocess.PIPE, check=False)
                os.close(theirs)
                self.assert_says(result, FAILED, "standard output", "reader has gone")

    def test_two_outputs_that_are_one_file(self):
        (self.folder / "sub").mkdir()
        link = self.folder / "link"
        link.symlink_to("new")
        existing = self.write("there", b"still here")
        os.link(existing, self.path("hard"))
        pairs = [(self.path("new"), self.path("new")),
                 (self.path("new"), self.path("sub/../new")),
                 (self.path("new"), str(link)),
                 (str(link), self.path("new")),
                 (existing, existing),
                 (existing, self.path("hard")),
                 ("-", "-")]
        for one, other in pairs:
            with self.subTest(json=one, out=other):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.path("new"))
                self.assert_says(self.replay(self.capture, "--json", one, "--out", other), USAGE,
                                 "--json and --out")
        self.assertEqual(pathlib.Path(existing).read_bytes(), b"still here")

    def test_standard_output_that_is_the_other_output(self):
        with open(self.path("both"), "wb") as both:
            result = subprocess.run([SYNWIRE, "replay", self.capture, "--json", "-", "--out",
                                     self.path("both")], stdout=both, stderr=subprocess.PIPE,
                                    check=False)
        self.assert_says(result, USAGE, "--json and --out")

    def test_an_output_that_is_a_capture(self):
        (self.folder / "link").symlink_to("in.pcap")
        before = pathlib.Path(self.capture).read_bytes()
        other = self.write("other.pcap", before)
        for option in ("--json", "--out"):
            for output in (self.capture, self.path("link")):
                with self.subTest(option, output=output):
                    self.assert_says(self.replay(other, self.capture, option, output), USAGE,
                                     "would overwrite the capture", self.capture)
        self.assertEqual(pathlib.Path(self.capture).read_bytes(), before)

    def test_a_device_may_take_both_outputs(self):
        self.assert_fine(self.replay(self.capture, "--json", "/dev/null", "--out", "/dev/null",
                                     "--quiet"))


class CommandLine(ReplayTest):
    def test_wrong_options_are_told(self):
        capture = self.write("in.pcap", pcap(conversation()))
        for args, part in ((["--frobnicate", capture], "'--frobnicate'"), (["-x", capture], "'-x'"),
                           ([], "no capture"), ([capture, "--json"], "--json needs a value"),
                           ([capture, "-c"], "-c needs a value"),
                           ([capture, "--quiet=yes"], "--quiet"),
                           (["--timeouts", "maybe", capture], "'maybe'"),
                           (["--flows", "0", capture], "'0'"), (["--flows", "-1", capture], "'-1'"),
                           (["--flows", "many", capture], "'many'"),
                           (["--flows", "99999999999999999999", capture], "'99999999999999999999'")):
            with self.subTest(args):
                self.assert_says(self.replay(*args), USAGE, part, "--help")

    def test_a_wrong_configuration_is_told(self):
        capture = self.write("in.pcap", pcap(conversation()))
        self.assert_says(self.replay("-c", self.path("nowhere.yaml"), capture), CONFIG,
                         self.path("nowhere.yaml"))
        self.assert_says(self.replay("--set", "no.such_key=1", capture), CONFIG, "no.such_key")

    def test_help_is_no_error(self):
        result = self.replay("--help")
        self.assert_fine(result)
        self.assertIn("Usage: synwire replay", result.stdout.decode())

    def test_names_that_mean_something_elsewhere(self):
        capture = pcap(conversation())
        for name in ("a,b.pcap", "rx_pcap=x.pcap", "[0-3].pcap", "two words.pcap", "-dash.pcap",
                     "per%cent.pcap", "quo'te\".pcap", "ünïcode.pcap", "n" * 240 + ".pcap"):
            with self.subTest(name):
                self.write(name, capture)
                self.assert_fine(self.replay("--quiet", "--out", "out", "--", name,
                                             cwd=self.folder))
                self.assertEqual((self.folder / "out").read_bytes(), capture)


class Surroundings(ReplayTest):
    def setUp(self):
        super().setUp()
        self.capture = self.write("in.pcap", pcap(conversation()))
        self.watched = {name: self.folder / name for name in ("TMPDIR", "XDG_RUNTIME_DIR",
                                                              "RUNTIME_DIRECTORY", "HOME")}
        for path in self.watched.values():
            path.mkdir()
        self.env = dict(os.environ, **{name: str(path) for name, path in self.watched.items()})

    def assert_nothing_left(self):
        for path in self.watched.values():
            self.assertEqual(list(path.iterdir()), [], path)

    def dpdk_folders(self):
        """But for those of appliances that other tests start meanwhile."""
        return {os.path.join(path, name)
                for path in ("/var/run/dpdk", "/tmp/dpdk", "/dev/hugepages") if os.path.isdir(path)
                for name in os.listdir(path) if not name.startswith("synwire-test-")}

    def test_nothing_is_left_behind(self):
        before = self.dpdk_folders()
        cases = {"fine": [self.capture], "no output": [self.capture, "--out", "/nowhere/x"],
                 "full": [self.capture, "--json", "/dev/full"]}
        for name, args in cases.items():
            with self.subTest(name):
                self.replay(*args, env=self.env, cwd=self.watched["HOME"])
                self.assert_nothing_left()
        self.assertLessEqual(self.dpdk_folders(), before)

    def test_nothing_is_made_even_for_a_moment(self):
        """So a run that is killed at any time leaves nothing."""
        libc = ctypes.CDLL(None, use_errno=True)
        watch = libc.inotify_init1(os.O_NONBLOCK)
        self.assertGreaterEqual(watch, 0)
        self.addCleanup(os.close, watch)
        for path in self.watched.values():
            self.assertGreaterEqual(libc.inotify_add_watch(watch, os.fsencode(path), IN_CREATE), 0)
        self.assert_fine(self.replay(self.capture, "--quiet", env=self.env,
                                     cwd=self.watched["HOME"]))
        with self.assertRaises(BlockingIOError, msg="something was made and removed"):
            os.read(watch, 4096)
        (self.watched["TMPDIR"] / "proof").touch()
        self.assertIn(b"proof", os.read(watch, 4096))

    def test_too_few_descriptors_are_told(self):
        result = self.replay(self.capture, env=self.env, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (12, 12)))
        self.assert_says(result, FAILED, "32 open files", "limit is 12", "ulimit -n")
        self.assert_nothing_left()
        self.assert_fine(self.replay(
            self.capture, self.capture, "--quiet", "--json", self.path("json"), "--out",
            self.path("out"), env=self.env,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))))

    def test_it_runs_without_privileges(self):
        if os.geteuid() != 0:
            self.skipTest("this is what all other tests show already")
        for path in (self.folder, *self.watched.values()):
            os.chmod(path, 0o777)
        result = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534",
                                 "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
                                 SYNWIRE, "replay", self.capture, "--quiet", "--out",
                                 self.path("out.pcap")], env=self.env, capture_output=True,
                                check=False)
        if b"setpriv" in result.stderr or result.returncode in (126, 127):
            self.skipTest("the program is not within reach of another user: " +
                          result.stderr.decode())
        self.assert_fine(result)
        self.assertEqual((self.folder / "out.pcap").read_bytes(), pcap(conversation()))
        self.assert_nothing_left()

    def test_one_processor_is_enough(self):
        cpu = min(os.sched_getaffinity(0))
        self.assert_fine(self.replay(self.capture, "--quiet",
                                     preexec_fn=lambda: os.sched_setaffinity(0, {cpu})))


class LongReplays(ReplayTest):
    """Against a reader that holds the replay back, so that nothing depends on luck."""

    def start(self, *args, **options):
        packets = [(1e9 + i / 1e6, bytes(1500)) for i in range(30_000)]
        self.large = pcap(packets)
        process = subprocess.Popen([SYNWIRE, "replay", self.write("large.pcap", self.large),
                                    "--out", "-", *args], stdout=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL, **options)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        # Now it runs, and cannot go far.
        self.head = process.stdout.read(65536)
        return process

    def test_an_interrupt_ends_it_in_order(self):
        process = self.start("--json", self.path("events.json"), stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        out, errors = self.head + process.stdout.read(), process.stderr.read().decode()
        self.assertEqual(process.wait(), FAILED)
        self.assertIn("synwire replay: interrupted", errors)
        self.assertLess(len(out), len(self.large))
        self.assertEqual(out, self.large[:len(out)])
        frames = len(read_pcap(out))
        self.assertIn(f"{frames:,} in = {frames:,} out + 0 dropped", errors)

    def test_even_a_killed_one_leaves_nothing_behind(self):
        scratch = self.folder / "scratch"
        scratch.mkdir()
        process = self.start(env=dict(os.environ, TMPDIR=str(scratch)))
        process.kill()
        process.wait()
        self.assertEqual(list(scratch.iterdir()), [])

    def test_progress_is_drawn_on_a_terminal_only(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = self.start("--quiet", stderr=theirs)
        os.close(theirs)
        seen = b""
        deadline = time.monotonic() + 60
        while b"%" not in seen and time.monotonic() < deadline:
            if select.select([ours], [], [], 0.25)[0]:
                seen += os.read(ours, 4096)
            self.head += process.stdout.read(65536)
        self.assertRegex(seen.decode(), r"\d+\.\d %  \d+ packets")
        self.assertEqual(self.head + process.stdout.read(), self.large)
        self.assertEqual(process.wait(), FINE)

    def test_a_reader_that_goes_away_later_is_told(self):
        process = self.start("--quiet", stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        process.stdout.close()
        self.assertEqual(process.wait(), FAILED)
        self.assertEqual(process.stderr.read(), b"synwire replay: standard output: cannot be"
                         b" written: its reader has gone\n")


if __name__ == "__main__":
    SYNWIRE = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
