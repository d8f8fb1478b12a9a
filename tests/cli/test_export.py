"""What was rendered is exported for a DAW; what cannot be is told in one line, and no file is harmed by it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import mido
import pytest
from click.testing import Result
from daw_project import Project

TAKE = b"the last project"


@pytest.fixture
def files(tmp_path: Path, music: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with MIDI files, good and bad, a sound, and a project that is there. The working directory."""
    folder = tmp_path / "files"
    folder.mkdir()
    good = mido.MidiFile(type=1, ticks_per_beat=96)
    good.tracks.append(
        mido.MidiTrack(
            [mido.Message("note_on", note=60, time=96), mido.Message("note_off", note=60, time=96)]
        )
    )
    good.save(folder / "good.mid")
    data = (folder / "good.mid").read_bytes()
    for name, content in {
        "empty.mid": b"",
        "cut.mid": data[:-3],
        "frames.mid": data[:12] + b"\xe7\x28" + data[14:],
        "sequences.mid": data[:9] + b"\2" + data[10:],
        "no-tracks.mid": data[:10] + b"\0\0" + data[12:14],
        "no-track.mid": data[:14] + b"XFIH" + data[18:],
        "unknown.mid": with_meta(data, "0a 01 41"),
        "no-tempo.mid": with_meta(data, "51 03 00 00 00"),
        "no-beats.mid": with_meta(data, "58 04 00 02 18 08"),
        "long-unit.mid": with_meta(data, "58 04 04 40 18 08"),
        "key.mid": with_meta(data, "59 02 09 00"),
        "song.wav": music.read_bytes(),
        "text.wav": b"no sound at all",
        "song.dawproject": TAKE,
    }.items():
        (folder / name).write_bytes(content)
    os.link(folder / "good.mid", folder / "hard.dawproject")
    (folder / "rig.yaml").write_text("audio: {backend: dummy}\nmusic: {tempo: fast}\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def with_meta(data: bytes, event: str) -> bytes:
    """A meta event two beats after the last note, before the end of the track."""
    body = data[22:-4] + bytes([0x81, 0x40, 0xFF]) + bytes.fromhex(event) + data[-4:]
    return data[:18] + len(body).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("song.wav", 1, "song.wav: byte 0: found 52 49 46 46; expected a MIDI file, which begins with MThd"),
        ("empty.mid", 1, "empty.mid: byte 0: found nothing; expected a MIDI file"),
        ("nosuch.mid", 1, "nosuch.mid: cannot be read: No such file or directory; expected a MIDI file"),
        (".", 1, ".: cannot be read: Is a directory; expected a MIDI file"),
        ("cut.mid", 1, "cut.mid: byte 31: found the end of the file; expected the rest of a MIDI file"),
        ("frames.mid", 1, "frames.mid: found times in frames per second; expected ticks per beat"),
        ("sequences.mid", 1, "sequences.mid: found a MIDI file of type 2; expected type 0 or 1"),
        ("no-tracks.mid", 1, "no-tracks.mid: found no track in it; expected one at least"),
        ("no-track.mid", 1, "no-track.mid: before byte 22: not as MIDI files are: no MTrk header"),
        ("unknown.mid", 1, "found a meta event of type 0x0a; expected those of the standard"),
        ("no-tempo.mid", 1, "no-tempo.mid: track 0, beat 4: found 0 microseconds per beat; expected a tempo"),
        ("no-beats.mid", 1, "no-beats.mid: track 0, beat 4: found a time signature of 0/4; expected 1/1 to"),
        ("long-unit.mid", 1, "beat 4: found a time signature of 4/1.84e+19; expected 1/1 to 255/32768"),
        ("key.mid", 1, "key.mid: before byte 37: not as MIDI files are: Could not decode key"),
        ("good.mid --audio text.wav", 4, "text.wav: cannot be read as audio"),
        ("good.mid --audio nosuch.wav", 4, "nosuch.wav: found no such file"),
        (
            "good.mid --audio song.wav --audio-at -3",
            4,
            "song.wav: found 3 s of audio, which would end before",
        ),
        (
            "good.mid --audio song.wav --audio-at nan",
            2,
            "found nan; expected a finite number",
        ),
        ("good.mid --config rig.yaml", 2, "rig.yaml:2:"),
        ("good.mid --out song.mid", 2, "found 'song.mid'; expected a name that ends in .dawproject"),
        ("good.mid --out hard.dawproject", 2, "hard.dawproject is the same file as FILE.mid"),
        ("good.mid --out good.mid/x.dawproject", 1, "good.mid is no folder"),
    ],
)
def test_what_cannot_be_exported_is_told_and_nothing_is_changed(
    emohost: Callable[..., Result], files: Path, arguments: str, code: int, words: str
) -> None:
    before = {path.name: path.read_bytes() for path in files.iterdir()}
    out = () if "--out" in arguments else ("--out", "song.dawproject")
    done = emohost("export", *arguments.split(), *out)
    assert (done.exit_code, words in done.output) == (code, True), done.output
    assert "Traceback" not in done.output
    assert {path.name: path.read_bytes() for path in files.iterdir()} == before


def test_a_render_is_exported_with_its_sound(
    emohost: Callable[..., Result], files: Path, music: Path
) -> None:
    """Every note of every part, and what the band felt; a project that is there is replaced, and folders are made."""
    assert emohost("render", music, "take.mid").exit_code == 0
    midi = mido.MidiFile("take.mid")
    for out in ("song.dawproject", "new/folder/song.dawproject"):
        done = emohost("export", "take.mid", "--audio", music, "--out", out)
        assert done.exit_code == 0, done.output
        assert done.output.startswith(f"{out}: ")
        assert done.output.endswith("; 3.0 s of audio\n")
        project = Project(files / out, midi.ticks_per_beat)
        assert project.track_names() == [track.name for track in midi.tracks[1:]]
        assert project.files[project.the("File").attrib["path"]] == music.read_bytes()
        assert {"valence", "arousal"} <= {points.get("name") for points in project.root.iter("Points")}
        struck = sum(m.type == "note_on" and m.velocity > 0 for track in midi.tracks for m in track)
        assert project.notes().total() == struck
    assert Path("song.dawproject").read_bytes() == Path("new/folder/song.dawproject").read_bytes()


def test_a_rig_says_what_its_controllers_follow(emohost: Callable[..., Result], files: Path) -> None:
    midi = mido.MidiFile(ticks_per_beat=96)
    midi.tracks.append(mido.MidiTrack([mido.Message("control_change", channel=2, control=74, value=9)]))
    midi.save("controls.mid")
    rig = "audio: {backend: dummy}\nmusic: {controls: [{source: arousal, channel: 3, controller: 74}]}\n"
    Path("rig.yaml").write_text(rig, encoding="utf-8")
    done = emohost("export", "controls.mid", "--out", "song.dawproject", "--config", "rig.yaml")
    assert done.exit_code == 0, done.output
    (points,) = Project(files / "song.dawproject", 96).root.iter("Points")
    assert points.get("name") == "arousal"


def test_what_a_project_has_no_place_for_is_said(emohost: Callable[..., Result], files: Path) -> None:
    midi = mido.MidiFile(ticks_per_beat=96)
    midi.tracks.append(mido.MidiTrack([mido.Message("sysex", data=(1, 2))]))
    midi.save("system.mid")
    done = emohost("export", "system.mid", "--out", "song.dawproject")
    assert done.exit_code == 0
    assert done.stderr == "warning: system.mid: left out 1 system messages; a project has no place for them\n"
