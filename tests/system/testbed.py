# SPDX-License-Identifier: Apache-2.0
"""Three network namespaces in a row: client - wire - server, joined by veth pairs.

The kernel in the middle owns the inner ends of the pairs and nothing more: it has no address
there, answers nothing and forwards nothing. What one side hears of the other has passed
through the program under test. Offloads are off, so that what a program sends is what a frame
on a cable would be: cut to the MTU, with its checksums.

    client eth0 == in0  wire  out0 == eth0 server       one such row for each link

Namespaces carry the process's number in their names. They go with their programs when the
testbed is closed, at exit at the latest; what a killed process left, the next testbed removes.
"""

import atexit
import contextlib
import ctypes
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from programs import PATIENCE, Programs, wait_until

CLIENT, WIRE, SERVER = "client", "wire", "server"
PREFIX = "synwire-test-"
CLONE_NEWNET = 0x40000000  # of <sched.h>
SKIPPED = 77  # what meson takes for "skipped"
OFFLOADS = "tx rx tso gso gro sg txvlan rxvlan".split()
# A receive window that the rings of a port hold at once: then a sender's burst is never lost
# for want of room, and a frame that is missing was lost by the program under test.
TCP_WINDOW = "4096 131072 1048576"


def address(place, link=0, version=4):
    """The address of the client or server on a link."""
    host = {CLIENT: 1, SERVER: 2}[place]
    return f"10.77.{link}.{host}" if version == 4 else f"fd77::{link}:{host}"


