"""Checks of the sound server: is one there, and what block and rates it was told. Any thread; no check raises."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Final

from emohost.doctor.findings import Finding

TIMEOUT_S: Final = 3.0
MOST_FRAMES: Final = 512  # of a block, for playing


def pipewire() -> Finding:
    """What `pw-metadata -n settings` tells: the quantum, and whether it is held."""
    name = "PipeWire"
    why = "a large quantum is delay, and one that changes while a set goes on makes every program begin anew"
    if shutil.which("pw-metadata") is None:
        return Finding(name, "unknown", "not installed, or pw-metadata is missing", why)
    said = _said(["pw-metadata", "-n", "settings"])
    if said is None:
        return Finding(name, "unknown", "does not answer", why)
    return settings_of(said, name, why)


def settings_of(said: str, name: str = "PipeWire", why: str = "") -> Finding:
    """Of the words of pw-metadata."""
    values = dict(re.findall(r"key:'clock\.([a-z-]+)' value:'([^']*)'", said))
    quantum, forced = values.get("quantum", ""), values.get("force-quantum", "0")
    if not quantum.isdigit():
        return Finding(name, "unknown", "tells no quantum", why)
    frames = int(forced) if forced.isdigit() and int(forced) else int(quantum)
    found = f"{frames} frames at {values.get('rate', '?')} Hz{', held' if forced != '0' else ''}"
    if frames <= MOST_FRAMES:
        return Finding(name, "good", found, why)
    return Finding(name, "doubtful", found, why, "pw-metadata -n settings 0 clock.force-quantum 256", True)


def jack() -> Finding:
    """Whether a JACK server answers."""
    name = "JACK"
    why = "the host's MIDI port and its audio go through it"
    if shutil.which("jack_wait") is None:
        return Finding(name, "unknown", "its tools are not installed", why)
    said = _said(["jack_wait", "-c"])
    running = said is not None and "not running" not in said and "running" in said
    return Finding(
        name, "good" if running else "doubtful", "running" if running else "no server answers", why
    )


def _said(command: list[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout + done.stderr
