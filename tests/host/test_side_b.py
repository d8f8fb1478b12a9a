"""Side B's process is killed, leaks, spins: the music goes on, the host says so and starts it again."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from host_runs import Run

from emohost.config.bridge import Bridge
from emohost.errors import ConfigError
from emohost.host.side_b import SideB

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

WRITES = """
import time
from emohost.bridge import EmotionRing
from emohost.emotion import encode
ring = EmotionRing(about="the test")
while True:
    ring.write(encode(0.8, -0.8), ttl_s=0.5)
    time.sleep(0.05)
"""


@pytest.fixture(autouse=True)
def _own_control_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))


class Watched:
    """A Side B under watch, without a host."""

    def __init__(self, folder: Path, script: str, **rules: object) -> None:
        path = folder / "script.py"
        path.write_text(script)
        self.said: list[str] = []
        section = Bridge.model_validate({"patience_s": 3, "memory_mb": 256, **rules})
        self.side_b = SideB(section, path, self.say, retry_s=(0.05, 0.2))

    def say(self, text: str, level: int) -> None:
        assert level in (logging.INFO, logging.WARNING)
        self.said.append(text)

    def until(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, f"not in time: {what}; said {self.said}"
            self.side_b.step()
            time.sleep(0.01)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    started: list[Watched] = []

    def start(script: str, **rules: object) -> Watched:
        started.append(Watched(tmp_path, script, **rules))
        return started[-1]

    yield start
    for each in started:
        each.side_b.stop()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("raise SystemExit(3)", "its process ended (exit code 3)"),
        ("1 / 0", "ZeroDivisionError"),
        ("import os; os.kill(os.getpid(), 9)", "its process ended (signal 9)"),
        ("while True: pass", "it was at full load for 3 s without writing"),
        ("import ctypes; ctypes.PyDLL(None).sleep(3600)", "it gave no sign of life for"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "it gave no sign of life for"),
    ],
    ids=["exits", "raises", "is killed", "spins", "keeps the interpreter", "is stopped"],
)
def test_what_is_lost_is_said_and_started_again(watch: Callable[..., Watched], script: str, why: str) -> None:
    watched = watch(script)
    first = watched.side_b.pid
    watched.until(lambda: watched.side_b.restarts and watched.side_b.state == "running", "another one")
    assert watched.said[0].startswith("Side B was lost: ")
    assert why in watched.said[0]
    assert watched.side_b.pid != first


@pytest.mark.skipif(sys.platform != "linux", reason="the system keeps no such limit elsewhere")
def test_a_leak_ends_at_its_limit(watch: Callable[..., Watched]) -> None:
    watched = watch("kept = []\nwhile True: kept.append(bytearray(1_000_000))", patience_s=60)
    watched.until(lambda: watched.side_b.restarts, "its end")
    assert "MemoryError" in watched.said[0]


def test_pauses_grow_and_an_end_is_no_loss(watch: Callable[..., Watched]) -> None:
    watched = watch("raise SystemExit(1)")
    watched.until(lambda: watched.side_b.restarts == 4, "four losses")
    pauses = [text.split("again in ")[1].split()[0] for text in watched.said]
    assert pauses == ["0.05", "0.1", "0.2", "0.2"]
    ended = watch("import sys; print('all said'); sys.exit()")
    ended.until(lambda: ended.side_b.state == "ended", "its end")
    assert ended.said == ["Side B: script.py has come to its end"]
    assert ended.side_b.restarts == 0


def test_one_that_writes_or_rests_is_left_alone(watch: Callable[..., Watched]) -> None:
    busy = "from emohost.bridge import EmotionRing\nring = EmotionRing()\nwhile True: ring.write([0.0] * 64)"
    both = [watch(busy), watch("import time; time.sleep(60)")]
    until = time.monotonic() + 5

    def over() -> bool:
        both[1].side_b.step()
        return time.monotonic() > until

    both[0].until(over, "five seconds")
    assert both[0].said == both[1].said == []


@pytest.mark.parametrize("harm", ["kill", "spin", "leak"])
def test_the_music_goes_on_without_a_block_missed(tmp_path: Path, harm: str) -> None:
    """Whatever becomes of it: no engine is lost, no flag raised, and what it last said fades."""
    scripts = {
        "kill": WRITES,
        "spin": WRITES.replace("while True:", "for _ in range(20):") + "\nwhile True: pass",
        "leak": WRITES.replace("while True:", "for _ in range(20):")
        + "\nkept = []\nwhile True: kept.append(bytearray(1_000_000)); time.sleep(0.01)",
    }
    (tmp_path / "side.py").write_text(scripts[harm])
    config = tmp_path / "rig.yaml"
    config.write_text(
        "audio: {backend: dummy, block_size: 256}\nmusic: {play: always, clock: {source: internal}, tempo: 200}\n"
        f"bridge: {{script: side.py, patience_s: {3 if harm == 'spin' else 60}, memory_mb: 256}}\n"
    )
    run = Run(config)
    try:
        run.wait_for(lambda: run.statuses and run.status.side_b.get("share", 0) > 0.9, "it is felt")
        assert [writer["about"] for writer in run.status.side_b["writers"]] == ["the test"]
        if harm == "kill":
            os.kill(int(run.status.side_b["process_pid"]), signal.SIGKILL)
        run.wait_for(lambda: run.status.side_b["restarts"], "it is lost")
        if harm == "kill":
            run.wait_for(
                lambda: run.status.side_b["share"] > 0.9 or run.status.side_b["restarts"] > 1, "again"
            )
        reports = run.status
        assert reports.restarts == 0
        assert reports.side_b["torn"] == 0
        assert [text for text in reports.messages if text.startswith("Side B was lost: ")]
        played = reports.seconds
        run.wait_for(lambda: run.status.seconds > played + 1, "it plays on")
        assert run.status.blocks == pytest.approx(run.status.seconds * 48000 / 256, abs=1)
    finally:
        run.end()
    summary = run.finish()
    assert summary.last.restarts == 0
    assert summary.last.blocks * 256 == pytest.approx(summary.last.seconds * 48000, abs=1)


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    config = tmp_path / "rig.yaml"
    config.write_text("audio: {backend: dummy}\nbridge: {script: none.py}\n")
    run = Run(config)
    run.thread.join(30)
    assert isinstance(run.error, ConfigError)
    assert f"bridge.script: found no file {tmp_path / 'none.py'}" in str(run.error)
