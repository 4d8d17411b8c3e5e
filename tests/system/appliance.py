# SPDX-License-Identifier: Apache-2.0
"""`synwire run` in the middle of a testbed: its configuration, its life, what it says.

The defaults here are those of a test: small tables, timers of a second, an event file in the
testbed's folder. A test's own configuration is laid over them, key by key.
"""

import collections
import copy
import json
import os
import signal
import socket

from programs import PATIENCE, wait_until
from testbed import WIRE

FINE, FAILED, USAGE, CONFIG = 0, 1, 64, 78

# How a wire is made: `port` is the device with the interface and its number to be filled in.
Kind = collections.namedtuple("Kind", "port workers mtu", defaults=(1500,))
AF_PACKET = "net_af_packet{number},iface={interface}"
ONE_QUEUE = Kind(AF_PACKET, {"count": 1})
TWO_WORKERS = Kind(AF_PACKET + ",qpairs=2", {"count": 2})
FOUR_WORKERS = Kind(AF_PACKET, {"count": 4})
SOFTWARE = Kind(AF_PACKET, {"count": 4, "steering": "software"})
AF_XDP = Kind("net_af_xdp{number},iface={interface},force_copy=1", {"count": 1})
JUMBO = Kind(AF_PACKET, {"count": 1}, 9000)


def yaml_lines(value, indent=""):
    """A dict, of dicts, lists and scalars, as YAML."""
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield f"{indent}{key}:"
            yield from yaml_lines(inner, indent + "  ")
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield f"{indent}{key}:"
            for item in inner:
                lines = list(yaml_lines(item, indent + "    "))
                yield f"{indent}  - {lines[0].strip()}"
                yield from lines[1:]
        else:
            yield f"{indent}{key}: {json.dumps(inner)}"


def overlay(base, over):
    """`base` with the keys of `over` over its own; a key that is None is taken away."""
    result = copy.deepcopy(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = overlay(result[key], value)
        else:
            result[key] = value
    return result


class Appliance:
    _count = 0

    def __init__(self, testbed, kind=ONE_QUEUE, config=None):
        Appliance._count += 1
        self.testbed, self.kind = testbed, kind
        self.folder = testbed.folder / f"appliance{Appliance._count}"
        self.folder.mkdir()
        self.config_path = self.folder / "synwire.yaml"
        self.events_path = self.folder / "events.json"
        self.socket_path = self.folder / "control.sock"
        self.config = overlay(self._defaults(), config or {})
        self.program, self._notices = None, None
        self._lines_read, self._events = 0, []
        self.write_config()

    def ports(self, link):
        return [self.kind.port.format(number=2 * link + side, interface=f"{name}{link}")
                for side, name in enumerate(("in", "out"))]

    def _defaults(self):
        return {
            "wires": [{"name": f"wire{link}", "ports": self.ports(link)}
                      for link in range(self.testbed.links)],
            "outputs": [{"type": "file", "path": str(self.events_path)}],
            "workers": {"idle": "sleep", **self.kind.workers},
            "control": {"socket": str(self.socket_path)},
            "memory": {"hugepages": False},
            "dpdk": {"prefix": f"synwire-test-{os.getpid()}-{Appliance._count}"},
            "flow": {"slots": 65536},
            "stats": {"interval": "1s"},
            "tcp": {"syn_retries": 1, "syn_linear_timeouts": 0, "synack_retries": 1},
            "timeouts": {"time_wait": "1s", "reset": "1s", "closing": "3s"},
        }

    def write_config(self, changes=None):
        self.config = overlay(self.config, changes or {})
        self.config_path.write_text("\n".join(yaml_lines(self.config)) + "\n")

    # Life

    def start(self, wait=True, env=None, **options):
        self._close_notices()
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        path = self.folder / "notify.sock"
        path.unlink(missing_ok=True)
        self._notices.bind(str(path))
        path.chmod(0o777)  # as systemd's own is
        self.program = self.testbed.start(
            WIRE, os.environ["SYNWIRE"], "run", "-c", self.config_path,
            env={**os.environ, "NOTIFY_SOCKET": str(path), **(env or {})}, **options)
        if wait:
            self.wait_for_notice("READY=1")
        return self

    def wait_for_notice(self, word):
        """What it tells systemd."""
        def told():
            try:
                if word in self._notices.recv(4096).decode().split("\n"):
                    return True
            except BlockingIOError:
                assert self.program.status is None, \
                    f"synwire run ended with {self.program.status}: {self.program.err}"
            return False
        wait_until(told, f"synwire tells systemd {word}")

    def stop(self, number=signal.SIGTERM):
        """Its exit status. What it said at the end is in its program's `out` and `err`."""
        return self.program.stop(number)

    def kill(self):
        """If it still runs; after that nothing is left of it."""
        if self.program and self.program.status is None:
            self.program.kill()
        self._close_notices()

    def _close_notices(self):
        if self._notices:
            self._notices.close()

    # What it says

    def ask(self, *args):
        """What `synwire COMMAND` finds out, as a finished program."""
        command, *rest = args
        return self.testbed.try_run(WIRE, os.environ["SYNWIRE"], command, "--socket",
                                    self.socket_path, *rest)

    def command(self, *args):
        done = self.ask(*args)
        assert done.returncode == FINE, f"synwire {' '.join(args)}: {done.returncode}: {done.stderr}"
        return done.stdout

    def show(self, what, *args):
        return json.loads(self.command("show", what, "--json", *args))

    def stats(self):
        return self.show("stats")["stats"]

    def events(self, kind=None):
        """All that its file holds by now; a line that is not whole JSON fails."""
        if self.events_path.exists():
            with open(self.events_path, encoding="utf-8") as file:
                file.seek(self._lines_read)
                text = file.read()
            whole = text.rfind("\n") + 1
            self._lines_read += len(text[:whole].encode())
            self._events += [json.loads(line) for line in text[:whole].splitlines()]
        return [event for event in self._events if kind in (None, event["event_type"])]

    def connections(self, **fields):
        """Those records whose fields are so, as in connections(dest_port=80)."""
        return [event for event in self.events("connection")
                if all(event.get(name) == value for name, value in fields.items())]

    def wait_for_connections(self, count, seconds=PATIENCE, **fields):
        return wait_until(lambda: (found := self.connections(**fields)) and
                          len(found) >= count and found,
                          f"{count} records of connections with {fields}", seconds)

    def wait_for_wire_event(self, what, after=0, **fields):
        """The first of the events from number `after` on that say so."""
        def find():
            for event in self.events("wire")[after:]:
                if event["wire"]["what"] == what and \
                        all(event["wire"].get(name) == value for name, value in fields.items()):
                    return event["wire"]
            return None
        return wait_until(find, f"the event {what} {fields}")

    def last_stats(self):
        """The counters as the last of its events has them, which is written at the end."""
        return self.events("stats")[-1]["stats"]


def verdicts(connections):
    """How many there are of each (handshake, end)."""
    return collections.Counter((record["handshake"]["result"], record["end"]["how"])
                               for record in connections)
