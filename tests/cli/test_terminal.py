"""The status line in a real terminal (tmux): after a resize nothing of the old one is left, and the log stays."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PATIENCE_S = 20.0
SETTLED_S = 0.4
SCRIPT = """
import logging, sys, time
from pathlib import Path
from emohost.cli.run import log_to_stderr
from emohost.cli.status import StatusLine
from emohost.host.status import Spread, Status
go, log = Path(sys.argv[1]), logging.getLogger("emohost.test")
with StatusLine() as line:
    log_to_stderr("info")
    for number in range(30):
        log.info(f"before {number}")
    second = 0
    while not (go / "end").exists():
        line.update(Status("playing", "", second, level_db=-20, key="C# minor", chord_played="Bb:min7", notes=123))
        if (go / "say").exists():
            (go / "say").unlink()
            log.warning("said meanwhile")
        second += 1
        time.sleep(0.05)
print("the end")
time.sleep(60)
"""
pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Screen:
    """A tmux server of its own with one window that runs the script."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        script = folder / "script.py"
        script.write_text(SCRIPT)
        self.tmux(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "80",
            "-y",
            "24",
            sys.executable,
            str(script),
            str(folder),
        )

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self.folder / "tmux"), *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
        )
        return done.stdout

    def lines(self) -> list[str]:
        return ["", "", *self.tmux("capture-pane", "-p").rstrip("\n").splitlines()]

    def resize(self, columns: int) -> None:
        """And waits until the program has drawn for the new width more than once."""
        self.tmux("resize-window", "-x", str(columns), "-y", "24")
        time.sleep(SETTLED_S)

    def wait_for(self, condition: Callable[..., bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition(lines := self.lines()):
            assert time.monotonic() < deadline, "\n".join(lines)
            time.sleep(0.02)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    screen = Screen(tmp_path)
    yield screen
    screen.tmux("kill-server")


def status(lines: list[str]) -> list[str]:
    """What is below the log, which says "before" or "meanwhile" in each of its messages."""
    last = max(
        (number for number, line in enumerate(lines) if "before" in line or "meanwhile" in line), default=0
    )
    return lines[last + 1 :]


def drawn(lines: list[str], rows: int) -> bool:
    """Whether there is the status and nothing else of it, in so many rows."""
    return (
        len(status(lines)) == rows
        and "C# minor" in lines[-rows]
        and sum("C# minor" in line for line in lines) == 1
    )


def test_it_stays_in_its_place_through_resizes_and_messages(screen: Screen) -> None:
    """tmux wraps anew what is too wide, as most terminals do."""
    screen.wait_for(
        lambda lines: "before 29" in lines[-2] and "Bb:min7" in lines[-1] and "123 notes" in lines[-1]
    )
    for columns, rows in ((40, 2), (34, 2), (120, 1), (50, 2), (80, 1)):
        screen.resize(columns)
        screen.wait_for(lambda lines, rows=rows: drawn(lines, rows))
    (screen.folder / "say").touch()
    screen.wait_for(lambda lines: "said meanwhile" in lines[-2] and "C# minor" in lines[-1])
    assert "before 29" in screen.lines()[-3]
    (screen.folder / "end").touch()
    screen.wait_for(lambda lines: "said meanwhile" in lines[-2] and lines[-1] == "the end")
