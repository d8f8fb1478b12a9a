"""Every note, control change, tempo, time signature and mark of a MIDI file is in its project, where it was; the sound
lies where it sounded."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile
from daw_project import Event, Project
from hypothesis import given
from hypothesis import strategies as st

from emohost.audio.sound_file import SoundFile
from emohost.errors import AudioError
from emohost.export.archive import export
from emohost.recording.smf import SmfFile

RATE = 48000
SCHEMA = "DAWPROJECT_SCHEMA"
ILLEGAL = {code: "\N{REPLACEMENT CHARACTER}" for code in range(32) if chr(code) not in "\t\n\r"}

ticks = st.integers(0, 20000)
bytes7 = st.integers(0, 127)
channels = st.integers(0, 15)
texts = st.text(st.characters(max_codepoint=255), max_size=8)
# On a key one note after the other: (pause, length, velocity, that of its end or None for a note-on of velocity 0).
lines = st.lists(st.tuples(ticks, ticks, st.integers(1, 127), st.none() | bytes7), min_size=1, max_size=3)
controls = st.one_of(
    st.builds(
        lambda c, n, v: mido.Message("control_change", channel=c, control=n, value=v),
        channels,
        bytes7,
        bytes7,
    ),
    st.builds(
        lambda c, v: mido.Message("pitchwheel", channel=c, pitch=v), channels, st.integers(-8192, 8191)
    ),
    st.builds(lambda c, v: mido.Message("program_change", channel=c, program=v), channels, bytes7),
    st.builds(lambda c, v: mido.Message("aftertouch", channel=c, value=v), channels, bytes7),
    st.builds(
        lambda c, n, v: mido.Message("polytouch", channel=c, note=n, value=v), channels, bytes7, bytes7
    ),
)
tracks = st.tuples(
    texts,
    st.dictionaries(st.tuples(channels, bytes7), lines, max_size=4),
    st.lists(st.tuples(ticks, controls), max_size=5),
)
marks = st.one_of(
    st.builds(lambda text: mido.MetaMessage("marker", text=text), texts),
    st.builds(lambda text: mido.MetaMessage("text", text=text), texts),
    st.builds(lambda text: mido.MetaMessage("cue_marker", text=text), texts),
    st.builds(
        lambda key: mido.MetaMessage("key_signature", key=key), st.sampled_from(["C", "F#m", "Bb", "Ebm"])
    ),
)
conductors = st.tuples(
    st.dictionaries(ticks, st.integers(1, 2**24 - 1), max_size=5),
    st.dictionaries(ticks, st.tuples(st.integers(1, 255), st.sampled_from([1, 2, 4, 8, 32])), max_size=4),
    st.lists(st.tuples(ticks, marks), max_size=5),
)
Timed = tuple[int, Any]


def as_track(timed: Iterable[Timed], name: str = "") -> mido.MidiTrack:
    """Messages at the same tick stay in their order."""
    track, at = mido.MidiTrack([mido.MetaMessage("track_name", name=name)]), 0
    for tick, message in sorted(timed, key=lambda each: each[0]):
        track.append(message.copy(time=tick - at))
        at = tick
    return track


def played(
    line: list[tuple[int, int, int, int | None]], channel: int, key: int
) -> Iterable[tuple[Event, list[Timed]]]:
    """Each note as (channel, key, tick, ticks, velocity, release), and its messages."""
    at = 0
    for pause, length, velocity, release in line:
        begin, at = at + pause, at + pause + length
        end = (
            mido.Message("note_on", channel=channel, note=key, velocity=0)
            if release is None
            else mido.Message("note_off", channel=channel, note=key, velocity=release)
        )
        on = mido.Message("note_on", channel=channel, note=key, velocity=velocity)
        yield (channel, key, begin, length, velocity, release), [(begin, on), (at, end)]


def shown(text: str) -> str:
    return text.rstrip("\0").translate(ILLEGAL)


def lane(message: mido.Message) -> tuple[Event, int]:
    """What a message moves, as a project names it, and how far."""
    channel = str(message.channel)
    match message.type:
        case "control_change":
            return ("channelController", channel, str(message.control), None), message.value
        case "pitchwheel":
            return ("pitchBend", channel, None, None), message.pitch + 8192
        case "program_change":
            return ("programChange", channel, None, None), message.program
        case "polytouch":
            return ("polyPressure", channel, None, str(message.note)), message.value
    return ("channelPressure", channel, None, None), message.value


def part_name(name: str, channel: int, used: set[int]) -> str:
    return shown(name) if used == {channel} else f"{shown(name)}, channel {channel + 1}"


@given(st.integers(1, 2**15 - 1), conductors, st.lists(tracks, max_size=3))
def test_all_that_a_midi_file_tells_is_in_the_project_at_its_tick(
    tmp_path_factory: pytest.TempPathFactory, per_beat: int, conductor: Any, band: list[Any]
) -> None:
    tempi, signatures, told = conductor
    metas: list[Timed] = [(tick, mido.MetaMessage("set_tempo", tempo=us)) for tick, us in tempi.items()]
    metas += [
        (tick, mido.MetaMessage("time_signature", numerator=beats, denominator=unit))
        for tick, (beats, unit) in signatures.items()
    ]
    file = mido.MidiFile(type=1, ticks_per_beat=per_beat)
    file.tracks.append(as_track(metas + told))
    notes: Counter[Event] = Counter()
    moved: dict[Event, list[tuple[int, int]]] = {}
    for number, (text, by_key, moves) in enumerate(band):
        name = f"{number}{text}"
        used = {channel for channel, _ in by_key} | {message.channel for _, message in moves}
        timed: list[Timed] = []
        for (channel, key), line in by_key.items():
            for note, messages in played(line, channel, key):
                notes.update([(part_name(name, channel, used), *note)])
                timed += messages
        for tick, message in sorted(moves, key=lambda each: each[0]):
            what, value = lane(message)
            moved.setdefault((part_name(name, message.channel, used), *what), []).append((tick, value))
        file.tracks.append(as_track(timed + moves, name))
    folder = tmp_path_factory.mktemp("export")
    file.save(folder / "song.mid")
    export(folder / "song.mid", folder / "song.dawproject")
    project = Project(folder / "song.dawproject", per_beat)
    assert project.notes() == notes
    assert project.controls() == moved
    assert project.tempi() == sorted(({0: 500000} | tempi).items())
    assert project.signatures() == [
        (tick, *signature) for tick, signature in sorted(({0: (4, 4)} | signatures).items())
    ]
    expected = {
        (tick, "key", f"key {mark.key}")
        if mark.type == "key_signature"
        else (tick, mark.type.removesuffix("_marker"), shown(mark.text))
        for tick, mark in told
    }
    markers = project.markers()
    assert set(markers) == expected
    assert [tick for tick, *_ in markers] == sorted(tick for tick, *_ in markers)


def saved(path: Path, *tracks: list[Any], kind: int = 1, per_beat: int = 96) -> Path:
    file = mido.MidiFile(type=kind, ticks_per_beat=per_beat)
    file.tracks += [mido.MidiTrack(track) for track in tracks]
    file.save(path)
    return path


def test_channels_of_one_track_are_tracks_of_their_own(tmp_path: Path) -> None:
    """As in files of type 0; what has no name is called after its channel."""
    strokes = [
        mido.Message(kind, channel=c, note=60, time=48) for kind in ("note_on", "note_off") for c in (0, 9)
    ]
    midi = saved(tmp_path / "song.mid", strokes, kind=0)
    export(midi, tmp_path / "song.dawproject")
    project = Project(tmp_path / "song.dawproject", 96)
    assert project.track_names() == ["channel 1", "channel 10"]
    assert sorted(project.notes()) == [
        ("channel 1", 0, 60, 48, 96, 64, 64),
        ("channel 10", 9, 60, 96, 96, 64, 64),
    ]


def test_notes_of_one_key_end_in_the_order_in_which_they_began(tmp_path: Path) -> None:
    """And what is never ended sounds to the end of its track; an end of nothing is nothing."""
    on, off = (mido.Message(kind, note=60, velocity=9) for kind in ("note_on", "note_off"))
    track = [
        off,
        *(each.copy(time=10) for each in (on, on, off, on)),
        mido.MetaMessage("end_of_track", time=50),
    ]
    export(saved(tmp_path / "song.mid", track), tmp_path / "song.dawproject")
    notes = [note[3:] for note in Project(tmp_path / "song.dawproject", 96).notes()]
    assert sorted(notes, key=lambda note: note[0]) == [(10, 20, 9, 9), (20, 70, 9, None), (40, 50, 9, None)]


def test_the_same_files_give_the_same_bytes(tmp_path: Path, recorded: Path, chord: Path) -> None:
    for name in ("one", "two"):
        export(recorded, tmp_path / f"{name}.dawproject", chord)
    assert (tmp_path / "one.dawproject").read_bytes() == (tmp_path / "two.dawproject").read_bytes()


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A take of four bars whose tempo wanders, with emotion on channel 16."""
    file = SmfFile(100, {0: "melody", 15: "controls"})
    for step, tempo in enumerate((100, 90, 117.5, 60)):
        file.set_tempo(2.0 * step, tempo)
        file.add(2.0 * step, bytes([0x90, 60 + step, 90]))
        file.add(2.0 * step + 0.7, bytes([0x80, 60 + step, 0]))
        file.add(2.0 * step, bytes([0xBF, 20, 10 * step]))
        file.add(2.0 * step, bytes([0xBF, 21, 127 - step]))
    path = tmp_path / "take.mid"
    path.write_bytes(file.encode())
    return path


