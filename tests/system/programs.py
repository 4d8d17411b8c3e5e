# SPDX-License-Identifier: Apache-2.0
"""Programs that a test starts, and waiting that ends.

Every wait polls a condition and has a deadline, far above what it takes on a busy machine:
it is there so that nothing hangs, and no test's result depends on it. Every program is known
to its Programs, which ends all that are left.
"""

import pathlib
import signal
import subprocess
import time

PATIENCE = 60.0


def wait_until(condition, what, seconds=PATIENCE):
    """The first true value of condition(); AssertionError with `what` after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


class Program:
    """One running program; what it prints goes to files, so it never waits for a reader."""

    def __init__(self, name, args, log, **options):
        self.name = name
        self._out, self._err = pathlib.Path(f"{log}.out"), pathlib.Path(f"{log}.err")
        options.setdefault("stdin", subprocess.DEVNULL)
        with open(self._out, "wb") as out, open(self._err, "wb") as err:
            options = {"stdout": out, "stderr": err, **options}
            self._popen = subprocess.Popen(args, **options)
        self.pid, self.stdin = self._popen.pid, self._popen.stdin

    @property
    def out(self):
        return self._out.read_text(errors="replace")

    @property
    def err(self):
        return self._err.read_text(errors="replace")

    @property
    def status(self):
        """As wait() gives it; None while it runs."""
        return self._popen.poll()

    def send_signal(self, number):
        self._popen.send_signal(number)

    def wait(self, seconds=PATIENCE):
        """Its exit status; minus the number of the signal that ended it."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs after {seconds:g} s\n{self.err}") from None

    def stop(self, number=signal.SIGTERM, seconds=PATIENCE):
        self.send_signal(number)
        return self.wait(seconds)

    def kill(self):
        self._popen.kill()
        self._popen.wait()

    def wait_for(self, text, seconds=PATIENCE):
        """Until it has printed this, on either stream."""
        def printed():
            if text in self.out or text in self.err:
                return True
            assert self.status is None, f"{self.name} ended with {self.status}: {self.err}"
            return False
        wait_until(printed, f"{self.name} says {text!r}", seconds)


class Programs:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._started = []

    def start(self, name, args, **options):
        log = self.folder / f"program{len(self._started)}-{name}"
        program = Program(name, [str(arg) for arg in args], log, **options)
        self._started.append(program)
        return program

    def kill_all(self):
        for program in reversed(self._started):
            if program.status is None:
                program.kill()
