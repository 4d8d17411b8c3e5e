# SPDX-License-Identifier: Apache-2.0
"""What goes on beside a test, in a thread of its own."""

import threading


class Background:
    """`with` a kind of it: its run() begins, and is told by `stopping` when it is to end."""

    def __init__(self):
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self.run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self._thread.join()

    def run(self):
        raise NotImplementedError
