# SPDX-License-Identifier: Apache-2.0
"""The programs that are compared: each takes frames from a capture port and sends them to a sink.

The capture port is net_pcap with infinite_rx=1, which copies each frame out of memory; the sink is
net_null, which throws away what it is given and receives nothing. Every program polls both with
one thread on the worker's core.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import figures
from machine import Telemetry, Trouble, WorkerThread
from programs import wait_until

SOURCE = "net_pcap0,rx_pcap={capture},infinite_rx=1"
SINK = "net_null0,no-rx=1"
SINK_PORT = 1
WARM_PASSES = 2  # of the capture, before anything counts: all its connections are known


def numbered(folder, name):
    """A folder of its own for each start."""
    count = len(list(folder.glob(f"{name}-*")))
    path = folder / f"{name}-{count}"
    path.mkdir()
    return path


class Forwarder:
    """One start of a program: start(), sample() as often as wanted, finish()."""

    def __init__(self, bench, ports, preload=None, environment=None):
        self.bench, self.machine = bench, bench.machine
        self.control_core, self.worker_core = bench.cores
        self.ports = ports
        self.environment = dict(environment or {})
        if preload:  # by its name: a path that has a space in it would be taken for two
            self.environment |= {"LD_PRELOAD": preload.name, "LD_LIBRARY_PATH": str(preload.parent)}
        self.program = self.worker = None

    @staticmethod
    def why_not():
        """Why it cannot be had here; None if it can."""
        return None

    def prefix(self):
        return f"{self.machine.name}-{os.getpid()}"

    def sample(self):
        """(frames that have reached the sink, processor seconds of the worker)."""
        before = self.worker.cpu_seconds()
        frames = self.frames()
        return frames, (before + self.worker.cpu_seconds()) / 2

    def wait_for_traffic(self):
        wait_until(lambda: self.frames() >= WARM_PASSES * self.bench.packets,
                   f"{self.name} forwards")
        self.worker = WorkerThread(self.program, self.worker_core)

    def measure(self, seconds):
        """Frames in each second of the worker's processor time; ValueError or Trouble if none."""
        self.start()
        self.wait_for_traffic()
        before = self.sample()
        time.sleep(seconds)
        after = self.sample()
        self.finish()
        return figures.per_cpu_second(before, after)


class OverTelemetry(Forwarder):
    """A program whose counters DPDK tells."""

    telemetry = None

    def frames(self):
        stats = self.telemetry.ask(f"/ethdev/stats,{SINK_PORT}")
        return stats["opackets"] if stats else 0  # none as long as there is no such port


class Testpmd(OverTelemetry):
    mode = "io"

    @staticmethod
    def why_not():
        return None if shutil.which("dpdk-testpmd") else "testpmd is in Debian's package dpdk-dev"

    def start(self):
        self.program = self.machine.start(
            "dpdk-testpmd", "--huge-dir", self.machine.folder / "huge", "--huge-unlink", "--no-pci",
            "--file-prefix", self.prefix(),
            "--lcores", f"0@{self.control_core},1@{self.worker_core}",
            *(word for port in self.ports for word in ("--vdev", port)),
            "--", f"--forward-mode={self.mode}", "--nb-cores=1", "--no-mlockall",
            f"--total-num-mbufs={self.bench.buffers}",
            environment=self.environment, stdin=subprocess.PIPE)
        self.telemetry = Telemetry(self.machine, self.program, self.prefix())

    def finish(self):
        self.telemetry.close()
        self.program.stdin.write(b"\n")
        self.program.stdin.flush()
        status = self.program.wait()
        if status:
            raise Trouble(f"testpmd ended with {status}: {self.program.err}")
        total = self.program.out.split("Accumulated forward statistics for all ports")[1]
        received, sent = (int(re.search(rf"{name}: *(\d+)", total).group(1))
                          for name in ("RX-packets", "TX-packets"))
        if self.bench.port_counts and received != sent:
            raise Trouble(f"testpmd received {received} frames and sent {sent}")


class Testpmd5tswap(Testpmd):
    mode = "5tswap"


class Synwire(OverTelemetry):
    name = "synwire"
    idle = "poll"

    def start(self):
        folder = numbered(self.machine.folder, "synwire")
        self.events = folder / "events.json"
        config = {
            "wires": [{"name": "bench", "ports": self.ports, "link_propagation": False}],
            "outputs": [{"type": "file", "path": str(self.events), "events": ["stats"]}],
            "workers": {"count": 1, "cores": str(self.worker_core), "idle": self.idle},
            "control": {"cores": str(self.control_core), "socket": str(folder / "control.sock")},
            "memory": {"hugepages": True}, "metrics": {"enabled": False},
            # Full load from a file that has no end is no emergency here.
            "overload": {"after": "1h"},
            "dpdk": {"prefix": self.prefix()},
        }
        path = folder / "synwire.yaml"
        path.write_text(json.dumps(config))  # which is YAML, too
        self.program = self.machine.start(
            self.bench.synwire, "run", "-c", path,
            *(f"--set={setting}" for setting in self.bench.options.set),
            environment=self.environment)
        self.telemetry = Telemetry(self.machine, self.program, self.prefix())

    def finish(self):
        self.telemetry.close()
        status = self.program.stop()
        if status:
            raise Trouble(f"synwire ended with {status}: {self.program.err}")
        self.check(json.loads(self.events.read_text().splitlines()[-1])["stats"])

    def check(self, stats):
        """At the end: every frame was tracked, and none is missing."""
        proof, counters = stats["proof"], stats["counters"]
        tracked, opened = stats["frames"]["tcp"], counters["flows_opened"]
        if not proof["rx"] == proof["tx"] == tracked or counters["flows_untracked"]:
            raise Trouble(f"synwire's frames do not add up: {tracked} tracked; {proof}")
        # Those that the capture closes are opened anew when it begins anew.
        if opened < self.bench.connections or counters["flows_evicted"]:
            raise Trouble(f"synwire opened {opened} connections and evicted "
                          f"{counters['flows_evicted']}; there are {self.bench.connections}")


