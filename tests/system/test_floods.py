#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Floods that are found in time and rightly told, and what is no flood and is not told as one.

Usage: test_floods.py SYNWIRE CAPTURES_FOLDER KNOWN.tsv [TEST]...

All in the time of the packets, by `synwire replay`. Generated captures tell what they hold; of
those in CAPTURES_FOLDER, KNOWN.tsv lists the ones that hold a flood or the like.
"""

import collections
import os
import pathlib
import statistics
import struct
import sys
import unittest

from floods import Workshop, each, seconds

SYNWIRE = ""
CAPTURES = pathlib.Path()
KNOWN = pathlib.Path()
HOLD = 10  # flood.hold, in seconds
CAPTURES_A_RUN = 40
FEW = "FEW_ONSETS" in os.environ  # where it is the memory that is watched, not the statistics


class FloodTest(unittest.TestCase):
    def setUp(self):
        self.workshop = Workshop(SYNWIRE)
        self.addCleanup(self.workshop.close)

    def find(self, scenario):
        return self.workshop.find(*scenario)

    def wrongs(self, alarm, wave, wave_peak, most_delay, scenario=()):
        """What an alarm says that is not so of the wave it stands for."""
        said = alarm.what
        share = spoofed_share(wave, scenario)
        checks = {
            f"told {alarm.began - wave.onset:.3f} s after the onset":
                0 <= alarm.began - wave.onset <= most_delay,
            f"phases {alarm.phases}": alarm.phases[0] == "start" and alarm.phases[-1] == "end",
            f"end told {alarm.ended - wave.end:.3f} s after it":
                0 < alarm.ended - wave.end <= HOLD + 1 + insistence(wave, scenario),
            f"onset {said['onset']}, not {wave.onset:.3f}":
                abs(seconds(said["onset"]) - wave.onset) <= 0.2,
            f"peak {said['peak_syn_pps']}, not {wave_peak}":
                abs(said["peak_syn_pps"] - wave_peak) <= 0.05 * wave_peak,
            f"spoofed share {said.get('spoofed_share')}, not {share:.3f}":
                abs(said.get("spoofed_share", -1) - share) <= 0.1,
        }
        if wave.spoofed_share in (0, 1):
            checks[f"kind {said['kind']}"] = \
                said["kind"] == ("spoofed" if wave.spoofed_share == 1 else "unspoofed")
        return [wrong for wrong, holds in checks.items() if not holds]

    def check_waves(self, found, most_delay, most_median=None):
        """One flood for each wave, and nothing else."""
        delays, errors = [], []
        for scenario, (alarms, waves) in found:
            where = " ".join(map(str, scenario))
            self.assertTrue(waves, where)
            ends = [wave.onset for wave in waves[1:]] + [float("inf")]
            for number, (wave, until) in enumerate(zip(waves, ends)):
                mine = [a for a in alarms if wave.onset <= a.began < until]
                if [alarm.type for alarm in mine] != ["syn_flood"]:
                    errors.append(f"{where}: wave {number}: found "
                                  f"{[(a.type, round(a.began - wave.onset, 3)) for a in mine]}")
                    continue
                delays.append(mine[0].began - wave.onset)
                errors += [f"{where}: wave {number}: {wrong}" for wrong in
                           self.wrongs(mine[0], wave, wave.peaks["192.0.2.80"], most_delay,
                                       scenario)]
            early = sum(alarm.began < waves[0].onset for alarm in alarms)
            if early:
                errors.append(f"{where}: {early} alarms before anything began")
        if delays:
            print(f"\n  {len(delays)} onsets: median {statistics.median(delays):.3f} s, "
                  f"longest {max(delays):.3f} s")
        self.assertEqual(errors, [], "\n".join(errors))
        if most_median is not None:
            self.assertLessEqual(statistics.median(delays), most_median)
        return delays

    def test_200_floods_of_ten_times_the_usual_are_found_within_300_ms(self):
        # What is usual, how often, and how the flood goes. --rate comes on top of it.
        scenarios = [
            ("attack", "--baseline", usual, "--rate", 9 * usual,
             "--times", times // 4 if FEW else times, "--length", 1.5,
             "--every", 19.037, "--onset", 12.013, "--seed", seed, *more)
            for seed, (usual, times, *more) in enumerate((
                (10, 25), (10, 15, "--answered", 100), (20, 40, "--spoofed", 0), (50, 20),
                (50, 20, "--answered", 100, "--spoofed", 0),
                (100, 20, "--spoofed", 50), (100, 20, "--answered", 50, "--sources", 200),
                (200, 12), (200, 12, "--down", 100), (500, 6, "--answered", 100),
                (500, 6, "--spoofed", 70), (1000, 6), (2000, 4)))]
        delays = self.check_waves(each(self.find, scenarios), 0.3, most_median=0.2)
        self.assertGreaterEqual(len(delays), 40 if FEW else 200)

    def test_a_flood_over_far_clients_is_found_300_ms_after_these_would_have_answered(self):
        for rtt in (120, 250, 400):
            self.check_waves([(scenario, self.find(scenario)) for scenario in [
                ("attack", "--baseline", 100, "--rate", 900, "--times", 5, "--length", 2,
                 "--every", 16.037, "--onset", 12.013, "--rtt", rtt)]], 0.3 + rtt / 1000)

    def test_floods_of_three_times_the_usual_are_found_within_2_s(self):
        self.check_waves(each(self.find, [
            ("attack", "--baseline", usual, "--rate", 2 * usual, "--times", 4, "--length", 4,
             "--every", 20.137, "--onset", 20.013, "--answered", answered)
            for usual, answered in ((50, 0), (100, 100), (300, 0), (1000, 50))]), 2)

    def test_a_slow_flood_over_a_small_server_is_found_within_10_s(self):
        self.check_waves(each(self.find, [
            ("attack", "--baseline", 5, "--rate", 50, "--times", 4, "--length", 20,
             "--every", 60.037, "--onset", 30.013, "--seed", seed, "--answered", answered)
            for seed, answered in ((1, 0), (2, 100))]), 10)

    def test_sources_are_counted(self):
        scenarios = [("attack", "--baseline", honest, "--rate", 6000, "--length", 6, *sources)
                     for honest, sources in ((0, ("--sources", 100)), (5, ("--sources", 1000)),
                                             (20, ("--sources", 20000)), (20, ()))]
        for scenario, (alarms, (wave,)) in each(self.find, scenarios):
            with self.subTest(scenario=scenario):
                self.assertEqual([alarm.type for alarm in alarms], ["syn_flood"])
                said = alarms[0].what["sources_estimate"]
                self.assertLessEqual(abs(said - wave.sources), 0.05 * wave.sources,
                                     f"{said} sources, not {wave.sources}")

    def test_honest_clients_are_none_of_the_sources(self):
        # --rate comes on top of what is usual; by default each handshake is another client's.
        scenarios = [
            ("attack", "--baseline", usual, "--rate", rate, "--length", 2500 / rate,
             "--onset", 12, "--answered", answered, *clients)
            for usual, rate, answered in ((250, 500, 100), (100, 900, 50), (100, 900, 0),
                                          (25, 2475, 100))
            for clients in ((), ("--clients", 20))]
        wrong = []
        for scenario, (alarms, (wave,)) in each(self.find, scenarios):
            where = " ".join(map(str, scenario))
            self.assertEqual([alarm.type for alarm in alarms], ["syn_flood"], where)
            said = alarms[0].what
            if abs(said["sources_estimate"] - wave.sources) > 0.05 * wave.sources:
                wrong.append(f"{where}: {said['sources_estimate']} sources, not {wave.sources}")
            # The clients that come all the time are no attackers, however often they come.
            if said.get("top_sources") and not clients_of(scenario):
                wrong.append(f"{where}: {said['top_sources']} stand out")
            share = said.get("spoofed_share", -1)
            if abs(share - wave.spoofed_share) > 0.1 and wave.end - wave.onset > 2:
                wrong.append(f"{where}: spoofed share {share}, not {wave.spoofed_share}")
        self.assertEqual(wrong, [], "\n".join(wrong))

    def test_a_flood_that_silences_the_server_is_a_flood(self):
        alarms, (wave,) = self.find(("attack", "--baseline", 200, "--rate", 3000, "--down", 100))
        self.assertEqual([(alarm.type, alarm.what["kind"]) for alarm in alarms],
                         [("syn_flood", "spoofed")], alarms)
        self.assertLessEqual(alarms[0].began - wave.onset, 0.3)

    def test_16_victims_at_once_are_16_floods(self):
        alarms, (wave,) = self.find(("attack", "--victims", 16, "--baseline", 320, "--rate", 6400))
        self.assertEqual({alarm.target for alarm in alarms}, {(ip, 80) for ip in wave.peaks})
        self.assertEqual([alarm.type for alarm in alarms], ["syn_flood"] * 16)
        wrong = [f"{alarm.target}: {wrong}" for alarm in alarms
                 for wrong in self.wrongs(alarm, wave, wave.peaks[alarm.target[0]], 0.3)]
        self.assertEqual(wrong, [], wrong)

    def test_a_prefix_that_is_hit_evenly_is_one_flood(self):
        scenarios = [(prefix, ("attack", "--victim", first, "--victims", 256, "--baseline", 500,
                               "--rate", rate))
                     for first, prefix in (("198.51.100.0", "198.51.100.0/24"),
                                           ("2001:db8:1:2::", "2001:db8:1:2::/64"))
                     for rate in (5000, 20000)]
        for (prefix, scenario), (alarms, (wave,)) in each(lambda s: self.find(s[1]), scenarios):
            with self.subTest(scenario=scenario):
                self.assertEqual([alarm.target[0] for alarm in alarms], [prefix], alarms)
                self.assertNotIn("dest_ip", alarms[0].first)
                wrong = self.wrongs(alarms[0], wave, wave.peak, 0.3)
                self.assertEqual(wrong, [], wrong)

    def test_many_ports_of_one_server_are_one_flood_on_no_port(self):
        for ports, rate in ((65535, 3000), (65535, 20000), (500, 5000)):
            alarms, (wave,) = self.find(("attack", "--ports", ports, "--rate", rate))
            with self.subTest(ports=ports, rate=rate):
                self.assertEqual([alarm.target for alarm in alarms], [("192.0.2.80", None)], alarms)
                wrong = self.wrongs(alarms[0], wave, wave.peak, 0.3)
                self.assertEqual(wrong, [], wrong)

    def test_a_flood_over_ipv6_is_found(self):
        alarms, (wave,) = self.find(("attack", "--ipv6", "--baseline", 100, "--rate", 900))
        self.assertEqual([alarm.target for alarm in alarms], [("2001:db8::80", 80)], alarms)
        self.assertLessEqual(alarms[0].began - wave.onset, 0.3)

    def test_nothing_is_found_in_honest_traffic(self):
        def crowd(count, lasts, *more):
            return ("flashcrowd", "--surge", 100, "--count", count, "--duration", lasts, *more)

        scenarios = [
            crowd(10100, 20), crowd(10100, 20, "--loss", 1), crowd(10100, 20, "--rtt", 300),
            crowd(10100, 20, "--loss", 1, "--rtt", 300), crowd(30300, 6, "--loss", 1),
            crowd(30300, 6, "--rtt", 300), crowd(2020, 40, "--loss", 1, "--rtt", 300),
            ("flashcrowd", "--rate", 1000), ("flashcrowd", "--rate", 1000, "--clients", 1),
            ("outage", "--down", 0, "--clients", 1, "--baseline", 500),
            ("outage", "--down", 0, "--baseline", 2000, "--duration", 10),
            ("handshakes",), ("handshakes", "--rtt", 300), ("handshakes", "--clients", 1),
            ("established",), ("mixed", "--flood", 0)]
        wrong = [f"{' '.join(map(str, scenario))}: {alarms}"
                 for scenario, (alarms, _) in each(self.find, scenarios) if alarms]
        self.assertEqual(wrong, [], "\n".join(wrong))

    def test_nothing_is_found_when_it_starts_in_the_middle(self):
        for kind, *args in (("outage", "--down", 0, "--baseline", 1000, "--duration", 15),
                            ("established", "--duration", 8), ("flashcrowd",)):
            path, _ = self.workshop.make(kind, *args)
            cut = path.with_suffix(".cut")
            for share in (0.2, 0.6):
                cut.write_bytes(without_beginning(path.read_bytes(), share))
                self.assertEqual(self.workshop.alarms([cut]), [], (kind, share))

    def test_a_mixed_day_with_a_flood_has_one(self):
        alarms, _ = self.find(("mixed", "--count", 3000, "--rate", 300, "--flood", 15000,
                               "--rst", 30))
        self.assertEqual([alarm.type for alarm in alarms], ["syn_flood"], alarms)

    def test_an_outage_is_no_flood_and_is_over_when_the_server_is_back(self):
        scenarios = [("outage", "--baseline", usual, "--refused", refused, "--length", length,
                      "--duration", 5 + length + 25)
                     for usual, length in ((20, 8), (200, 3), (1000, 5))
                     for refused in (0, 50, 100)]
        wrong = []
        for scenario, (alarms, (wave,)) in each(self.find, scenarios):
            fine = len(alarms) <= 1 and all(
                event["event_type"] == "syn_flood" and event["flood"]["kind"] == "server_down"
                for alarm in alarms for event in alarm.events) and all(
                alarm.phases[-1] == "end" and alarm.ended - wave.end <= HOLD + 1
                for alarm in alarms)
            if not fine:
                wrong.append(f"{' '.join(map(str, scenario))}: {alarms}")
        self.assertEqual(wrong, [], "\n".join(wrong))

    def check_alone(self, word, scenario):
        alarms, waves = self.find(scenario)
        self.assertEqual([alarm.type for alarm in alarms], [word], f"{scenario}: {alarms}")
        self.assertEqual((alarms[0].phases[0], alarms[0].phases[-1]), ("start", "end"))
        return alarms[0], waves

    def test_a_scan_is_one_scan_and_no_flood(self):
        for scenario in (("scan",), ("scan", "--count", 1024, "--rate", 200),
                         ("scan", "--rate", 5000, "--count", 20480),
                         ("attack", "--baseline", 0, "--sources", 1, "--spoofed", 0, "--victim",
                          "198.51.100.0", "--victims", 256, "--rate", 200),
                         ("attack", "--baseline", 50, "--sources", 1, "--spoofed", 0, "--ports",
                          65535, "--rate", 100)):
            with self.subTest(scenario=scenario):
                alarm, _ = self.check_alone("scan", scenario)
                self.assertIn(alarm.last["src_ip"], ("203.0.113.66",)
                              if scenario[0] == "scan" else (alarm.last["src_ip"],))
                self.assertLessEqual(len(alarm.events), 5)

    def test_backscatter_and_storms_are_found_once_each(self):
        whole_prefix = ("--victim", "198.51.100.0", "--victims", 256)
        for word, *more in (("backscatter", "--with", "synack", *whole_prefix),
                            ("backscatter", "--with", "synack", *whole_prefix, "--answered", 30),
                            ("backscatter", "--with", "synack"),
                            ("rst_storm", "--with", "rst"), ("ack_storm", "--with", "ack"),
                            ("ack_storm", "--with", "ack", "--answered", 100)):
            for honest in (1, 100):
                with self.subTest(word=word, more=more, honest=honest):
                    alarm, (wave,) = self.check_alone(word, (
                        "attack", "--rate", 5000, "--onset", 8, "--baseline", honest, *more))
                    self.assertLessEqual(alarm.began - wave.onset, 1)
                    self.assertLessEqual(alarm.ended - wave.end, HOLD + 5)
                    self.assertLessEqual(len(alarm.events), 5)

    def test_years_without_a_packet_cost_nothing_and_end_what_was_under_way(self):
        path, _ = self.workshop.make("attack", "--duration", 8, "--length", 3, "--onset", 3)
        later, _ = self.workshop.make("attack", "--start", "2036-05-01T00:00:00Z")
        alarms = self.workshop.alarms([path, later])
        self.assertEqual([alarm.phases[-1] for alarm in alarms], ["end", "end"], alarms)
        self.assertLessEqual(alarms[0].ended - alarms[0].began, 3 + HOLD + 1)

    def test_two_runs_say_the_same_to_the_byte(self):
        path, _ = self.workshop.make("attack", "--victims", 4, "--times", 2, "--spoofed", 50)
        once = self.workshop.events([path])
        self.assertTrue(once)
        self.assertEqual(once, self.workshop.events([path]))


class CapturesTest(unittest.TestCase):
    """What others captured: nothing is found but what is known to be there."""

    def setUp(self):
        if not CAPTURES.is_dir():
            self.skipTest(f"there are no captures in {CAPTURES}")
        self.workshop = Workshop(SYNWIRE)
        self.addCleanup(self.workshop.close)
        self.known = collections.defaultdict(dict)
        for line in KNOWN.read_text().splitlines():
            if not line.startswith("#"):
                name, word, least, most, _ = line.split("\t")
                self.known[name][word] = range(int(least), int(most) + 1)

    def test_no_flood_is_found_where_there_is_none(self):
        paths = sorted((p for p in CAPTURES.glob("*.pcap") if p.name not in self.known),
                       key=lambda path: (first_second(path), path.name))
        self.assertGreater(len(paths), 300)
        runs = [paths[i:i + CAPTURES_A_RUN] for i in range(0, len(paths), CAPTURES_A_RUN)]
        suspects = [path for run, alarms in each(self.workshop.alarms, runs) if alarms
                    for path in run]
        wrong = [f"{path.name}: {alarms}" for path, alarms in
                 each(lambda path: self.workshop.alarms([path]), suspects) if alarms]
        self.assertEqual(wrong, [], "\n".join(wrong))
        self.assertEqual(suspects, [], "something was found in captures together only")

    def test_what_is_there_is_found(self):
        for name, words in self.known.items():
            found = collections.Counter(a.type for a in self.workshop.alarms([CAPTURES / name]))
            with self.subTest(name):
                self.assertLessEqual(set(found), set(words))
                for word, times in words.items():
                    self.assertIn(found[word], times)


def spoofed_share(wave, scenario):
    """Honest clients that get no service leave handshakes open, too, and try again."""
    said = dict(zip(scenario, scenario[1:]))
    unserved = said.get("--baseline", 0) * said.get("--down", 0) / 100
    return wave.spoofed_share * said.get("--rate", 1) / (said.get("--rate", 1) + unserved)


def clients_of(scenario):
    """How many honest clients there are; 0: each handshake has another."""
    return dict(zip(scenario, scenario[1:])).get("--clients", 0)


def insistence(wave, scenario):
    """For so long after the last new SYN attackers that exist send theirs again."""
    answered = dict(zip(scenario, scenario[1:])).get("--answered", 0)
    return 3 if wave.spoofed_share < 1 and answered < 100 else 0


def without_beginning(data, share):
    """A pcap file from the first packet on that lies behind so much of it."""
    at = 24
    while at < share * len(data):
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    return data[:24] + data[at:]


def first_second(path):
    """When a capture begins; what this does not read comes first."""
    with open(path, "rb") as file:
        head = file.read(32)
    if len(head) == 32 and head[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        return struct.unpack_from("<I", head, 24)[0]
    return 0


if __name__ == "__main__":
    SYNWIRE, CAPTURES, KNOWN = (os.path.abspath(sys.argv.pop(1)), pathlib.Path(sys.argv.pop(1)),
                                pathlib.Path(sys.argv.pop(1)))
    unittest.main(verbosity=2)
