#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/test refuses what it cannot run: test_runner.py SYNWIRE RUNNER"""

import os
import subprocess
import sys
import unittest

runner = os.path.abspath(sys.argv[2])
SUITES = "lint, unit, threads, scenario, model, fuzz, demo, cost, system, basic, floods, live, brief"
del sys.argv[1:]


def run(*args):
    return subprocess.run([runner, *args], capture_output=True, text=True, check=False)


class Runner(unittest.TestCase):
    def test_a_suite_that_is_not_there_is_wrong_usage(self):
        for args in (["nonsuch"], ["unit", "nonsuch"], ["--asan", "nonsuch"]):
            with self.subTest(args):
                done = run(*args)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (
                    64, "", f"tools/test: no suite 'nonsuch'; there are {SUITES}\n"))

    def test_an_unknown_option_is_wrong_usage(self):
        self.assertEqual(run("--bogus").returncode, 64)

    def test_help_names_the_suites(self):
        done = run("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(SUITES, done.stdout)
        self.assertEqual(run("-h").stdout, done.stdout)


unittest.main(verbosity=2)
