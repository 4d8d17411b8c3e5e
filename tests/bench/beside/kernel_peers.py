# SPDX-License-Identifier: Apache-2.0
"""What the kernel's own connection tracking and SYN proxy cost, over veth: context, no contest.

Client - wire - server as everywhere in these tests, but here the wire's kernel routes. Frames are
sent from one core, and the kernel takes them all the way in the sender's own time; so a frame's
cost is the sender's processor time, and what a rule set adds is the difference to plain routing
in the same round. Each run has namespaces of its own, so nothing is tracked from before.

A kernel that keeps the time of interrupts apart (CONFIG_IRQ_TIME_ACCOUNTING) does not show it here;
so the figures are refused when sending to a closed door costs as much as routing does.
"""

import collections
import resource
import shutil
import subprocess

import figures
from machine import Trouble
from testbed import CLIENT, SERVER, WIRE, Testbed, why_not

CLIENTS, SERVER_ADDRESS = "198.18.0.0/16", "198.19.0.1"  # whom wire_load speaks of
# interface of the wire -> its MAC address, as wire_load has it; who is at the far end; the network
# there; the first bytes of addresses for the wire and for the way there
INNER = {"in0": ("02:00:00:00:00:01", CLIENT, CLIENTS, "10.78.1."),
         "out0": ("02:00:00:00:00:00", SERVER, f"{SERVER_ADDRESS}/32", "10.78.2.")}
SYNS, CONNECTIONS, SEGMENTS = 100000, 1000, 1000000
OPENING_RATE = 10000

# Chains of a rule set: where they hook in, and their rules.
EARLY, FORWARD = "prerouting priority -300", "forward priority 0"
RULES = {
    "drop": {EARLY: ["drop"]},
    "route": {},
    "conntrack": {FORWARD: ["ct state established accept", "ct state new accept",
                            "ct state invalid drop"]},
    "synproxy": {EARLY: ["tcp dport 80 tcp flags & (fin | syn | rst | ack) == syn notrack"],
                 FORWARD: ["tcp dport 80 ct state { invalid, untracked } "
                           "synproxy mss 1460 wscale 7 timestamp sack-perm",
                           "ct state invalid drop"]},
}
# traffic -> the rule sets that it is sent through
TRAFFIC = {"synflood": list(RULES), "established": ["drop", "route", "conntrack"]}

Counted = collections.namedtuple("Counted", "sent arrived answered tracked")


def ruleset(name):
    """As nft reads it."""
    chains = [f"chain chain{number} {{\n type filter hook {hook};\n " + "\n ".join(rules) + "\n}\n"
              for number, (hook, rules) in enumerate(RULES[name].items())]
    return "table ip bench {\n" + "".join(chains) + "}\n"


