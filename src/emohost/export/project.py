"""A song as the XML of a DAWproject (version 1.0, github.com/bitwig/dawproject): elements, their order and units.

Times are beats as decimal numbers that give back each tick; values that MIDI counts to 127 are fractions of 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from emohost import __version__
from emohost.export.controls import ControlNames
from emohost.export.song import Mark, Part, Song, Target
from emohost.export.sound import Sound

MINUTE_US: Final = 60_000_000
_MASTER: Final = "master-channel"
_COLORS: Final = {"marker": "#d9534f", "cue": "#d9534f", "text": "#4f8fd9", "key": "#5cb85c"}


@dataclass(frozen=True)
class Placed:
    """A sound that begins so many seconds after the song does; before it, if negative."""

    sound: Sound
    at: Fraction


def project_xml(song: Song, names: ControlNames, placed: Placed | None = None) -> bytes:
    """The file project.xml. `placed` must not end before the song begins."""
    project = Element("Project", version="1.0")
    SubElement(project, "Application", name="emohost", version=__version__)
    _add_transport(project, song)
    structure = SubElement(project, "Structure")
    if placed is not None:
        _add_track(structure, "audio", placed.sound.name, "audio", placed.sound.channels)
    for number, part in enumerate(song.parts):
        _add_track(structure, f"part-{number}", part.name, "notes" if part.notes else "notes automation")
    _add_track(structure, "master", "Master", "audio notes", role="master")
    arrangement = SubElement(project, "Arrangement", id="arrangement")
    lanes = SubElement(arrangement, "Lanes", id="lanes", timeUnit="beats")
    if placed is not None:
        _add_sound(lanes, song, placed)
    for number, part in enumerate(song.parts):
        _add_part(lanes, f"part-{number}", part, song, names)
    if song.marks:
        _add_markers(arrangement, song)
    _add_tempi(arrangement, song)
    _add_signatures(arrangement, song)
    return _encoded(project)


def metadata_xml(title: str) -> bytes:
    """The file metadata.xml."""
    metadata = Element("MetaData")
    SubElement(metadata, "Title").text = _legal(title)
    return _encoded(metadata)


def _add_transport(project: Element, song: Song) -> None:
    transport = SubElement(project, "Transport")
    tempo = _number(Fraction(MINUTE_US, song.tempi[0][1]))
    SubElement(transport, "Tempo", id="tempo", name="Tempo", unit="bpm", value=tempo)
    _, beats, unit = song.signatures[0]
    SubElement(transport, "TimeSignature", id="time-signature", numerator=str(beats), denominator=str(unit))


def _add_track(
    structure: Element, name_id: str, name: str, content: str, channels: int = 2, role: str = "regular"
) -> None:
    track = SubElement(structure, "Track", id=name_id, name=_legal(name), contentType=content, loaded="true")
    channel = SubElement(
        track, "Channel", id=f"{name_id}-channel", role=role, audioChannels=str(channels), solo="false"
    )
    if role != "master":
        channel.set("destination", _MASTER)
    SubElement(channel, "Mute", id=f"{name_id}-mute", name="Mute", value="false")
    SubElement(
        channel, "Pan", id=f"{name_id}-pan", name="Pan", unit="normalized", min="0", max="1", value="0.5"
    )
    SubElement(
        channel, "Volume", id=f"{name_id}-volume", name="Volume", unit="linear", min="0", max="2", value="1"
    )


def _add_sound(lanes: Element, song: Song, placed: Placed) -> None:
    """It is not bent to the tempo: seconds of its own in a clip that lies where the tempo has them in beats."""
    sound = placed.sound
    skipped = max(Fraction(0), -placed.at)
    begin, end = (song.beat_at(max(Fraction(0), at)) for at in (placed.at, placed.at + sound.seconds))
    clip = _add_clip(_add_lanes(lanes, "audio"), sound.name, begin, end - begin, "seconds", skipped)
    clip.set("playStop", _number(sound.seconds))
    audio = SubElement(
        clip,
        "Audio",
        timeUnit="seconds",
        duration=_number(sound.seconds),
        sampleRate=str(sound.sample_rate),
        channels=str(sound.channels),
    )
    SubElement(audio, "File", path=sound.place, external="false")


def _add_part(lanes: Element, track: str, part: Part, song: Song, names: ControlNames) -> None:
    """Controls go with the notes, in their clip; a track of controls alone has lanes of automation."""
    own = _add_lanes(lanes, track)
    if part.notes:
        beats = max(1, -(-song.end // song.ticks_per_beat))
        own = SubElement(
            _add_clip(own, part.name, Fraction(0), Fraction(beats), "beats", Fraction(0)), "Lanes"
        )
        notes = SubElement(own, "Notes")
        for note in part.notes:
            element = SubElement(
                notes,
                "Note",
                time=_beats(note.tick, song),
                duration=_beats(note.ticks, song),
                channel=str(part.channel),
                key=str(note.key),
                vel=_number(Fraction(note.velocity, 127)),
            )
            if note.release is not None:
                element.set("rel", _number(Fraction(note.release, 127)))
    for target, points in part.lanes.items():
        _add_lane(own, part.channel, target, points, song, names)


def _add_lane(
    lanes: Element,
    channel: int,
    target: Target,
    points: Sequence[tuple[int, float]],
    song: Song,
    names: ControlNames,
) -> None:
    lane = SubElement(lanes, "Points", unit="normalized")
    if target.controller is not None and (name := names.get((channel, target.controller))):
        lane.set("name", name)
    aim = SubElement(lane, "Target", expression=target.expression, channel=str(channel))
    if target.key is not None:
        aim.set("key", str(target.key))
    if target.controller is not None:
        aim.set("controller", str(target.controller))
    for tick, value in points:
        SubElement(lane, "RealPoint", time=_beats(tick, song), value=_number(value), interpolation="hold")


def _add_markers(arrangement: Element, song: Song) -> None:
    markers = SubElement(arrangement, "Markers", id="markers", timeUnit="beats")
    for mark in song.marks:
        SubElement(
            markers,
            "Marker",
            time=_beats(mark.tick, song),
            name=_legal(_shown(mark)),
            comment=mark.kind,
            color=_COLORS[mark.kind],
        )


def _shown(mark: Mark) -> str:
    """A key is told from a chord or section of its name."""
    return f"key {mark.text}" if mark.kind == "key" else mark.text


def _add_tempi(arrangement: Element, song: Song) -> None:
    lane = SubElement(arrangement, "TempoAutomation", id="tempi", timeUnit="beats", unit="bpm")
    SubElement(lane, "Target", parameter="tempo")
    for tick, us in song.tempi:
        tempo = _number(Fraction(MINUTE_US, us))
        SubElement(lane, "RealPoint", time=_beats(tick, song), value=tempo, interpolation="hold")


def _add_signatures(arrangement: Element, song: Song) -> None:
    lane = SubElement(arrangement, "TimeSignatureAutomation", id="time-signatures", timeUnit="beats")
    SubElement(lane, "Target", parameter="time-signature")
    for tick, beats, unit in song.signatures:
        SubElement(
            lane,
            "TimeSignaturePoint",
            time=_beats(tick, song),
            numerator=str(beats),
            denominator=str(unit),
        )


def _add_lanes(lanes: Element, track: str) -> Element:
    return SubElement(lanes, "Lanes", id=f"{track}-lanes", track=track)


def _add_clip(
    lanes: Element, name: str, begin: Fraction, beats: Fraction, unit: str, play_from: Fraction
) -> Element:
    clips = SubElement(lanes, "Clips")
    return SubElement(
        clips,
        "Clip",
        name=_legal(name),
        time=_number(begin),
        duration=_number(beats),
        contentTimeUnit=unit,
        playStart=_number(play_from),
    )


def _beats(ticks: int, song: Song) -> str:
    return _number(Fraction(ticks, song.ticks_per_beat))


def _number(value: Fraction | float) -> str:
    """As few digits as give the double back, and no exponent, which not every program reads."""
    return f"{Decimal(repr(float(value))):f}"


def _legal(text: str) -> str:
    """What XML has no place for becomes U+FFFD; what a fixed-width field was filled up with goes."""
    return "".join(each if _is_legal(each) else "\N{REPLACEMENT CHARACTER}" for each in text.rstrip("\0"))


def _is_legal(each: str) -> bool:
    return (
        (each >= " " or each in "\t\n\r") and not "\ud800" <= each <= "\udfff" and each not in "\ufffe\uffff"
    )


def _encoded(root: Element) -> bytes:
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"
