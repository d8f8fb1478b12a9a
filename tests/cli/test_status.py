"""The status line tells emotion, key, chord, notes, load, lateness and what went wrong, on one line."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from emohost.cli import status as status_module
from emohost.cli.run import report
from emohost.cli.status import StatusLine, status_line
from emohost.host.status import Spread, Status, Summary

PLAYING = Status(
    state="playing",
    detail="demo.flac",
    seconds=83.4,
    valence=0.421,
    arousal=-0.3,
    key="C major",
    chord_heard="F",
    chord_played="G7",
    notes=120,
    load=Spread(0.84, 1.2, 3.0),
    lateness_ms=Spread(0.1, 0.4, 1.9),
)


def test_a_playing_rig_shows_everything_on_one_line() -> None:
    assert status_line(PLAYING) == (
        "1:23 playing | valence +0.42 arousal -0.30 | key C major | chord G7 | 120 notes | "
        "load p50 0.8 p99 1.2 max 3.0% | late p50 0.1 p99 0.4 max 1.9 ms"
    )


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_a_narrow_terminal_breaks_it_between_fields_alone(width: int) -> None:
    lines = status_line(PLAYING, width).splitlines()
    assert " | ".join(lines) == status_line(PLAYING)
    assert all(len(line) <= width or " | " not in line for line in lines)


def test_trouble_is_added_to_the_line() -> None:
    line = status_line(
        dataclasses.replace(
            PLAYING, late_blocks=3, flags={"input_overflow": 2, "not_a_number": 1}, restarts=1
        )
    )
    assert line.endswith(" | 3 blocks late | input overflow 2, not a number 1 | 1 restarts")


def test_a_rig_that_waits_says_why() -> None:
    waiting = Status("waiting for the device", "there is no audio input device 'USB'", 5.0)
    assert status_line(waiting) == "0:05 waiting for the device: there is no audio input device 'USB'"


def test_without_a_terminal_there_is_a_line_every_few_seconds_and_at_every_change(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(status_module.time, "monotonic", lambda: now)
    with StatusLine() as line:
        for seconds in range(12):
            line.update(dataclasses.replace(PLAYING, seconds=seconds))
            now += 1
        line.update(Status("stopping"))
        line.update(Status("stopping"))
    shown = [text[:4] for text in capsys.readouterr().err.splitlines()]
    assert shown == ["0:00", "0:05", "0:10", "0:00"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_line_that_cannot_be_written_does_not_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk, or into a pipe that nobody reads."""
    with Path("/dev/full").open("w") as full, StatusLine() as line:
        monkeypatch.setattr(sys, "stderr", full)
        line.update(PLAYING)
        with pytest.raises(OSError, match="No space"):
            full.flush()
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())  # it holds what it could not write


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with StatusLine(quiet=True) as line:
        line.update(PLAYING)
    assert capsys.readouterr() == ("", "")


def test_the_summary_names_the_files_that_were_written() -> None:
    summary = Summary(
        last=dataclasses.replace(
            PLAYING, late_blocks=2, flags={"input_overflow": 2}, restarts=1, dropped={"telemetry": 7}
        ),
        blocks=15642,
        files=(Path("/out/a.mid"),),
        sample_rate=48000,
        sent=300,
        stale=0,
        unsent=4,
        port_losses=1,
        reports=np.empty(0, [("frame", "u8")]),
        events=[],
    )
    assert report(summary, Path("/out/a.png")).splitlines() == [
        "played 1:23, 15642 blocks, 120 notes",
        "load p50 0.8 p99 1.2 max 3.0 % of the deadline; MIDI late p50 0.1 p99 0.4 max 1.9 ms",
        "input overflow 2",
        "2 blocks late: their callback took longer than they last",
        "4 notes left out: the MIDI port was not there",
        "1 losses of the MIDI port",
        "1 restarts of the engine",
        "no room for 7 telemetry messages",
        "wrote /out/a.mid",
        "wrote /out/a.png",
    ]