def ip(*args):
    done = subprocess.run(["ip", *map(str, args)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(map(str, args))}: {done.stderr.strip()}")
    return done.stdout


def remove_namespace(name):
    """And the programs in it, all of which are a test's."""
    for pid in ip("netns", "pids", name).split():
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            pass
    ip("netns", "del", name)


def remove_left_over():
    """The namespaces of test processes that are no more."""
    for name in re.findall(rf"^({PREFIX}\d+-\S+)", ip("netns", "list"), re.M):
        pid = name[len(PREFIX):].split("-")[0]
        if not os.path.exists(f"/proc/{pid}"):
            try:
                remove_namespace(name)
            except RuntimeError:
                pass  # another test has just done so


def why_not():
    """Why there can be no testbed here; None if there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    missing = [tool for tool in ("ip", "ethtool", "tcpdump") if not shutil.which(tool)]
    if missing:
        return "not installed: " + ", ".join(missing)
    name = f"{PREFIX}{os.getpid()}-trial"
    try:
        ip("netns", "add", name)
        ip("-n", name, "link", "add", "name", "a", "type", "veth", "peer", "name", "b")
    except RuntimeError as error:
        return f"no network namespaces to be had: {error}"
    finally:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return None


def enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class Testbed:
    _count = 0

    def __init__(self, mtu=1500, links=1, queues=1):
        """queues: of each inner interface, for programs that bind to one."""
        Testbed._count += 1
        self.links, self.mtu = links, mtu
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="synwire-testbed."))
        self.programs = Programs(self.folder)
        self._names = {place: f"{PREFIX}{os.getpid()}-{Testbed._count}-{place}"
                       for place in (CLIENT, WIRE, SERVER)}
        self._mounts = []
        atexit.register(self.close)
        remove_left_over()
        for place in self._names:
            self._add_namespace(place)
        for link in range(links):
            self._add_pair(CLIENT, link, f"in{link}", queues)
            self._add_pair(SERVER, link, f"out{link}", queues)
        self._wait_for_carrier()

    def close(self):
        atexit.unregister(self.close)
        self.programs.kill_all()
        for name in self._names.values():
            if os.path.exists(f"/run/netns/{name}"):
                remove_namespace(name)
        for path in self._mounts:
            subprocess.run(["umount", "-l", path], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _add_namespace(self, place):
        ip("netns", "add", self._names[place])
        self.ip(place, "link", "set", "lo", "up")
        if place == WIRE:
            # Not even link-local addresses, so the kernel sends nothing by itself.
            self.sysctl(place, "net.ipv6.conf.default.disable_ipv6", 1)
        else:
            self.sysctl(place, "net.ipv4.tcp_rmem", TCP_WINDOW)
            # What a host says by itself when it gets an address, it says at once.
            # A link-local address is asked for, and its groups reported, for some seconds.
            self.sysctl(place, "net.ipv6.conf.default.addr_gen_mode", 1)
            self.sysctl(place, "net.ipv6.conf.default.accept_ra", 0)
            self.sysctl(place, "net.ipv6.conf.default.router_solicitations", 0)
            self.sysctl(place, "net.ipv6.conf.default.mldv2_unsolicited_report_interval", 1)

    def _add_pair(self, place, link, inner, queues):
        outer = f"eth{link}"
        ip("link", "add", outer, "netns", self._names[place], "type", "veth", "peer", "name", inner,
           "netns", self._names[WIRE], "numrxqueues", queues, "numtxqueues", queues)
        for where, interface in (place, outer), (WIRE, inner):
            self.set_up(where, interface, self.mtu)
        self._add_addresses(place, link, outer)

    def set_up(self, place, interface, mtu):
        """
        With its offloads off. And with a stream's frames in their order: those that two
        processors send would wait in a queue of each, unless every stream has its own.
        """
        off = [word for offload in OFFLOADS for word in (offload, "off")]
        processors = (1 << min(os.cpu_count(), 32)) - 1
        self.run(place, "ethtool", "-K", interface, *off)
        self.run(place, "sh", "-c", f"for queue in /sys/class/net/{interface}/queues/rx-*; do "
                 f"echo {processors:x} >$queue/rps_cpus; done")
        self.ip(place, "link", "set", interface, "mtu", mtu, "up")

    def add_vlan(self, place, vlan, link=0):
        """A tagged interface on a link; its addresses are those of link number `vlan`."""
        name, below = f"vlan{vlan}", f"eth{link}"
        try:
            self.ip(place, "link", "add", "link", below, "name", name, "type", "vlan", "id", vlan)
            self.set_up(place, name, self.mtu)
        except RuntimeError:  # a kernel without 802.1Q
            self.start(place, *self.script("vlan_relay.py"), below, vlan, name).wait_for("ready")
        self._add_addresses(place, vlan, name)

    def _add_addresses(self, place, link, interface):
        # Hosts that know each other stay acquainted for as long as a test takes: asking anew
        # some seconds after an answer, they would speak when frames are counted.
        for version in "ipv4", "ipv6":
            neighbours = f"net.{version}.neigh.{interface}"
            self.sysctl(place, f"{neighbours}.base_reachable_time_ms", 3_600_000)
            self.sysctl(place, f"{neighbours}.delay_first_probe_time", 3600)
        self.ip(place, "addr", "add", f"{address(place, link)}/24", "dev", interface)
        self.ip(place, "addr", "add", f"{address(place, link, 6)}/112", "dev", interface, "nodad")

    def _wait_for_carrier(self):
        wait_until(lambda: all(self.has_carrier(WIRE, f"{side}{link}")
                               for side in ("in", "out") for link in range(self.links)),
                   "the links come up")

    def has_carrier(self, place, interface):
        flags = re.search(r"<(.*?)>", self.ip(place, "link", "show", interface)).group(1).split(",")
        return "LOWER_UP" in flags and "NO-CARRIER" not in flags

    def mac(self, place, interface="eth0"):
        shown = self.ip(place, "link", "show", interface)
        return bytes.fromhex(re.search(r"link/ether (\S+)", shown).group(1).replace(":", ""))

    def ip(self, place, *args):
        return ip("-n", self._names[place], *args)

    def sysctl(self, place, key, value):
        self.run(place, "sysctl", "-qw", f"{key}={value}")

    def args_in(self, place, args):
        return ["ip", "netns", "exec", self._names[place], *map(str, args)]

    def try_run(self, place, *args, timeout=PATIENCE, **options):
        """A finished program, whatever became of it."""
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        return subprocess.run(self.args_in(place, args), timeout=timeout, check=False,
                              capture_output=True, **{"text": True, **options})

    def run(self, place, *args, **options):
        """What a program prints; AssertionError if it fails."""
        done = self.try_run(place, *args, **options)
        assert done.returncode == 0, \
            f"{' '.join(map(str, args))}: exit status {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, place, *args, **options):
        name = pathlib.Path(args[0]).name
        return self.programs.start(name, self.args_in(place, args), **options)

    @contextlib.contextmanager
    def inside(self, place):
        """Sockets that this thread makes meanwhile belong to the place, and stay there."""
        with open("/proc/thread-self/ns/net", "rb") as here, \
                open(f"/run/netns/{self._names[place]}", "rb") as there:
            enter(there)
            try:
                yield
            finally:
                enter(here)

    def script(self, name):
        """The words that run one of the Python programs beside this file."""
        return [sys.executable, "-B", str(pathlib.Path(__file__).with_name(name))]

    def mount_small(self, size):
        """A folder that is full after so many bytes."""
        path = tempfile.mkdtemp(prefix="small.", dir=self.folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "small", path], check=True)
        self._mounts.append(path)
        return pathlib.Path(path)


class TestbedTest(unittest.TestCase):
    """Tests that share one testbed, made by set_up_testbed()."""

    testbed = None

    @classmethod
    def set_up_testbed(cls, **options):
        cls.testbed = Testbed(**options)
        cls.addClassCleanup(cls.testbed.close)
        return cls.testbed


def main():
    """Run the tests of the calling file: test_NAME.py SYNWIRE [unittest's options]."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    # Read by a program that was built with AddressSanitizer; tests start it as its users do.
    os.environ.setdefault("LSAN_OPTIONS", "print_suppressions=0:suppressions="
                          f"'{pathlib.Path(__file__).with_name('lsan-suppressions.txt')}'")
    os.environ["SYNWIRE"] = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
