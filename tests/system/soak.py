#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A long time of mixed traffic through `synwire run`, with all that must hold looked at all the while.

Usage: soak.py SYNWIRE [--minutes N] [--rate N]

At once: conversations of raw frames that complete, are refused, cut, or left unanswered, at
`rate` a second; curl and nginx; connections that stay open throughout and must answer to the
end; a flood of SYNs in the last third of each minute; a reload every ten seconds; each second
a scrape of the metrics and `synwire show`.

Looked at each second: received = sent + dropped + in flight; in use = opened - closed; no
counter goes down; nothing was lost or changed; no thread stands still. Over the whole time,
from the median of its first quarter to that of its last, but for the beginning: the memory that
it has taken, its descriptors and the delay of a frame do not grow, and of the memory no more
than a little that was taken at the start and is used only now. At the end the numbers of handshakes, floods
and reloads are held to those that were made, and the frames to the kernel's counts.

Prints a line each minute and a summary. Needs root; all is in namespaces of its own.
Exit status: 0 all held; 1 something did not, which is told; 77 there can be no namespaces here.
"""

import argparse
import collections
import contextlib
import os
import pathlib
import re
import signal
import socket
import socketserver
import statistics
import sys
import threading
import time

sys.dont_write_bytecode = True
from appliance import Appliance  # noqa: E402
from background import Background  # noqa: E402
from churn import Churn  # noqa: E402
from live import KernelCounts, OTHER, http_get, port_of, threads_of  # noqa: E402
from programs import wait_until  # noqa: E402
from servers import WebServer  # noqa: E402
from testbed import CLIENT, SERVER, SKIPPED, Testbed, address, why_not  # noqa: E402

HELD, HELD_PORT = 50, 7007
FLOOD_PERIOD_S, RELOAD_PERIOD_S, REPORT_PERIOD_S = 60, 10, 60
WEB_AT_ONCE = 20
RETRIES = 3  # so a handshake is waited for 15 seconds
WARM_UP = 0.1  # of the time; but no less than ...
WARM_UP_S = 3
# What may have grown by the last quarter.
TAKEN_GROWTH_KIB = 1024
RSS_GROWTH = 0.04  # of the median
DESCRIPTOR_GROWTH = 0.5
DELAY_GROWTH = 0.5  # of the median; the machine has other things to do
GROWTH_S = 300  # in less time it says nothing
SHOWN = "flows", "floods", "services", "wires", "config"
ALARMS = "syn_flood", "scan", "backscatter", "rst_storm", "ack_storm"

Sample = collections.namedtuple("Sample", "second taken_kib rss_kib descriptors threads delay_us delay_p99_us in_use")


class Held:
    """Connections that stay open; one after another says something, and is answered."""

    def __init__(self, testbed, count):
        class Echo(socketserver.BaseRequestHandler):
            def handle(self):
                while data := self.request.recv(64):
                    self.request.sendall(data)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        with testbed.inside(SERVER):
            self._server = Server((address(SERVER), HELD_PORT), Echo)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        with testbed.inside(CLIENT):
            self._clients = [socket.create_connection((address(SERVER), HELD_PORT), 30)
                             for _ in range(count)]
        self.said = 0

    def say(self):
        client = self._clients[self.said % len(self._clients)]
        word = b"%08d" % self.said
        client.sendall(word)
        assert client.recv(64) == word, "a connection that is held answers something else"
        self.said += 1

    def close(self):
        for client in self._clients:
            client.close()
        self._server.shutdown()
        self._server.server_close()


class Web(Background):
    """curl fetches again and again, as long as it is told to."""

    def __init__(self, testbed):
        super().__init__()
        self._server, self.made, self.trouble = WebServer(testbed), 0, None

    def run(self):
        try:
            while not self.stopping.wait(0.5):
                self.made += self._server.fetch_many(WEB_AT_ONCE, at_once=WEB_AT_ONCE)
        except AssertionError as error:
            self.trouble = str(error)


class Soak:
    def __init__(self, testbed, seconds, rate):
        self.testbed, self.seconds, self.rate = testbed, seconds, rate
        self.broken, self.samples, self.totals = [], [], {}
        self.reloads = self.scrapes = self.floods = 0
        self.is_flooding = False
        self.retries = RETRIES if seconds >= GROWTH_S else 1
        self.flood_period = min(FLOOD_PERIOD_S, seconds / 2)
        self.reload_period = min(RELOAD_PERIOD_S, seconds / 4)
        self.appliance = self.counts = self.churn = self.web = self.held = None

    def hold(self, holds, what):
        if not holds and what not in self.broken:
            print(f"does not hold: {what}", flush=True)
            self.broken.append(what)

    def start(self):
        """While nobody says anything, so that the kernel's counts are of the same frames."""
        folder = self.testbed.folder
        self.appliance = Appliance(self.testbed, config={
            "flow": {"slots": 65536}, "stats": {"interval": "10s"},
            # Others may be at work on the machine, and hold up a conversation for seconds.
            "workers": {"stalled_after": "10s"},
            "tcp": {"syn_retries": self.retries, "synack_retries": self.retries},
            "timeouts": {"time_wait": "3s", "reset": "3s", "closing": "5s"},
            "flood": {"hold": "2s", "update": "5s"},
            "outputs": [
                {"type": "file", "path": str(folder / "told.json"),
                 "events": ["wire", "stats", "syn_flood", "scan", "storm"]},
                {"type": "file", "path": str(folder / "records.json"), "rotate_size": "8MiB",
                 "rotate_keep": 3, "events": ["connection", "incomplete_handshake", "rst"]}]})
        self.appliance.events_path = folder / "told.json"

        def begin():
            self.counts = KernelCounts(self.testbed)
            self.appliance.start()
            if not any(map(self.counts.reached_the_wire, OTHER)):
                return True
            self.appliance.stop()
            self.appliance.events_path.unlink()
            return False
        wait_until(begin, "nobody says anything")

    def run(self):
        self.start()
        begun = time.monotonic()
        with Churn(self.testbed, self.rate) as self.churn, Web(self.testbed) as self.web:
            self.held = Held(self.testbed, HELD)
            while (now := time.monotonic() - begun) < self.seconds and not self.churn.differences:
                self.turn(now)
                time.sleep(max(0, begun + len(self.samples) - time.monotonic()))
        self.finish()
        self.judge()
        self.summarise()

    def turn(self, now):
        self.flood_if_due(now)
        if now >= (self.reloads + 1) * self.reload_period:
            self.reload()
        for _ in range(10):
            self.held.say()
        self.look_at_metrics()
        self.appliance.show(SHOWN[len(self.samples) % len(SHOWN)])
        self.look_at_stats(now)
        if len(self.samples) % REPORT_PERIOD_S == 0:
            self.report()

    def flood_if_due(self, now):
        wanted = now % self.flood_period > self.flood_period * 2 / 3
        if wanted != self.is_flooding:
            self.churn.flood(wanted)
            self.floods += wanted
            self.is_flooding = wanted

    def reload(self):
        self.reloads += 1
        self.appliance.write_config({"timeouts": {"established": f"{600 + self.reloads}s"}})
        if self.reloads % 2:
            self.appliance.command("reload")
        else:
            self.appliance.program.send_signal(signal.SIGHUP)

    def look_at_metrics(self):
        status, text = http_get(self.testbed, "/metrics")
        self.hold(status == 200, f"/metrics answers 200, not {status}")
        now = dict(re.findall(r"^(\w+_total(?:\{.*\})?) (\S+)$", text, re.M))
        for name, value in self.totals.items():
            gone = value if "service=" in name else -1  # the busiest are shown, and others may come
            self.hold(float(now.get(name, gone)) >= float(value), f"{name} never goes down")
        self.totals = now
        self.scrapes += 1

    def look_at_stats(self, now):
        stats = self.appliance.stats()
        proof, counters = stats["proof"], stats["counters"]
        self.hold(proof["rx"] == proof["tx"] + proof["drops"] + proof["in_flight"] and
                  proof["in_flight"] >= 0, "received = sent + dropped + in flight")
        self.hold(proof["drops"] == sum(stats["dropped"].values()), "drops are those by reason")
        self.hold(stats["flows"]["in_use"] == counters["flows_opened"] - counters["flows_closed"] and
                  HELD <= stats["flows"]["in_use"] <= stats["flows"]["room"],
                  "connections in use = opened - closed, within what there is room for")
        for worker in stats["workers"]:
            self.hold(not worker["stalled"] and not worker["bypass"], "the worker goes on")
        for output in stats["outputs"]:
            self.hold(output["ready"] and not output["lines_lost"], f"{output['path']} loses no line")
        self.hold(not counters["events_lost"], "no event is lost")
        self.hold(not self.web.trouble, f"curl is served: {self.web.trouble}")
        self.sample(now, stats)

    def sample(self, now, stats):
        process = pathlib.Path(f"/proc/{self.appliance.program.pid}")
        status = (process / "status").read_text()
        taken, rss = (int(re.search(rf"{name}:\s+(\d+)", status).group(1))
                      for name in ("VmData", "VmRSS"))
        delays, self.churn.delays_us = sorted(self.churn.delays_us) or [0.0], []
        self.samples.append(Sample(
            now, taken, rss, len(list((process / "fd").iterdir())), len(threads_of(process.name)),
            statistics.median(delays), delays[len(delays) * 99 // 100], stats["flows"]["in_use"]))

    def report(self):
        last = self.samples[-1]
        print(f"{last.second:7.0f} s: {self.churn.made.total():9} conversations,"
              f" {last.in_use:6} in use, {self.floods:3} floods, {self.reloads:4} reloads; resident"
              f" {last.rss_kib} KiB, {last.descriptors} descriptors, delay {last.delay_us:.0f} us",
              flush=True)

    def finish(self):
        """What is still open is what is held; then nothing is."""
        wait_until(lambda: self.appliance.stats()["flows"]["in_use"] == HELD,
                   "all that is not held is forgotten")
        flows = self.appliance.show("flows", "--limit", "1000")["flows"]
        self.hold(sorted(flow["dest_port"] for flow in flows) == [HELD_PORT] * HELD,
                  "what is open at the end is what is held")
        for _ in range(HELD):
            self.held.say()
        self.held.close()
        wait_until(lambda: self.appliance.stats()["flows"]["in_use"] == 0, "they end, too")
        wait_until(lambda: self.alarms("end") >= self.floods, "the last flood is over")
        self.counts.note_stop()
        self.hold(self.appliance.stop() == 0, f"it ends well: {self.appliance.program.err}")

    def alarms(self, phase, types=("syn_flood",)):
        return sum(event["event_type"] in types and event["phase"] == phase
                   for event in self.appliance.events() if event["event_type"] in ALARMS)

    def judge(self):
        stats, made = self.appliance.last_stats(), self.churn.made
        self.hold(not self.churn.differences, f"frames arrive as they were: {self.churn.differences}")
        self.hold(stats["proof"]["rx"] == stats["proof"]["tx"] and not stats["proof"]["drops"],
                  f"each frame is sent on: {stats['proof']}")
        for side in OTHER:
            port = port_of(stats, side)
            self.hold(self.counts.reached_before_the_stop(side) <= port["rx_packets"] <=
                      self.counts.reached_the_wire(side) and not port["missed"],
                      f"each frame from the {side} was seen")
            left = self.counts.left_the_wire(side)
            # One for which the far kernel has no room stays in the port's ring, and goes again.
            self.hold(left <= port["tx_packets"] <= left + self.counts.refused(side),
                      f"each frame to the {side} left")
        shakes = stats["handshakes"]
        for what, count, wanted in (
                ("complete", shakes["complete"],
                 made["complete"] + made["cut"] + self.web.made + HELD),
                ("refused", shakes["refused"], made["refused"]),
                ("unanswered", shakes["server_silent"] + shakes["evicted"],
                 made["silent"] + made["flood"]),
                ("all", stats["counters"]["flows_closed"], stats["counters"]["flows_opened"]),
                ("floods begun", self.alarms("start"), self.floods),
                ("floods ended", self.alarms("end"), self.floods),
                ("alarms of other kinds", self.alarms("start", ALARMS[1:]), 0),
                ("reloads", self.told("reloaded"), self.reloads)):
            self.hold(count == wanted, f"{what}: {wanted} were made, {count} counted")
        self.judge_growth()

    def told(self, what):
        return sum(event["wire"]["what"] == what for event in self.appliance.events("wire"))

    def growth(self, field):
        """From the first to the last quarter's median, behind the warm-up; and that of all."""
        values = [getattr(sample, field) for sample in self.samples
                  if sample.second >= max(WARM_UP_S, WARM_UP * self.seconds)]
        quarter = max(1, len(values) // 4)
        first, last = (statistics.median(some) for some in (values[:quarter], values[-quarter:]))
        return last - first, statistics.median(values)

    def judge_growth(self):
        for field in "descriptors", "threads":
            self.hold(abs(self.growth(field)[0]) <= DESCRIPTOR_GROWTH, f"{field} do not grow")
        if self.seconds < GROWTH_S:
            return
        self.hold(self.growth("taken_kib")[0] <= TAKEN_GROWTH_KIB, "no memory is taken later on")
        growth, median = self.growth("rss_kib")
        self.hold(growth <= RSS_GROWTH * median, "what is resident does not grow")
        growth, median = self.growth("delay_us")
        self.hold(growth <= DELAY_GROWTH * median, "a frame does not take longer and longer")

    def summarise(self):
        stats, made = self.appliance.last_stats(), self.churn.made
        print(f"{self.seconds / 60:g} minutes: {stats['counters']['flows_opened']} connections"
              f" ({made['complete'] + made['cut']} of raw frames completed, {made['refused']} refused,"
              f" {made['silent']} unanswered, {made['flood']} of {self.floods} floods,"
              f" {self.web.made} of curl, {HELD} held), {stats['proof']['rx']} frames,"
              f" {self.reloads} reloads, {self.scrapes} scrapes")
        for field, unit in (("taken_kib", "KiB taken"), ("rss_kib", "KiB resident"),
                            ("descriptors", "descriptors"),
                            ("threads", "threads"), ("delay_us", "us delay (median of a second)"),
                            ("delay_p99_us", "us delay (99 % of a second)")):
            growth, median = self.growth(field)
            values = [getattr(sample, field) for sample in self.samples]
            print(f"  {unit}: first {values[0]:.0f}, median {median:.0f}, last {values[-1]:.0f},"
                  f" most {max(values):.0f}; {growth:+.1f} from the first to the last quarter")
        print("all held" if not self.broken else f"{len(self.broken)} did not hold:")
        for what in self.broken:
            print(f"  {what}")


def read_options():
    summary, _, rest = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(prog="soak.py", description=summary, epilog=rest,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("synwire", help="the program")
    parser.add_argument("--minutes", type=float, default=60, metavar="N", help="%(default)g")
    parser.add_argument("--rate", type=int, default=800, metavar="N",
                        help="conversations a second: %(default)s")
    return parser.parse_args()


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        return SKIPPED
    os.environ["SYNWIRE"] = os.path.abspath(options.synwire)
    with contextlib.closing(Testbed()) as testbed:
        soak = Soak(testbed, options.minutes * 60, options.rate)
        soak.run()
    return 1 if soak.broken else 0


if __name__ == "__main__":
    sys.exit(main())
