"""The pages of an Ogg file: where each of the streams begins that lie in it one after the other, and whether the last
of them was brought to its end. (libsndfile plays the first and knows of no end.)"""

from __future__ import annotations

from dataclasses import dataclass

from emohost.audio.byte_view import ByteView

PAGE = b"OggS"
_HEAD, _KIND, _SEGMENTS = (
    27,
    5,
    26,
)  # bytes of a page's head; where its flags and the count of its segments stand
_FIRST, _LAST = 0x02, 0x04  # flags
_SEARCH = 65536


@dataclass(frozen=True)
class Streams:
    parts: list[tuple[int, int]]
    """First byte and end of each stream; those that are mixed together count as one."""
    ended: bool
    """The last page says that it is the last, and is whole."""


def streams_of(view: ByteView) -> Streams:
    """All that lies before the first page is skipped, and so is what is no page between two."""
    begins: list[int] = []
    kind, whole, at, end = _FIRST, False, 0, view.size
    in_heads = False
    while (at := _page_from(view, at)) < view.size:
        head = view.at(at, _HEAD)
        if len(head) < _HEAD:
            break
        segments = view.at(at + _HEAD, head[_SEGMENTS])
        kind = head[_KIND]
        if kind & _FIRST and not in_heads:
            begins.append(at)
        in_heads = bool(kind & _FIRST)
        following = at + _HEAD + len(segments) + sum(segments)
        whole = len(segments) == head[_SEGMENTS] and following <= view.size
        at = following
    parts = list(zip(begins, [*begins[1:], end], strict=True))
    return Streams(parts, bool(kind & _LAST) and whole)


def _page_from(view: ByteView, at: int) -> int:
    """Where the next page begins, or the file's size."""
    if view.at(at, 4) == PAGE:
        return at
    while at < view.size:
        found = view.at(at, _SEARCH).find(PAGE)
        if found >= 0:
            return at + found
        at += _SEARCH - len(PAGE) + 1
    return view.size
