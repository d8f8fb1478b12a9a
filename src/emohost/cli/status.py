"""The status line of `emohost run`: rewritten in place on a terminal, else a plain line every few seconds."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from emohost.host.status import Spread, Status

if TYPE_CHECKING:
    from rich.live import Live

PLAIN_EVERY_S = 5.0


def status_line(status: Status, width: int | None = None) -> str:
    """Emotion, key, chord, notes, load, lateness, what went wrong; one line, broken between fields beyond `width`."""
    lines: list[str] = []
    for field in _fields(status):
        longer = f"{lines[-1]} | {field}" if lines else field
        if not lines or (width is not None and len(longer) > width):
            lines.append(field)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def _fields(status: Status) -> list[str]:
    if status.state != "playing":
        return [f"{clock(status.seconds)} {status.state}{': ' + status.detail if status.detail else ''}"]
    fields = [
        f"{clock(status.seconds)} {status.state}",
        f"valence {status.valence:+.2f} arousal {status.arousal:+.2f}",
        f"key {status.key or '-'}",
        f"chord {status.chord_played or '-'}",
        f"{status.notes} notes",
        f"load {spread(status.load, '%')}",
        f"late {spread(status.lateness_ms, ' ms')}",
    ]
    if status.late_blocks:
        fields.append(f"{status.late_blocks} blocks late")
    if status.flags:
        fields.append(flags(status))
    if field := status.side_b.get("field"):
        fields.append(field_line(field))
    if status.restarts:
        fields.append(f"{status.restarts} restarts")
    return fields


def field_line(field: Mapping[str, Any]) -> str:
    """'field stage 3 nodes valence +0.21 arousal -0.10 resonance 0.83', or what it waits for."""
    if field["waits_for"]:
        return f"field {field['name']} {field['waits_for']}"
    return (
        f"field {field['name']} {field['nodes']} nodes valence {field['valence']:+.2f} "
        f"arousal {field['arousal']:+.2f} resonance {field['resonance']:.2f}"
    )


def clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def spread(values: Spread, unit: str) -> str:
    """'p50 0.8, p99 1.2, max 3.0 %'"""
    return f"p50 {values.p50:.1f} p99 {values.p99:.1f} max {values.max:.1f}{unit}"


def flags(status: Status) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in sorted(status.flags.items()))


class StatusLine:
    """Shows what `update` is given. `update` may be called by any one thread; a context manager on the main thread."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self._live: Live | None = None
        self._state = ""
        self._next = 0.0

    def __enter__(self) -> StatusLine:
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live

            self._live = Live(
                console=Console(stderr=True, highlight=False), refresh_per_second=8, transient=True
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def update(self, status: Status) -> None:
        if self.quiet:
            return
        if self._live is not None:
            from rich.text import Text

            self._live.update(Text(status_line(status, self._live.console.width)))
            return
        now = time.monotonic()
        if status.state != self._state or now >= self._next:
            self._state, self._next = status.state, now + PLAIN_EVERY_S
            with contextlib.suppress(OSError):  # nobody reads it, or its disk is full: the rig plays on
                print(status_line(status), file=sys.stderr, flush=True)
