"""Workers end with their parent, at once, however it ends, and leave nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from host_runs import music

from emohost.errors import EngineError
from emohost.offline.workers import Workers

PATIENCE_S = 60.0
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def double(job: int) -> int:
    if job < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * job


def forever(folder: Path) -> None:
    from emohost.files import replacing

    with replacing(folder / f"{os.getpid()}.mid") as temporary:
        temporary.write_text("half")
        while True:
            time.sleep(0.05)


def test_every_job_is_done_once_whatever_their_number() -> None:
    with Workers(double, 3) as workers:
        for jobs in ([], [1], list(range(20))):
            assert sorted(workers.outcomes(jobs)) == [
                (number, (True, 2 * job)) for number, job in enumerate(jobs)
            ]


def test_one_that_dies_is_told_with_how_it_ended() -> None:
    with pytest.raises(EngineError, match=r"worker process died \(signal 9\)"), Workers(double, 2) as workers:
        list(workers.outcomes([1, -1, 2]))
    assert not psutil.Process().children(recursive=True) or not any(
        "_serve" in " ".join(each.cmdline()) for each in psutil.Process().children()
    )


def wait_for(condition: Callable[[], object], what: str, timeout_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.01)


PARENT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_workers import forever
from emohost.cli.common.signals import ended_in_order
from emohost.offline.batch import run_batch
if __name__ == "__main__":
    with ended_in_order():
        list(run_batch(forever, [Path(sys.argv[2])] * 2, 2))
"""


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGHUP])
def test_they_end_with_their_parent_and_what_they_were_writing_goes(
    tmp_path: Path, number: signal.Signals
) -> None:
    script, out = tmp_path / "parent.py", tmp_path / "out"
    script.write_text(PARENT)
    out.mkdir()
    folders = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    helpers = str(Path(__file__).parents[1] / "helpers")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*folders, helpers])}
    command = [sys.executable, str(script), folders[0], str(out)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as parent:
        wait_for(lambda: len(list(out.iterdir())) == 2, "both at work")
        workers = psutil.Process(parent.pid).children(recursive=True)
        asked = time.monotonic()
        parent.send_signal(number)
        parent.wait(PATIENCE_S)
        wait_for(lambda: not any(_lives(each) for each in workers), "their end", 10)
        print(f"{number.name}: all ended after {time.monotonic() - asked:.2f} s")
    assert not list(out.iterdir())


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_render_that_is_ended_leaves_no_process_and_no_half_file(
    tmp_path: Path, number: signal.Signals
) -> None:
    files = [music(tmp_path / f"{name}.wav", 300) for name in "ab"]
    command = [
        sys.executable,
        "-m",
        "emohost",
        "render",
        "--jobs",
        "2",
        *map(str, files),
        str(tmp_path / "out"),
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as parent:
        wait_for(lambda: _busy(parent.pid) == 2, "both at work")
        workers = psutil.Process(parent.pid).children(recursive=True)
        parent.send_signal(number)
        expected = {signal.SIGTERM: 143, signal.SIGKILL: -9, signal.SIGINT: 130}[number]
        assert parent.wait(PATIENCE_S) == expected
        wait_for(lambda: not any(_lives(each) for each in workers), "their end", 10)
    assert not list((tmp_path / "out").iterdir())


def _busy(pid: int) -> int:
    """Workers that have the core loaded."""
    return sum(
        any("_core" in each.path for each in child.memory_maps())
        for child in psutil.Process(pid).children()
        if _lives(child)
    )
