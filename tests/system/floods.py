# SPDX-License-Identifier: Apache-2.0
"""Generated traffic through `synwire replay`, and what was found in it against what was put in."""

import concurrent.futures
import datetime
import itertools
import json
import pathlib
import shutil
import subprocess
import tempfile

ALARMS = ("syn_flood", "scan", "backscatter", "rst_storm", "ack_storm")
MARKS = tuple(f'"event_type":"{word}"'.encode() for word in ALARMS)
MARK_ENDS = 80  # by then the line has told its type
AT_ONCE = 3


def seconds(text):
    """A time of an event, in seconds since 1970."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Alarm:
    """Of all its events the first and the last."""

    def __init__(self, events):
        self.events = events
        self.type = events[0]["event_type"]
        self.first, self.last = events[0], events[-1]
        self.phases = [event["phase"] for event in events]

    @property
    def began(self):
        return seconds(self.first["timestamp"])

    @property
    def ended(self):
        return seconds(self.last["timestamp"])

    @property
    def what(self):
        """What is known of it at last."""
        return next(self.last[key] for key in ("flood", "scan", "storm") if key in self.last)

    @property
    def target(self):
        """(address or prefix, port)"""
        return (self.last.get("dest_prefix") or self.last.get("dest_ip"), self.last["dest_port"])

    def __repr__(self):
        return "\n".join(json.dumps(event) for event in self.events)


class Wave:
    """What `synwire generate --truth` says of one wave."""

    def __init__(self, line):
        truth = json.loads(line)
        self.onset, self.end = seconds(truth["onset"]), seconds(truth["end"])
        self.segments, self.sources = truth["segments"], truth["sources"]
        self.spoofed_share = truth["spoofed"] / max(truth["segments"], 1)
        self.peak = truth["peak_pps"]
        self.peaks = {victim["ip"]: victim["peak_pps"] for victim in truth["victims"]}


class Workshop:
    """Makes captures in a folder of its own, replays them, and takes them away."""

    def __init__(self, synwire):
        self.synwire = synwire
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="test_floods."))
        self.numbers = itertools.count()

    def close(self):
        shutil.rmtree(self.folder)

    def make(self, kind, *args):
        """The path of a capture, and the waves in it."""
        path = self.folder / f"{next(self.numbers)}.pcap"
        truth = path.with_suffix(".jsonl")
        asked = ["--truth", str(truth)] if kind in ("attack", "outage") else []
        subprocess.run([self.synwire, "generate", kind, "-o", str(path), *asked, *map(str, args)],
                       check=True, capture_output=True, timeout=60)
        lines = truth.read_text().splitlines() if asked else []
        return path, [Wave(line) for line in lines]

    def events(self, paths, *args):
        """The lines about alarms."""
        command = [self.synwire, "replay", "--quiet", "--json", "-", *args, *map(str, paths)]
        lines = []
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            for line in process.stdout:
                start = line[:MARK_ENDS]
                if any(mark in start for mark in MARKS):
                    lines.append(line)
            said = process.stderr.read().decode()
        assert process.returncode == 0, said
        return lines

    def alarms(self, paths, *args):
        """What was found, the first first."""
        found = {}
        for line in self.events(paths, *args):
            event = json.loads(line)
            found.setdefault(event["flood_id"], []).append(event)
        return [Alarm(events) for events in found.values()]

    def find(self, kind, *args, settings=()):
        """Make a capture, and look what is found in it: (alarms, waves)."""
        path, waves = self.make(kind, *args)
        try:
            return self.alarms([path], *settings), waves
        finally:
            path.unlink()


def each(function, scenarios):
    """[(scenario, what the function says of it)], some at a time."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return list(zip(scenarios, pool.map(function, scenarios)))
