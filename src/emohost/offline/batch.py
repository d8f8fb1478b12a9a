"""Many files, one after the other or in several processes: one bad file does not lose the others' results."""

from __future__ import annotations

import math
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from emohost.errors import AudioError, EmohostError, EngineError, MidiError

Job = TypeVar("Job")
Result = TypeVar("Result")
Done = Callable[[int, float], None]

# What is wrong with one file; anything else (configuration, networks) is wrong for all and ends the batch.
_OF_ONE_FILE = (AudioError, MidiError)


class BatchError(EmohostError):
    """Some files failed: one line each. Exits as they would have if they agree, else with 1."""

    def __init__(self, errors: Sequence[EmohostError], files: int) -> None:
        lines = [str(error) for error in errors]
        if files > 1:
            lines.append(f"{len(errors)} of {files} files failed")
        super().__init__("\n".join(lines))
        codes = {error.exit_code for error in errors}
        self.exit_code = codes.pop() if len(codes) == 1 else 1


def run_batch(
    work: Callable[..., Result],
    jobs: Sequence[Job],
    processes: int = 1,
    done: Done = lambda number, seconds: None,
) -> Iterator[Result]:
    """Yields `work(job, progress)` of every job that succeeds, in the order of the jobs.

    With more than one process, `work` is a function of a module that also goes without `progress`, and jobs and
    results can be pickled. done: called with a job's number and the seconds of audio done, infinity at its end.
    Raises BatchError after the last job if any failed over its own file; other errors at once.
    """
    errors: list[EmohostError] = []
    processes = min(processes, len(jobs))
    for result in (
        _one_by_one(work, jobs, done) if processes <= 1 else _in_processes(work, jobs, processes, done)
    ):
        try:
            yield result()
        except _OF_ONE_FILE as error:
            errors.append(error)
    if errors:
        raise BatchError(errors, len(jobs))


def _one_by_one(
    work: Callable[..., Result], jobs: Sequence[Job], done: Done
) -> Iterator[Callable[[], Result]]:
    for number, job in enumerate(jobs):
        yield lambda number=number, job=job: work(job, lambda seconds: done(number, seconds))  # type: ignore[misc]
        done(number, math.inf)


def _in_processes(
    work: Callable[..., Result], jobs: Sequence[Job], processes: int, done: Done
) -> Iterator[Callable[[], Result]]:
    # spawn: a forked child would inherit threads' locks, and macOS and Windows have nothing else
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_end_at_interrupt) as pool:
        try:
            futures = [pool.submit(work, job) for job in jobs]
            for number, future in enumerate(futures):
                future.add_done_callback(lambda _, number=number: done(number, math.inf))  # type: ignore[misc]
            for future in futures:
                yield lambda future=future: _result(future)  # type: ignore[misc]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _result(future: Future[Result]) -> Result:
    try:
        return future.result()
    except BrokenProcessPool:
        raise EngineError("a worker process died; try again with --jobs 1") from None


def _end_at_interrupt() -> None:
    # Ctrl-C reaches the workers too: they end without a word, the parent says what there is to say
    signal.signal(signal.SIGINT, signal.SIG_DFL)
