"""What a drummer plays is read as it was played: stress, timing and emotion of each passage."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import pytest

from emohost.training.data_sets.drummers import performances
from emohost.training.data_sets.folders import DataError
from emohost.training.groove import data as groove_data
from emohost.training.groove.data import Passages, load, passages_of
from emohost.training.groove.scores import _rest_of_take
from emohost.training.progress import silent

TICKS = 480
HEADER = "id,style,bpm,beat_type,time_signature,midi_filename,duration,split\n"


def drum_set(
    folder: Path, late: int = 0, swing: int = 0, velocity: int = 100, bars: int = 4, bpm: int = 120
) -> Path:
    """Kick on the beats, hats between them: `late` ticks all the time, every second eighth by `swing` more."""
    own = folder / "groove-midi"
    own.mkdir(parents=True)
    track = mido.MidiTrack()
    now = 0
    for eighth in range(8 * bars):
        at = eighth * TICKS // 2 + late + (swing if eighth % 2 else 0)
        note = 42 if eighth % 2 else 36
        track.append(
            mido.Message(
                "note_on", channel=9, note=note, velocity=velocity // (1 + eighth % 2), time=at - now
            )
        )
        track.append(mido.Message("note_off", channel=9, note=note, velocity=64, time=30))
        now = at + 30
    mido.MidiFile(ticks_per_beat=TICKS, tracks=[track]).save(own / "a.mid")
    rows = f"a/1,rock,{bpm},beat,4-4,a.mid,8,test\nb/1,rock,{bpm},beat,6-8,b.mid,8,train\n"
    (own / "info.csv").write_text(HEADER + rows, encoding="utf-8")
    return folder


def test_a_passage_is_stressed_and_timed_as_it_was_played(tmp_path: Path) -> None:
    (passage,) = passages_of(performances(drum_set(tmp_path, swing=24), silent)[0])
    assert passage["split"] == "test"
    assert np.allclose(passage["emphasis"][0::4], 2 * 100 / 127 - 1)
    assert np.allclose(passage["emphasis"][2::4], 2 * 50 / 127 - 1)
    assert np.allclose(passage["emphasis"][1::2], -1)
    assert np.allclose(passage["offset"][2::4] - passage["offset"][0::4], 24 / 120)
    assert np.allclose(passage["hits"], [4, 0] * 8)
    assert passage["deviation"] == pytest.approx(0)


def test_how_far_a_drummer_is_from_the_click_is_no_groove(tmp_path: Path) -> None:
    on, behind = (
        passages_of(performances(drum_set(tmp_path / str(late), late), silent)[0])[0] for late in (0, 20)
    )
    assert np.allclose(on["offset"], behind["offset"], atol=1e-9)


def test_louder_and_faster_is_more_aroused(tmp_path: Path) -> None:
    points = []
    for name, (velocity, bpm) in {"soft": (40, 80), "loud": (120, 80), "fast": (120, 160)}.items():
        data = drum_set(tmp_path / name, velocity=velocity, bpm=bpm)
        points.append(passages_of(performances(data, silent)[0])[0]["emotion"][1])
    assert points == sorted(points)
    assert points[2] > points[0] + 0.3


def test_only_music_in_four_is_read_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = drum_set(tmp_path, bars=5)
    with pytest.raises(DataError, match="none for train and validation"):
        load(data, tmp_path / "cache", silent)
    rows = "".join(
        f"{split},rock,120,beat,{time},a.mid,8,{split}\n"
        for split, time in (("train", "4-4"), ("validation", "4-4"), ("test", "4-4"), ("test", "6-8"))
    )
    (data / "groove-midi" / "info.csv").write_text(HEADER + rows, encoding="utf-8")
    passages = load(data, tmp_path / "cache", silent).of("test")
    assert passages.hits.sum(axis=1).tolist() == [32.0, 8.0]  # what is left over is a passage, too
    assert passages.take.tolist() == ["test", "test"]
    monkeypatch.setattr(groove_data, "performances", None)  # from the cache now
    assert len(load(data, tmp_path / "cache", silent).of("test").emotion) == 2


def test_the_rest_of_the_same_take_is_told_without_the_passage_itself(tmp_path: Path) -> None:
    first, second = ({"offset": late, "emphasis": 2 * late - 1} for late in (0.1, 0.3))
    passages = Passages(
        split=np.array(["test"] * 3),
        take=np.array(["a", "a", "b"]),
        emotion=np.zeros((3, 2)),
        cues=np.zeros((3, 3)),
        emphasis=np.repeat([[first["emphasis"]], [second["emphasis"]], [0.5]], 16, axis=1),
        offset=np.repeat([[first["offset"]], [second["offset"]], [-0.4]], 16, axis=1),
        hits=np.ones((3, 16)),
        deviation=np.zeros(3),
    )
    emphasis, offset = _rest_of_take(passages, (np.zeros((3, 16)), np.full((3, 16), 0.05)))
    assert np.allclose(offset, [[0.3], [0.1], [0.05]])
    assert np.allclose(emphasis, [[-0.4], [-0.8], [0.0]])


def test_a_bad_file_is_named(tmp_path: Path) -> None:
    data = drum_set(tmp_path)
    (data / "groove-midi" / "a.mid").write_bytes(b"no MIDI")
    with pytest.raises(DataError, match=r"a\.mid"):
        performances(data, silent)
