"""Processes that work jobs off, and end when their parent does, at once, however it ends.

Each has a pipe to the parent. Its end, which the system brings about even when the parent is killed, is the worker's
end: what it is writing is cleared away first. (An executor of concurrent.futures waits for jobs that run, leaves its
workers behind when it is killed, and needs semaphores in /dev/shm.)
"""

from __future__ import annotations

import _thread
import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import wait
from types import FrameType
from typing import Any, NoReturn

from emohost.errors import EngineError

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection as Connection
else:
    from multiprocessing.connection import Connection

END_S = 1.0  # for a worker to clear away what it was writing
Outcome = tuple[bool, Any]
"""Whether it succeeded; the result, or the exception."""


class Workers:
    """A context manager; whatever ends the block, the processes have ended afterwards. One thread."""

    def __init__(self, work: Callable[..., Any], count: int) -> None:
        """`work` is a function of a module. Raises EngineError if the processes cannot be started."""
        # spawn: a forked child would inherit threads' locks, and macOS and Windows have nothing else
        context = multiprocessing.get_context("spawn")
        self._processes: list[multiprocessing.process.BaseProcess] = []
        self._connections: list[Connection] = []
        self._lifelines: list[Connection] = []
        try:
            for _ in range(count):
                ours, theirs = context.Pipe()
                end, lifeline = context.Pipe(duplex=False)
                process = context.Process(target=_serve, args=(theirs, end, work), daemon=True)
                process.start()
                theirs.close()
                end.close()
                self._processes.append(process)
                self._connections.append(ours)
                self._lifelines.append(lifeline)
        except OSError as error:
            self.end()
            raise EngineError(f"no worker process can be started: {error.strerror or error}") from None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def outcomes(self, jobs: Sequence[Any]) -> Iterator[tuple[int, Outcome]]:
        """Yields (number of the job, outcome) as they come. Raises EngineError when a worker dies."""
        waiting = list(enumerate(jobs))[::-1]
        busy: set[Connection] = set()
        for connection in self._connections:
            self._give(connection, waiting, busy)
        while busy:
            for ready in wait(list(busy)):
                connection = next(each for each in busy if each is ready)
                busy.discard(connection)
                try:
                    number, outcome = connection.recv()
                except (EOFError, OSError):
                    raise EngineError(
                        f"a worker process died ({self._ending(connection)}); try again with --jobs 1"
                    ) from None
                self._give(connection, waiting, busy)
                yield number, outcome

    def end(self) -> None:
        """Ends all, also those in the middle of a job. Returns within seconds."""
        for connection in (*self._lifelines, *self._connections):
            connection.close()
        for process in self._processes:
            process.join(2 * END_S)
            if process.is_alive():
                process.kill()
                process.join()

    def _give(self, connection: Connection, waiting: list[tuple[int, Any]], busy: set[Connection]) -> None:
        if waiting:
            with contextlib.suppress(OSError):  # it has died: `recv` will tell
                connection.send(waiting.pop())
            busy.add(connection)

    def _ending(self, connection: Connection) -> str:
        process = self._processes[self._connections.index(connection)]
        process.join(END_S)
        code = process.exitcode
        return "signal " + str(-code) if code is not None and code < 0 else f"exit code {code}"


def _serve(jobs: Connection, end: Connection, work: Callable[..., Any]) -> None:
    """The worker's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, _terminated)
    threading.Thread(target=_end_with, args=(end, threading.main_thread()), daemon=True).start()
    try:
        while True:
            number, job = jobs.recv()
            jobs.send((number, _outcome(work, job)))
    except (EOFError, OSError):  # the parent has ended
        return


def _outcome(work: Callable[..., Any], job: Any) -> Outcome:
    try:
        return True, work(job)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return False, EngineError(f"{type(error).__name__}: {error}")
        return False, error


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(1)


def _end_with(end: Connection, main: threading.Thread) -> None:
    """Nothing is ever sent: this returns when the parent has let go of the other end, or is no more."""
    with contextlib.suppress(EOFError, OSError):
        end.recv_bytes()
    _thread.interrupt_main(signal.SIGTERM)  # files that are half written are cleared away
    main.join(END_S)
    os._exit(1)
