"""Relative paths are relative to the file they stand in, wherever the program is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from emohost.config import load_rig
from emohost.config.audio import AudioFile


def write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "rig.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_audio_and_outputs_are_resolved_against_the_files_folder(tmp_path: Path) -> None:
    path = write(
        tmp_path / "configs",
        "audio: {backend: file, path: song.flac}\noutput: {midi_file: ../out/a.mid, plot: /abs/b.png}\n",
    )
    loaded = load_rig(path)
    assert isinstance(loaded.rig.audio, AudioFile)
    assert loaded.rig.audio.path == tmp_path / "configs" / "song.flac"
    assert loaded.rig.output.midi_file == tmp_path / "out" / "a.mid"
    assert loaded.rig.output.plot == Path("/abs/b.png").absolute()
    assert (loaded.path, loaded.base) == (path, path.parent)


def test_a_network_beside_the_config_is_resolved_and_a_bare_name_is_left_to_the_search(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine.json").write_text("{}", encoding="utf-8")
    path = write(
        tmp_path,
        "audio: {backend: dummy}\nnetworks:\n  emotion: {file: mine.json}\n  melody: {file: theirs.json}\n"
        "  groove: {file: sub/g.json}\n",
    )
    networks = load_rig(path).rig.networks
    assert networks.emotion.file == tmp_path / "mine.json"
    assert networks.melody.file == Path("theirs.json")
    assert networks.groove.file == tmp_path / "sub" / "g.json"
    assert networks.harmony.file is None


def test_a_relative_name_of_the_config_gives_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "audio: {backend: file, path: a.wav}")
    monkeypatch.chdir(tmp_path)
    loaded = load_rig("rig.yaml")
    assert loaded.path == tmp_path / "rig.yaml"
    assert isinstance(loaded.rig.audio, AudioFile)
    assert loaded.rig.audio.path == tmp_path / "a.wav"
