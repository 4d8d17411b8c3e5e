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
        done = check(*args)
        self.assertEqual(done.returncode, status)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr, f"synwire check: {message}\n")

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
