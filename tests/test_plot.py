"""The picture: made in every format, of the right shape, showing what it was given, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from emohost._core import report_dtype
from emohost.labels import Segment
from emohost.plot import Track, draw_run, track_of_reports

ON, OFF = 0x90, 0x80
EVENTS = [
    event
    for number in range(40)
    for event in (
        (number / 4, bytes([ON | number % 4, 48 + number, 90]), number % 4),
        (number / 4 + 0.2, bytes([OFF | number % 4, 48 + number, 0]), number % 4),
    )
]


def track(points: int = 500) -> Track:
    time_s = np.linspace(0, 10, points)
    strips = {
        "key heard": [Segment(0, 10, "C:maj")],
        "chord heard": [Segment(0, 4, "G:7"), Segment(4, 10, "N")],
    }
    return Track(time_s, np.sin(time_s) * 0.5, np.cos(time_s) * 0.5, 10.0, strips)


def drawn(path: Path, the_track: Track, events: list[tuple[float, bytes, int]] | None) -> np.ndarray:
    draw_run(path, title="test", track=the_track, events=events)
    return imread(path)[..., :3]


def test_a_picture_shows_its_notes_strips_and_track(tmp_path: Path) -> None:
    """16:9; each element changes the picture where it stands, so none is left out or hidden."""
    full = drawn(tmp_path / "full.png", track(), EVENTS)
    assert full.shape == (1080, 1920, 3)
    assert full.std() > 0.05
    flat = Track(track().time_s, np.zeros(500), np.zeros(500), 10.0, track().strips)
    bare = Track(track().time_s, track().valence, track().arousal, 10.0, {"key heard": [], "chord heard": []})
    for other, events in ((track(), []), (flat, EVENTS), (bare, EVENTS)):
        changed = np.abs(full - drawn(tmp_path / "other.png", other, events)).max(axis=2) > 0.1
        assert changed.mean() > 0.002


@pytest.mark.parametrize("points", [0, 1, 2, 20_001])
def test_any_length_can_be_drawn(tmp_path: Path, points: int) -> None:
    """Nothing heard, one point, and more points than there are pixels."""
    assert drawn(tmp_path / "x.png", track(points), None).std() > 0.01


@pytest.mark.parametrize(("suffix", "begins"), [(".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_other_formats(tmp_path: Path, suffix: str, begins: bytes) -> None:
    """What the suffix says."""
    draw_run(tmp_path / f"x{suffix}", title="test", track=track(), events=EVENTS)
    assert (tmp_path / f"x{suffix}").read_bytes().startswith(begins)


def test_another_format_is_an_error(tmp_path: Path) -> None:
    """And leaves nothing behind."""
    with pytest.raises(ValueError, match=r"found '.bmp'; expected .png"):
        draw_run(tmp_path / "x.bmp", title="test", track=track(), events=None)
    assert list(tmp_path.iterdir()) == []


def test_the_track_of_a_run_is_in_its_reports() -> None:
    """Keys and chords hold until they change, and the last until the end of the last block."""
    reports = np.zeros(4, report_dtype)
    reports["frame"], reports["frames"] = [0, 256, 512, 768], 256
    reports["valence"], reports["arousal"] = [0.1, 0.2, 0.3, 0.4], -0.5
    reports["tonic"], reports["minor"] = [-1, 7, 7, 7], 1
    reports["chord_heard"], reports["chord_played"] = -1, [0, 0, 37, 37]
    made = track_of_reports(reports, 256.0)
    assert made.duration_s == 4.0
    assert made.time_s.tolist() == [0, 1, 2, 3]
    assert made.valence == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert made.strips["key heard"] == [(0, 1, "N"), (1, 4, "G:min")]
    assert made.strips["chord heard"] == [(0, 4, "N")]
    assert made.strips["chord played"] == [(0, 2, "C:maj"), (2, 4, "G:7")]


def test_a_run_without_a_block_has_an_empty_track(tmp_path: Path) -> None:
    """And a picture all the same."""
    made = track_of_reports(np.zeros(0, report_dtype), 0.0)
    assert made.duration_s == 0
    assert drawn(tmp_path / "x.png", made, []).std() > 0.01