@pytest.fixture
def chord(tmp_path: Path) -> Path:
    """Three seconds and an odd frame."""
    path = tmp_path / "chord.wav"
    time_s = np.arange(3 * RATE + 1) / RATE
    soundfile.write(path, 0.2 * np.sin(2 * np.pi * 440 * time_s)[:, None].repeat(2, 1), RATE)
    return path


def test_valence_and_arousal_are_lanes_of_automation(tmp_path: Path, recorded: Path) -> None:
    """On the track itself, not within a clip; of a file of another program nobody knows what they follow."""
    export(recorded, tmp_path / "song.dawproject")
    project = Project(tmp_path / "song.dawproject", 960)
    lanes = {points.get("name"): points for points in project.root.iter("Points")}
    assert {"valence", "arousal"} == set(lanes)
    clipped = [points for clip in project.root.iter("Clip") for points in clip.iter("Points")]
    assert clipped == []
    assert [value for _, value in project.controls()["controls", "channelController", "15", "20", None]] == [
        0, 10, 20, 30,
    ]  # fmt: skip
    foreign = saved(
        tmp_path / "foreign.mid", [mido.Message("control_change", channel=15, control=20, value=1)]
    )
    export(foreign, tmp_path / "song.dawproject")
    (points,) = Project(tmp_path / "song.dawproject", 96).root.iter("Points")
    assert points.get("name") is None
    export(foreign, tmp_path / "song.dawproject", names={(15, 20): "tension"})
    (points,) = Project(tmp_path / "song.dawproject", 96).root.iter("Points")
    assert points.get("name") == "tension"


