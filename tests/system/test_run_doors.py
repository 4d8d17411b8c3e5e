#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who asks an appliance, rightly or not: its control socket, HTTP, telemetry, its start.

Usage: test_run_doors.py SYNWIRE [unittest's options]
"""

import contextlib
import json
import os
import pwd
import re
import resource
import shutil
import socket
import stat
import subprocess

from appliance import CONFIG, FAILED, Appliance
from live import LiveTest, copy_for_all, http_get, refuse_many
from programs import PATIENCE, wait_until
from testbed import CLIENT, SERVER, WIRE, address, main

CROWD = 500
OPEN = 300  # connections that are open at once
COMPARED = "handshakes", "ends", "frames", "dropped"
TELEMETRY = shutil.which("dpdk-telemetry.py")
PROMTOOL = shutil.which("promtool")
NOBODY = pwd.getpwnam("nobody")
SHOW = b'{"command":"show","what":"config"}\n'


def allow_descriptors():
    """A crowd is more than a process may have of them by default."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))


class Door(LiveTest):
    """All that comes to a door in vain leaves the appliance as it was."""

    @classmethod
    def setUpClass(cls):
        allow_descriptors()
        cls.appliance = Appliance(cls.set_up_testbed()).start()

    @classmethod
    def tearDownClass(cls):
        assert cls.appliance.stop() == 0, cls.appliance.program.err

    def tearDown(self):
        self.ping()
        self.assertIsNone(self.appliance.program.status)
        wait_until(self.answers, "it answers the next who asks properly")


class ControlSocket(Door):
    def answers(self):
        return self.appliance.ask("show", "stats").returncode == 0

    def connect(self):
        client = self.enterContext(socket.socket(socket.AF_UNIX))
        client.settimeout(PATIENCE)
        client.connect(str(self.appliance.socket_path))
        return client

    def read_all(self, client):
        """Until it is closed; a part of a request that nobody wanted resets the connection."""
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while more := client.recv(65536):
                answer += more
        return answer

    def send(self, request):
        client = self.connect()
        with contextlib.suppress(BrokenPipeError):
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        return self.read_all(client)

    def test_it_is_for_its_owner_alone(self):
        self.assertEqual(stat.S_IMODE(self.appliance.socket_path.stat().st_mode), 0o600)

    def test_what_is_no_request_is_answered_with_a_sentence(self):
        for request in (b"hello\n", b"\n", b" ", b"[]\n", b"{}\n", b'{"command":"fly"}\n', b"null",
                        b'{"command":"show"}\n', b'{"command":"show","what":"all"}\n',
                        b'{"command":"show","what":"flows","port":65536}\n',
                        b'{"command":"show","what":"stats","port":80}\n',
                        b'{"command":"bypass"}\n', b'{"command":"bypass","on":1}\n',
                        b'{"command":"show","command":"reload"}\n', b'{"command":"sho\n',
                        bytes(range(256)), b"\0" * 100 + b"\n", b"\xff\xfe\xfd\n",
                        b'{"command":"show\\u0000","what":"stats"}\n', b"[" * 4000 + b"\n"):
            with self.subTest(request=request[:40]):
                answer = json.loads(self.send(request))
                self.assertIs(answer["ok"], False)
                self.assertGreater(len(answer["error"]), 10)

    def test_a_request_that_is_too_long_is_refused(self):
        client = self.connect()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(b" " * 4096)
            self.assertIn("4096 bytes at most", json.loads(self.read_all(client))["error"])
        self.send(os.urandom(1 << 20))

    def test_half_a_request_is_waited_for_and_no_longer_than_is_fair(self):
        client = self.connect()
        client.sendall(SHOW[:10])
        self.assertTrue(self.answers(), "others need not wait")
        client.sendall(SHOW[10:])
        self.assertIs(json.loads(self.read_all(client))["ok"], True)
        slow = self.connect()
        slow.sendall(SHOW[:10])
        self.assertEqual(self.read_all(slow), b"", "it is hung up on")

    def test_who_goes_before_the_answer_is_forgotten(self):
        for _ in range(50):
            client = self.connect()
            client.sendall(b'{"command":"show","what":"flows"}\n')
            client.close()

    def test_a_crowd_is_answered_or_told_to_come_again(self):
        clients = [self.connect_somehow() for _ in range(CROWD)]
        for client in clients:
            with contextlib.suppress(BrokenPipeError, BlockingIOError, OSError):
                client.sendall(SHOW)
        answers = [self.read_all(client) for client in clients if self.is_connected(client)]
        self.assertGreater(len(answers), 0)
        for answer in answers:
            if answer:
                self.assertIn("ok", json.loads(answer))

    def connect_somehow(self):
        """The queue may be full; then it is not connected."""
        client = self.enterContext(socket.socket(socket.AF_UNIX))
        client.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            client.connect(str(self.appliance.socket_path))
        client.settimeout(PATIENCE)
        return client

    def is_connected(self, client):
        try:
            return bool(client.getpeername())
        except OSError:
            return False

    def test_a_crowd_that_says_nothing_gives_way_in_time(self):
        for _ in range(CROWD):
            self.connect_somehow()


class Http(Door):
    def answers(self):
        with self.client() as client:
            return b"200 OK" in self.converse(client, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")

    def client(self):
        with self.testbed.inside(WIRE):
            client = socket.socket()
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", 9464))
        return client

    def converse(self, client, request):
        answer = b""
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            client.sendall(request)
            while more := client.recv(65536):
                answer += more
        return answer

    def status_of(self, request):
        with self.client() as client:
            answer = self.converse(client, request)
        return int(answer.split()[1]) if answer else None

    def test_metrics_are_the_counters_of_show_stats(self):
        self.ping(20)
        wait_until(self.metrics_agree, "both tell the same, as nothing passes")

    def metrics_agree(self):
        before = self.appliance.stats()
        status, text = http_get(self.testbed, "/metrics")
        self.assertEqual(status, 200)
        metrics = self.parse(text)
        # Nothing came between, so that the numbers are those of the same frames.
        if before["proof"] != self.appliance.stats()["proof"]:
            return False
        for port in before["ports"]:
            labels = {"wire": port["wire"], "port": port["port"], "worker": "0"}
            for word in "rx_packets", "rx_bytes", "tx_packets", "tx_bytes":
                self.assertEqual(self.value(metrics, f"synwire_{word}_total", **labels), port[word])
        for word in "flows_opened", "syn", "frames", "events":
            self.assertEqual(self.value(metrics, f"synwire_{word}_total", worker="0"),
                             before["counters"][word])
        for result, count in before["handshakes"].items():
            self.assertEqual(self.value(metrics, "synwire_handshakes_total", result=result,
                                        worker="0"), count)
        return True

    def parse(self, text):
        """{(name, its labels): value}; a line that is no Prometheus text fails."""
        metrics, typed = {}, set()
        for line in text.splitlines():
            if line.startswith("#"):
                kind, name, _ = re.fullmatch(r"# (HELP|TYPE) (\S+) (.+)", line).groups()
                self.assertNotIn((kind, name), typed, "one family stands in one place")
                typed.add((kind, name))
                continue
            name, _, labels, value = re.fullmatch(
                r'([a-z_:][a-z0-9_:]*)(\{((?:[a-z_]+="[^"]*",?)*)\})? (\S+)', line).groups()
            key = name, frozenset(re.findall(r'([a-z_]+)="([^"]*)"', labels or ""))
            self.assertNotIn(key, metrics)
            metrics[key] = float(value)
        return metrics

    def value(self, metrics, name, **labels):
        return metrics[name, frozenset(labels.items())]

    def test_prometheus_own_checker_has_nothing_to_say(self):
        if not PROMTOOL:
            self.skipTest("promtool is not installed")
        refuse_many(self.testbed, 5)
        done = subprocess.run([PROMTOOL, "check", "metrics"], text=True, capture_output=True,
                              input=http_get(self.testbed, "/metrics")[1], check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_paths_and_methods_that_are_not_there_have_their_status(self):
        for request, status in ((b"GET /healthz HTTP/1.1", 200), (b"HEAD /metrics HTTP/1.1", 200),
                                (b"GET / HTTP/1.1", 404), (b"GET /metrics/ HTTP/1.1", 404),
                                (b"GET /../../etc/passwd HTTP/1.1", 404),
                                (b"POST /metrics HTTP/1.1", 405),
                                (b"DELETE /healthz HTTP/1.1", 405)):
            with self.subTest(request=request):
                self.assertEqual(self.status_of(request + b"\r\nHost: x\r\n\r\n"), status)

    def test_what_is_no_request_is_refused_or_hung_up_on(self):
        for request in (b"hello\r\n\r\n", b"GET\r\n\r\n", b"\0\1\2\3\r\n\r\n", os.urandom(5000),
                        b"GET /healthz HTTP/1.1\r\n\r\n", b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n"):
            with self.subTest(request=request[:30]):
                self.assertNotEqual(self.status_of(request), 200)

    def test_a_head_that_is_too_long_is_refused(self):
        for head in (b"X: " + b"y" * 100_000, b"\r\n".join(b"X%d: y" % n for n in range(5000))):
            self.assertIn(self.status_of(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + head +
                                         b"\r\n\r\n"), (413, 431, None))
        self.assertIn(self.status_of(b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
                      (414, None))

    def test_a_slow_one_is_hung_up_on_while_others_are_served(self):
        with self.client() as slow:
            slow.sendall(b"GET /healthz HTTP/1.1\r\n")
            self.assertTrue(self.answers())
            self.assertNotIn(b"200", self.converse(slow, b"X: y\r\n"))

    def test_a_crowd_is_served_or_told_to_come_again(self):
        request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(self.client()) for _ in range(CROWD)]
            answers = [self.converse(client, request) for client in clients]
        statuses = {int(answer.split()[1]) for answer in answers if answer}
        self.assertLessEqual(statuses, {200, 503, 408})
        self.assertIn(200, statuses)

    def test_a_crowd_that_says_nothing_gives_way_in_time(self):
        with contextlib.ExitStack() as stack:
            for _ in range(CROWD):
                stack.enter_context(self.client()).sendall(b"GET /he")
            wait_until(self.answers, "it has hung up on them")


class Shown(LiveTest):
    """What is told of connections that are open."""

    @classmethod
    def setUpClass(cls):
        allow_descriptors()
        testbed = cls.set_up_testbed()
        cls.appliance = Appliance(testbed, config={"timeouts": {"closing": "1h"}}).start()
        with testbed.inside(SERVER):
            cls.listener = socket.create_server((address(SERVER), 8000), backlog=OPEN)
        cls.clients = [cls.connect() for _ in range(OPEN)]
        refuse_many(testbed, 7)
        for _, client in zip(range(50), cls.clients):
            client.shutdown(socket.SHUT_WR)
        wait_until(lambda: len(cls.flows("--state", "ESTABLISHED", "--limit", "1000")) == OPEN - 50,
                   "all are seen")

    @classmethod
    def connect(cls):
        with cls.testbed.inside(CLIENT):
            client = socket.socket()
        cls.addClassCleanup(client.close)
        client.connect((address(SERVER), 8000))
        return client

    @classmethod
    def tearDownClass(cls):
        cls.listener.close()
        assert cls.appliance.stop() == 0, cls.appliance.program.err

    @classmethod
    def flows(cls, *args):
        return cls.appliance.show("flows", *args)["flows"]

    def test_flows_are_found_by_address_port_state_and_limit(self):
        port = self.clients[0].getsockname()[1]
        all_of_it = "--limit", "1000"
        for args, count in (
                (("--port", "8000", *all_of_it), OPEN), (("--port", "9999"), 0),
                (("--address", address(SERVER), "--port", "8000", *all_of_it), OPEN),
                (("--address", "192.0.2.1"), 0), (("--port", str(port)), 1),
                (("--address", address(CLIENT), "--port", str(port)), 1),
                (("--state", "FIN_WAIT", *all_of_it), 50), (("--state", "SYN_SENT"), 0),
                (("--state", "FIN_WAIT", "--port", str(port)), 1),
                (("--limit", "10"), 10), (("--port", "8000", "--limit", "299"), 299),
                (("--port", "8000"), 100)):
            with self.subTest(args=args):
                self.assertEqual(len(self.flows(*args)), count)
        flow, = self.flows("--port", str(port))
        self.assertEqual((flow["src_ip"], flow["src_port"], flow["dest_ip"], flow["dest_port"]),
                         (address(CLIENT), port, address(SERVER), 8000))

    def test_that_there_are_more_is_said(self):
        self.assertTrue(self.appliance.show("flows", "--limit", "10")["more"])
        self.assertNotIn("more", self.appliance.show("flows", "--limit", "1000"))

    def test_a_table_has_a_line_for_each(self):
        shown = self.appliance.command("show", "flows", "--port", "8000", "--limit", "1000")
        self.assertEqual(shown.count(f"{address(SERVER)}:8000"), OPEN)

    def test_services_are_counted(self):
        services = {service["dest_port"]: service
                    for service in self.appliance.show("services")["services"]}
        self.assertEqual((services[8000]["attempts"], services[8000]["completed"]), (OPEN, OPEN))
        self.assertEqual((services[81]["attempts"], services[81]["refused"]), (7, 7))
        self.assertEqual(services[8000]["synack_us"]["count"], OPEN)
        only, = self.appliance.show("services", "--port", "81")["services"]
        self.assertEqual(only, services[81])

    def test_no_attack_is_seen_where_there_is_none(self):
        floods = self.appliance.show("floods")
        self.assertEqual((floods["active"], floods["ended"], floods["floods"]), (0, 0, []))
        self.assertEqual(len(self.appliance.command("show", "floods", "--active").splitlines()), 1)
        if TELEMETRY:
            told = self.telemetry("/synwire/floods")
            self.assertEqual((told["active"], told["ended"]), (0, 0))

    def test_telemetry_tells_the_same(self):
        if not TELEMETRY:
            self.skipTest("dpdk-telemetry.py is not installed")
        told, shown = wait_until(self.told_while_nothing_changed, "two answers that agree")
        self.assertEqual(set(told), set(shown))
        for part in COMPARED:
            self.assertEqual(told[part], shown[part], part)
        self.assertEqual(told["counters"]["flows_opened"], shown["counters"]["flows_opened"])
        port = self.clients[0].getsockname()[1]
        # DPDK has no lists of objects: each is named by its place.
        flow, = self.telemetry(f"/synwire/flows,{address(CLIENT)}:{port}")["flows"].values()
        self.assertEqual((flow["src_port"], flow["dest_port"]), (port, 8000))
        self.assertIn("error", self.telemetry("/synwire/flows,nonsense"))

    def told_while_nothing_changed(self):
        """What telemetry and `show` say of one moment: a connection may be judged between them."""
        before = self.appliance.stats()
        told = self.telemetry("/synwire/stats")["stats"]
        shown = self.appliance.stats()
        return (told, shown) if all(before[part] == shown[part] for part in COMPARED) else None

    def telemetry(self, command):
        """What DPDK's own client prints of an answer, after its greeting and its prompt."""
        out = self.testbed.run(WIRE, TELEMETRY, "-f", self.appliance.config["dpdk"]["prefix"],
                               input=f"{command}\nquit\n")
        answer = next(line for line in out.splitlines() if command.split(",")[0] in line)
        return json.loads(answer[answer.index("{"):])[command.split(",")[0]]


class Start(LiveTest):
    """What keeps it from starting is told in sentences, and its exit status says whose fault it is."""

    @classmethod
    def setUpClass(cls):
        cls.set_up_testbed().folder.chmod(0o755)

    def assert_refused(self, appliance, status, *sentences):
        self.assertEqual(appliance.program.wait(), status, appliance.program.err)
        lines = appliance.program.err.splitlines()
        for sentence in sentences:
            self.assertTrue(any(re.search(sentence, line) for line in lines),
                            f"{sentence} is not in {lines}")
        self.assertEqual(len(lines), len(sentences), lines)

    def start_with(self, config, **options):
        return self.start_appliance(config, wait=False, **options)

    def test_every_mistake_in_the_configuration_is_told(self):
        appliance = self.start_with({
            "workers": {"count": 0, "idle": "never"}, "flow": {"slots": 1000}, "colour": "red",
            "timeouts": {"establisht": "1h"}, "metrics": {"address": "localhost"}})
        self.assert_refused(appliance, CONFIG, r"workers\.count", r"workers\.idle", r"flow\.slots",
                            "colour", r"establisht.*established", r"metrics\.address")

    def test_without_wires_there_is_nothing_to_run(self):
        self.assert_refused(self.start_with({"wires": None}), CONFIG, "wires")

    def test_interfaces_that_are_not_there_are_each_named(self):
        appliance = self.start_with({"wires": [{"name": "a", "ports": [
            "net_af_packet0,iface=nowhere0", "net_af_packet1,iface=nowhere1"]}]})
        self.assert_refused(appliance, FAILED, "no interface 'nowhere0'", "no interface 'nowhere1'")

    def test_cores_that_are_not_there_are_each_named(self):
        appliance = self.start_with({"workers": {"cores": "1022"}, "control": {"cores": "1023"}})
        self.assert_refused(appliance, FAILED, r"workers\.cores.*no core 1022",
                            r"control\.cores.*no core 1023")

    def test_hugepages_that_are_missing_are_counted_and_the_command_is_given(self):
        appliance = self.start_with({"memory": {"hugepages": True}, "flow": {"slots": 1 << 30}})
        self.assert_refused(appliance, FAILED, r"MiB of hugepages are needed.*nr_hugepages")

    def test_who_may_not_open_the_ports_is_told_so(self):
        appliance = Appliance(self.testbed, config={"metrics": {"enabled": False}})
        for path in appliance.folder, appliance.config_path:
            os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
        synwire = copy_for_all(os.environ["SYNWIRE"], self.testbed.folder)
        # What ThreadSanitizer is told may lie where this user may not look.
        appliance.program = self.testbed.start(
            WIRE, "env", "-u", "LD_PRELOAD", "TSAN_OPTIONS=report_bugs=0",
            "setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups",
            synwire, "run", "-c", appliance.config_path)
        self.addCleanup(appliance.kill)
        self.assert_refused(appliance, FAILED, "no permission.*in0", "no permission.*out0")

    def test_nothing_is_left_of_a_start_that_failed(self):
        appliance = self.start_with({"metrics": {"address": "192.0.2.1"}})
        self.assert_refused(appliance, FAILED, r"192\.0\.2\.1")
        self.assertFalse(appliance.socket_path.exists())
        good = self.start_appliance()
        self.ping()
        self.assert_stops_well(good)


main()
