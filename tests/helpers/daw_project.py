"""A DAWproject as a DAW reads it: the archive's XML, back in ticks, and what every such project must hold to."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Event = tuple[Any, ...]
_NUMBERS = ("time", "duration", "value", "vel", "rel", "playStart", "playStop")
_ORDER = ("Lanes", "Markers", "TempoAutomation", "TimeSignatureAutomation")


class Project:
    """What project.xml says. `ticks_per_beat`: of the MIDI file that it was made of."""

    def __init__(self, path: Path, ticks_per_beat: int) -> None:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            self.files = {name: archive.read(name) for name in archive.namelist()}
        self.root = ElementTree.fromstring(self.files["project.xml"])
        self._ticks_per_beat = ticks_per_beat
        self._tracks = {track.get("id"): track for track in self.root.iter("Track")}
        self._hold_to_the_format()

    def the(self, tag: str) -> Element:
        """The only element of that name."""
        (found,) = self.root.iter(tag)
        return found

    def tick(self, element: Element, attribute: str = "time") -> int:
        """Times are the very ticks: the next double would be another time."""
        beats = float(element.attrib[attribute])
        tick = round(beats * self._ticks_per_beat)
        assert tick / self._ticks_per_beat == beats
        return tick

    def track_names(self) -> list[str]:
        """Of those with notes or controls, in order."""
        return [
            track.attrib["name"]
            for track in self._tracks.values()
            if "notes" in track.attrib["contentType"].split()
        ][:-1]

    def notes(self) -> Counter[Event]:
        """(track's name, channel, key, tick, ticks, velocity, release or None)."""
        return Counter(
            (
                name,
                int(note.attrib["channel"]),
                int(note.attrib["key"]),
                self.tick(note),
                self.tick(note, "duration"),
                _counted(note.attrib["vel"], 127),
                _counted(note.attrib["rel"], 127) if "rel" in note.attrib else None,
            )
            for name, lanes in self._lanes()
            for note in lanes.iter("Note")
        )

    def controls(self) -> dict[Event, list[tuple[int, int]]]:
        """By (track's name, expression, channel, controller, key): (tick, as MIDI counts it), in order."""
        found: dict[Event, list[tuple[int, int]]] = {}
        for name, lanes in self._lanes():
            for points in lanes.iter("Points"):
                (aim,) = points.iter("Target")
                what = (name, *map(aim.attrib.get, ("expression", "channel", "controller", "key")))
                assert what not in found
                steps = 2**14 if aim.get("expression") == "pitchBend" else 127
                found[what] = [
                    (self.tick(point), _counted(point.attrib["value"], steps))
                    for point in points.iter("RealPoint")
                ]
        return found

    def tempi(self) -> list[tuple[int, int]]:
        """(tick, microseconds per beat)."""
        return [
            (self.tick(point), round(6e7 / float(point.attrib["value"])))
            for point in self.the("TempoAutomation").iter("RealPoint")
        ]

    def signatures(self) -> list[tuple[int, int, int]]:
        """(tick, beats, unit)."""
        return [
            (self.tick(point), int(point.attrib["numerator"]), int(point.attrib["denominator"]))
            for point in self.the("TimeSignatureAutomation").iter("TimeSignaturePoint")
        ]

    def markers(self) -> list[tuple[int, str, str]]:
        """(tick, kind, name)."""
        return [
            (self.tick(marker), marker.attrib["comment"], marker.attrib["name"])
            for marker in self.root.iter("Marker")
        ]

    def second_at(self, beat: float) -> float:
        """By the tempo automation, as a DAW counts it."""
        seconds, points = Fraction(0), list(self.the("TempoAutomation").iter("RealPoint"))
        times = [Fraction(float(point.attrib["time"])) for point in points] + [Fraction(10**12)]
        for point, begin, end in zip(points, times, times[1:], strict=False):
            beats = max(Fraction(0), min(Fraction(beat), end) - begin)
            seconds += beats * 60 / Fraction(float(point.attrib["value"]))
        return float(seconds)

    def _lanes(self) -> list[tuple[str, Element]]:
        """Each track's name and content."""
        return [
            (self._tracks[lanes.attrib["track"]].attrib["name"], lanes)
            for lanes in self.root.iter("Lanes")
            if "track" in lanes.attrib
        ]

    def _hold_to_the_format(self) -> None:
        """What a schema can say, and that what is named is there."""
        ids = [element.attrib["id"] for element in self.root.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", each) for each in ids)
        for element in self.root.iter():
            for reference in ("track", "destination", "parameter"):
                assert element.get(reference, ids[0]) in ids
            for number in _NUMBERS:
                assert re.fullmatch(r"-?\d+(\.\d+)?|true|false", element.get(number, "0")), element.attrib
        assert (self.root.tag, self.root.attrib) == ("Project", {"version": "1.0"})
        assert [child.tag for child in self.root] == ["Application", "Transport", "Structure", "Arrangement"]
        arrangement = [child.tag for child in self.the("Arrangement")]
        assert arrangement == [tag for tag in _ORDER if tag in arrangement]
        assert next(self.the("Arrangement").iter("Lanes")).get("timeUnit") == "beats"
        assert ElementTree.fromstring(self.files["metadata.xml"]).tag == "MetaData"
        for file in self.root.iter("File"):
            assert file.attrib["path"] in self.files
        for clip in self.root.iter("Clip"):
            for note in clip.iter("Note"):
                assert float(note.attrib["time"]) <= float(clip.attrib["duration"])


def _counted(value: str, steps: int) -> int:
    number = float(value)
    assert 0 <= number <= 1
    assert round(number * steps) / steps == number
    return round(number * steps)
