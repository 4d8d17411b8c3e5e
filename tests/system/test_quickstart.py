#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/quickstart shows what the README promises: test_quickstart.py SYNWIRE QUICKSTART"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

quickstart = os.path.abspath(sys.argv.pop(2))
synwire = sys.argv.pop(1)


def run(*args, folder="/"):
    return subprocess.run([quickstart, *args], cwd=folder, capture_output=True, text=True)


class Quickstart(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        # A path with a space in it, as people have them.
        self.program = self.folder / "my programs" / "synwire"
        self.program.parent.mkdir()
        shutil.copy(synwire, self.program)

    def test_it_makes_a_capture_sums_it_up_and_draws_a_connection(self):
        done = run("--program", str(self.program), folder=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Connections: ", done.stdout)
        self.assertIn("Connect latency", done.stdout)
        self.assertIn("suspected_injection", done.stdout.partition("$ synwire explain")[2])

    def test_the_capture_stays_to_be_looked_at_and_nothing_else_does(self):
        run("--program", str(self.program), folder=self.folder)
        left = sorted(path.name for path in self.folder.rglob("*") if path.is_file())
        self.assertEqual(left, ["demo.pcap", "synwire"])

    def test_an_unknown_option_is_wrong_usage(self):
        self.assertEqual(run("--bogus").returncode, 64)

    def test_an_option_without_its_value_is_wrong_usage(self):
        done = run("--program")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (64, "", "tools/quickstart: --program needs a file\n"))

    def test_help_has_a_long_name_and_a_short_one(self):
        done = run("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(run("-h").stdout, done.stdout)


unittest.main(verbosity=2)