@pytest.mark.parametrize("at", [0.0, 1.25, 6.1, -0.75, -2.9])
def test_the_sound_lies_where_it_sounded_and_as_long(
    tmp_path: Path, recorded: Path, chord: Path, at: float
) -> None:
    """However the tempo wanders; what came before the MIDI file is cut off, not moved."""
    export(recorded, tmp_path / "song.dawproject", chord, Fraction(at))
    project = Project(tmp_path / "song.dawproject", 960)
    (clip,) = (clip for clip in project.root.iter("Clip") if clip.find("Audio") is not None)
    begin, length = float(clip.attrib["time"]), float(clip.attrib["duration"])
    play_from, play_to = float(clip.attrib["playStart"]), float(clip.attrib["playStop"])
    assert clip.get("contentTimeUnit") == "seconds"
    assert project.second_at(begin) == pytest.approx(max(0.0, at), abs=1e-9)
    assert play_from == pytest.approx(max(0.0, -at), abs=1e-9)
    assert project.second_at(begin + length) - project.second_at(begin) == pytest.approx(
        play_to - play_from, abs=1e-9
    )
    audio = project.the("Audio")
    assert audio.attrib["channels"] == "2"
    assert round(float(audio.attrib["duration"]) * int(audio.attrib["sampleRate"])) == 3 * RATE + 1
    assert project.files[project.the("File").attrib["path"]] == chord.read_bytes()


