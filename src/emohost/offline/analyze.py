"""What the host hears in a file, for programs (JSON), spreadsheets (CSV) and people (a few lines)."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from emohost.config.schema import Rig
from emohost.files import printable
from emohost.labels import NOTHING, SOUNDS, Segment, chord_label, key_label
from emohost.offline.performance import Performance, Progress, perform
from emohost.plot import draw_run

COLUMNS = (
    "file",
    "time",
    "valence",
    "arousal",
    "key",
    "key_clarity",
    "chord",
    "level_db",
    "sound",
    "sound_confidence",
)


@dataclass(frozen=True)
class AnalyzeJob:
    """One file to analyze; can be sent to another process."""

    audio: Path
    picture: Path | None
    rig: Rig
    base: Path
    block_size: int


def analyze(job: AnalyzeJob, progress: Progress = lambda seconds: None) -> Performance:
    """Listens to one file; draws the picture if one is asked for. Raises AudioError, ModelError, ConfigError,
    OSError. Any thread."""
    performance = perform(job.audio, job.rig, job.base, job.block_size, progress)
    if job.picture is not None:
        draw_run(
            job.picture, title=printable(job.audio.name), track=performance.track(played=False), events=None
        )
    return performance


def as_json(performance: Performance) -> dict[str, Any]:
    """One object a file: valence and arousal per hop, key and chords as [start, end, label] in seconds and Harte's
    syntax ('N': none), sound as [start, end, kind, confidence] without silence, `tempo`
    [[seconds, beats per minute, confidence]] about once a second, `beats` and `downbeats` in seconds, as they were said
    while listening."""
    beats, downbeats = performance.beats
    hearing = performance.hearing
    return {
        "file": printable(performance.file),
        "duration": performance.duration_s,
        "hop_s": hearing.hop_s,
        "valence": [round(value, 5) for value in hearing.valence.tolist()],
        "arousal": [round(value, 5) for value in hearing.arousal.tolist()],
        "key": [list(stretch) for stretch in performance.keys],
        "chords": [list(stretch) for stretch in performance.chords],
        "sound": [list(stretch) for stretch in performance.sounds],
        "tempo": performance.tempo,
        "beats": [round(at, 4) for at in beats.tolist()],
        "downbeats": [round(at, 4) for at in downbeats.tolist()],
        "warnings": [printable(remark) for remark in performance.remarks],
    }


def write_csv(performances: Iterable[Performance], stream: TextIO) -> None:
    """One row per hop, files one after the other, under one header. Time in seconds, of the hop's start."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for performance in performances:
        hearing = performance.hearing
        for number, start_s in enumerate(hearing.starts_s.tolist()):
            writer.writerow(
                (
                    performance.file,
                    f"{start_s:.4f}",
                    f"{hearing.valence[number]:.5f}",
                    f"{hearing.arousal[number]:.5f}",
                    key_label(int(hearing.tonic[number]), bool(hearing.minor[number])),
                    f"{hearing.key_clarity[number]:.3f}",
                    chord_label(int(hearing.chord[number])),
                    f"{hearing.level_db[number]:.1f}",
                    SOUNDS[int(hearing.sound[number])],
                    f"{hearing.sound_confidence[number]:.3f}",
                )
            )


def as_text(performance: Performance) -> str:
    """A few lines for people."""
    hearing = performance.hearing
    lines = [f"{performance.file}: {performance.duration_s:.1f} s at {performance.sample_rate} Hz"]
    if len(hearing.valence):
        lines.append(f"  valence {_spread(hearing.valence)}, arousal {_spread(hearing.arousal)}")
    lines.append(f"  sound   {_longest([Segment(*each[:3]) for each in performance.sounds])}")
    lines.append(f"  key     {_longest(performance.keys)}")
    lines.append(f"  chords  {_longest(performance.chords)}")
    beats, downbeats = performance.beats
    tempi = sorted(bpm for _, bpm, _ in performance.tempo)
    usual = (
        f"{tempi[len(tempi) // 2]:.0f} a minute, {len(beats)} beats, {len(downbeats)} bars"
        if tempi
        else "none"
    )
    lines.append(f"  beat    {usual}")
    return "\n".join(lines)


def _spread(values: Any) -> str:
    return f"{values.mean():+.2f} ({values.min():+.2f} to {values.max():+.2f})"


def _longest(stretches: list[Segment], most: int = 6) -> str:
    """Labels by the time they hold, longest first."""
    seconds: dict[str, float] = {}
    for start, end, label in stretches:
        seconds[label] = seconds.get(label, 0.0) + end - start
    heard = sorted(((held, label) for label, held in seconds.items() if label != NOTHING), reverse=True)
    named = [f"{label} {held:.1f} s" for held, label in heard[:most]]
    return (
        ", ".join(named) + (f" and {len(heard) - most} more" if len(heard) > most else "")
        if named
        else "none"
    )
