"""What an output file is: of its kind, and never a file that is read, whatever the two are called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emohost.errors import ConfigError, OutputError
from emohost.outputs import MIDI_FILES, NamedFile, Output, check_outputs, same_file


def out(path: Path, what: str = "OUT") -> Output:
    return Output(what, path, MIDI_FILES)


@pytest.mark.parametrize("name", ["song.wav", "rig.yaml", "take", "take.mid.gz", ".mid", "take."])
def test_a_name_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"OUT: found '.*'; expected a name that ends in \.mid, \.midi"):
        check_outputs([out(tmp_path / name)], [])


@pytest.mark.parametrize("name", ["take.mid", "Take.MID", "take.midi", "a.b.mid"])
def test_a_name_of_its_kind_is_taken(tmp_path: Path, name: str) -> None:
    check_outputs([out(tmp_path / name)], [NamedFile("audio.path", tmp_path / "song.wav")])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["same", "dots", "symlink", "hard link", "folder link", "dangling"])
def test_an_input_is_known_by_any_of_its_names(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    song, name = folder / "song.mid", tmp_path / "other.mid"
    if kind != "dangling":
        song.write_bytes(b"precious")
    if kind == "same":
        name = song
    elif kind == "dots":
        name = folder / ".." / "folder" / "song.mid"
    elif kind in {"symlink", "dangling"}:
        name.symlink_to(song)
    elif kind == "hard link":
        os.link(song, name)
    else:
        (tmp_path / "link").symlink_to(folder)
        name = tmp_path / "link" / "song.mid"
    with pytest.raises(
        ConfigError, match=r"OUT: .* is the same file as audio\.path; expected a file of its own"
    ):
        check_outputs([out(name)], [NamedFile("audio.path", song)])


def test_every_mistake_is_told_and_two_outputs_are_two_files(tmp_path: Path) -> None:
    one, other = tmp_path / "a.mid", tmp_path / "b.mid"
    other.symlink_to(one)
    with pytest.raises(ConfigError) as caught:
        check_outputs([out(one, "one"), out(tmp_path / "c.wav", "two"), out(other, "three")], [])
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["two", "three"]
    assert "the same file as one" in lines[1]
    assert caught.value.exit_code == 2


def test_what_is_no_file_or_cannot_be_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.mid").mkdir()
    os.mkfifo(tmp_path / "pipe.mid")
    (tmp_path / "file").write_text("")
    for name, found in (
        ("folder.mid", "found a folder"),
        ("pipe.mid", "found a device, pipe or socket"),
        ("file/x.mid", "is no folder"),
    ):
        with pytest.raises(OutputError, match=found) as caught:
            check_outputs([out(tmp_path / name)], [])
        assert caught.value.exit_code == 1


def test_two_files_of_the_same_content_are_two(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"same")
    assert not same_file(tmp_path / "a", tmp_path / "b")
    assert not same_file(tmp_path / "a", tmp_path / "none")