def test_a_sound_that_ends_before_the_music_is_refused(tmp_path: Path, recorded: Path, chord: Path) -> None:
    with pytest.raises(AudioError, match=r"chord\.wav: found 3\.0000. s of audio, which would end before"):
        export(recorded, tmp_path / "song.dawproject", chord, Fraction(-4))
    assert not (tmp_path / "song.dawproject").exists()


@pytest.mark.parametrize("ending", ["ogg", "mp3", "cut.wav", "unended.wav", "flac"])
def test_a_daw_finds_the_samples_that_the_host_heard(
    tmp_path: Path, recorded: Path, chord: Path, ending: str
) -> None:
    """Also of formats whose beginning is not the same to every decoder, and of a file that its recorder did not end."""
    samples, _ = soundfile.read(chord)
    source = tmp_path / f"input.{ending}"
    whole = chord.read_bytes()
    if ending == "cut.wav":
        source.write_bytes(whole[:-RATE])
    elif ending == "unended.wav":
        size = whole.index(b"data") + 4
        source.write_bytes(whole[:size] + bytes(4) + whole[size + 4 :])
    else:
        soundfile.write(source, samples, RATE)
    done = export(recorded, tmp_path / "song.dawproject", source)
    assert done.sound is not None
    assert bool(done.sound.remark) == (ending == "cut.wav")
    project = Project(tmp_path / "song.dawproject", 960)
    place = project.the("File").attrib["path"]
    assert place.endswith(".flac" if ending == "flac" else ".wav")
    assert (project.files[place] == source.read_bytes()) == (ending == "flac")
    (tmp_path / "out").write_bytes(project.files[place])
    found, _ = soundfile.read(tmp_path / "out", dtype="float32", always_2d=True)
    with SoundFile(source) as file:
        np.testing.assert_array_equal(found, file.read(10 * RATE))
    assert len(found) / RATE == float(project.the("Audio").attrib["duration"])


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be had there")
def test_names_that_xml_or_a_file_system_cannot_hold_are_told_as_well_as_they_can(
    tmp_path: Path, recorded: Path, chord: Path
) -> None:
    strange = tmp_path / "a<b>&\x01:ü.wav"
    strange.write_bytes(chord.read_bytes())
    export(recorded, tmp_path / "song.dawproject", strange)
    project = Project(tmp_path / "song.dawproject", 960)
    assert project.the("File").attrib["path"] == "audio/a_b_&__ü.wav"
    assert next(project.root.iter("Track")).get("name") == "a<b>&\N{REPLACEMENT CHARACTER}:ü"


def test_a_project_is_valid_by_the_schema_of_the_format(tmp_path: Path, recorded: Path, chord: Path) -> None:
    folder = os.environ.get(SCHEMA)
    if folder is None:
        pytest.skip(
            f"{SCHEMA} names no folder with Project.xsd and MetaData.xsd of github.com/bitwig/dawproject"
        )
    etree = pytest.importorskip("lxml.etree", reason="lxml checks XML by a schema")
    pitches = [
        mido.Message("pitchwheel", pitch=9),
        mido.Message("polytouch", note=1),
        mido.Message("aftertouch"),
    ]
    foreign = saved(tmp_path / "foreign.mid", pitches, [mido.MetaMessage("key_signature", key="C")])
    for midi in (recorded, foreign):
        export(midi, tmp_path / "song.dawproject", chord)
        project = Project(tmp_path / "song.dawproject", 960)
        for name in ("Project", "MetaData"):
            schema = etree.XMLSchema(etree.parse(str(Path(folder) / f"{name}.xsd")))
            schema.assertValid(etree.fromstring(project.files[f"{name.lower()}.xml"]))
