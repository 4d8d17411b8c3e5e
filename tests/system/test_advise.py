#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `synwire advise` makes of captures whose content is known.

Usage: test_advise.py SYNWIRE [TEST]...
"""

import datetime
import json
import os
import subprocess
import sys
import unittest

from floods import Workshop

SYNWIRE = ""
VICTIM = "192.0.2.80:80"
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc).timestamp()


def stamp(time):
    return datetime.datetime.fromtimestamp(time, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def claims(waves, whom=VICTIM):
    """Each wave as the generator tells it, to the microsecond."""
    return [word for wave in waves for word in ("--flood", f"{whom}@{stamp(wave.onset)}-{stamp(wave.end)}")]


class AdviseTest(unittest.TestCase):
    def setUp(self):
        self.workshop = Workshop(SYNWIRE)
        self.addCleanup(self.workshop.close)

    def run_advise(self, *args):
        return subprocess.run([SYNWIRE, "advise", *map(str, args)], capture_output=True, text=True, timeout=120)

    def text(self, *args):
        done = self.run_advise(*args)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def advice(self, *args):
        return json.loads(self.text("--json", *args))

    def refused(self, status, sentence, *args):
        done = self.run_advise(*args)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(sentence, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_floods_that_the_defaults_find_need_no_change(self):
        path, waves = self.workshop.make("attack", "--times", 3, "--rate", 1000)
        advice = self.advice(*claims(waves), path)
        self.assertEqual(advice["truth"], "claimed")
        self.assertEqual(len(advice["floods"]), 3)
        self.assertIn(len(advice["settings"]), range(30, 61))
        self.assertFalse(advice["recommended"]["change"])
        present = advice["settings"][0]
        self.assertTrue(present["present"] and present["recommended"])
        self.assertEqual((present["found"], present["missed"], present["false_alarm_count"]), (3, 0, 0))
        self.assertLessEqual(present["longest_delay_ms"], 300)
        self.assertIn("The defaults do", self.text(*claims(waves), path))

    def test_the_present_setting_tells_what_a_replay_tells(self):
        path, waves = self.workshop.make("attack", "--rate", 30, "--baseline", 5, "--length", 20)
        alarms = self.workshop.alarms([path])
        present = self.advice(*claims(waves), path)["settings"][0]
        self.assertEqual(present["found"], 1)
        self.assertAlmostEqual(present["longest_delay_ms"] / 1000, alarms[0].began - waves[0].onset, places=3)

    def test_without_a_word_most_settings_decide(self):
        path, waves = self.workshop.make("attack", "--times", 2)
        advice = self.advice(path)
        self.assertEqual(advice["truth"], "voted")
        self.assertEqual([flood["dest"] for flood in advice["floods"]], [VICTIM] * 2)
        self.assertIn("Nobody said what is in these captures", self.text(path))

    def test_floods_below_the_thresholds_ask_for_lower_ones(self):
        path, waves = self.workshop.make("attack", "--rate", 700, "--length", 10)
        keys = ["--set", "flood.min_syn_pps=1200", "--set", "flood.min_slow_syn_pps=1200"]
        advice = self.advice(*keys, *claims(waves), path)
        self.assertEqual(advice["settings"][0]["missed"], 1)
        recommended = advice["recommended"]
        self.assertTrue(recommended["change"])
        self.assertEqual(recommended["flood"]["min_slow_syn_pps"], 600)
        self.assertIn("  min_slow_syn_pps: 600\n", recommended["yaml"])
        text = self.text(*keys, *claims(waves), path)
        self.assertIn("flood:\n", text)
        self.assertIn("the present one finds 0 of 1 floods", text)

    def test_what_is_recommended_does_what_it_was_recommended_for(self):
        path, waves = self.workshop.make("attack", "--rate", 700, "--length", 10)
        settings = self.workshop.folder / "settings.yaml"
        before = "flood:\n  min_syn_pps: 1200\n  min_slow_syn_pps: 1200\n"
        settings.write_text(before)
        self.assertEqual(self.workshop.alarms([path], "-c", settings), [])
        yaml = self.advice("-c", settings, *claims(waves), path)["recommended"]["yaml"]
        for line in before.splitlines()[1:]:
            if line.split(":")[0] not in yaml:
                yaml += line + "\n"
        settings.write_text(yaml)
        self.assertEqual([alarm.type for alarm in self.workshop.alarms([path], "-c", settings)], ["syn_flood"])

    def test_false_alarms_ask_for_higher_thresholds(self):
        """What is no flood here is one elsewhere: clients of a service that is known to be slow, say."""
        path, waves = self.workshop.make("attack", "--rate", 60, "--baseline", 10, "--length", 10)
        advice = self.advice("--no-flood", path)
        present = advice["settings"][0]
        self.assertEqual((present["found"], present["false_alarm_count"]), (0, 1))
        alarm = present["false_alarms"][0]
        self.assertEqual(alarm["dest"], VICTIM)
        self.assertTrue(stamp(waves[0].onset - 0.3) <= alarm["from"] <= stamp(waves[0].onset + 5), alarm)
        best = next(one for one in advice["settings"] if one["recommended"])
        self.assertEqual(best["false_alarm_count"], 0)
        self.assertGreater(best["flood"]["min_syn_pps"], 60)
        text = self.text("--no-flood", path)
        self.assertIn("false alarm at", text)
        self.assertIn("try captures with one, too", text)

    def test_a_crowd_is_no_flood(self):
        path, _ = self.workshop.make("flashcrowd")
        for said in (["--no-flood"], []):
            advice = self.advice(*said, path)
            self.assertEqual(advice["floods"], [])
            self.assertEqual(advice["settings"][0]["false_alarm_count"], 0)
            self.assertFalse(advice["recommended"]["change"])

    def test_a_crowd_and_a_flood_are_judged_together(self):
        crowd, _ = self.workshop.make("flashcrowd", "--start", "2026-01-01T00:00:00Z")
        flood, waves = self.workshop.make("attack", "--start", "2026-01-01T01:00:00Z")
        advice = self.advice(*claims(waves), crowd, flood)
        self.assertEqual(advice["settings"][0]["found"], 1)
        self.assertEqual(advice["settings"][0]["false_alarm_count"], 0)
        self.assertFalse(advice["recommended"]["change"])

    def test_seconds_count_from_the_first_frame(self):
        path, _ = self.workshop.make("attack", "--onset", 7)
        advice = self.advice("--flood", "192.0.2.0/24@7-12", path)
        self.assertEqual((advice["settings"][0]["found"], advice["settings"][0]["false_alarm_count"]), (1, 0))
        self.assertEqual(advice["floods"][0]["dest"], "192.0.2.0/24")
        advice = self.advice("--flood", "192.0.2.80:443@7-12", path)
        self.assertEqual((advice["settings"][0]["found"], advice["settings"][0]["false_alarm_count"]), (0, 1))

    def test_an_outage_is_neither(self):
        path, _ = self.workshop.make("outage", "--baseline", 100, "--length", 10)
        present = self.advice("--no-flood", path)["settings"][0]
        self.assertEqual((present["server_down"], present["false_alarm_count"]), (1, 0))

    def test_nothing_is_written_though_captures_of_floods_are_configured(self):
        path, waves = self.workshop.make("attack")
        folder = self.workshop.folder / "evidence"
        folder.mkdir()
        self.text("--set", f"flood.capture={folder}", "--set", "flood.detect=false", *claims(waves), path)
        self.assertEqual(list(folder.iterdir()), [])

    def test_a_capture_that_cannot_be_read_is_told(self):
        good, _ = self.workshop.make("attack")
        bad = self.workshop.folder / "bad.pcap"
        bad.write_bytes(b"this is no capture at all, is it")
        self.refused(1, "bad.pcap", good, bad)
        self.refused(1, "missing.pcap", self.workshop.folder / "missing.pcap")
        # One without a packet.
        bad.write_bytes(good.read_bytes()[:24])
        self.refused(1, "there is no packet", bad)

    def test_a_capture_that_is_cut_off_is_used_up_to_there(self):
        path, waves = self.workshop.make("attack")
        whole = path.read_bytes()
        path.write_bytes(whole[:len(whole) - 7])
        done = self.run_advise("--json", *claims(waves), path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("synwire advise: ", done.stderr)
        self.assertIn("replayed up to there", done.stderr)
        self.assertEqual(json.loads(done.stdout)["settings"][0]["found"], 1)

    def test_wrong_usage_is_told(self):
        path, _ = self.workshop.make("attack")
        self.refused(64, "no capture is named")
        self.refused(64, "--flood is ADDR[:PORT]@FROM-TO", "--flood", "nonsense", path)
        self.refused(64, "is no FROM-TO", "--flood", "192.0.2.80@x", path)
        self.refused(64, "contradict each other", "--no-flood", "--flood", "192.0.2.80@5-6", path)
        self.refused(64, "no packet of the captures is of that time", "--flood", "192.0.2.80@500-600", path)
        self.refused(64, "--timeouts is 'on' or 'off'", "--timeouts", "perhaps", path)
        self.refused(64, "--flows is a number", "--flows", "many", path)
        self.refused(64, "unknown option", "--frobnicate", path)
        self.refused(78, "flood.min_slow_syn_pps", "--set", "flood.min_slow_syn_pps=50000", path)
        self.refused(78, "nothere.yaml", "-c", "nothere.yaml", path)


if __name__ == "__main__":
    SYNWIRE = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
