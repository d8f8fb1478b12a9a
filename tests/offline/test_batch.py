"""Many files: results in order, one bad file loses no other, and every error is told at the end."""

from __future__ import annotations

import math
import os
import time

import pytest

from emohost.errors import AudioError, EngineError, ModelError, OutputError
from emohost.offline.batch import BatchError, run_batch


def work(job: str, progress: object = None) -> str:
    """A job says what becomes of it."""
    if job.startswith("slow"):
        time.sleep(0.3)
    if job.startswith("audio"):
        raise AudioError(f"{job}: broken")
    if job.startswith("midi"):
        raise OutputError(f"{job}: cannot be written")
    if job.startswith("model"):
        raise ModelError(f"{job}: no networks")
    if job.startswith("die"):
        os._exit(3)
    return job.upper()


def collect(jobs: list[str], processes: int) -> tuple[list[str], BatchError | None]:
    results: list[str] = []
    try:
        for result in run_batch(work, jobs, processes):
            results.append(result)
    except BatchError as error:
        return results, error
    return results, None


@pytest.mark.parametrize("processes", [1, 3])
def test_results_come_in_the_order_of_the_jobs(processes: int) -> None:
    """Also when the first takes longest."""
    assert collect(["slow", "b", "c", "d"], processes) == (["SLOW", "B", "C", "D"], None)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_bad_file_loses_no_other(processes: int) -> None:
    """All other results come, then all errors, in order, with how many."""
    results, error = collect(["a", "audio 1", "b", "audio 2", "c"], processes)
    assert results == ["A", "B", "C"]
    assert error is not None
    assert str(error).splitlines() == ["audio 1: broken", "audio 2: broken", "2 of 5 files failed"]
    assert error.exit_code == AudioError.exit_code


def test_one_file_fails_with_its_own_words_and_code() -> None:
    """As if there were no batch."""
    _, error = collect(["audio"], 1)
    assert error is not None
    assert (str(error), error.exit_code) == ("audio: broken", AudioError.exit_code)


def test_different_failures_exit_with_1() -> None:
    """No code of theirs would be true of all."""
    _, error = collect(["audio", "midi"], 1)
    assert error is not None
    assert error.exit_code == 1


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_wrong_for_all_ends_the_batch(processes: int) -> None:
    """Missing networks are told once, not once per file."""
    with pytest.raises(ModelError, match="no networks"):
        list(run_batch(work, ["model", "model", "model"], processes))


def test_a_worker_that_dies_is_an_error_and_no_traceback() -> None:
    """Killed for want of memory, say."""
    with pytest.raises(EngineError, match="worker process died"):
        list(run_batch(work, ["die", "a"], 2))


@pytest.mark.parametrize("processes", [1, 2])
def test_progress_ends_for_every_file(processes: int) -> None:
    """The bar comes to its end, bad files included."""
    done: dict[int, float] = {}
    with pytest.raises(BatchError):
        list(run_batch(work, ["a", "audio", "b"], processes, done.__setitem__))
    assert done == {0: math.inf, 1: math.inf, 2: math.inf}
