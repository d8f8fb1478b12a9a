"""A style as the core takes it: plain numbers and texts, fit to be sent as JSON (ext/core/music/styles/style.h)."""

from __future__ import annotations

from typing import Any

from emohost.styles import notation
from emohost.styles.schema import PERCUSSION, Line, Style

EXTENSIONS = {"sixth": 1, "seventh": 2, "ninth": 4, "sus": 8}
PAIRS = {"eighths": 4, "sixteenths": 2}


def compiled(style: Style) -> dict[str, Any]:
    """Of a style that has been checked."""
    return {
        "beats": style.metre,
        "tempo": style.tempo,
        "valence": style.suits.valence,
        "activity": style.suits.activity,
        "density": style.suits.density,
        "handicap": style.suits.handicap,
        "swing": style.feel.swing,
        "pair": PAIRS[style.feel.of],
        "begins": PERCUSSION[style.begins.voice] if style.begins.voice else 0,
        "begins_calm": PERCUSSION[style.begins.calm] if style.begins.calm else 0,
        "drums": _drums(style.drums),
        "fills": [_fill(fill) for fill in style.fills],
        "chords": [_line(line, notation.CHORDS) for line in style.chords.lines],
        "fewest": style.chords.voices[0],
        "most": style.chords.voices[1],
        "position": style.chords.position,
        "extensions": sum(EXTENSIONS[each] for each in set(style.chords.extensions)),
        "chord_range": style.chords.range,
        "bass": [_line(line, notation.BASS) for line in style.bass.lines],
        "bass_range": style.bass.range,
        "chromatic": int(style.bass.approach == "chromatic"),
    }


def _line(line: Line, marks: dict[str, str], sound: int = 0) -> dict[str, Any]:
    return {
        "steps": notation.read(line.steps, marks),
        "section": line.section,
        "sound": sound,
        "from": line.from_,
        "to": line.to,
        "level": line.level,
    }


def _drums(voices: Any) -> list[dict[str, Any]]:
    return [_line(line, notation.DRUMS, PERCUSSION[voice]) for voice, lines in voices for line in lines]


def _fill(fill: Any) -> dict[str, Any]:
    lines = _drums(fill.lines)
    return {
        "steps": len(lines[0]["steps"]),
        "within_section": int(fill.at == "phrase"),
        "from": fill.from_,
        "to": fill.to,
        "lines": lines,
    }
