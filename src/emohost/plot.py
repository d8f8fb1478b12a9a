"""The picture of a run, a render or an analysis: emotion on the circumplex and over time, keys and chords as strips,
and a piano roll by part. matplotlib is imported when something is drawn, and draws without a screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emohost import emotion
from emohost.config.music import PARTS
from emohost.files import replacing
from emohost.labels import (
    NOTHING,
    ROOTS,
    SOUNDS,
    Flags,
    Integers,
    Segment,
    chord_segments,
    key_segments,
    sound_segments,
)
from emohost.midi.notes import Note, notes_of
from emohost.outputs import PICTURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SIZE_INCHES, _DPI = (16, 9), 120
_MOST_POINTS = 4000  # of a line; more cannot be seen
_PART_COLOURS = ("#c0504d", "#3b6ea5", "#4f8f5b", "#8a8a8a", "#d08a2e")
_VALENCE, _AROUSAL = "#7a5195", "#d08a2e"
_INK, _PALE = "#333333", "#bbbbbb"


@dataclass(frozen=True)
class Track:
    """What was heard and felt over time. Seconds from the start; valence and arousal in [-1, 1], (n,) each."""

    time_s: NDArray[np.float64]
    valence: NDArray[np.float64]
    arousal: NDArray[np.float64]
    duration_s: float
    strips: Mapping[str, Sequence[Segment]] = field(default_factory=dict)
    """By name, from top to bottom, e.g. 'key heard' and 'chord heard'."""

    def with_strip(self, name: str, strip: Sequence[Segment]) -> Track:
        """The same with one strip more, below the others."""
        return replace(self, strips={**self.strips, name: strip})


def track_of(
    time_s: NDArray[np.floating],
    valence: NDArray[np.floating],
    arousal: NDArray[np.floating],
    duration_s: float,
    tonic: Integers,
    minor: Flags,
    sound: Integers,
    chords: Mapping[str, Integers],
) -> Track:
    """The track of a run, render or analysis from arrays of one length: what held from `time_s` on.

    tonic: 0-11 or -1 (key heard); minor: true or 1 for minor; sound: of vocabulary.SOUNDS; chords: classes with
    absolute root (ext/core/theory/chords.h) by the name of their strip.
    """
    starts_s = np.asarray(time_s, dtype=np.float64)
    return Track(
        starts_s,
        np.asarray(valence, dtype=np.float64),
        np.asarray(arousal, dtype=np.float64),
        duration_s,
        {
            "sound": sound_segments(starts_s, duration_s, sound),
            "key heard": key_segments(starts_s, duration_s, tonic, minor),
        }
        | {name: chord_segments(starts_s, duration_s, classes) for name, classes in chords.items()},
    )


def track_of_reports(reports: NDArray[np.void], sample_rate: float) -> Track:
    """The track of a run from its block reports (`_core.report_dtype`, in order, as many as are left of them)."""
    starts_s = reports["frame"] / max(sample_rate, 1.0)
    last = reports[-1:]
    end_s = float((last["frame"] + last["frames"]).sum() / max(sample_rate, 1.0))
    chords = {"chord heard": reports["chord_heard"], "chord played": reports["chord_played"]}
    return track_of(
        starts_s,
        reports["valence"],
        reports["arousal"],
        end_s,
        reports["tonic"],
        reports["minor"],
        reports["sound"],
        chords,
    )


def draw_run(
    path: Path, *, title: str, track: Track, events: Iterable[tuple[float, bytes, int]] | None
) -> None:
    """Draws the whole picture into `path`, replacing it in one step; its suffix (of PICTURES) says the format.

    events: (seconds, MIDI bytes, part) in order of time; None leaves the piano roll out (an analysis plays
    nothing). Any thread, one at a time. Raises OSError, and ValueError for another suffix.
    """
    if path.suffix.lower() not in PICTURES:
        raise ValueError(f"{path}: found '{path.suffix}'; expected {', '.join(PICTURES)}")
    figure = figure_of_run(title, track, events)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=_DPI)


def figure_of_run(title: str, track: Track, events: Iterable[tuple[float, bytes, int]] | None) -> Figure:
    """The same picture as a figure of matplotlib. Any thread, one at a time."""
    return _figure(title, track, None if events is None else notes_of(events, track.duration_s))


def _figure(title: str, track: Track, notes: list[Note] | None) -> Figure:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(
        {
            "font.size": 11,
            "axes.edgecolor": _PALE,
            "axes.labelcolor": _INK,
            "text.color": _INK,
            "xtick.color": _INK,
            "ytick.color": _INK,
        }
    ):
        figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
        figure.suptitle(title, fontsize=15, x=0.012, ha="left")
        grid = figure.add_gridspec(1, 2, width_ratios=(1, 1.8))
        left, right = (figure.add_subfigure(grid[0, column]) for column in (0, 1))
        _draw_circumplex(left.subplots(), track)
        heights = [1.2, 0.22 * max(1, len(track.strips))] + ([2.2] if notes is not None else [])
        rows = right.subplots(len(heights), 1, sharex=True, height_ratios=heights)
        _draw_emotion(rows[0], track)
        _draw_strips(rows[1], track)
        if notes is not None:
            _draw_roll(rows[2], notes)
        for row in rows:
            row.spines[["top", "right"]].set_visible(False)
        rows[-1].set(xlabel="time (s)", xlim=(0, max(track.duration_s, 1e-3)))
    return figure


def _draw_circumplex(axes: Axes, track: Track) -> None:
    axes.set_title("emotion", fontsize=12)
    if len(track.time_s):
        emotion.plot_track(axes, *_thinned(track))
    else:
        axes.text(0.5, 0.5, "nothing heard", ha="center", transform=axes.transAxes)


def _draw_emotion(axes: Axes, track: Track) -> None:
    time_s, valence, arousal = _thinned(track)
    axes.axhline(0, color=_PALE, linewidth=0.8)
    axes.plot(time_s, valence, color=_VALENCE, linewidth=1.4, label="valence")
    axes.plot(time_s, arousal, color=_AROUSAL, linewidth=1.4, label="arousal")
    axes.set(ylim=(-1.05, 1.05), yticks=(-1, 0, 1))
    axes.legend(loc="upper right", ncols=2, frameon=False, fontsize="small")


def _draw_strips(axes: Axes, track: Track) -> None:
    """One row per strip; a label where there is room for it."""
    names = list(track.strips)
    for row, strip in enumerate(names):
        for start, end, label in track.strips[strip]:
            if label == NOTHING:
                continue
            axes.broken_barh(
                [(start, end - start)], (row - 0.42, 0.84), color=_colour(label), ec="white", lw=0.5
            )
            name = _short_name(label)
            if end - start > 0.011 * len(name) * track.duration_s:
                axes.text((start + end) / 2, row, name, ha="center", va="center", fontsize=9, clip_on=True)
    axes.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5))
    axes.tick_params(axis="y", length=0)


def _draw_roll(axes: Axes, notes: list[Note]) -> None:
    from matplotlib.patches import Patch

    present = sorted({note.part for note in notes if note.part < len(PARTS)})
    for part in present:
        for note in (note for note in notes if note.part == part):
            axes.broken_barh(
                [(note.start, max(note.end - note.start, 0.02))],
                (note.pitch - 0.45, 0.9),
                color=_part_colour(part),
                alpha=0.35 + 0.65 * note.velocity / 127,
                linewidth=0,
            )
    if notes:
        low, high = min(note.pitch for note in notes), max(note.pitch for note in notes)
        octaves = range(12 * (low // 12), high + 12, 12)
        axes.set(yticks=octaves, yticklabels=[f"C{octave // 12 - 1}" for octave in octaves])
        axes.set_ylim(low - 2, high + 2)
    else:
        axes.text(0.5, 0.5, "nothing was played", ha="center", transform=axes.transAxes)
    axes.grid(axis="y", color=_PALE, linewidth=0.5)
    axes.set_axisbelow(True)
    patches = [Patch(color=_part_colour(part), label=PARTS[part]) for part in present]
    axes.legend(
        handles=patches, loc="upper right", ncols=max(1, len(patches)), frameon=False, fontsize="small"
    )
    axes.set_ylabel("notes played")


def _short_name(label: str) -> str:
    """As in a lead sheet: 'C', 'Am', 'G7'; there is little room."""
    root, _, quality = label.partition(":")
    return root + quality.replace("maj7", "Δ").replace("min", "m").replace("maj", "").replace("dim", "°")


def _colour(label: str) -> tuple[float, float, float]:
    """A pale hue by root along the circle of fifths, so that related chords look alike; darker in minor. A kind of
    sound is grey, the paler the more of music there is in it."""
    from matplotlib.colors import hsv_to_rgb

    if label in SOUNDS:
        grey = 0.6 + 0.07 * SOUNDS.index(label)
        return grey, grey, grey
    root, _, quality = label.partition(":")
    hue = (ROOTS.index(root) * 7 % 12) / 12
    dark = quality.startswith(("min", "dim"))
    red, green, blue = hsv_to_rgb((hue, 0.30 if dark else 0.22, 0.80 if dark else 0.95))
    return float(red), float(green), float(blue)


def _thinned(track: Track) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Means over equal stretches, where there are more points than can be seen."""
    size = -(-len(track.time_s) // _MOST_POINTS)
    if size <= 1:
        return track.time_s, track.valence, track.arousal
    edges = np.arange(0, len(track.time_s), size)
    counts = np.diff(np.append(edges, len(track.time_s)))
    time_s, valence, arousal = (
        np.add.reduceat(values, edges) / counts for values in (track.time_s, track.valence, track.arousal)
    )
    return time_s, valence, arousal


def _part_colour(part: int) -> str:
    """A part's; with more parts than colours they begin again."""
    return _PART_COLOURS[part % len(_PART_COLOURS)]
