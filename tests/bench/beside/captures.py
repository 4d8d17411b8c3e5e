# SPDX-License-Identifier: Apache-2.0
"""The traffic of a comparison, made by `synwire generate`; and the proof that synwire counts right.

The gate passes captures through `synwire replay` once, and what it says of them must be exactly
what they are; a figure of a program that counts wrong is worth nothing.
"""

import collections
import re

from machine import Trouble

# How a capture for net_pcap is made, and what is in it. All are of about 130,000 frames, as Open
# vSwitch has room for 262,144 and needs some for itself.
Traffic = collections.namedtuple("Traffic", "connections frames")
TRAFFIC = {
    "synflood": Traffic(131072, 131072),
    "established": Traffic(2048, 63 * 2048),
    "handshakes": Traffic(43690, 3 * 43690),
}
# kind -> (complete, incomplete, connections that a RST cut), of what generate makes by itself
GATE = {
    "mixed": (65536, 14564, 656),
    "handshakes": (65536, 0, 0),
    "synflood": (0, 262144, 0),
}
RESULT = re.compile(r'"event_type":"connection".*?"handshake":\{"result":"(\w+)"')
CUT = re.compile(r'"event_type":"rst".*?"verdict":"mid_connection"')


def make(machine, synwire, kind):
    """The capture's path."""
    path = machine.folder / f"{kind}.pcap"
    machine.run(synwire, "generate", kind, "-o", path, "--count",
                TRAFFIC[kind].connections)
    return path


def count_events(lines):
    """(complete, incomplete, cut) of lines of JSON."""
    counts = collections.Counter()
    for line in lines:
        found = RESULT.search(line)
        if found:
            counts["complete" if found.group(1) == "complete" else "incomplete"] += 1
        elif CUT.search(line):
            counts["cut"] += 1
    return counts["complete"], counts["incomplete"], counts["cut"]


def pass_gate(machine, synwire):
    """A sentence of what was counted; Trouble if a count is wrong."""
    said = []
    for kind, wanted in GATE.items():
        path, events = machine.folder / "gate.pcap", machine.folder / "gate.json"
        machine.run(synwire, "generate", kind, "-o", path)
        machine.run(synwire, "replay", "--quiet", "--json", events, path)
        with open(events, encoding="utf-8") as lines:
            got = count_events(lines)
        said.append(f"{kind} {got[0]} complete, {got[1]} incomplete, {got[2]} cut by a RST")
        if got != wanted:
            raise Trouble(f"counts are wrong, so there are no figures: {said[-1]}; must be "
                          "{} complete, {} incomplete, {} cut".format(*wanted))
        path.unlink()
        events.unlink()
    return "; ".join(said)
