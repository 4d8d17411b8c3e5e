#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The scripts that compare and scale, without a figure: test_scripts.py SYNWIRE SCALING_LOAD

What they compute, what they read, what they say of wrong options, and that they clean up.
"""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "beside"))
import captures  # noqa: E402
import figures  # noqa: E402
import forwarders  # noqa: E402
import kernel_peers  # noqa: E402
import machine  # noqa: E402
import steering  # noqa: E402

SCRIPTS = "side-by-side", "latency", "scaling", "rss-imbalance"
synwire, scaling_load = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))


def load_script(name):
    loader = importlib.machinery.SourceFileLoader(name, str(HERE / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def run(name, *args):
    return subprocess.run([sys.executable, "-B", HERE / name, *map(str, args)], check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)


class Figures(unittest.TestCase):
    def test_a_rate_is_of_the_processors_seconds(self):
        self.assertEqual(figures.per_cpu_second((100, 2.0), (1100, 2.5)), 2000)

    def test_a_worker_that_did_nothing_has_no_rate(self):
        for after in ((100, 2.0), (50, 3.0)):
            with self.assertRaises(ValueError):
                figures.per_cpu_second((100, 2.0), after)

    def test_each_round_is_compared_with_its_own_base(self):
        rounds = [{"testpmd io": 20e6, "synwire": 10e6}, {"testpmd io": 10e6, "synwire": 4e6},
                  {"testpmd io": 40e6, "synwire": 10e6}]
        compared = figures.compare(rounds)
        self.assertEqual(compared["testpmd io"],
                         {"mpps": {"median": 20, "least": 10, "most": 40}})
        self.assertEqual(compared["synwire"]["ratio"],
                         {"median": 0.4, "least": 0.25, "most": 0.5})
        # 100 - 50, 250 - 100, 100 - 25 ns
        for name, value in {"median": 75, "least": 50, "most": 150}.items():
            self.assertAlmostEqual(compared["synwire"]["added_ns"][name], value)

    def test_without_testpmd_there_are_rates_only(self):
        self.assertEqual(list(figures.compare([{"synwire": 1e6}])["synwire"]), ["mpps"])

    def test_all_take_the_first_turn(self):
        self.assertEqual([figures.in_turn([1, 2, 3], number) for number in range(4)],
                         [[1, 2, 3], [2, 3, 1], [3, 1, 2], [1, 2, 3]])

    def test_latencies_are_medians_and_what_was_missed_is_of_all(self):
        reports = [dict(zip(("500", "900", "990", "999", "1000"), range(start, start + 5)),
                        given=90, missed=missed, holds=start * 10, held=start * 400000)
                   for start, missed in ((10, 0), (30, 20), (20, 0))]
        self.assertEqual(load_script("latency").summarize(reports, 2), {
            "p50": 20, "p90": 21, "p99": 22, "p99.9": 23, "max": 24, "holds/s": 100, "held us": 40,
            "missed": 20 / 290})

    def test_workers_at_once_are_compared_with_the_one_of_their_round(self):
        scaling = load_script("scaling")
        rounds = scaling.read_rounds("0 1 2.0 1.0\n0 2 2.0 0.5\n0 2 1.8 0.5\n"
                                     "1 1 4.0 2.0\n1 2 4.0 1.0\n1 2 4.0 2.0\n")
        result = scaling.summarize(rounds)
        self.assertEqual(result["processor"]["ratio"], {"median": 1.95, "least": 1.9, "most": 2})
        self.assertEqual(result["wall"]["ratio"], {"median": 1.25, "least": 1, "most": 1.5})


class Gate(unittest.TestCase):
    def test_events_of_a_replay_are_counted(self):
        with tempfile.TemporaryDirectory() as folder:
            path, events = f"{folder}/mixed.pcap", f"{folder}/events.json"
            subprocess.run([synwire, "generate", "mixed", "--count", "50", "--flood", "30", "--rst",
                            "7", "-o", path], check=True, stderr=subprocess.DEVNULL)
            subprocess.run([synwire, "replay", "--quiet", "--json", events, path], check=True)
            with open(events, encoding="utf-8") as lines:
                self.assertEqual(captures.count_events(lines), (50, 30, 7))

    def test_captures_are_what_they_are_said_to_be(self):
        for kind, traffic in captures.TRAFFIC.items():
            few = traffic.connections // 128
            with self.subTest(kind), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "some.pcap"
                subprocess.run([synwire, "generate", kind, "--count", str(few), "-o", path],
                               check=True, stderr=subprocess.DEVNULL)
                flows = steering.flows_of([path])
                self.assertEqual(len(flows), few)
                self.assertEqual(flows.total() * traffic.connections, traffic.frames * few)

    def test_the_kernels_counts_must_be_exact(self):
        counted = kernel_peers.Counted(kernel_peers.SYNS, kernel_peers.SYNS, 0, kernel_peers.SYNS)
        kernel_peers.check("synflood", "conntrack", counted)
        few = counted.sent - 1
        for wrong in ({"arrived": few}, {"answered": 1}, {"tracked": few}):
            with self.assertRaises(machine.Trouble):
                kernel_peers.check("synflood", "conntrack", counted._replace(**wrong))


class Steering(unittest.TestCase):
    # Microsoft's test of RSS: 66.9.149.187:2794 to 161.142.100.80:1766
    KEY = bytes.fromhex("6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b4"
                        "77cb2da38030f20c6a42b73bbeac01fa")
    WORDS = bytes.fromhex("420995bb" "a18e6450" "0aea" "06e6")

    def test_the_hash_is_toeplitz(self):
        tables = steering._byte_tables(self.KEY, 12)
        self.assertEqual(steering.toeplitz(self.WORDS, tables), 0x51ccc178)
        self.assertEqual(steering.toeplitz(self.WORDS[:8], tables), 0x323e8fc2)

    def test_both_directions_are_one_connection_and_hash_alike(self):
        words, turned = self.WORDS, self.WORDS[4:8] + self.WORDS[:4] + self.WORDS[10:] + \
            self.WORDS[8:10]
        self.assertEqual(steering.one_way(words), steering.one_way(turned))
        self.assertEqual(steering.toeplitz(words), steering.toeplitz(turned))

    def test_loads_are_packets_in_each_queue(self):
        # 128 entries, 3 queues: entry 127 is queue 1's, 128 is entry 0 again
        loads = steering.load_of([(0, 5), (127, 7), (128, 1), (2, 2)], 3, 128)
        self.assertEqual(loads, [6, 7, 2])
        self.assertAlmostEqual(steering.imbalance(loads), 7 * 3 / 15)

    def test_a_capture_is_spread(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([synwire, "generate", "handshakes", "--count", "100", "--vlan", "5",
                            "-o", f"{folder}/some.pcap"], check=True, stderr=subprocess.DEVNULL)
            done = run("rss-imbalance", folder, "--flows", 50, "--draws", 1, "--json")
            found = json.loads(done.stdout)
            self.assertEqual((found["connections"], found["packets"], found["largest"]),
                             (100, 300, 3))
            self.assertEqual(list(found["rows"]), ["as captured", "50 flows", "50 even"])
            self.assertTrue(1 <= found["rows"]["as captured"]["128"]["2"] <= 2)


class Scripts(unittest.TestCase):
    def test_help_names_every_way_to_call_it(self):
        for name in SCRIPTS:
            with self.subTest(name):
                done = run(name, "--help")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn(f"tests/bench/{name} ", done.stdout)

    def test_wrong_options_are_named_before_anything_is_touched(self):
        for args, sentence in (
                (["side-by-side", "build", "--kinds", "mixed"], "--kinds: no 'mixed'"),
                (["side-by-side", "build", "--only", "vpp"], "--only: no 'vpp'"),
                (["side-by-side", "build", "--rounds", "0"], "must be more than 0"),
                (["side-by-side", "build", "--cores", "x,1"], "two numbers are needed, not 'x,1'"),
                (["side-by-side", "build", "--cores", "0,0"], "two different cores are needed"),
                (["latency", "build", "--loads", "50,100"], "less than 100 percent"),
                (["latency", "build", "--loads", "half"], "--loads: numbers are needed"),
                (["scaling", "build", "--cores", "0"], "two or more of"),
                (["rss-imbalance", os.devnull], "there is no TCP"),
                (["rss-imbalance", "/nowhere"], "No such file")):
            with self.subTest(args):
                done = run(*args)
                self.assertNotEqual(done.returncode, 0)
                self.assertEqual(done.stdout, "")
                self.assertIn(sentence, done.stderr)

    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "needs two cores")
    def test_a_build_that_is_not_there_is_told_in_a_sentence(self):
        for script, path in (("side-by-side", "app/synwire"), ("latency", "app/synwire"),
                             ("scaling", "tests/bench/beside/scaling_load")):
            with self.subTest(script=script):
                done = run(script, "/nowhere")
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, f"^{script}: /nowhere/{path} is not there: .*"
                                 "meson setup /nowhere.*ninja -C /nowhere\n$")

    def test_a_program_that_is_not_there_is_named_with_its_package(self):
        kept, os.environ["PATH"] = os.environ["PATH"], "/nowhere"
        try:
            self.assertIn("dpdk-dev", forwarders.Testpmd.why_not())
            self.assertIn("openvswitch-switch-dpdk", forwarders.OpenVSwitch.why_not())
        finally:
            os.environ["PATH"] = kept

    def test_nothing_is_left_after_an_interrupt(self):
        with self.assertRaises(KeyboardInterrupt):
            with machine.Machine("test-scripts") as taken:
                program = taken.start("sleep", "1000")
                raise KeyboardInterrupt
        self.assertIsNotNone(program.status)
        self.assertFalse(taken.folder.exists())

    def test_workers_count_exactly_and_each_takes_its_turn(self):
        core = min(os.sched_getaffinity(0))
        done = subprocess.run([scaling_load, "mixed", "1024", "2", "0.01", str(core), str(core)],
                              check=True, capture_output=True, text=True)
        lines = [line.split()[:2] for line in done.stdout.splitlines()]
        self.assertEqual(lines, [["0", "1"], ["0", "2"], ["0", "2"],
                                 ["1", "1"], ["1", "2"], ["1", "2"]])


if __name__ == "__main__":
    unittest.main(verbosity=2)
