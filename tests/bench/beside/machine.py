# SPDX-License-Identifier: Apache-2.0
"""What a bench takes of the machine for a while, and gives back however it ends.

Hugepages are added to those that there are, and taken away again. They are mounted in a mount
namespace that only this process and its programs are in, so no mount is left by a process that
was killed. All files are in one temporary folder, DPDK's and Open vSwitch's among them.
"""

import ctypes
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "system"))
from programs import Programs, wait_until  # noqa: E402

CLONE_NEWNS = 0x20000
PAGES = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB")
PAGE_MIB = 2


class Trouble(Exception):
    """What is missing, in a sentence."""


def built(build, *places):
    """Programs and libraries in meson's build folder; Trouble if one is not there."""
    paths = [pathlib.Path(build).resolve() / place for place in places]
    for path in paths:
        if not path.exists():
            raise Trouble(f"{path} is not there: meson setup {build} -Dtests=true (configure, if "
                          f"there is one), then ninja -C {build}")
    return paths


# What ends a bench with a sentence; anything else is a fault of its own.
TROUBLES = (Trouble, AssertionError, ValueError, OSError, RuntimeError, subprocess.SubprocessError)


def end_as_interrupted():
    """SIGTERM and SIGHUP end as SIGINT does, by an exception: what was taken is given back."""
    for number in signal.SIGTERM, signal.SIGHUP:
        signal.signal(number, signal.default_int_handler)


def core_pair(text=None):
    """(control, worker): two cores that this process may use."""
    mine = sorted(os.sched_getaffinity(0))
    try:
        cores = [int(core) for core in text.split(",")] if text else mine[:2]
    except ValueError:
        raise Trouble(f"--cores: two numbers are needed, not '{text}'") from None
    if len(set(cores)) != 2 or not set(cores) <= set(mine):
        raise Trouble("two different cores are needed, one for the worker and one for all else; "
                      f"there are {','.join(map(str, mine))}")
    return cores


def describe():
    """What figures were measured on, and whether others used it at the same time."""
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {"processor": model.group(1) if model else platform.machine(),
            "cores": os.cpu_count(), "kernel": platform.release(),
            "load": round(os.getloadavg()[0], 1)}


def show(described):
    return ("{processor}, {cores} cores, Linux {kernel}; load at the start {load}"
            .format(**described))


class Machine:
    def __init__(self, name):
        self.name, self._added = name, 0
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}."))
        self.programs = Programs(self.folder)
        # DPDK's sockets and locks, and not where those of other programs are
        self.environment = {**os.environ, "RUNTIME_DIRECTORY": str(self.folder)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        before = {number: signal.signal(number, signal.SIG_IGN)
                  for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        self._give_back()
        for number, handler in before.items():
            signal.signal(number, handler)

    def _give_back(self):
        self.programs.kill_all()
        if self._added:
            subprocess.run(["umount", "-l", str(self.folder / "huge")], check=False,
                           stderr=subprocess.DEVNULL)
            self._set_pages(max(0, self._pages("nr_hugepages") - self._added))
        shutil.rmtree(self.folder, ignore_errors=True)

    # Hugepages

    @staticmethod
    def _pages(which):
        return int((PAGES / which).read_text())

    @staticmethod
    def _set_pages(count):
        (PAGES / "nr_hugepages").write_text(f"{count}\n")

    def take_hugepages(self, mib):
        """Have so many free, in pages of 2 MiB, and mounted."""
        if os.geteuid() != 0 or not PAGES.exists():
            raise Trouble("root is needed, and a kernel with hugepages of 2 MiB")
        missing = mib // PAGE_MIB - self._pages("free_hugepages")
        if missing > 0:
            before = self._pages("nr_hugepages")
            self._added = missing
            self._set_pages(before + missing)
            self._added = max(0, self._pages("nr_hugepages") - before)
            if self._added < missing:
                raise Trouble(f"the kernel has no {mib} MiB of hugepages to give")
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNS):
            raise Trouble(f"no mount namespace: {os.strerror(ctypes.get_errno())}")
        huge = self.folder / "huge"
        huge.mkdir()
        for words in (["--make-rprivate", "/"],
                      ["-t", "hugetlbfs", "-o", f"pagesize={PAGE_MIB}M", self.name, str(huge)]):
            subprocess.run(["mount", *words], check=True)
        return huge

    # Programs

    def start(self, *args, environment=None, **options):
        return self.programs.start(pathlib.Path(str(args[0])).name, args,
                                   env={**self.environment, **(environment or {})}, **options)

    def run(self, *args, timeout=120, environment=None):
        """What a program prints; Trouble if it fails."""
        done = subprocess.run([str(arg) for arg in args], capture_output=True, text=True,
                              timeout=timeout, check=False, stdin=subprocess.DEVNULL,
                              env={**self.environment, **(environment or {})})
        if done.returncode:
            raise Trouble(f"{' '.join(map(str, args))}: {done.returncode}: {done.stderr.strip()}")
        return done.stdout


class Telemetry:
    """DPDK's socket of a program that has it."""

    def __init__(self, machine, program, prefix):
        self._program = program
        path = machine.folder / "dpdk" / prefix / "dpdk_telemetry.v2"

        def connect():
            assert program.status is None, f"{program.name} has ended: {program.out}{program.err}"
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._socket.settimeout(60)
            try:
                self._socket.connect(str(path))
            except OSError:
                self._socket.close()
                return False
            return True
        wait_until(connect, f"{program.name} opens {path}")
        self._most = json.loads(self._socket.recv(1024))["max_output_len"]

    def ask(self, what):
        try:
            self._socket.send(what.encode())
            return json.loads(self._socket.recv(self._most))[what.split(",")[0]]
        except (OSError, ValueError):
            raise Trouble(f"{self._program.name} has gone: {self._program.err}") from None

    def close(self):
        self._socket.close()


class WorkerThread:
    """The thread of a program that is bound to one core alone, and its processor time."""

    def __init__(self, program, core):
        tasks = pathlib.Path(f"/proc/{program.pid}/task")
        bound = [task for task in tasks.iterdir()
                 if f"Cpus_allowed_list:\t{core}\n" in (task / "status").read_text()]
        if not bound:
            raise Trouble(f"{program.name} has no thread that is bound to core {core}")
        self._task = max(bound, key=self._used)

    @staticmethod
    def _used(task):
        return int((task / "schedstat").read_text().split()[0])

    def cpu_seconds(self):
        return self._used(self._task) / 1e9
