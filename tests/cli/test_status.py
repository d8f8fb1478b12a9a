"""The status line tells level, key, chord, notes, load, lateness and what went wrong, in the room that there is."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.cli.run import report
from emohost.cli.status import StatusLine, meter, status_line, status_lines
from emohost.host.latency import Latency
from emohost.host.status import Spread, Status, Summary

PLAYING = Status(
    state="playing",
    detail="demo.flac",
    seconds=83.4,
    valence=0.421,
    arousal=-0.3,
    key="C major",
    level_db=-18,
    sound="music",
    sound_confidence=0.97,
    chord_heard="F",
    chord_played="G7",
    tempo=96.2,
    beat=2.3,
    clock="follow",
    clock_confidence=0.93,
    band="playing",
    notes=120,
    load=Spread(0.84, 1.2, 3.0),
    lateness_ms=Spread(0.1, 0.4, 1.9),
)


def text(lines: list[list[tuple[str, bool]]]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def test_eighty_columns_take_one_line_with_what_one_plays_by_first() -> None:
    assert text(status_lines(PLAYING, 80)) == [
        "1:23  █████▋   -18 dB  C major   G7        96 bpm 3/4  120 notes  load 1.2%"
    ]


def test_forty_columns_take_two() -> None:
    assert text(status_lines(PLAYING, 40)) == [
        "1:23  █████▋   -18 dB  C major",
        "G7        96 bpm 3/4  120 notes",
    ]


@pytest.mark.parametrize(
    ("changed", "shown", "bad"),
    [
        ({"band": "counting_in"}, "96 bpm 3/4 counting in", False),
        ({"band": "unsure"}, "96 bpm 3/4 unsure", False),
        ({"band": "listening"}, "96 bpm listening", False),
        ({"band": "stopped", "tempo": 0.0, "beat": 0.0}, "stopped", False),
        ({"clock": "midi", "clock_lost": True}, "96 bpm 3/4 midi lost", True),
    ],
)
def test_what_the_band_waits_for_and_a_lost_clock_are_shown(
    changed: dict[str, object], shown: str, bad: bool
) -> None:
    (line,) = status_lines(dataclasses.replace(PLAYING, **changed), 120)  # type: ignore[arg-type]
    assert (shown, bad) in [(text.strip(), is_bad) for text, is_bad in line]


@pytest.mark.parametrize("changed", [{"band": "listening"}, {"band": "stopped", "tempo": 0.0}])
def test_notes_have_their_place_in_forty_columns_whatever_the_band_does(changed: dict[str, object]) -> None:
    second = text(status_lines(dataclasses.replace(PLAYING, **changed), 40))[1]  # type: ignore[arg-type]
    assert "120 notes" in second
    assert str(changed["band"]) in second
    assert "0 bpm" not in second


def test_a_wide_terminal_shows_what_is_felt_as_well() -> None:
    assert "  +0.42 -0.30  " in text(status_lines(PLAYING, 120))[0]


@given(
    width=st.integers(1, 200),
    status=st.builds(
        Status,
        state=st.sampled_from(["playing", "starting", "waiting for the device", "restarting"]),
        detail=st.text(st.characters(min_codepoint=32, max_codepoint=126)),
        seconds=st.floats(0, 1e6),
        level_db=st.floats(-200, 50),
        key=st.sampled_from(["", "C# minor"]),
        chord_played=st.sampled_from(["", "Bb:min7"]),
        notes=st.integers(0, 10**7),
        restarts=st.integers(0, 99),
        late_blocks=st.integers(0, 10**6),
        flags=st.dictionaries(st.sampled_from(["input_overflow", "not_a_number"]), st.integers(1, 10**6)),
    ),
    verbose=st.booleans(),
)
def test_it_fits_whatever_there_is_to_tell(width: int, status: Status, verbose: bool) -> None:
    lines = text(status_lines(status, width, verbose))
    assert lines
    assert all(len(line) <= max(1, width - 1) for line in lines)
    if not verbose:
        assert len(lines) <= (1 if width >= 60 else 2)


def test_what_is_bad_is_marked_and_shown_before_what_is_well() -> None:
    bad = dataclasses.replace(
        PLAYING, late_blocks=3, flags={"input_overflow": 2}, restarts=1, load=Spread(50, 90, 120)
    )
    (line,) = status_lines(bad, 200)
    marked = [text for text, is_bad in line if is_bad]
    assert marked == ["3 blocks late", "input overflow 2", "1 restarts", "load 90.0%"]
    assert not any(is_bad for line in status_lines(PLAYING, 200) for _, is_bad in line)
    assert "3 blocks late" in text(status_lines(bad, 80))[0]


def test_verbose_tells_all_of_it() -> None:
    status = dataclasses.replace(PLAYING, latency=Latency(1.3, 2.7, 10), sounding=4, blocks=9)
    told = " ".join(text(status_lines(status, 80, verbose=True)))
    for what in (
        "valence +0.42 arousal -0.30",
        "heard F",
        "4 sounding",
        "load p50 0.8 p99 1.2 max 3.0%",
        "late p50 0.1 p99 0.4 max 1.9 ms",
        "sound to note 14.0 ms (device 1.3 + block 2.7 + delay 10)",
        "9 blocks",
        "demo.flac",
    ):
        assert what in told


@pytest.mark.parametrize(
    ("level_db", "bar"),
    [(-120, "        "), (-60, "        "), (-30, "████    "), (0, "████████"), (6, "████████")],
)
def test_the_meter_spans_sixty_decibels(level_db: float, bar: str) -> None:
    assert meter(level_db) == bar


def test_a_file_gets_words() -> None:
    assert status_line(PLAYING) == (
        "1:23 playing | level -18 dB | music heard (confidence 0.97) | key C major | chord G7 | "
        "tempo 96.2 beat 3 of 4 by follow (confidence 0.93) | valence +0.42 arousal -0.30 | 120 notes | "
        "load p50 0.8 p99 1.2 max 3.0% | late p50 0.1 p99 0.4 max 1.9 ms"
    )


def test_a_rig_that_waits_says_why_once() -> None:
    why = "waiting for the device: there is no audio input device 'USB'"
    waiting = Status("waiting for the device", why, 5.0)
    assert text(status_lines(waiting, 80)) == [f"0:05 {why}"]
    assert status_line(waiting) == "0:05 waiting for the device"  # the log has told why


def test_without_a_terminal_there_is_a_line_every_few_seconds_and_at_every_change(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("emohost.cli.status.time.monotonic", lambda: now)
    with StatusLine() as line:
        for seconds in range(12):
            line.update(dataclasses.replace(PLAYING, seconds=seconds))
            now += 1
        line.update(Status("stopping"))
        line.update(Status("stopping"))
    shown = [line[22:26] for line in capsys.readouterr().err.splitlines()]
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
        picture=Path("/out/a.png"),
        sample_rate=48000,
        sent=300,
        stale=0,
        unsent=4,
        ended=0,
        port_losses=1,
        reports=np.empty(0, [("frame", "u8")]),
        events=[],
    )
    assert report(summary).splitlines() == [
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