class Bed:
    def __init__(self, bench, rules):
        self.bench, self.bed = bench, Testbed()
        bed = self.bed
        for place in CLIENT, SERVER:
            for key in "all", "default":
                bed.sysctl(place, f"net.ipv6.conf.{key}.disable_ipv6", 1)
        for interface, (mac, place, network, near) in INNER.items():
            bed.ip(WIRE, "link", "set", interface, "down")
            bed.ip(WIRE, "link", "set", interface, "address", mac, "up")
            bed.sysctl(WIRE, f"net.ipv4.conf.{interface}.rp_filter", 0)
            bed.ip(WIRE, "addr", "add", f"{near}1/24", "dev", interface)
            bed.ip(WIRE, "neigh", "add", f"{near}2", "lladdr", self.outer_mac(place),
                   "dev", interface)
            bed.ip(WIRE, "route", "add", network, "via", f"{near}2", "dev", interface)
        for place, interface in (*((WIRE, name) for name in INNER), (CLIENT, "eth0"),
                                 (SERVER, "eth0")):  # all in the sender's time
            bed.run(place, "sh", "-c", f"for queue in /sys/class/net/{interface}/queues/rx-*;"
                    " do echo 0 >$queue/rps_cpus; done")
        bed.sysctl(WIRE, "net.ipv4.ip_forward", 1)
        bed.sysctl(WIRE, "net.ipv4.conf.all.rp_filter", 0)
        if rules == "synproxy":
            bed.sysctl(WIRE, "net.netfilter.nf_conntrack_tcp_loose", 0)
        bed.run(WIRE, "nft", "-f", "-", input=ruleset(rules))

    def outer_mac(self, place):
        return self.bed.mac(place).hex(":")

    def count(self, place, name="rx_packets"):
        return int(self.bed.run(place, "cat", f"/sys/class/net/eth0/statistics/{name}"))

    def tracked(self):
        return int(self.bed.run(WIRE, "cat", "/proc/sys/net/netfilter/nf_conntrack_count"))

    def load(self, place, kind, **options):
        words = [f"--{name}={value}" for name, value in options.items()]
        done = self.bed.run(place, "taskset", "-c", self.bench.cores[1],
                            self.bench.build / "tests/bench/wire_load", *words, kind, "eth0")
        return int(done.split()[0])

    def open_connections(self):
        slow = {"connections": CONNECTIONS, "frames": CONNECTIONS, "rate": OPENING_RATE}
        for place, kind in (CLIENT, "syn"), (SERVER, "syn-ack"), (CLIENT, "ack"):
            self.load(place, kind, **slow)

    def close(self):
        self.bed.close()


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(bench, traffic, rules):
    """Nanoseconds of the sender's time for each frame."""
    bed = Bed(bench, rules)
    try:
        if traffic == "synflood":
            what = {"kind": "syn", "connections": SYNS, "frames": SYNS}
        else:
            what = {"kind": "ack", "connections": CONNECTIONS, "frames": SEGMENTS}
            if rules != "drop":
                bed.open_connections()
        arrived, answered = bed.count(SERVER), bed.count(CLIENT)
        used = children_seconds()
        sent = bed.load(CLIENT, **what)
        used = children_seconds() - used
        check(traffic, rules, Counted(sent, bed.count(SERVER) - arrived,
                                      bed.count(CLIENT) - answered, bed.tracked()))
        return used / sent * 1e9
    finally:
        bed.close()


def check(traffic, rules, counted):
    """Every frame went where these rules send it, and everything is tracked that should be."""
    passed = rules in ("route", "conntrack")
    wanted = Counted(
        sent=counted.sent, arrived=counted.sent if passed else 0,
        answered=counted.sent if rules == "synproxy" else 0,
        tracked=0 if rules != "conntrack" else SYNS if traffic == "synflood" else CONNECTIONS)
    if counted != wanted:
        raise Trouble(f"the kernel's {rules}, {traffic}: {counted}, must be {wanted}")


def missing():
    """Why a rule set cannot be had here: {its name: a sentence}."""
    reasons = {}
    for name in RULES:
        done = subprocess.run(["unshare", "--net", "nft", "-f", "-"], input=ruleset(name),
                              text=True, capture_output=True, check=False)
        if done.returncode:
            reasons[name] = f"this kernel has no {name}: {done.stderr.strip().splitlines()[0]}"
    return reasons


def compare(bench, rounds, report):
    """{traffic: {rules: {"ns": spread, "added_ns": spread}}}; report(sentence) of what is not."""
    reason = why_not()
    if reason:
        raise Trouble(reason)
    if not shutil.which("nft"):
        raise Trouble("nft is in Debian's package nftables")
    reasons = missing()
    for sentence in reasons.values():
        report(sentence)
    result = {}
    for traffic, wanted in TRAFFIC.items():
        names = [name for name in wanted if name not in reasons]
        taken = [{name: measure(bench, traffic, name) for name in figures.in_turn(names, number)}
                 for number in range(rounds)]
        result[traffic] = {name: {
            "ns": figures.spread([one[name] for one in taken]),
            "added_ns": figures.spread([one[name] - one["route"] for one in taken])}
            for name in names}
        if "drop" in result[traffic] and result[traffic]["drop"]["added_ns"]["median"] >= 0:
            raise Trouble("this kernel does not account routing to who sends; no figures")
    return result
