"""Audio files to MIDI files: the whole engine, its notes written at their times."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emohost.config.schema import Rig
from emohost.files import printable
from emohost.offline.performance import Performance, Progress, perform
from emohost.plot import draw_run
from emohost.recording.smf import channel_names, write_events


@dataclass(frozen=True)
class RenderJob:
    """One file to render; can be sent to another process."""

    audio: Path
    midi: Path
    picture: Path | None
    rig: Rig
    base: Path
    block_size: int


def render(job: RenderJob, progress: Progress = lambda seconds: None) -> dict[str, Any]:
    """Renders one file and returns what happened, ready for JSON. The MIDI file (and picture) appear whole or not
    at all. Raises AudioError, OutputError, ModelError, ConfigError, OSError. Any thread."""
    started = time.perf_counter()
    performance = perform(job.audio, job.rig, job.base, job.block_size, progress)
    elapsed_s = time.perf_counter() - started
    write_events(
        job.midi,
        performance.events,
        performance.sample_rate,
        job.rig.music.tempo,
        channel_names(job.rig.music),
        job.rig.music.beats_per_bar,
        performance.conductor,
    )
    if job.picture is not None:
        draw_run(
            job.picture,
            title=printable(job.audio.name),
            track=performance.track(played=True),
            events=performance.timed_events,
        )
    return report(job, performance, elapsed_s)


def report(job: RenderJob, performance: Performance, elapsed_s: float) -> dict[str, Any]:
    """What `emohost render --json` prints for a file."""
    return {
        "file": printable(job.audio),
        "midi": printable(job.midi),
        "plot": None if job.picture is None else printable(job.picture),
        "duration": performance.duration_s,
        "sample_rate": performance.sample_rate,
        "block_size": job.block_size,
        "tempo": job.rig.music.tempo,
        "seed": job.rig.music.seed,
        "notes": performance.notes_by_part,
        "events": len(performance.events),
        "key": [list(stretch) for stretch in performance.keys],
        "chords_played": [list(stretch) for stretch in performance.chords_played],
        "untrained": list(performance.untrained),
        "warnings": [printable(remark) for remark in performance.remarks],
        "speed": performance.duration_s / elapsed_s,
    }
