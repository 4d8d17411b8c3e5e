# SPDX-License-Identifier: Apache-2.0
"""Real servers and clients at the two ends of a testbed."""

import hashlib
import json
import pathlib

from programs import wait_until
from testbed import CLIENT, SERVER, address

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 4096; }}
http {{
	access_log off;
	client_body_temp_path {folder}/body;
	fastcgi_temp_path {folder}/fastcgi;
	proxy_temp_path {folder}/proxy;
	scgi_temp_path {folder}/scgi;
	uwsgi_temp_path {folder}/uwsgi;
	keepalive_timeout {keepalive};
	server {{
		listen {port} backlog=4096;
		listen [::]:{port} backlog=4096;
		root {root};
	}}
}}
"""


def wait_for_listener(testbed, port, place=SERVER, kind="t"):
    """kind: t for TCP, u for UDP."""
    wait_until(lambda: testbed.run(place, "ss", f"-Hln{kind}", f"sport = :{port}"),
               f"port {port} is listened on")


class WebServer:
    """nginx on port `port`; a connection serves one request unless keepalive is set."""

    def __init__(self, testbed, port=80, keepalive=0):
        self._testbed, self.port = testbed, port
        folder = testbed.folder / f"nginx{port}"
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        folder.chmod(0o755)
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, root=self.root, port=port, keepalive=keepalive))
        self.add_file("small", b"small as it is\n" * 20)
        self.program = testbed.start(SERVER, "nginx", "-c", config, "-e", "stderr")
        wait_for_listener(testbed, port)

    def add_file(self, name, data):
        """Its SHA-256."""
        (self.root / name).write_bytes(data)
        return hashlib.sha256(data).hexdigest()

    def url(self, name, link=0, version=4):
        host = address(SERVER, link, version)
        return f"http://[{host}]:{self.port}/{name}" if version == 6 else \
            f"http://{host}:{self.port}/{name}"

    def fetch(self, name, **where):
        """The SHA-256 of a file that curl brings."""
        path = self._testbed.folder / f"fetched-{pathlib.Path(name).name}"
        self._testbed.run(CLIENT, "curl", "-gsSf", "-o", path, self.url(name, **where))
        data = path.read_bytes()
        path.unlink()
        return hashlib.sha256(data).hexdigest()

    def fetch_many(self, count, at_once=50, **where):
        """The number of connections that so many requests of curl took; all must succeed."""
        out = self._testbed.run(
            CLIENT, "curl", "-sSf", "--parallel", "--parallel-immediate", "--parallel-max", at_once,
            "-o", "/dev/null", "-w", "%{http_code} %{num_connects}\n",
            self.url(f"small?[1-{count}]", **where))
        answers = [line.split() for line in out.splitlines() if line]
        assert [code for code, _ in answers] == ["200"] * count, f"not {count} times 200: {out[-400:]}"
        return sum(int(connections) for _, connections in answers)


def run_iperf3(testbed, size, port=5201, **where):
    """Bytes received; a run of two connections, one of which carries `size` bytes."""
    server = testbed.start(SERVER, "iperf3", "-s", "-1", "-p", port)
    wait_for_listener(testbed, port)
    out = testbed.run(CLIENT, "iperf3", "-c", address(SERVER, **where), "-p", port, "-n", size, "-J")
    assert server.wait() == 0, server.err
    return json.loads(out)["end"]["sum_received"]["bytes"]


def run_netcat(testbed, data, port=7000, to=SERVER):
    """What arrives of data that goes to a side from the other."""
    arrived, start = testbed.folder / f"netcat{port}", CLIENT if to == SERVER else SERVER
    with open(arrived, "wb") as out:
        server = testbed.start(to, "nc", "-l", "-N", address(to), port, stdout=out)
        wait_for_listener(testbed, port, to)
        testbed.run(start, "nc", "-N", address(to), port, input=data, text=False)
        assert server.wait() == 0, server.err
    return arrived.read_bytes()
