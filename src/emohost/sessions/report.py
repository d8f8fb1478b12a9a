"""One HTML page about a session: pictures that it holds itself, and what was asked, said and went wrong. It loads
nothing from anywhere."""

from __future__ import annotations

import base64
import html
import io
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emohost import vocabulary
from emohost._core import FLAGS
from emohost.config.music import PARTS
from emohost.errors import OutputError, SessionError
from emohost.files import write_whole
from emohost.midi.notes import notes_of
from emohost.plot import Track, figure_of_run, track_of
from emohost.sessions.session import Session

DPI: Final = 100
MOST_ROWS: Final = 500  # of a table
_PART_NUMBERS = {name: number for number, name in enumerate(PARTS)}
_FAULTS = {flag.name: flag.help for flag in vocabulary.FLAGS if flag.fault}
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #333; max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.15rem; margin-top: 2.2rem }
img { width: 100%; height: auto } table { border-collapse: collapse } td, th { padding: .15rem 1.2rem .15rem 0;
text-align: left; vertical-align: top } th { font-weight: 600 }
"""

Row = Sequence[str]
Timed = list[tuple[float, bytes, int]]


def write_report(session: Session, path: Path) -> None:
    """Writes the page in one step. Raises SessionError, OutputError."""
    try:
        page = page_of(session)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise SessionError(f"{session.folder}: damaged: {type(error).__name__}: {error}") from None
    try:
        write_whole(path, page.encode())
    except OSError as error:
        raise OutputError(f"{path}: cannot write the report: {error.strerror or error}") from None


def page_of(session: Session) -> str:
    """Raises SessionError."""
    track, events = session.track, _events(session)
    time_s = _times(session, track)
    began = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(float(session.about["started"])))
    title = html.escape(f"{session.name}, {began}")
    sections = [
        f"<h1>{title}</h1>",
        _table((), _facts(session, track)),
        "<h2>What was heard and played</h2>",
        _picture(
            figure_of_run("", _track(time_s, track), events), "Emotion, keys, chords and parts over time"
        ),
        "<h2>Load</h2>",
        _picture(_load_figure(time_s, track), "Load of the audio callback over time"),
        "<h2>Parts</h2>",
        _table(("part", "notes"), _parts(events, session.seconds)),
        "<h2>What went wrong</h2>",
        _wrong(session, time_s, track),
        "<h2>What was asked</h2>",
        _table(("at", "what", "by"), _asked(session)) or "<p>Nothing.</p>",
        "<h2>What the host said</h2>",
        _table(("at", "", "what"), _said(session.log, session)) or "<p>Nothing.</p>",
    ]
    body = "\n".join(sections)
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def _facts(session: Session, track: NDArray[np.void]) -> list[Row]:
    loads = track["load"] * 100
    facts: list[Row] = [
        ("length", f"{_clock(session.seconds)}" + ("" if session.whole else ", not kept to its end")),
        ("rig", str(session.about["rig_file"])),
        ("seed", str(session.about["seed"])),
        ("emohost", str(session.about["emohost"])),
        ("engines", str(len(session.parts))),
        ("notes", str(session.notes)),
    ]
    if len(loads):
        facts.append(
            (
                "highest load in each tenth of a second",
                f"median {np.median(loads):.1f} %, at most {loads.max():.1f} %",
            )
        )
    for part in session.parts[:1]:
        facts.append(("sound", f"{part.sample_rate:g} Hz, {part.channels} channels heard"))
        facts += [
            (f"network {each['role']}", f"{each['file']} (SHA-256 {each['sha256'][:12]}…)")
            for each in part.networks
            if "sha256" in each
        ]
    return facts


def _times(session: Session, track: NDArray[np.void]) -> NDArray[np.float64]:
    """Of each row, seconds from the start of the run."""
    starts, rates = session.starts_s(), [part.sample_rate for part in session.parts]
    if not starts:
        return np.zeros(len(track))
    engine = np.clip(track["engine"].astype(np.int64) - 1, 0, len(starts) - 1)
    return np.asarray(np.array(starts)[engine] + track["frame"] / np.array(rates)[engine])


def _track(time_s: NDArray[np.float64], track: NDArray[np.void]) -> Track:
    end_s = float(time_s[-1]) if len(time_s) else 0.0
    chords = {"chord heard": track["chord_heard"], "chord played": track["chord_played"]}
    return track_of(
        time_s,
        track["valence"],
        track["arousal"],
        end_s,
        track["tonic"],
        track["minor"],
        track["sound"],
        chords,
    )


def _events(session: Session) -> Timed:
    timed, last_s = Timed(), 0.0
    for part, start_s in zip(session.parts, session.starts_s(), strict=True):
        start_s = max(start_s, last_s)
        for frame, data, name in part.played:
            last_s = start_s + frame / part.sample_rate
            timed.append((last_s, data, _PART_NUMBERS.get(name, len(PARTS))))
    return timed


def _parts(events: Timed, seconds: float) -> list[Row]:
    counts = Counter(note.part for note in notes_of(events, seconds))
    return [(name, str(counts[number])) for name, number in _PART_NUMBERS.items()]


def _load_figure(time_s: NDArray[np.float64], track: NDArray[np.void]) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(16, 3), layout="constrained")
    axes = figure.subplots()
    load = track["load"] * 100
    axes.plot(time_s, load, color="#3b6ea5", linewidth=0.8)
    axes.axhline(100, color="#c0504d", linewidth=0.8, linestyle="--")
    axes.set(
        xlabel="time (s)", ylabel="% of the block", ylim=(0, max(110.0, float(load.max(initial=0)) * 1.05))
    )
    axes.set_xlim(0, max(float(time_s[-1]) if len(time_s) else 0.0, 1e-3))
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _picture(figure: Any, about: str) -> str:
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=DPI)
    content = base64.b64encode(data.getvalue()).decode()
    return f'<img alt="{html.escape(about)}" src="data:image/png;base64,{content}">'


def _wrong(session: Session, time_s: NDArray[np.float64], track: NDArray[np.void]) -> str:
    rows: list[Row] = []
    late = int(track["late"].sum())
    if late:
        first = time_s[np.flatnonzero(track["late"])[0]]
        rows.append((f"{late}", "blocks took longer than they last", f"first at {_clock(first)}"))
    for name, about in _FAULTS.items():
        there = np.flatnonzero(track["flags"] & FLAGS[name])
        if len(there):
            times = f"first at {_clock(time_s[there[0]])}, last at {_clock(time_s[there[-1]])}"
            rows.append((f"in {len(there)} tenths of a second", f"{name}: {about}", times))
    if lost := sum(int(part.end["lost"]) for part in session.parts if part.end is not None):
        rows.append((f"{lost}", "blocks are missing in the recording", ""))
    rows += [("", fault, "") for fault in session.faults()]
    bad = [each for each in session.log if each["level"] in ("warning", "error")]
    found = _table((), rows) + _table(("at", "", "what"), _said(bad, session))
    return found or "<p>Nothing.</p>"


def _asked(session: Session) -> list[Row]:
    rows: list[Row] = []
    for each in session.asked[:MOST_ROWS]:
        request = dict(each["request"]) if isinstance(each["request"], dict) else {"command": each["request"]}
        by, what = str(request.pop("by", "")), str(request.pop("command", ""))
        rows.append(
            (_at(each, session), " ".join([what, *(f"{key}={value}" for key, value in request.items())]), by)
        )
    return rows


def _said(log: Iterable[dict[str, Any]], session: Session) -> list[Row]:
    return [(_at(each, session), str(each["level"]), str(each["text"])) for each in list(log)[:MOST_ROWS]]


def _at(row: dict[str, Any], session: Session) -> str:
    first = next((part.blocks[0] for part in session.parts if len(part.blocks)), None)
    return "" if first is None else _clock(max(0.0, (row["at_ns"] - int(first["started_ns"])) * 1e-9))


def _table(head: Row, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    first = "<tr>" + "".join(f"<th>{html.escape(cell)}</th>" for cell in head) + "</tr>" if head else ""
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows
    )
    return f"<table>{first}\n{body}</table>"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}"
