#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What holds for every command of synwire alike: test_commands.py SYNWIRE"""

import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest

FINE, FAILED, USAGE, CONFIG = 0, 1, 64, 78
COMMANDS = ("bypass", "check", "explain", "generate", "reload", "replay", "run", "show")
synwire = os.path.abspath(sys.argv.pop(1))


def run(*args, stdout=subprocess.PIPE, **options):
    done = subprocess.run([synwire, *args], stdout=stdout, stderr=subprocess.PIPE, text=True,
                          check=False, **options)
    return done.returncode, done.stdout, done.stderr


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="test_commands."))
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return str(self.folder / name)

    def demo(self):
        self.assertEqual(run("generate", "demo", "-o", self.path("demo.pcap"))[0], FINE)
        return self.path("demo.pcap")

    def test_help_has_a_long_name_and_a_short_one(self):
        for command in ([], *([name] for name in COMMANDS)):
            with self.subTest(command):
                status, text, errors = run(*command, "--help")
                self.assertEqual((status, errors), (FINE, ""))
                self.assertTrue(text.startswith(" ".join(["Usage: synwire", *command])), text)
                self.assertEqual(run(*command, "-h"), (FINE, text, ""))

    def test_a_wrong_option_is_named_whatever_is_around_it(self):
        cases = ((["-xy"], "unknown option '-x'"), (["file", "-xc"], "unknown option '-x'"),
                 (["--bogus"], "unknown option '--bogus'"), (["file", "-qx"], "unknown option '-q'"),
                 (["--help=3"], "--help takes no value"), (["--he=3"], "--he takes no value"))
        values = {"bypass": "--socket", "check": "--set", "explain": "--flow", "generate": "--victim",
                  "reload": "--socket", "replay": "--json", "run": "--set", "show": "--socket"}
        for command in COMMANDS:
            for args, sentence in (*cases, ([values[command]], f"{values[command]} needs a value"),
                                   ([f"{values[command]}=a=b", "-x"], "unknown option '-x'")):
                # Not an option's value that is wrong first.
                if command == "explain" and "a=b" in args[0]:
                    args = ["--set=a=b", *args[1:]]
                with self.subTest(command, args=args):
                    self.assertEqual(run(command, *args), (
                        USAGE, "", f"synwire {command}: {sentence}; "
                        f"'synwire {command} --help' lists the options\n"))
        for command, short in (("check", "-c"), ("explain", "-c"), ("generate", "-o"),
                               ("replay", "-c"), ("run", "-c"), ("show", "-c"),
                               ("reload", "-c"), ("bypass", "-c")):
            self.assertIn(f": {short} needs a value;", run(command, short)[2])

    def test_output_that_cannot_be_written_is_told(self):
        demo = self.demo()
        cases = {"synwire": (["--help"], ["-h"], ["--version"]),
                 "synwire check": (["check"], ["check", "--help"], ["check", "--document"]),
                 "synwire explain": (["explain", "--help"], ["explain", demo]),
                 "synwire generate": (["generate", "--help"],
                                      ["generate", "demo", "-o", self.path("again.pcap")]),
                 "synwire replay": (["replay", "--help"],)}
        for program, lines in cases.items():
            for args in lines:
                with self.subTest(args), open("/dev/full", "w", encoding="utf-8") as full:
                    self.assertEqual(run(*args, stdout=full), (
                        FAILED, None, f"{program}: standard output: No space left on device\n"))

    def test_a_reader_that_has_gone_is_told(self):
        demo = self.demo()
        for args in (["--help"], ["check"], ["explain", demo], ["explain", demo, "--flow", "1"],
                     ["replay", "--help"], ["generate", "demo", "-o", "-"]):
            with self.subTest(args):
                ours, theirs = os.pipe()
                os.close(ours)
                # Python ignores the signal itself, and its children then would too.
                status, _, errors = run(*args, stdout=theirs, restore_signals=True)
                os.close(theirs)
                self.assertEqual((status, errors.count("\n")), (FAILED, 1), errors)
                self.assertIn("reader has gone", errors)

    def test_a_file_that_may_not_grow_is_told(self):
        demo = self.demo()
        limit = 1024
        for args in (["generate", "demo", "-o", self.path("out.pcap")],
                     ["replay", demo, "--quiet", "--out", self.path("out.pcap")],
                     ["replay", demo, "--quiet", "--json", self.path("out.json")],
                     ["explain", demo, "--flow", "1", "--svg", self.path("out.svg")],
                     ["check", "--document"]):
            stdout = self.path("stdout") if args[0] == "check" else os.devnull
            with self.subTest(args), open(stdout, "w", encoding="utf-8") as stdout:
                status, _, errors = run(*args, stdout=stdout, preexec_fn=lambda: resource.setrlimit(
                    resource.RLIMIT_FSIZE, (limit, limit)))
                self.assertEqual((status, errors.count("\n")), (FAILED, 1), errors)
                self.assertIn("File too large", errors)

    def test_a_broken_file_still_says_where_to_ask(self):
        config, nowhere = self.path("synwire.yaml"), self.path("nowhere.sock")
        commands = ["reload"], ["show", "stats"], ["bypass", "on"]
        for broken in "colour: red\n", "timeouts: [\n", "mode: maybe\n":
            with open(config, "w", encoding="utf-8") as file:
                file.write(f"control:\n  socket: {nowhere}\n{broken}")
            for command in commands:
                with self.subTest(command, broken=broken):
                    status, _, errors = run(*command, "-c", config)
                    self.assertEqual(status, FAILED, errors)
                    self.assertIn(f"no synwire answers on {nowhere};", errors)
        for unsaid in "control:\n  socket: ''\n", "timeouts: [\n", "control:\n  sokcet: /a\n":
            with open(config, "w", encoding="utf-8") as file:
                file.write(unsaid)
            for command in commands:
                with self.subTest(command, unsaid=unsaid):
                    status, _, errors = run(*command, "-c", config)
                    self.assertEqual((status, errors.count("\n")), (CONFIG, 1), errors)


unittest.main(verbosity=2)
