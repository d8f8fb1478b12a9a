"""Grooves and fills as lines of a style's YAML file, each with the take that it is from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emohost.styles.notation import written
from emohost.training.drum_patterns.fills import PlayedFill
from emohost.training.drum_patterns.grooves import DRIVE, Groove
from emohost.training.drum_patterns.played import VOICES

BEATS = 4
SOMETIMES_FROM = 0.6  # activity from which on what a drummer now and then adds is added
MOST_LEVEL = 0.5  # either way: the pads of a kit are not equally sensitive
LEVEL_RANGE = 32.0  # velocities: what a level of 1 makes


class _Range(NamedTuple):
    """Activity from which and to which a stroke is played, whether it is a ghost note, and of which level it is."""

    first: int
    last: int
    soft: bool


def groove_lines(levels: Sequence[Groove], bounds: Sequence[float]) -> Iterator[str]:
    """bounds: the activity at which each level begins, and the end; one more than levels. A stroke that several levels
    have stands in one line, so that none doubles another."""
    for number, groove in enumerate(levels):
        yield (
            f"# from {bounds[number]:g}: {groove.played.take}, bar {groove.bar + 1}, "
            f"{groove.repeats} of {len(groove.played.velocity)} bars"
        )
    for voice, name in enumerate(VOICES):
        lines = [
            _line(levels, voice, strokes, each, bounds)
            for each, strokes in sorted(_ranges([groove.marks[voice] for groove in levels]).items())
        ]
        lines += _sometimes(levels[-1], voice, max(SOMETIMES_FROM, bounds[-2]))
        if lines:
            yield f"{name}:"
            yield from (f"  - {line}" for line in lines)


def _ranges(marks: Sequence[NDArray[np.str_]]) -> dict[_Range, list[str]]:
    """Strokes of a voice by the levels that have them without a gap; the mark is the calmest level's."""
    steps = max(len(each) for each in marks)
    tiled = [np.tile(each, steps // len(each)) for each in marks]
    found: dict[_Range, list[str]] = {}
    for step in range(steps):
        first = None
        for level in range(len(tiled) + 1):
            struck = level < len(tiled) and tiled[level][step] != "."
            if struck and first is None:
                first = level
            if not struck and first is not None:
                mark = str(tiled[first][step])
                line = found.setdefault(_Range(first, level, mark == "o"), ["."] * steps)
                line[step] = mark
                first = None
    return found


def _line(
    levels: Sequence[Groove], voice: int, strokes: list[str], where: _Range, bounds: Sequence[float]
) -> str:
    groove = levels[where.first]
    steps = "".join(strokes)
    if voice not in DRIVE and "x" not in steps and "o" not in steps:
        steps = steps.replace("X", "x")  # an accent is one beside others
    half = steps[: len(steps) // 2]
    if len(steps) > 16 and half * 2 == steps:
        steps = half
    parts = [f'steps: "{written(steps, BEATS)}"']
    if where.first > 0:
        parts.append(f"from: {bounds[where.first]:g}")
    if where.last < len(levels):
        parts.append(f"to: {bounds[where.last]:g}")
    level = _level(groove, voice, where.soft)
    if level:
        parts.append(f"level: {level:g}")
    return f"{{{', '.join([*parts, f'source: {groove.played.take}'])}}}"


def _level(groove: Groove, voice: int, soft: bool) -> float:
    """Louder or softer than the take's kick and snare, in a style's terms."""
    if soft:
        return -0.3
    take = groove.played
    usual = max(take.loud[each] for each in DRIVE)
    level = (take.loud[voice] - usual) / LEVEL_RANGE / 2
    return round(float(np.clip(level, -MOST_LEVEL, MOST_LEVEL)), 1) + 0.0


def _sometimes(groove: Groove, voice: int, activity: float) -> list[str]:
    steps = "".join("?" if each else "." for each in groove.sometimes[voice])
    if "?" not in steps:
        return []
    return [
        f'{{steps: "{written(steps, BEATS)}", from: {activity:g}, level: -0.3, source: {groove.played.take}}}'
    ]


def fill_line(fill: PlayedFill, first: float, last: float) -> str:
    voices = [
        f'{name}: "{written("".join(fill.marks[voice]), BEATS)}"'
        for voice, name in enumerate(VOICES)
        if (fill.marks[voice] != ".").any()
    ]
    reach = [f"from: {first:g}"] if first > 0 else []
    reach += [f"to: {last:g}"] if last < 1 else []
    return (
        f"- {{{', '.join([*reach, f'source: {fill.groove.played.take}'])}, lines: {{{', '.join(voices)}}}}}"
    )
