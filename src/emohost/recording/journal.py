"""The journal of a take: every call that makes its MIDI file, a line each, appended while it is recorded.

A file that grows at its end alone can be read up to its last whole line, however its writer ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from emohost.recording.smf import SmfFile

HEAD = b"emohost take 1\n"

Call = tuple[Any, ...]
"""A method of SmfFile and its arguments."""
_METHODS = ("add", "set_tempo", "begin_bars", "set_key", "add_marker", "add_text")


def head(tempo: float, names: dict[int, str], beats_per_bar: int) -> bytes:
    """The first lines: how the SmfFile was made."""
    return HEAD + _line([tempo, [[channel, name] for channel, name in names.items()], beats_per_bar])


def lines(calls: list[Call]) -> bytes:
    """Of `add` the message is written in hexadecimal digits."""
    return b"".join(
        _line([argument.hex() if isinstance(argument, bytes) else argument for argument in call])
        for call in calls
    )


def read(content: bytes) -> SmfFile | None:
    """The file that a journal tells of, as far as it goes; None if it tells of no message."""
    records = _records(content)
    try:
        tempo, names, beats_per_bar = next(records)
        file = SmfFile(tempo, {int(channel): str(name) for channel, name in names}, beats_per_bar)
        added = False
        for method, time_s, *arguments in records:
            if method not in _METHODS:
                break
            if method == "add":
                arguments, added = [bytes.fromhex(arguments[0])], True
            getattr(file, method)(time_s, *arguments)
    except StopIteration:
        return None
    except (ValueError, TypeError, IndexError):  # damaged from here on
        pass
    return file if added else None


def _records(content: bytes) -> Iterator[list[Any]]:
    for line in content.removeprefix(HEAD).split(b"\n")[:-1]:  # the last one has no end: it is not whole
        yield json.loads(line)


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, separators=(",", ":"), allow_nan=False).encode() + b"\n"
