"""A child process that runs one of our modules: spoken to through its standard input, heard as JSON lines.

Nothing here ever waits for the child: it may hang in a driver for ever, crash, or be killed.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from typing import IO, Any

Message = dict[str, Any]
LAST_WORDS = 20  # lines of standard error that are kept for the report of a crash


class Child:
    """Starts `python -m module PARENT_PID` at once. Its messages arrive in `messages`; the last is {"type": "ended"}.

    Methods may be called from any thread; on Linux the child dies with the *thread* that made it, so that one must
    stay. Raises OSError when the process cannot be started.
    """

    def __init__(
        self,
        module: str,
        log: logging.Logger,
        nonblocking: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`nonblocking`: `write` never waits for room in the pipe (POSIX; elsewhere pipes are written as they are);
        `environment`: variables that it gets besides this process's."""
        environment = {**os.environ, **(environment or {})}
        # One thread is all that is needed there; each further BLAS thread costs memory.
        environment.setdefault("OPENBLAS_NUM_THREADS", "1")
        detached: dict[str, Any]  # Ctrl-C in a terminal is only for the parent
        if sys.platform == "win32":
            detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        else:
            detached = {"start_new_session": True}
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=environment,
            **detached,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._stdin = self._process.stdin
        if nonblocking and sys.platform != "win32":
            os.set_blocking(self._stdin.fileno(), False)
        self._log = log
        self._last_words: deque[str] = deque(maxlen=LAST_WORDS)
        self._write_lock = threading.Lock()
        self.messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._readers = [
            threading.Thread(target=self._read_errors, args=(self._process.stderr,), daemon=True),
            threading.Thread(target=self._read_messages, args=(self._process.stdout,), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def last_words(self) -> str:
        """The last lines it wrote to standard error."""
        return "\n".join(self._last_words)

    def start(self, content: Mapping[str, Any]) -> bool:
        """The message that its `Parent.start` waits for. False if the child no longer reads."""
        return self.send({"type": "start", **content})

    def send(self, message: Message) -> bool:
        """Writes one JSON line. False if the child no longer reads."""
        return self.write(json.dumps(message).encode() + b"\n")

    def write(self, data: bytes) -> bool:
        """Writes bytes, all or (with `nonblocking`) what fits. False if they did not all go: the child is lost."""
        with self._write_lock:
            try:
                return self._stdin.write(data) == len(data)
            except (OSError, ValueError):
                return False

    def close_input(self) -> None:
        """The child sees the end of its input, which asks it to end."""
        with self._write_lock, contextlib.suppress(OSError):
            self._stdin.close()

    def kill(self) -> None:
        """Ends it at once, whatever it does, and does not wait for the end."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def wait(self, timeout_s: float) -> bool:
        """True if it ended within the time."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def how_it_ended(self) -> str:
        """'exit code 1' or 'signal 9'; 'still runs' before the end."""
        code = self._process.poll()
        if code is None:
            return "still runs"
        return f"exit code {code}" if code >= 0 else f"signal {-code}"

    def _read_messages(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                try:
                    message = json.loads(line)
                except (ValueError, RecursionError):
                    message = None
                if isinstance(message, dict) and isinstance(message.get("type"), str):
                    self.messages.put(message)
                else:
                    self._log.warning("unreadable message from process %d: %r", self.pid, line[:200])
        self._process.wait()
        self._readers[0].join(1.0)
        self.messages.put({"type": "ended"})

    def _read_errors(self, stream: IO[bytes]) -> None:
        # What libraries print there (JACK is talkative) is for the debug log; it is shown when the process dies.
        with stream:
            for line in stream:
                text = line.decode(errors="replace").rstrip()
                if text:
                    self._last_words.append(text)
                    self._log.debug("process %d: %s", self.pid, text)
