"""`emohost analyze`: what the host hears, in the form that was asked for, for every file that can be read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import soundfile
from click.testing import Result

DEMO = Path(__file__).resolve().parents[2] / "configs" / "demo.flac"
Emohost = Callable[..., Result]

SEGMENTS = {
    "type": "array",
    "items": {
        "type": "array",
        "prefixItems": [
            {"type": "number"},
            {"type": "number"},
            {"type": "string", "pattern": "^([A-G][b#]?:.+|N)$"},
        ],
        "minItems": 3,
        "maxItems": 3,
    },
}
AXIS = {"type": "array", "items": {"type": "number", "minimum": -1, "maximum": 1}}
SCHEMA = {
    "type": "object",
    "properties": {
        "file": {"type": "string"},
        "duration": {"type": "number", "exclusiveMinimum": 0},
        "hop_s": {"type": "number", "exclusiveMinimum": 0},
        "valence": AXIS,
        "arousal": AXIS,
        "key": SEGMENTS,
        "chords": SEGMENTS,
        "sound": {
            "type": "array",
            "items": {
                "type": "array",
                "prefixItems": [
                    {"type": "number"},
                    {"type": "number"},
                    {"enum": ["noise", "speech", "tone", "rhythm", "music"]},
                    {"type": "number", "minimum": 0, "maximum": 1},
                ],
                "minItems": 4,
                "maxItems": 4,
            },
        },
        "tempo": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3},
        },
        "beats": {"type": "array", "items": {"type": "number", "minimum": 0}},
        "downbeats": {"type": "array", "items": {"type": "number", "minimum": 0}},
        "warnings": {"type": "array", "items": {"type": "string"}},
    },
    "required": [
        "file",
        "duration",
        "hop_s",
        "valence",
        "arousal",
        "key",
        "chords",
        "sound",
        "tempo",
        "beats",
        "downbeats",
        "warnings",
    ],
    "additionalProperties": False,
}


def analysis(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_has_its_keys_and_covers_the_file(emohost: Emohost, clip: Path) -> None:
    """One value per hop; keys and chords from 0 to the end without a gap, neighbours different."""
    heard = analysis(emohost("analyze", clip, "--json"))
    jsonschema.validate(heard, SCHEMA)
    assert heard["file"] == str(clip)
    assert heard["duration"] == pytest.approx(9.0)
    assert len(heard["valence"]) == len(heard["arousal"]) == int(9.0 / heard["hop_s"] + 1e-6)
    for stretches in (heard["key"], heard["chords"]):
        assert stretches[0][0] == 0
        assert stretches[-1][1] == pytest.approx(9.0)
        for (_, end, label), (start, _, following) in pairwise(stretches):
            assert end == start
            assert label != following
    assert heard["sound"][-1][2] == "music"
    assert heard["sound"][-1][1] == pytest.approx(9.0)


def test_the_block_size_changes_nothing(emohost: Emohost, clip: Path) -> None:
    """Emotion to float rounding, keys and chords exactly."""
    one, other = (analysis(emohost("analyze", clip, "--json", "--block-size", size)) for size in (100, 4096))
    for axis in ("valence", "arousal"):
        np.testing.assert_allclose(one.pop(axis), other.pop(axis), atol=2e-5)
    assert one == other


def test_the_keys_of_the_demo(emohost: Emohost) -> None:
    """C major in the sonata, G minor in the chorale, once each has been heard for some seconds."""
    keys = analysis(emohost("analyze", DEMO, "--json"))["key"]

    def at(second: float) -> str:
        return next(label for start, end, label in keys if start <= second < end)

    assert at(8.0) == "C:maj"
    assert at(40.0) == "G:min"


def test_csv_has_a_row_per_hop(emohost: Emohost, clip: Path, tmp_path: Path) -> None:
    """The same numbers as JSON, files one after the other under one header."""
    samples, rate = soundfile.read(clip, dtype="float32", frames=48000)
    soundfile.write(tmp_path / "one.wav", samples, rate, subtype="FLOAT")
    heard = analysis(emohost("analyze", clip, "--json"))
    result = emohost("analyze", clip, tmp_path / "one.wav", "--csv")
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    of_clip = [row for row in rows if row["file"] == str(clip)]
    assert [float(row["valence"]) for row in of_clip] == heard["valence"]
    assert [float(row["arousal"]) for row in of_clip] == heard["arousal"]
    assert len(rows) - len(of_clip) == int(1.0 / heard["hop_s"] + 1e-6)


def test_pictures_go_to_their_folder(emohost: Emohost, clip: Path, tmp_path: Path) -> None:
    """One per file, and the text for people on the terminal."""
    result = emohost("analyze", clip, "--plot", "--out", tmp_path / "pictures")
    assert result.exit_code == 0, result.output
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["clip.png"]
    assert "clip.flac: 9.0 s at 48000 Hz" in result.stdout
    assert "valence" in result.stdout


def test_many_files_with_ones_that_are_bad(emohost: Emohost, clip: Path, tmp_path: Path) -> None:
    """The good one's object comes; every bad one is told; exit status 4."""
    (tmp_path / "text.wav").write_text("no music\n" * 100)
    result = emohost("analyze", tmp_path / "text.wav", clip, tmp_path / "missing.flac", "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["file"] == str(clip)
    assert "text.wav: cannot be read as audio" in result.stderr
    assert "missing.flac: found no such file" in result.stderr


def test_silence_is_heard_as_nothing(emohost: Emohost, tmp_path: Path) -> None:
    """No key, no chord, and numbers that are numbers."""
    soundfile.write(tmp_path / "silence.wav", np.zeros(3 * 44100), 44100)
    heard = analysis(emohost("analyze", tmp_path / "silence.wav", "--json"))
    assert heard["key"] == [[0.0, 3.0, "N"]]
    assert heard["chords"] == [[0.0, 3.0, "N"]]
    assert np.isfinite(heard["valence"]).all()


def test_two_forms_at_once_are_refused(emohost: Emohost, clip: Path) -> None:
    done = emohost("analyze", "--csv", "--json", clip)
    assert done.exit_code == 2
    assert "found --json and --csv; expected one of them" in done.stderr
