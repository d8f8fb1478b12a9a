"""Files through the engine, as fast as it goes: one core, and --jobs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import soundfile
from callback import RATE
from figures import table

from emohost.cli.common.files import rig_for_files
from emohost.offline.engine import build_engine
from emohost.offline.performance import perform
from emohost.validate.pipeline import music

BLOCK_SIZE = 512
LONG_S, FILES, FILE_S = 600.0, 4, 300.0


def section(share: float) -> list[str]:
    text = f"Music at 48 kHz in blocks of {BLOCK_SIZE}; files are read, networks loaded and calibrated each time."
    heads = ["what", "seconds of audio", "took s", "x real time"]
    return ["## Offline", "", text, "", *table(heads, measure(share))]


def _row(what: str, audio_s: float, took_s: float) -> list[str]:
    return [what, f"{audio_s:.0f}", f"{took_s:.2f}", f"{audio_s / took_s:.0f}"]


def measure(share: float) -> list[list[str]]:
    rig, base = rig_for_files(None, None)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seconds in (60.0, LONG_S):
            file = folder / f"{seconds:.0f}.wav"
            soundfile.write(file, music(RATE, seconds), RATE, subtype="PCM_16")
            started = time.process_time()
            perform(file, rig, base, BLOCK_SIZE)
            rows.append(_row("one file, processor time", seconds, time.process_time() - started))
        rows.append(_engine_alone(share * LONG_S))
        each = max(60.0, share * FILE_S)
        files = [folder / f"part{number}.wav" for number in range(FILES)]
        for file in files:
            soundfile.write(file, music(RATE, each), RATE, subtype="PCM_16")
        for jobs in sorted({1, 2, os.cpu_count() or 1}):
            rows.append(_row(f"{FILES} files, --jobs {jobs}, wall clock", FILES * each, _render(files, jobs)))
    return rows


def _engine_alone(seconds: float) -> list[str]:
    """Without reading a file, loading networks and starting Python."""
    rig, base = rig_for_files(None, None)
    engine = build_engine(rig, base, RATE, 1, BLOCK_SIZE, between_ticks=False).engine
    audio = music(RATE, seconds)
    started = time.thread_time()
    engine.render(audio, BLOCK_SIZE)
    return _row("the engine alone, processor time", seconds, time.thread_time() - started)


def _render(files: list[Path], jobs: int) -> float:
    out = files[0].parent / f"out{jobs}"
    out.mkdir()
    command = [sys.executable, "-m", "emohost", "render", "--jobs", str(jobs), *map(str, files), str(out)]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started
