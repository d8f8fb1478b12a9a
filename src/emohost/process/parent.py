"""The child's side: private streams that no library's print can corrupt, and an end when the parent ends."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from typing import IO, Any, NoReturn


class Parent:
    """The process that started this one. Make it first of all, on the main thread."""

    def __init__(self, outlive: bool = False) -> None:
        """`outlive`: this process does not die together with its parent, wherever it is; it sees its input end, and has
        to end by itself."""
        if not outlive:
            die_with(int(sys.argv[1]))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
        # Libraries print to descriptor 1: it becomes standard error, and ours move to private numbers.
        self.input: IO[bytes] = os.fdopen(os.dup(0), "rb")
        self._output: IO[bytes] = os.fdopen(os.dup(1), "wb", buffering=0)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def send(self, kind: str, /, **content: Any) -> None:
        """Sends one message. Any thread."""
        with self._lock:
            self._output.write(json.dumps({"type": kind, **content}).encode() + b"\n")

    def start(self, before: Callable[[Mapping[str, Any]], None] = lambda _message: None) -> Mapping[str, Any]:
        """Waits for the start message (`Child.start`); what comes before it goes to `before`. The process ends with the
        input."""
        while True:
            line = self.input.readline()
            if not line:
                self.end(0)
            message: Mapping[str, Any] = json.loads(line)
            if message["type"] == "start":
                return message
            before(message)

    def read_lines(self, handle: Callable[[Mapping[str, Any]], None]) -> None:
        """Hands each JSON line of the input to `handle` on a thread of its own; the process ends with the input."""

        def read() -> None:
            for line in self.input:
                handle(json.loads(line))
            self.end(0)

        threading.Thread(target=read, name="parent", daemon=True).start()

    @staticmethod
    def end(code: int) -> NoReturn:
        """Ends now: no destructor of a driver is given the chance to hang."""
        sys.stderr.flush()
        os._exit(code)


def die_with(parent: int) -> None:
    """This process ends at once when its parent does, whatever it does then. Elsewhere than on Linux the end of its
    input must do."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the call
            os._exit(0)
