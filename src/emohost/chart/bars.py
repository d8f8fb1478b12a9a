"""Bars of chords between bar lines: '||: C | Am7 D7 | % :|' as a chord for each beat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emohost import vocabulary
from emohost.chart.names import chord_class

Beats = tuple[int, ...]
TOKEN = re.compile(r"\|\|:|\|:|:\|\||:\||\|\]|\[\||\|\||\||\{|\}|x\d+(?=\s|$)|[^\s|{}:]+|:")
BAR_LINES = ("|", "||", "|]", "[|")
REPEAT_BEGINS, REPEAT_ENDS = ("||:", "|:", "{"), (":||", ":|", "}")
SAME_BAR, SAME_CHORD = ("%", "r", "Kcl"), ("/", ".", "-", "p")
MOST_ROUNDS = 16


class ChartError(ValueError):
    """What is wrong with a chart: `line` and `column` count from 1."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line, self.column = line, column


@dataclass(frozen=True)
class Chart:
    """A chord class (0 to 63, absolute root) for each beat; whole bars of `beats_per_bar`."""

    beats: Beats
    beats_per_bar: int

    @property
    def bars(self) -> int:
        return len(self.beats) // self.beats_per_bar


def most_bars(beats_per_bar: int) -> int:
    return vocabulary.CHART_BEATS // beats_per_bar


@dataclass(frozen=True)
class Token:
    text: str
    line: int
    column: int

    def wrong(self, message: str) -> ChartError:
        return ChartError(self.line, self.column, message)


def tokens(text: str, first_line: int = 1) -> Iterator[Token]:
    for number, line in enumerate(text.splitlines(), first_line):
        for found in TOKEN.finditer(line):
            yield Token(found[0], number, found.start() + 1)


class BarReader:
    """Puts bars together token by token. `beats()` at the end."""

    def __init__(self, beats_per_bar: int) -> None:
        self._per_bar = beats_per_bar
        self._bars: list[Beats] = []
        self._cells: list[int] = []  # of the bar that is read
        self._open: int | None = None  # bar at which a repeat begins
        self._closed: tuple[int, int] | None = None  # the last repeat, for a number of rounds behind it
        self._same_bar = False
        self._last: Token | None = None

    def take(self, token: Token) -> None:
        self._last = token
        text = token.text
        if text in BAR_LINES:
            self._end_bar(token)
        elif text in REPEAT_BEGINS:
            self._end_bar(token)
            if self._open is not None:
                raise token.wrong("found a repeat inside a repeat; expected ':|' before it")
            self._open, self._closed = len(self._bars), None
        elif text in REPEAT_ENDS:
            self._end_bar(token)
            self._close(token)
        elif re.fullmatch(r"x\d+", text):
            self._rounds(token)
        elif text in SAME_BAR:
            if not self._bars or self._cells:
                raise token.wrong(f"found '{text}' without a bar before it; expected a chord")
            self._same_bar = True
        else:
            self._cell(token)

    def _cell(self, token: Token) -> None:
        if token.text in SAME_CHORD:
            before = self._cells[-1] if self._cells else self._bars[-1][-1] if self._bars else None
            if before is None:
                raise token.wrong(f"found '{token.text}' without a chord before it; expected a chord")
            self._cells.append(before)
            return
        chord = chord_class(token.text)
        if chord is None:
            raise token.wrong(
                f"found '{token.text}'; expected a chord such as C, Am7, F#m, Bbmaj7, C/E or N.C."
            )
        if self._same_bar:
            raise token.wrong("found a chord in a bar with '%'; expected a bar line")
        self._cells.append(chord)
        if len(self._cells) > self._per_bar:
            raise token.wrong(
                f"found more than {self._per_bar} chords in a bar; expected one a beat at most (music.beats_per_bar)"
            )

    def _end_bar(self, token: Token) -> None:
        if self._same_bar:
            self._bars.append(self._bars[-1])
        elif self._cells:
            self._bars.append(spread(self._cells, self._per_bar))
        self._cells, self._same_bar = [], False
        if len(self._bars) > most_bars(self._per_bar):
            raise token.wrong(f"found more than {most_bars(self._per_bar)} bars; expected no more")

    def _close(self, token: Token) -> None:
        begin, self._open = self._open or 0, None
        if begin == len(self._bars):
            raise token.wrong("found an empty repeat; expected bars in it")
        self._closed = (begin, len(self._bars))
        self._bars += self._bars[begin:]
        self._check(token)

    def _rounds(self, token: Token) -> None:
        rounds = int(token.text[1:])
        if self._closed is None or self._cells:
            raise token.wrong(f"found '{token.text}'; expected it behind the end of a repeat, ':| x3'")
        if not 1 <= rounds <= MOST_ROUNDS:
            raise token.wrong(f"found {rounds} rounds; expected 1 to {MOST_ROUNDS}")
        begin, end = self._closed
        self._bars[end:] = self._bars[begin:end] * (rounds - 1)
        self._closed = None
        self._check(token)

    def _check(self, token: Token) -> None:
        if len(self._bars) > most_bars(self._per_bar):
            raise token.wrong(f"found more than {most_bars(self._per_bar)} bars; expected no more")

    def chart(self) -> Chart:
        end = self._last or Token("", 1, 1)
        self._end_bar(end)
        if self._open is not None:
            raise end.wrong("found a repeat that does not end; expected ':|'")
        if all(chord == vocabulary.NO_CHORD for bar in self._bars for chord in bar):
            raise end.wrong("found no chord; expected bars such as 'C | Am F | G'")
        return Chart(tuple(chord for bar in self._bars for chord in bar), self._per_bar)


def spread(cells: list[int], beats: int) -> Beats:
    """Chords of one bar over its beats, evenly; where they do not divide it the first ones last longer."""
    return tuple(cells[beat * len(cells) // beats] for beat in range(beats))
