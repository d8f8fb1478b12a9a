"""Styles as files: those that ship are whole, and every mistake of a user's own is told at its place."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from emohost.config import load_rig
from emohost.control.parameters import absent, checked, configured
from emohost.engine.request import EngineRequest
from emohost.errors import ConfigError
from emohost.packaged import packaged
from emohost.styles.compiled import compiled
from emohost.styles.load import OWN, SHIPPED, compiled_styles, parse_style, shipped
from emohost.styles.schema import PERCUSSION, lines_of
from emohost.vocabulary import STYLES

ROCK = yaml.safe_load((packaged("styles") / "rock.yaml").read_text(encoding="utf-8"))
RIG = "audio: {backend: dummy}\nmusic: {style: %s}\n"


def test_every_style_of_the_vocabulary_is_a_file_and_every_file_is_one() -> None:
    assert {path.stem for path in packaged("styles").glob("*.yaml")} == set(SHIPPED)
    assert len(SHIPPED) == 10
    assert (STYLES[0].name, STYLES[-1].name) == ("auto", "own")


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_has_all_that_a_band_needs(name: str) -> None:
    style = shipped(name)
    assert style.source
    assert style.chords.lines
    assert style.bass.lines
    assert any(fill.at == "section" for fill in style.fills)
    assert style.begins.voice is not None
    for activity in (
        0.0,
        0.2,
        0.4,
        0.6,
        0.8,
        1.0,
    ):  # somebody plays, and a section has its fill, however lively
        playing = [
            path[0] for path, line, _ in lines_of(style) if line.from_ <= activity < line.to + (line.to == 1)
        ]
        assert {"chords", "bass"} <= set(playing)
        assert any(
            fill.at == "section" and fill.from_ <= activity < fill.to + (fill.to == 1) for fill in style.fills
        )
    json.dumps(compiled(style))  # it goes to the engine's process


def keys_of(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = []
    for key, value in (
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    ):
        found += [(*path, key), *keys_of(value, (*path, key))]
    return found


@pytest.mark.parametrize("path", [path for path in keys_of(ROCK) if isinstance(path[-1], str)], ids=str)
def test_a_wrong_value_at_any_key_is_told_at_its_line(path: tuple[Any, ...]) -> None:
    data = copy.deepcopy(ROCK)
    section = data
    for step in path[:-1]:
        section = section[step]
    section[path[-1]] = {"nonsense": 1} if not isinstance(section[path[-1]], dict) else "nonsense!"
    with pytest.raises(ConfigError) as told:
        parse_style(yaml.safe_dump(data, sort_keys=False), "my.yaml")
    first = str(told.value).splitlines()[0]
    assert first.startswith("my.yaml:")
    assert ": found " in first
    assert "; expected " in first
    named = first.split(": ")[1]
    assert named.startswith(str(path[0]))


@pytest.mark.parametrize(
    "path",
    [(), ("feel",), ("suits",), ("begins",), ("drums",), ("fills", 0), ("chords",), ("bass",)],
    ids=str,
)
def test_an_unknown_key_is_refused_at_its_line(path: tuple[Any, ...]) -> None:
    data = copy.deepcopy(ROCK)
    data.setdefault("feel", {})
    data.setdefault("begins", {})
    section = data
    for step in path:
        section = section[step]
    section["wobble"] = 1
    text = yaml.safe_dump(data, sort_keys=False)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "wobble" in each)
    with pytest.raises(
        ConfigError, match=rf"my\.yaml:{line}:\d+: .*wobble: found an unknown key; expected one of"
    ):
        parse_style(text, "my.yaml")


def test_all_mistakes_are_told_at_once() -> None:
    text = """
name: Mine
source: by hand
tempo: [120, 90]
drums:
  kick: X...|....|X...
  snaer: ....|X...|....|X...
  hat: {steps: x.x.|x.x.|x.x.|x.x., from: 2}
chords: {lines: "X---|q---|X---|----", position: closed}
bass: {lines: ["R---|----|R---|----", "R---|----|R-x-|----"]}
fills:
  - lines: {snare: xxxx, low_tom: xx}
"""
    with pytest.raises(ConfigError) as told:
        parse_style(text, "my.yaml")
    lines = str(told.value).splitlines()
    assert [line.split(":")[1] for line in lines] == ["4", "6", "7", "8", "9", "9", "10", "12"], lines
    assert "did you mean 'snare'?" in lines[2]
    assert "found 12 sixteenths; expected 16 (a bar of 4 beats) or 32 (two)" in lines[1]


def test_a_path_is_read_from_the_rigs_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({**ROCK, "name": "Mine"}), encoding="utf-8")
    rig = tmp_path / "rig.yaml"
    rig.write_text(RIG % "mine.yaml", encoding="utf-8")
    loaded = load_rig(rig)
    assert loaded.rig.music.style == str(tmp_path / "mine.yaml")
    assert configured(loaded.rig)["style"] == checked("style", OWN)[1]
    assert absent(loaded.rig) == {}
    request = EngineRequest.of(loaded.rig, loaded.base)
    assert request.music["style"] == OWN
    assert len(request.music["styles"]) == 11
    assert EngineRequest.from_json(json.loads(json.dumps(request.as_json()))).music == request.music


def test_without_a_file_of_ones_own_there_is_none_to_ask_for(tmp_path: Path) -> None:
    rig = tmp_path / "rig.yaml"
    rig.write_text(RIG % "swing", encoding="utf-8")
    loaded = load_rig(rig)
    assert configured(loaded.rig)["style"] == checked("style", "swing")[1]
    assert list(absent(loaded.rig)) == [("style", checked("style", OWN)[1])]
    assert len(compiled_styles("swing", tmp_path)) == 10


@pytest.mark.parametrize(
    ("style", "told"),
    [
        (
            "swign",
            r"rig\.yaml:2:9: music\.style: found 'swign'; expected one of auto, .* \(did you mean 'swing'\?\)",
        ),
        ("none.yaml", r"rig\.yaml: music\.style: found 'none\.yaml', which is no file"),
        ("bad.yaml", r"bad\.yaml:1:1: nmae: found an unknown key.*\(did you mean 'name'\?\)"),
    ],
)
def test_a_rig_with_a_wrong_style_says_where(tmp_path: Path, style: str, told: str) -> None:
    (tmp_path / "bad.yaml").write_text("nmae: x\nsource: y\n", encoding="utf-8")
    rig = tmp_path / "rig.yaml"
    rig.write_text(RIG % style, encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        load_rig(rig)


def test_percussion_is_general_midi() -> None:
    assert all(35 <= note <= 81 for note in PERCUSSION.values())
    assert len(set(PERCUSSION.values())) == len(PERCUSSION)
