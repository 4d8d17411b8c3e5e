#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DPDK's own dumpcap beside a running appliance: it needs hugepages, which two processes can share.

The pages are taken for the test and given back. Usage: test_run_dumpcap.py SYNWIRE
"""

import pathlib
import shutil
import subprocess
import unittest

from appliance import Appliance
from testbed import CLIENT, SERVER, WIRE, TestbedTest, address, main

NR_HUGEPAGES = pathlib.Path("/proc/sys/vm/nr_hugepages")
PAGES = 160  # of 2 MiB
FRAMES = 8
TRIES = 20


class Dumpcap(TestbedTest):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("dpdk-dumpcap"):
            raise unittest.SkipTest("dpdk-dumpcap is not installed")
        testbed = cls.set_up_testbed()
        before = NR_HUGEPAGES.read_text()
        cls.addClassCleanup(NR_HUGEPAGES.write_text, before)
        NR_HUGEPAGES.write_text(str(int(before) + PAGES))
        if int(NR_HUGEPAGES.read_text()) < int(before) + PAGES:
            raise unittest.SkipTest("the kernel has no memory for hugepages")
        folder = testbed.folder / "hugepages"
        folder.mkdir()
        subprocess.run(["mount", "-t", "hugetlbfs", "none", folder], check=True)
        cls.addClassCleanup(subprocess.run, ["umount", "-l", folder], check=False)
        cls.appliance = Appliance(testbed, config={"memory": {"hugepages": True}}).start()

    def dump(self, capture):
        """Once it has been lucky: it needs the very addresses that the appliance has its memory at,
        and where sanitizers push that up something of its own may lie there."""
        for _ in range(TRIES):
            dumpcap = self.testbed.start(
                WIRE, "dpdk-dumpcap", "--file-prefix", self.appliance.config["dpdk"]["prefix"],
                "-i", "net_af_packet0", "-c", FRAMES, "-w", capture)
            if dumpcap.wait() == 0 or "at requested address" not in dumpcap.err:
                break
        return dumpcap

    def test_it_captures_what_passes(self):
        capture = self.testbed.folder / "capture.pcapng"
        pings = self.testbed.start(CLIENT, "ping", "-i", "0.2", address(SERVER))
        dumpcap = self.dump(capture)
        self.assertEqual(dumpcap.status, 0, dumpcap.err)
        pings.kill()
        frames = self.testbed.run(WIRE, "tcpdump", "-nr", capture, "icmp").splitlines()
        self.assertGreaterEqual(len(frames), FRAMES // 2)
        self.assertEqual(self.appliance.stop(), 0, self.appliance.program.err)


if __name__ == "__main__":
    main()
