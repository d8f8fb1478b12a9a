"""What `emohost top` shows: a host's whole state as lines that fit a terminal, in one column or two.

The figures are those of the status line (emohost.cli.status), which also says what is bad.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.text import Text

from emohost.cli.status import (
    BAD_LATENESS_MS,
    BAD_LOAD,
    LOWEST_DB,
    METER_FLOOR_DB,
    WITH_BEAT,
    chart,
    clock,
    field_line,
    spread,
    trouble,
    worst,
)
from emohost.control.parameters import shown
from emohost.host.status import Status
from emohost.vocabulary import PART_NAMES

TWO_COLUMNS = 80  # columns of the terminal, from which on there are two
GAP = "  "
LOG = 5  # lines that are kept for it
LABEL = 10  # columns of a line's name
FULL, EMPTY = "━", "─"
PLAIN = {FULL: "=", EMPTY: "-", "●": "*", "○": ".", "…": "~", "→": ">"}
DIM, BAD, STRONG = "dim", "bold red", "bold"


@dataclass(frozen=True)
class Seen:
    """What was asked of the host last."""

    name: str = ""
    """Of the rig."""
    status: Status | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)
    set_by: Mapping[str, str] = field(default_factory=dict)
    away: str = ""
    """Why the host does not answer; nothing while it does."""


def board(seen: Seen, width: int, height: int, plain: bool = False) -> list[Text]:
    """At most `height` lines of at most `width` columns; the log takes what is left. `plain`: ASCII alone."""
    lines = [head(seen)]
    if (status := seen.status) is not None:
        if width >= TWO_COLUMNS:
            lines += beside(of_music(status, width // 2), [*parts(seen), *parameters(seen)], width)
            lines += of_machine(status, width)
        else:
            lines += [*of_music(status, width), *parts(seen), *of_machine(status, width)]
            lines += flowing(parameters(seen), width)
        lines = lines[: max(1, height - LOG)]
        lines += of_log(status, height - len(lines))
    return [fitted(line, width, plain) for line in lines[:height]]


def head(seen: Seen) -> Text:
    if seen.away:
        return Text(f"{seen.name or 'emohost'}: {seen.away}", BAD)
    status = seen.status
    if status is None:
        return Text("looking for a host", DIM)
    text = Text(seen.name, STRONG).append(f"{GAP}{clock(status.seconds)} {status.state}", "")
    return text.append(f"{GAP}q ends this", DIM)


def of_music(status: Status, width: int) -> list[Text]:
    """What is heard, felt and played."""
    bar = max(4, min(24, width - LABEL - 12))
    level = f"{max(status.level_db, LOWEST_DB):4.0f} dB"
    share = 1 - status.level_db / METER_FLOOR_DB
    lines = [
        row("level", gauge(share, bar), level),
        row("sound", f"{status.sound} {status.sound_confidence:.2f}"),
        row("key", status.key or "-"),
        row("chord", f"{status.chord_heard or '-'} → {status.chord_played or '-'}"),
        tempo(status),
        row(
            "section",
            f"{status.section + 1}, bar {status.bar_in_section + 1}",
            *(each.text for each in chart(status)),
        ),
        row("style", status.style or "-"),
        row("valence", gauge((status.valence + 1) / 2, bar), f"{status.valence:+.2f}"),
        row("arousal", gauge((status.arousal + 1) / 2, bar), f"{status.arousal:+.2f}"),
        row("notes", f"{status.notes}, {status.sounding} sounding"),
    ]
    if told := status.side_b.get("field"):
        lines.append(row("", field_line(told)))
    return lines


def tempo(status: Status) -> Text:
    """'tempo 96.0 ○●○○ follow 0.83 listening'."""
    beat = int(status.beat) % max(1, status.beats_per_bar)
    dots = "".join("●" if each == beat else "○" for each in range(status.beats_per_bar))
    text = row("tempo", f"{status.tempo:.1f}" if status.tempo else "-")
    if status.band in WITH_BEAT and status.tempo:
        text.append(f" {dots}")
    text.append(f" {status.clock}")
    if status.clock == "follow":
        text.append(f" {status.clock_confidence:.2f}")
    if status.clock_lost:
        text.append(" lost", BAD)
    return text if status.band == "playing" else text.append(f" {status.band.replace('_', ' ')}")


def parts(seen: Seen) -> list[Text]:
    """Those that play, and in brackets those that are off."""
    line = row("parts")
    for part in PART_NAMES:
        if (on := seen.parameters.get(f"{part}_enabled")) is not None:
            line.append(f"{part} " if on else f"({part}) ", STRONG if on else DIM)
    return [line] if seen.parameters else []


def parameters(seen: Seen) -> list[Text]:
    """What else is set, and by whom."""
    lines = []
    for name, value in seen.parameters.items():
        if not name.endswith("_enabled"):
            lines.append(Text(f"{name} ", DIM).append(shown(name, value), "not dim"))
            if by := seen.set_by.get(name):
                lines[-1].append(f" ({by})")
    return lines


def flowing(items: Sequence[Text], width: int) -> list[Text]:
    """As many as fit on each line."""
    lines: list[Text] = []
    for item in items:
        if lines and len(lines[-1]) + len(GAP) + len(item) <= width:
            lines[-1].append(GAP).append_text(item)
        else:
            lines.append(item.copy())
    return lines


def of_machine(status: Status, width: int) -> Iterable[Text]:
    """The load, what is late, what went wrong, devices and what is connected."""
    load, late = status.load, status.lateness_ms
    bar, wide = max(4, min(16, width // 4)), width >= TWO_COLUMNS
    figures = spread(load, "%") if wide else f"p99 {load.p99:.1f}%"
    yield row("load", gauge(load.p99 / 100, bar), figures, style=BAD if load.p99 > BAD_LOAD else "")
    figures = f"{spread(late, ' ms')}{worst(status)}" if wide else f"p99 {late.p99:.1f} ms"
    yield row("late", figures, style=BAD if late.p99 > BAD_LATENESS_MS else "")
    for each in trouble(status):
        yield row("", each.text, style=BAD)
    if status.dropped:
        lost = ", ".join(f"{count} {what}" for what, count in status.dropped.items())
        yield row("", f"no room for {lost}", style=BAD)
    if status.latency is not None:
        yield row("", str(status.latency))
    yield row("device", status.detail)
    audio, midi = status.audio, status.midi
    for name, there in (("in", audio.get("inputs", ())), ("out", audio.get("outputs", ()))):
        for number, ports in enumerate(there):
            yield row(f"{name} {number}", ", ".join(ports) or "not connected")
    if midi:
        leads = ", ".join(midi["outputs"]) or "not connected"
        yield row("MIDI", f"{midi['name']} → {leads}" if midi["open"] else f"{midi['name']} is not open")
        for number, ports in enumerate(midi["inputs"]):
            yield row(f"MIDI in {number}", ", ".join(ports) or "not connected")


def of_log(status: Status, room: int) -> list[Text]:
    """The last lines, as many as there is room for, below a line of their own."""
    if room < 2:
        return []
    said = [line for each in status.messages for line in each.splitlines()]
    return [Text(""), *(Text(line, DIM) for line in said[max(0, len(said) - room + 1) :])]


def row(label: str, *texts: str, style: str = "") -> Text:
    return Text(f"{label:{LABEL}}", DIM).append(" ".join(texts), style)


def gauge(share: float, cells: int) -> str:
    full = round(min(1.0, max(0.0, share)) * cells)
    return FULL * full + EMPTY * (cells - full)


def beside(left: Sequence[Text], right: Sequence[Text], width: int) -> list[Text]:
    """Two columns of the same width."""
    half = (width - len(GAP)) // 2
    lines = []
    for number in range(max(len(left), len(right))):
        line = left[number].copy() if number < len(left) else Text("")
        line.truncate(half, overflow="ellipsis", pad=True)
        lines.append(line.append(GAP).append_text(right[number]) if number < len(right) else line)
    return lines


def fitted(line: Text, width: int, plain: bool) -> Text:
    line = line.copy()
    line.truncate(width, overflow="ellipsis")
    if plain:
        line.plain = "".join(PLAIN.get(each, each if each.isascii() else "?") for each in line.plain)
    return line
