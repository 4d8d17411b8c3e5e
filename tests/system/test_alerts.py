#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The alerting rules for Prometheus, as promtool judges them.

Usage: test_alerts.py SYNWIRE RULES [unittest's options]
Exit status 77, a skipped test, where promtool is missing. That each metric in the rules is one
which synwire has, tests/unit/test_prometheus.c looks after.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROMTOOL = shutil.which("promtool")
RULES = pathlib.Path(sys.argv.pop(2)).resolve()
sys.argv.pop(1)

# A series that is there for ten minutes, and the alert that must come of it, or none.
CASES = [
    ('synwire_floods_active{instance="a",kind="spoofed"}', "0 0 2 2 2 2 2 2 2 2", "SynwireFlood"),
    ('synwire_floods_active{instance="a",kind="server_down"}', "1x10", "SynwireServerDown"),
    ('synwire_floods_active{instance="a",kind="unspoofed"}', "0x10", None),
    ('synwire_alarms_active{instance="a",type="scan"}', "1x10", "SynwireScan"),
    ('synwire_alarms_active{instance="a",type="rst_storm"}', "1x10", "SynwireStorm"),
    ('synwire_alarms_active{instance="a",type="syn_flood"}', "1x10", None),
    ('synwire_detector_alarms_missed_total{instance="a"}', "0+1x10", "SynwireAlarmsMissed"),
    ('synwire_port_missed_packets_total{instance="a",port="p"}', "0+9x10", "SynwireMissedFrames"),
    ('synwire_port_missed_packets_total{instance="a",port="p"}', "9x10", None),
    ('synwire_dropped_packets_total{instance="a",reason="mirror"}', "0+9x10", None),
    ('synwire_dropped_packets_total{instance="a",reason="tx_full"}', "0+9x10", "SynwireDroppedFrames"),
    ('synwire_worker_bypass{instance="a",reason="overload"}', "1x10", "SynwireBypass"),
    ('synwire_worker_stalled{instance="a",worker="0"}', "1x10", "SynwireWorkerStalled"),
    ('synwire_events_lost_total{instance="a"}', "0+9x10", "SynwireEventsLost"),
    ('synwire_output_lost_lines_total{instance="a",path="p"}', "0+9x10", "SynwireLinesLost"),
    ('synwire_output_ready{instance="a",path="p"}', "0x10", "SynwireOutputNotReady"),
    ('up{job="synwire",instance="a"}', "0x10", "SynwireGone"),
    ('up{job="synwire",instance="a"}', "1x10", None),
]


def promtool(*args):
    return subprocess.run([PROMTOOL, *args], capture_output=True, text=True, check=False)


class Rules(unittest.TestCase):
    def test_promtool_reads_them(self):
        done = promtool("check", "rules", RULES)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_case_has_its_alert_and_no_other(self):
        # promtool prints what it expected and what it got; a sample of ALERTS is an alert that fires.
        cases = [{
            "interval": "1m",
            "input_series": [{"series": series, "values": values}],
            "promql_expr_test": [{
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": "9m",
                "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1}] if alert else []}],
        } for series, values, alert in CASES]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "cases.yaml"  # of which JSON is a part
            path.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m",
                                        "tests": cases}))
            done = promtool("test", "rules", path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_there_is_a_case_for_each_rule(self):
        names = {line.split()[-1] for line in RULES.read_text().splitlines() if "- alert:" in line}
        self.assertEqual(names, {alert for _, _, alert in CASES if alert})


if PROMTOOL is None:
    print("skipped: promtool is not installed")
    sys.exit(77)
unittest.main(verbosity=2)