class OpenVSwitch(Forwarder):
    """
    Its userspace datapath with a stateful firewall's rules. Nothing goes into the exact-match
    cache, which traffic of many connections only thrashes. What a firewall would drop as invalid
    passes, as it does through the others.
    """

    name = "ovs-dpdk conntrack"
    daemon = pathlib.Path("/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk")
    schema = "/usr/share/openvswitch/vswitch.ovsschema"
    rules = """\
table=0,priority=10,tcp,ct_state=-trk,actions=ct(table=1)
table=0,priority=1,actions=drop
table=1,priority=10,ct_state=+trk+new,tcp,in_port=1,actions=ct(commit),output:2
table=1,priority=10,ct_state=+trk+est,tcp,in_port=1,actions=output:2
table=1,priority=1,in_port=1,actions=output:2
"""

    @staticmethod
    def why_not():
        return None if OpenVSwitch.daemon.exists() and shutil.which("ovsdb-server") else \
            "Open vSwitch with DPDK is Debian's package openvswitch-switch-dpdk"

    def start(self):
        self.folder = numbered(self.machine.folder, "ovs")
        database = f"unix:{self.folder}/db.sock"
        self.environment |= {f"OVS_{what}DIR": str(self.folder)
                             for what in ("RUN", "LOG", "DB", "SYSCONF")}
        self.call("ovsdb-tool", "create", self.folder / "conf.db", self.schema)
        self.server = self.machine.start(
            "ovsdb-server", f"--remote=p{database}", f"--unixctl={self.folder}/db.ctl",
            self.folder / "conf.db", environment=self.environment)
        self.vsctl = ["ovs-vsctl", f"--db={database}", "--timeout=60"]
        wait_until((self.folder / "db.sock").exists, "ovsdb-server listens")
        self.call(*self.vsctl, "--no-wait", "init", "--", "set", "Open_vSwitch", ".", *(
            f"other_config:{key}={value}" for key, value in {
                "dpdk-init": "true", "emc-insert-inv-prob": 0, "dpdk-alloc-mem": 64,
                "pmd-cpu-mask": hex(1 << self.worker_core),
                "dpdk-lcore-mask": hex(1 << self.control_core),
                "dpdk-extra": f'"--no-pci --file-prefix {self.prefix()} --huge-unlink"'}.items()))
        # In a network namespace without anything, which also keeps the bridge's interface.
        self.program = self.machine.start(
            "taskset", "-c", self.control_core, "unshare", "--net", self.daemon, database,
            f"--unixctl={self.folder}/switch.ctl", environment=self.environment)
        wait_until((self.folder / "switch.ctl").exists, "ovs-vswitchd listens")
        self.call(*self.vsctl, "add-br", "bench", "--", "set", "bridge", "bench",
                  "datapath_type=netdev", "fail-mode=secure")
        self.call("ovs-ofctl", "add-flows", f"unix:{self.folder}/bench.mgmt", self.write_rules())
        for number, port in reversed(list(enumerate(self.ports))):
            self.call(*self.vsctl, "add-port", "bench", f"port{number}", "--", "set", "Interface",
                      f"port{number}", "type=dpdk", f'options:dpdk-devargs="{port}"',
                      f"ofport_request={number + 1}")

    def write_rules(self):
        path = self.folder / "rules"
        path.write_text(self.rules)
        return path

    def call(self, *args):
        return self.machine.run(*args, environment=self.environment)

    def ask(self, *args):
        return self.call("ovs-appctl", f"--target={self.folder}/switch.ctl", *args)

    def frames(self):
        """Those that the datapath has sent to the sink."""
        shown = self.ask("dpctl/show", "--statistics", "netdev@ovs-netdev")
        port = re.search(r"port \d+: port1 .*?TX packets:(\d+)", shown, re.S)
        return int(port.group(1)) if port else 0

    def finish(self):
        connections = int(self.ask("dpctl/ct-get-nconns", "netdev@ovs-netdev"))
        self.ask("exit", "--cleanup")
        self.program.wait()
        self.server.stop()
        if connections != self.bench.connections:
            raise Trouble(f"Open vSwitch follows {connections} connections, not "
                          f"{self.bench.connections}")


Testpmd.name, Testpmd5tswap.name = "testpmd io", "testpmd 5tswap"
FORWARDERS = {"io": Testpmd, "5tswap": Testpmd5tswap, "synwire": Synwire, "ovs": OpenVSwitch}
