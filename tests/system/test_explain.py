#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`synwire explain` from the outside: what it lists, what it draws, what it refuses.

Usage: test_explain.py SYNWIRE [unittest's options]
"""

import concurrent.futures
import json
import os
import pathlib
import pty
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

SYNWIRE = ""
CAPTURES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "captures" / "dev"
FINE, FAILED, USAGE, CONFIG = 0, 1, 64, 78
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
CLIENT, SERVER = ("192.0.2.1", 40000), ("198.51.100.2", 80)
CLIENT6 = ("2001:db8:1234:5678:9abc:def0:1234:5678", 40000)
SERVER6 = ("2001:db8:fedc:ba98:7654:3210:fedc:ba98", 60443)
COLUMNS = 100
LIGATURE = "│┊├┤◄►─╞╡═┄╳▲⋮"  # the box drawing characters of the ladder
START = 1_600_000_000.0


def frame(src, dst, flags, seq, ack=0, payload=b""):
    """An Ethernet frame; checksums are zero, which nobody verifies by default."""
    tcp = struct.pack(">HHIIBBHHH", src[1], dst[1], seq, ack, 0x50, flags, 64240, 0, 0) + payload
    if ":" in src[0]:
        ip = struct.pack(">IHBB", 0x60000000, len(tcp), 6, 64)
        ip += socket.inet_pton(socket.AF_INET6, src[0]) + socket.inet_pton(socket.AF_INET6, dst[0])
        return bytes(12) + b"\x86\xdd" + ip + tcp
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0,
                     socket.inet_aton(src[0]), socket.inet_aton(dst[0]))
    return bytes(12) + b"\x08\x00" + ip + tcp


def conversation(client=CLIENT, server=SERVER, isn=100):
    return [
        frame(client, server, SYN, isn),
        frame(server, client, SYN | ACK, 500, isn + 1),
        frame(client, server, ACK, isn + 1, 501),
        frame(client, server, ACK | PSH, isn + 1, 501, b"hello"),
        frame(server, client, ACK | FIN, 501, isn + 6),
        frame(client, server, ACK | FIN, isn + 6, 502),
        frame(server, client, ACK, 502, isn + 7),
    ]


def pcap(frames, link_type=1):
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type)]
    for i, data in enumerate(frames):
        when = (int(START) + i // 1000, i % 1000 * 1000)
        out += [struct.pack("<IIII", *when, len(data), len(data)), data]
    return b"".join(out)


def environment(**more):
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "LANG", "LC_CTYPE")}
    return env | {"LC_ALL": "C.UTF-8", "TERM": "xterm"} | more


def explain(*args, env=None):
    return subprocess.run([SYNWIRE, "explain", *map(str, args)], capture_output=True, check=False,
                          encoding="utf-8", env=env or environment(), timeout=120)


def explain_on_terminal(*args, env=None):
    """What it writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([SYNWIRE, "explain", *map(str, args)], stdout=theirs,
                          env=env or environment()) as process:
        os.close(theirs)
        out = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            out += part
    os.close(ours)
    return out.decode()


def numbered(table):
    """The rows that take one line."""
    rows = (line.split() for line in table.splitlines())
    return [row for row in rows if len(row) == 10 and row[0].isdigit() and ":" in row[2]]


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="explain-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def capture(self, frames, name="c.pcap", cut=0, **kw):
        path = self.folder / name
        data = pcap(frames, **kw)
        path.write_bytes(data[:len(data) - cut])
        return path

    def assert_refused(self, result, status, *words):
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("synwire explain: "), result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def assert_fits(self, text):
        for line in text.splitlines():
            self.assertLessEqual(len(line), COLUMNS, line)
        self.assertNotIn("\033", text)


class Table(Case):
    def test_connections_are_numbered_by_their_first_segments(self):
        one, two = conversation(), conversation(client=("192.0.2.1", 40001))
        path = self.capture([two[0], one[0], *one[1:], *two[1:]])
        result = explain(path)
        self.assertEqual((result.returncode, result.stderr), (FINE, ""))
        rows = numbered(result.stdout)
        self.assertEqual([row[0] for row in rows], ["1", "2"])
        self.assertEqual([row[2] for row in rows], ["192.0.2.1:40001", "192.0.2.1:40000"])
        self.assertEqual(rows[0][4:9], ["complete", "fin_both", "-", "7", "5"])
        self.assertEqual(rows[0][9], "13.0ms")

    def test_only_rows_with_long_addresses_take_more_than_a_line(self):
        frames = conversation(CLIENT6, SERVER6)
        for port in range(40000, 40049):
            frames += conversation(("192.0.2.1", port))
        result = explain(self.capture(frames))
        self.assertEqual(result.returncode, FINE)
        self.assert_fits(result.stdout)
        self.assertEqual(len(numbered(result.stdout)), 49)
        head, *rows = result.stdout.splitlines()[2:]
        self.assertEqual(len(rows), 49 + 2)
        self.assertIn("[2001:db8:1234:5678:9abc:def0:1234:5678]:40000", rows[0])
        self.assertIn("[2001:db8:fedc:ba98:7654:3210:fedc:ba98]:60443", rows[1])
        for row in rows[1:]:
            self.assertEqual(row.index(" complete "), head.index(" handshake "), row)
            self.assertEqual(row.index(" fin_both "), head.index(" end "), row)

    def test_a_capture_without_tcp_is_fine(self):
        result = explain(self.capture([bytes(12) + b"\x08\x06" + bytes(46)]))
        self.assertEqual((result.returncode, result.stderr), (FINE, ""))
        self.assertEqual(result.stdout, "No TCP connection among 1 packets.\n")

    def test_more_connections_than_a_table_holds_are_said(self):
        frames = []
        for i in range(100_005):
            client = (f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}", 40000)
            frames.append(frame(client, SERVER, SYN, 100))
        late = ("10.200.0.1", 40000)
        frames += conversation(late)[:3] + [frame(SERVER, late, RST, 501)]
        path = self.capture(frames)
        result = explain(path)
        self.assertEqual(result.returncode, FINE)
        self.assert_fits(result.stdout)
        self.assertTrue(result.stdout.startswith("100,006 connections. "))
        self.assertIn("\n5 more connections are not listed: the table holds the first 100,000,\n"
                      "and 1 later ones with a RST worth a look.\n", result.stdout)
        self.assertIn("10.200.0.1:40000", result.stdout)
        for flow in ("100003", "10.1.134.162:40000"):
            result = explain("--flow", flow, path)
            self.assertEqual(result.returncode, FINE, result.stderr)
            self.assertIn("Connection 100003\n", result.stdout)


class Ladder(Case):
    def test_a_connection_is_found_by_number_and_by_endpoints(self):
        path = self.capture(conversation() + conversation(CLIENT6, SERVER6))
        by_number = explain("--flow", 1, path)
        self.assertEqual((by_number.returncode, by_number.stderr), (FINE, ""))
        self.assertIn("├─ [P.] seq 1:6 ack 1 win 64240 len 5 ─", by_number.stdout)
        self.assertIn("The server closed first and the client followed",
                      " ".join(by_number.stdout.split()))
        for which in ("192.0.2.1:40000", "198.51.100.2:80", "192.0.2.1:40000-198.51.100.2:80",
                      "198.51.100.2:80-192.0.2.1:40000"):
            self.assertEqual(explain("--flow", which, path).stdout, by_number.stdout)
        by_number = explain("--flow=2", path)
        self.assert_fits(by_number.stdout)
        for which in ("[2001:db8:1234:5678:9abc:def0:1234:5678]:40000",
                      f"[{SERVER6[0]}]:60443-[{CLIENT6[0]}]:40000"):
            self.assertEqual(explain("--flow", which, path).stdout, by_number.stdout)

    def test_of_several_that_match_all_are_listed(self):
        path = self.capture(conversation() + conversation(("192.0.2.1", 40001)))
        result = explain("--flow", "198.51.100.2:80", path)
        self.assert_refused(result, FAILED, "2 connections")
        self.assertEqual([row[0] for row in numbered(result.stdout)], ["1", "2"])
        result = explain("--flow", "192.0.2.1:40001-198.51.100.2:80", path)
        self.assertIn("Connection 2\n", result.stdout)

    def test_a_port_that_is_used_again_is_another_connection(self):
        path = self.capture(conversation() + conversation(isn=900000) + conversation(isn=1800000))
        self.assertEqual(len(numbered(explain(path).stdout)), 3)
        result = explain("--flow", 2, path)
        self.assertIn("[S] seq 900000 win", result.stdout)
        self.assertNotIn("[S] seq 100 win", result.stdout)
        self.assertIn("The same two endpoints also had connection 1 before this one and 3 after it.",
                      " ".join(result.stdout.split()))

    def test_a_syn_in_a_connection_goes_to_the_one_that_it_opened(self):
        old = conversation()[:4]
        new = [frame(CLIENT, SERVER, SYN, 900000),
               frame(SERVER, CLIENT, ACK, 501, 106),
               frame(SERVER, CLIENT, SYN | ACK, 77000, 900001),
               frame(CLIENT, SERVER, ACK, 900001, 77001)]
        path = self.capture(old + new)
        first, second = explain("--flow", 1, path).stdout, explain("--flow", 2, path).stdout
        self.assertNotIn("[S] seq 900000", first)
        self.assertIn("[.] ack 6 win", first)
        self.assertIn("0.000000     SYN_SENT ├─ [S] seq 900000", second)
        self.assertIn("[S.] seq 77000 ack 900001", second)
        self.assertIn("The handshake completed", second)
        self.assertNotIn("[.] ack 6 win", second)

    def test_the_locale_decides_on_box_drawing_characters(self):
        path = self.capture(conversation())
        plain = explain("--flow", 1, path, env=environment(LC_ALL="C"))
        self.assertTrue(plain.stdout.isascii())
        self.assertIn("|- [P.] seq 1:6", plain.stdout)
        self.assertTrue(set(explain("--flow", 1, path).stdout) & set(LIGATURE))

    def test_colour_is_for_terminals_without_no_color(self):
        path = self.capture(conversation()[:3] + [frame(SERVER, CLIENT, RST, 501)])
        self.assertNotIn("\033", explain("--flow", 1, path).stdout)
        self.assertIn("\033[1;31m", explain_on_terminal("--flow", 1, path))
        for env in (environment(NO_COLOR="1"), environment(TERM="dumb")):
            self.assertNotIn("\033", explain_on_terminal("--flow", 1, path, env=env))

    def test_a_capture_that_is_cut_off_is_drawn_up_to_there(self):
        path = self.capture(conversation(), cut=10)
        result = explain("--flow", 1, path)
        self.assert_refused(result, FINE, "cut off in the middle of a packet", "6 packets")
        self.assertIn("LAST_ACK", result.stdout)
        self.assertIn("The capture is not whole: cut off in the middle of a packet.",
                      result.stdout)

    def test_a_full_device_is_an_error(self):
        path = self.capture(conversation())
        with open("/dev/full", "wb") as full:
            result = subprocess.run([SYNWIRE, "explain", path], stdout=full, check=False,
                                    stderr=subprocess.PIPE, encoding="utf-8", timeout=60)
        self.assert_refused(result, FAILED, "No space left on device")
        with open("/dev/full", "wb") as full:
            result = subprocess.run([SYNWIRE, "explain", "--flow", "1", path], stdout=full,
                                    check=False, stderr=subprocess.PIPE, encoding="utf-8",
                                    timeout=60)
        self.assert_refused(result, FAILED, "No space left on device")


class Picture(Case):
    def test_it_is_well_formed_and_whole_in_itself(self):
        path, svg = self.capture(conversation()), self.folder / "ladder.svg"
        result = explain("--flow", 1, "--svg", svg, path)
        self.assertEqual((result.returncode, result.stderr), (FINE, ""))
        self.assertEqual(result.stdout, explain("--flow", 1, path).stdout)
        root = xml.etree.ElementTree.parse(svg).getroot()
        self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        names = {element.tag.split("}")[1] for element in root.iter()}
        self.assertLessEqual(names, {"svg", "title", "desc", "defs", "marker", "path", "style",
                                     "rect", "text", "line"})
        texts = [element.text for element in root.iter() if element.tag.endswith("}text")]
        self.assertIn("[P.] seq 1:6 ack 1 win 64240 len 5", texts)
        self.assertIn("ESTABLISHED", texts)

    def test_alone_on_standard_output(self):
        result = explain("--flow", 1, "--svg", "-", self.capture(conversation()))
        self.assertEqual(result.returncode, FINE)
        xml.etree.ElementTree.fromstring(result.stdout.encode())

    def test_where_it_cannot_be_written(self):
        path = self.capture(conversation())
        for svg in (self.folder / "no" / "ladder.svg", self.folder, "/dev/full"):
            self.assert_refused(explain("--flow", 1, "--svg", svg, path), FAILED, str(svg))

    def test_it_does_not_destroy_the_capture(self):
        path = self.capture(conversation())
        before = path.read_bytes()
        self.assert_refused(explain("--flow", 1, "--svg", path, path), USAGE, "capture")
        self.assertEqual(path.read_bytes(), before)


class Refusals(Case):
    def test_captures_that_cannot_be_read(self):
        empty = self.folder / "empty.pcap"
        empty.write_bytes(b"")
        foreign = self.folder / "foreign.pcap"
        foreign.write_bytes(b"this is no capture, whatever its name says")
        sll = self.capture(conversation(), name="sll.pcap", link_type=113)
        for path in (self.folder / "missing.pcap", empty, foreign, sll, self.folder):
            self.assert_refused(explain(path), FAILED, str(path))

    def test_a_flow_that_is_not_there(self):
        path = self.capture(conversation())
        self.assert_refused(explain("--flow", 2, path), FAILED, "no connection 2", "from 1 to 1")
        for which in ("192.0.2.1:1", "[2001:db8::1]:80", "192.0.2.1:40000-192.0.2.1:40000"):
            self.assert_refused(explain("--flow", which, path), FAILED, "these endpoints")

    def test_a_flow_that_cannot_be_meant(self):
        path = self.capture(conversation())
        for which in ("", "0", "-1", "x", "1.2.3.4", "1.2.3:80", "1.2.3.4:", "1.2.3.4:65536",
                      "2001:db8::1:80", "[2001:db8::1]", "[2001:db8::1:80", "1.2.3.4:80-",
                      "-1.2.3.4:80", "1.2.3.4:80-x", "99999999999999999999999", "[]:80",
                      "[" + "1" * 100 + "]:80"):
            self.assert_refused(explain("--flow=" + which, path), USAGE, "--flow")

    def test_wrong_usage(self):
        path = self.capture(conversation())
        for args in ([], [path, path], ["--nonsense", path], ["--flow"], ["--svg", "x.svg", path],
                     ["--all", path], ["--packets", path], ["-x", path]):
            self.assert_refused(explain(*args), USAGE)

    def test_a_wrong_configuration(self):
        path = self.capture(conversation())
        self.assertEqual(explain("--set", "tcp.syn_retries=x", path).returncode, CONFIG)

    def test_help(self):
        result = explain("--help")
        self.assertEqual((result.returncode, result.stderr), (FINE, ""))
        self.assert_fits(result.stdout)


@unittest.skipUnless(CAPTURES.is_dir(), "the captures are not here")
class RealCaptures(Case):
    FLOWS = 4  # of each capture
    AT_ONCE = 6  # starting DPDK is waiting, mostly

    def each(self, check, step=1):
        """What the check says of each capture, or of each so many-th."""
        with concurrent.futures.ThreadPoolExecutor(self.AT_ONCE) as pool:
            return list(pool.map(check, sorted(CAPTURES.glob("*.pcap"))[::step]))

    def test_tables_say_what_replay_says(self):
        self.each(self.check_table, step=3)

    def check_table(self, path):
        table = explain(path)
        self.assertEqual((table.returncode, table.stderr), (FINE, ""), path)
        self.assert_fits(table.stdout)
        replay = subprocess.run([SYNWIRE, "replay", "--timeouts", "off", "--json", "-",
                                 "--quiet", path], capture_output=True, check=True, timeout=60)
        events = map(json.loads, replay.stdout.splitlines())
        want = sorted(self.words_of(e) for e in events if e["event_type"] == "connection")
        self.assertEqual(sorted(self.words_in(table.stdout)), want, path)

    @staticmethod
    def words_of(event):
        rst, flow = event["end"]["rst"], event["flow"]
        return (event["handshake"]["result"], event["end"]["how"],
                rst["verdict"].split("_")[0] if rst else "-",
                *(str(flow[what + "_toserver"] + flow[what + "_toclient"])
                  for what in ("pkts", "bytes")))

    @staticmethod
    def words_in(table):
        """Of each connection, whether it is on one line or on several."""
        return re.findall(r"\d\s+([a-z_]+)\s+([a-z_]+) +([a-z]+|-) +(\d+) +(\d+) +[\d.]+[a-z]\w*$",
                          table, re.MULTILINE)

    def test_ladders_fit(self):
        self.each(self.check_ladders)

    def check_ladders(self, path):
        count = re.match(r"([\d,]+) connection", explain(path).stdout)
        count = int(count[1].replace(",", "")) if count else 0
        for number in range(1, min(count, self.FLOWS) + 1):
            result = explain("--flow", number, path)
            self.assertEqual((result.returncode, result.stderr), (FINE, ""), path)
            self.assert_fits(result.stdout)

    @unittest.skipUnless(shutil.which("tcpdump"), "tcpdump is not here")
    def test_lines_are_tcpdumps(self):
        self.assertGreater(sum(self.each(self.compared_lines)), 1000)

    def compared_lines(self, path):
        """How many lines tcpdump and it print alike, of a capture with one connection."""
        table = explain(path).stdout
        if not table.startswith("1 connection."):
            return 0
        theirs = subprocess.run(["tcpdump", "-n", "-r", path], capture_output=True,
                                check=False, encoding="utf-8", errors="replace", timeout=60,
                                env=environment(TZ="UTC")).stdout
        ours = explain("--flow", 1, "--packets", path).stdout
        if " frag (" in theirs or " bad-len " in theirs:  # these it does not print as TCP
            return 0
        ours = [line for line in ours.splitlines() if ": Flags [" in line]
        theirs = [line for line in theirs.splitlines() if ": Flags [" in line]
        self.assertEqual([self.comparable(line) for line in ours],
                         [self.comparable(line) for line in theirs], path)
        return len(ours)

    OPTION = re.compile(r"mss \d+|wscale \d+|sackOK|nop|eol|TS val \d+ ecr \d+|sack \d+ [{}:\d]+")

    def comparable(self, line):
        """From the word IP to the options, of these what both name, and the length. Before it
        tcpdump tells of MPLS and PPPoE; behind it, what it makes of the payload."""
        line = re.sub(r"truncated-ip - \d+ bytes missing! ", "", line)
        match = re.match(r".*?( IP6? .*?)(?:, options \[(.*)\])?, length (\d+)", line)
        return match[1], self.OPTION.findall(match[2] or ""), match[3]


if __name__ == "__main__":
    SYNWIRE = sys.argv.pop(1)
    unittest.main()
