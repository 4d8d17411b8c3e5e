#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What systemd itself says of the unit and its user: test_service.py SYNWIRE CONF-FOLDER"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

EXPOSURE_MAX = 35  # of 100, as `systemd-analyze security` counts: below 50 is "OK"
conf = pathlib.Path(sys.argv.pop(2))
synwire = pathlib.Path(sys.argv.pop(1)).resolve()


def analyze(*args):
    return subprocess.run(["systemd-analyze", *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def directives(text):
    """Of each line `KEY=VALUE`; a key may stand more than once."""
    return [tuple(line.split("=", 1)) for line in text.splitlines() if line[:1].isalpha()]


@unittest.skipIf(shutil.which("systemd-analyze") is None, "systemd-analyze is not installed")
class Analyzed(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.unit = pathlib.Path(folder.name) / "synwire.service"
        text = (conf / "synwire.service").read_text()
        # The program is not where systemd would look, nor are the man pages.
        # Both words stand in quotes, as a folder's name may have a space.
        text = text.replace("=!synwire ", f'=!"{synwire}" ').replace("=synwire reload", f'="{synwire}" reload')
        self.unit.write_text(text)

    def test_systemd_understands_every_line(self):
        done = analyze("verify", "--man=no", str(self.unit))
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_it_exposes_no_more_than_ports_need(self):
        done = analyze("security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE_MAX}", str(self.unit))
        self.assertEqual(done.returncode, 0, done.stdout)


class Unit(unittest.TestCase):
    def setUp(self):
        self.directives = directives((conf / "synwire.service").read_text())

    def test_it_becomes_the_user_that_sysusers_makes(self):
        user = (conf / "synwire.sysusers").read_text().splitlines()[-1].split()
        self.assertEqual(user[:2], ["u", dict(self.directives)["User"]])

    def test_it_starts_as_root_and_may_become_that_user(self):
        self.assertTrue(dict(self.directives)["ExecStart"].startswith("!synwire run "))
        capabilities = " ".join(value for key, value in self.directives if key == "CapabilityBoundingSet").split()
        self.assertLessEqual({"CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_NET_ADMIN"}, set(capabilities))

    def test_a_wrong_configuration_does_not_start_again_and_again(self):
        self.assertEqual(dict(self.directives)["RestartPreventExitStatus"].split(), ["64", "78"])


unittest.main(verbosity=2)
