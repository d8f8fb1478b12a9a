"""The status line of `emohost run`: rewritten in place on a terminal, else a line every few seconds.

What one plays by comes first (level, key, chord, notes), what the machine does after it, in red when it is bad. On a
terminal it has one line, two where it is narrow: what matters least is left out where there is no room.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from emohost.cli.common.terminal import Above, Bottom, Span, can_rewrite
from emohost.host.status import Spread, Status

PLAIN_EVERY_S = 5.0
NARROW = 60  # columns; below, two lines
METER = 8  # cells
METER_FLOOR_DB = -60.0
LOWEST_DB = -99.0  # that is shown
BLOCKS, PLAIN_BLOCKS = " ▏▎▍▌▋▊▉█", " --====##"
BAD_LOAD = 70.0  # % of the deadline
BAD_LATENESS_MS = 10.0
GAP = "  "
WITH_BEAT = ("playing", "counting_in", "unsure")  # what the band does when the place in the bar matters


@dataclass(frozen=True)
class Field:
    """One thing that is said. Those of a small `rank` stay the longest where there is little room."""

    text: str
    rank: int = 0
    bad: bool = False
    whole: str = ""
    """The same where there is room for words."""

    def in_full(self) -> Field:
        return replace(self, text=self.whole or self.text.strip())


def status_line(status: Status, verbose: bool = False) -> str:
    """All of it in one line, for a file. What it waits for is in the log already."""
    return " | ".join(part.in_full().text for part in parts(status, verbose, said=True))


def status_lines(status: Status, width: int, verbose: bool = False, blocks: str = BLOCKS) -> list[list[Span]]:
    """For a terminal: at most one line, two on a narrow one; with `verbose` as many as it takes. Each is shorter than
    `width`."""
    shown = parts(status, verbose, blocks)
    room = max(1, width - 1)  # a full line would make some terminals go to the next
    if verbose:
        return layout([part.in_full() for part in shown], room)
    most = 1 if width >= NARROW else 2
    kept: list[Field] = []
    for part in sorted(shown, key=lambda part: part.rank):
        tried = [each for each in shown if each in kept or each is part]
        if not kept or len(layout(tried, room)) <= most:
            kept.append(part)
    return layout([part for part in shown if part in kept], room)


def layout(shown: Sequence[Field], room: int) -> list[list[Span]]:
    """Lines of at most `room` columns, broken between parts; a part that is longer is cut."""
    lines: list[list[Span]] = []
    left = 0
    for part in shown:
        text = part.text if len(part.text) <= room else part.text[: room - 1] + "…"
        if not lines or len(text) + len(GAP) > left:
            lines.append([(text, part.bad)])
            left = room - len(text)
        else:
            lines[-1] += [(GAP, False), (text, part.bad)]
            left -= len(GAP) + len(text)
    return [[*line[:-1], (line[-1][0].rstrip(), line[-1][1])] for line in lines]


def parts(status: Status, verbose: bool, blocks: str = BLOCKS, said: bool = False) -> list[Field]:
    """What there is to tell, in the order in which it is shown. `said`: without what the log tells."""
    if status.state != "playing":
        why = status.detail.removeprefix(f"{status.state}: ")
        return [Field(f"{clock(status.seconds)} {status.state}{': ' + why if why and not said else ''}")]
    level = f"{max(status.level_db, LOWEST_DB):3.0f} dB"
    load, late = status.load, status.lateness_ms
    shown = [
        Field(clock(status.seconds), whole=f"{clock(status.seconds)} playing"),
        Field(f"{meter(status.level_db, blocks)} {level}", 1, whole=f"level {level.strip()}"),
        Field(
            f"{status.sound:7}",
            9,
            whole=f"{status.sound} heard (confidence {status.sound_confidence:.2f})",
        ),
        Field(f"{status.key or '-':8}", 2, whole=f"key {status.key or '-'}"),
        Field(f"{status.chord_played or '-':7}", 3, whole=f"chord {status.chord_played or '-'}"),
        timing(status),
        *chart(status),
        *([Field(status.style, 7, whole=f"style {status.style}")] if status.style else []),
        Field(
            f"{status.valence:+.2f} {status.arousal:+.2f}",
            8,
            whole=f"valence {status.valence:+.2f} arousal {status.arousal:+.2f}",
        ),
        Field(f"{status.notes} notes", 4),
        *trouble(status),
        Field(f"load {load.p99:.1f}%", 6, load.p99 > BAD_LOAD, f"load {spread(load, '%')}"),
        Field(
            f"late {late.p99:.1f} ms",
            7,
            late.p99 > BAD_LATENESS_MS,
            f"late {spread(late, ' ms')}{worst(status)}",
        ),
    ]
    return [*shown, *details(status)] if verbose else shown


def timing(status: Status) -> Field:
    """'96 bpm 3/4', and what the band does while it does not play: '96 bpm listening'. Red where its clock is lost.
    Before there is a tempo, only what the band does."""
    band = "" if status.band == "playing" else f" {status.band.replace('_', ' ')}"
    if not status.tempo:
        return Field(band.strip(), 4)
    beat = int(status.beat) % max(1, status.beats_per_bar) + 1
    lost = f" {status.clock} lost" if status.clock_lost else ""
    whole = f"tempo {status.tempo:.1f} beat {beat} of {status.beats_per_bar} by {status.clock}"
    if status.clock == "follow":
        whole += f" (confidence {status.clock_confidence:.2f})"
    place = f" {beat}/{status.beats_per_bar}" if status.band in WITH_BEAT else ""
    text = f"{status.tempo:3.0f} bpm{place}{band}{lost}"
    return Field(text, 4, status.clock_lost, f"{whole}{band}{lost}")


def chart(status: Status) -> Iterable[Field]:
    """Where in its chord chart the band is, if it has one."""
    if status.chart_bar >= 0:
        yield Field(f"chart {status.chart_bar + 1}", 6, whole=f"bar {status.chart_bar + 1} of the chart")
    elif status.chart_bar != -1:
        yield Field("off the chart", 6, bad=True, whole="the player has left the chart")


def trouble(status: Status) -> Iterable[Field]:
    """What went wrong so far."""
    if status.late_blocks:
        yield Field(f"{status.late_blocks} blocks late", 5, bad=True)
    if status.flags:
        yield Field(flags(status), 5, bad=True)
    if status.restarts:
        yield Field(f"{status.restarts} restarts", 5, bad=True)


def details(status: Status) -> Iterable[Field]:
    """What `-v` adds."""
    yield Field(f"heard {status.chord_heard or '-'}")
    yield Field(f"{status.sounding} sounding")
    if status.latency is not None:
        yield Field(str(status.latency))
    yield Field(f"{status.blocks} blocks")
    if status.dropped:
        yield Field("no room for " + ", ".join(f"{n} {what}" for what, n in status.dropped.items()), bad=True)
    if status.memory:
        yield Field(f"memory {status.memory}")
    if field := status.side_b.get("field"):
        yield Field(field_line(field))
    yield Field(status.detail)


def meter(level_db: float, blocks: str = BLOCKS) -> str:
    """A bar of METER cells, empty at METER_FLOOR_DB and full at 0 dBFS."""
    steps = len(blocks) - 1
    share = min(1.0, max(0.0, 1 - level_db / METER_FLOOR_DB))
    whole, rest = divmod(round(share * METER * steps), steps)
    return (blocks[-1] * whole + (blocks[rest] if rest else "")).ljust(METER)


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


def worst(status: Status) -> str:
    """', worst 812.0 ms at 1:23' once that is no longer among the latest."""
    ms, at_s = status.worst_lateness
    return f", worst {ms:.1f} ms at {clock(at_s)}" if ms > status.lateness_ms.max else ""


def flags(status: Status) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in sorted(status.flags.items()))


def timestamp(now: float | None = None) -> str:
    """'18:49:57.123' of Unix seconds, by default of now."""
    now = time.time() if now is None else now
    return f"{time.strftime('%H:%M:%S', time.localtime(now))}.{int(now * 1000) % 1000:03d}"


class StatusLine:
    """Shows what `update` is given. `update` may be called by any one thread; a context manager on the main thread."""

    def __init__(self, quiet: bool = False, verbose: bool = False) -> None:
        self.quiet, self.verbose = quiet, verbose
        self._bottom: Bottom | None = None
        self._state = ""
        self._next = 0.0

    def __enter__(self) -> StatusLine:
        if not self.quiet and can_rewrite(sys.stderr):
            self._bottom = Bottom(sys.stderr)
            self._blocks = BLOCKS if _can_show(BLOCKS) else PLAIN_BLOCKS
            self._terminal = sys.stderr
            self._above = Above(self._bottom, sys.stderr)
            sys.stderr = self._above  # a text stream, if not a TextIO by name
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bottom is not None:
            self._bottom.clear()
            self._above.close()
            sys.stderr = self._terminal
            self._bottom = None

    def update(self, status: Status) -> None:
        if self.quiet:
            return
        with contextlib.suppress(OSError):  # nobody reads it, or its disk is full: the rig plays on
            if self._bottom is not None:
                self._bottom.show(status_lines(status, self._bottom.width, self.verbose, self._blocks))
                return
            now = time.monotonic()
            if status.state != self._state or now >= self._next:
                self._state, self._next = status.state, now + PLAIN_EVERY_S
                line = status_line(status, self.verbose)
                print(f"{timestamp()} status   {line}", file=sys.stderr, flush=True)


def _can_show(text: str) -> bool:
    try:
        text.encode(sys.stderr.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
