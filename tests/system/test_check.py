#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`synwire check` as an operator meets it: test_check.py SYNWIRE"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

FINE, FAILED, USAGE, CONFIG = 0, 1, 64, 78
synwire = sys.argv.pop(1)


def check(*args, stdout=subprocess.PIPE):
    return subprocess.run([synwire, "check", *args], stdout=stdout, stderr=subprocess.PIPE, text=True)


class Check(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "wire.yaml"

    def refused(self, status, message, *args):
        self.all_refused(status, [message], *args)

    def all_refused(self, status, messages, *args):
        done = check(*args)
        self.assertEqual(done.returncode, status)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr, "".join(f"synwire check: {message}\n" for message in messages))

    def test_without_a_file_it_prints_the_defaults_which_are_a_file_that_changes_nothing(self):
        defaults = check()
        self.assertEqual((defaults.returncode, defaults.stderr), (FINE, ""))
        self.path.write_text(defaults.stdout)
        self.assertEqual(check("-c", str(self.path)).stdout, defaults.stdout)

    def test_the_command_line_wins_over_the_file_and_the_last_setting_over_the_first(self):
        self.path.write_text("tcp:\n  syn_retries: 2\n  synack_retries: 2\n")
        done = check("-c", str(self.path), "--set", "tcp.syn_retries=3", "--set", "tcp.syn_retries=4")
        self.assertEqual(done.returncode, FINE)
        self.assertIn("  syn_retries: 4\n", done.stdout)
        self.assertIn("  synack_retries: 2\n", done.stdout)

    def test_what_is_wrong_with_a_file_is_one_sentence_with_file_line_and_key(self):
        self.path.write_text("# mine\ntcp:\n  syn_retries: 0\n")
        self.refused(CONFIG, f"{self.path}:3: tcp.syn_retries: must be a number from 1 to 127, got 0",
                     "-c", str(self.path))

    def test_every_mistake_is_a_sentence_of_its_own(self):
        self.path.write_text("mode: off\n"
                             "wires:\n"
                             "- ports: ['0000:03:00.0', '0000:03:00.1']\n"
                             "  mtu: 20000\n"
                             "- ports: ['0000:03:00.1']\n"
                             "colour: red\n")
        self.all_refused(CONFIG, [
            f"{self.path}:6: colour: unknown key; 'synwire check' lists all",
            f"{self.path}:1: mode: must be monitor or bypass, got off",
            f"{self.path}:4: wires[0].mtu: must be a number from 68 to 9216, or 0, got 20000",
            "wires[1].ports: 0000:03:00.1 is the same port as 0000:03:00.1 of another wire",
            "--set tcp.syn_retries: must be a number from 1 to 127, got 0",
            "--set tcp: must be KEY=VALUE",
        ], "-c", str(self.path), "--set", "tcp.syn_retries=0", "--set", "tcp")

    def test_keys_that_do_not_go_together_are_told_wherever_they_come_from(self):
        self.path.write_text("workers:\n  cores: 2-3\n")
        self.refused(CONFIG, "workers.cores: must name a core for each of workers.count: 4, got 2",
                     "-c", str(self.path), "--set", "workers.count=4")

    def test_what_is_printed_of_any_example_is_a_file_that_says_the_same(self):
        examples = sorted(path for path in pathlib.Path(__file__).parents[2].glob("conf/*.yaml")
                          if path.name != "synwire-alerts.yaml")  # that one is for Prometheus
        self.assertGreaterEqual(len(examples), 5)
        for example in examples:
            printed = check("-c", str(example))
            self.assertEqual((printed.returncode, printed.stderr), (FINE, ""))
            self.path.write_text(printed.stdout)
            self.assertEqual(check("-c", str(self.path)).stdout, printed.stdout)

    def test_what_can_change_while_it_runs_is_told_from_what_needs_a_restart(self):
        lines = check().stdout.splitlines()
        self.assertIn("can change while running", lines[lines.index("mode: monitor") - 1])
        self.assertIn("needs a restart", lines[lines.index("  count: 1") - 1])

    def test_a_program_for_floods_that_is_not_there_or_no_program_is_refused(self):
        self.path.write_text("flood: {on_flood: [/bin/sh, -c, 'true']}\n")
        self.assertEqual(check("-c", str(self.path)).returncode, FINE)
        self.path.write_text("flood: {on_flood: [/no/such/program]}\n")
        self.refused(CONFIG, "flood.on_flood: /no/such/program: No such file or directory",
                     "-c", str(self.path))
        self.path.write_text(f"flood: {{on_flood: [{self.path}]}}\n")
        self.refused(CONFIG, f"flood.on_flood: {self.path}: is no program that may be run",
                     "-c", str(self.path))

    def test_thresholds_of_floods_that_contradict_each_other_are_refused(self):
        self.path.write_text("flood: {min_syn_pps: 100, min_slow_syn_pps: 200}\n")
        self.refused(CONFIG, "flood.min_slow_syn_pps: must be at most flood.min_syn_pps: 100, got 200",
                     "-c", str(self.path))

    def test_a_file_that_is_not_there_is_named(self):
        self.refused(CONFIG, f"{self.path}: No such file or directory", "--config", str(self.path))

    def test_what_is_wrong_with_a_setting_is_said_of_the_setting(self):
        self.refused(CONFIG, "--set flow.slots: must be a power of two from 1024 to 1073741824, got 5",
                     "--set", "flow.slots=5")
        self.refused(CONFIG, "--set flow.slots: must be KEY=VALUE", "--set", "flow.slots")
        self.refused(CONFIG, "--set flow.slot: unknown key; did you mean flow.slots?", "--set", "flow.slot=5")

    def test_a_wrong_command_line_is_told_from_a_wrong_configuration(self):
        hint = "'synwire check --help' lists the options"
        self.refused(USAGE, f"unknown option '--bogus'; {hint}", "--bogus")
        self.refused(USAGE, f"-c needs a value; {hint}", "-c")
        self.refused(USAGE, f"what is 'wire.yaml'? A file is given with -c; {hint}", "wire.yaml")

    def test_a_full_disk_is_no_success(self):
        with open("/dev/full", "w") as full:
            done = check(stdout=full)
        self.assertEqual(done.returncode, FAILED)
        self.assertEqual(done.stderr, "synwire check: standard output: No space left on device\n")


unittest.main(verbosity=2)
