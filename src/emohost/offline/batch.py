"""Many files, one after the other or in several processes: one bad file does not lose the others' results."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, TypeVar

from emohost.errors import AudioError, EmohostError, OutputError
from emohost.offline.workers import Outcome, Workers

Job = TypeVar("Job")
Result = TypeVar("Result")
Done = Callable[[int, float], None]

# What is wrong with one file; anything else (configuration, networks) is wrong for all and ends the batch.
_OF_ONE_FILE = (AudioError, OutputError)


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
    each = _one_by_one(work, jobs, done) if processes <= 1 else _in_processes(work, jobs, processes, done)
    with contextlib.closing(each) as results:
        for result in results:
            try:
                yield result()
            except _OF_ONE_FILE as error:
                errors.append(error)
    if errors:
        raise BatchError(errors, len(jobs))


def _one_by_one(
    work: Callable[..., Result], jobs: Sequence[Job], done: Done
) -> Generator[Callable[[], Result], None, None]:
    for number, job in enumerate(jobs):
        yield lambda number=number, job=job: work(job, lambda seconds: done(number, seconds))  # type: ignore[misc]
        done(number, math.inf)


def _in_processes(
    work: Callable[..., Result], jobs: Sequence[Job], processes: int, done: Done
) -> Generator[Callable[[], Result], None, None]:
    with Workers(work, processes) as workers:
        came: dict[int, Outcome] = {}
        following = 0
        for number, outcome in workers.outcomes(jobs):
            came[number] = outcome
            done(number, math.inf)
            while following in came:
                yield functools.partial(_result, came.pop(following))
                following += 1


def _result(outcome: Outcome) -> Any:
    succeeded, result = outcome
    if not succeeded:
        raise result
    return result
