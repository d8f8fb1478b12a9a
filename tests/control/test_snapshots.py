"""Snapshots come back as they were kept, lie readable beside the rig, and what is wrong in their file is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emohost.control.parameters import BY_NAME, checked
from emohost.control.snapshots import MOST, Snapshots
from emohost.errors import ConfigError, ControlError, OutputError

VALUES = {name: parameter.default * 1.0 for name, parameter in BY_NAME.items()}


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "stage.yaml")


def test_what_was_kept_comes_back_and_others_stay(snapshots: Snapshots) -> None:
    assert snapshots.read() == {}
    verse = {**VALUES, "density": 0.6, "listen": 1.0, "drums_enabled": 0.0, "transpose": -3.0}
    snapshots.save("verse", verse)
    snapshots.save("chorus 2", VALUES)
    assert snapshots.named("verse") == verse
    assert list(snapshots.read()) == ["verse", "chorus 2"]
    assert snapshots.numbered(1) == "chorus 2"
    assert snapshots.numbered(2) is None
    snapshots.save("verse", VALUES)
    assert snapshots.named("verse") == VALUES
    assert list(snapshots.read()) == ["verse", "chorus 2"]
    snapshots.delete("verse")
    assert list(snapshots.read()) == ["chorus 2"]


def test_people_can_read_and_write_the_file(snapshots: Snapshots) -> None:
    assert snapshots.file.name == "stage.snapshots.yaml"
    snapshots.save("verse", {"density": 0.6, "drums_enabled": 0.0, "listen": 1.0, "transpose": -3.0})
    lines = snapshots.file.read_text().splitlines()
    assert lines[1:] == [
        "verse:",
        "  density: 0.6",
        "  drums_enabled: 'off'",
        "  listen: answer",
        "  transpose: -3",
    ]
    snapshots.file.write_text("bridge: {density: 1.5, drums_enabled: off, melody_enabled: yes}\n")
    assert snapshots.named("bridge") == {"density": 1.5, "drums_enabled": 0.0, "melody_enabled": 1.0}


def test_it_is_parsed_again_only_when_it_has_changed(
    snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page asks many times a second."""
    snapshots.save("verse", {"density": 0.6})
    first = snapshots.read()
    first["verse"]["density"] = 2.0  # whoever is given it may change it
    monkeypatch.setattr("yaml.safe_load", lambda _data: pytest.fail("parsed again"))
    assert snapshots.read() == {"verse": {"density": 0.6}}
    monkeypatch.undo()
    snapshots.file.write_text("chorus: {density: 1.5}\n")
    assert snapshots.read() == {"chorus": {"density": 1.5}}


@pytest.mark.parametrize("name", ["", " x", "a/b", "../x", "a" * 64, 3, None, "x\ny"])
def test_a_name_is_a_word_or_a_few(snapshots: Snapshots, name: object) -> None:
    with pytest.raises(ControlError, match="expected 1 to 63 letters"):
        snapshots.save(name, VALUES)
    assert not snapshots.file.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("verse: {density: 3}", "verse: density: found 3; expected a number from 0 to 2"),
        ("verse: {densty: 1}", "verse: there is no parameter 'densty'; did you mean 'density'?"),
        ("verse: 3", "verse: found 3; expected parameters with their values"),
        ("[1, 2]", "found list; expected snapshots by name"),
        ("verse: {density: [}", ":1:19: found no YAML; expected snapshots by name"),
        ("3: {}", "found the name 3; expected a snapshot's name"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_and_the_file_stays(
    snapshots: Snapshots, text: str, message: str
) -> None:
    snapshots.file.write_text(text)
    for use in (snapshots.read, lambda: snapshots.save("x", VALUES), lambda: snapshots.named("verse")):
        with pytest.raises(ConfigError) as error:
            use()
        assert str(error.value).startswith(str(snapshots.file))
        assert str(error.value).endswith(message)
    assert snapshots.file.read_text() == text


def test_an_unknown_one_names_those_there_are(snapshots: Snapshots) -> None:
    with pytest.raises(ControlError, match="there is no snapshot 'x'; there is none yet"):
        snapshots.named("x")
    snapshots.save("verse", VALUES)
    with pytest.raises(ControlError, match="there is no snapshot 'x'; there is verse"):
        snapshots.delete("x")


def test_there_are_as_many_as_midi_has_programs(snapshots: Snapshots) -> None:
    snapshots.file.write_text("".join(f"s{number}: {{}}\n" for number in range(MOST)))
    with pytest.raises(ControlError, match="expected room for another"):
        snapshots.save("another", VALUES)
    snapshots.save("s5", VALUES)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: No such file"):
        Snapshots(tmp_path / "gone" / "stage.yaml").save("x", VALUES)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_no_file_makes_it_fail_otherwise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    snapshots = Snapshots(tmp_path_factory.mktemp("fuzz") / "rig.yaml")
    snapshots.file.write_bytes(data)
    try:
        found = snapshots.read()
    except ConfigError:
        return
    assert all(checked(name, value) for values in found.values() for name, value in values.items())
