"""A chart from text: bars ('C | Am F | G'), ChordPro's grids, or an `irealbook://` link."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path

from emohost.chart.bars import BarReader, Chart, ChartError, Token, tokens

MOST_BYTES = 256 * 1024
GRID_BEGINS = re.compile(r"\{\s*(start_of_grid|sog)\b[^}]*\}", re.IGNORECASE)
GRID_ENDS = re.compile(r"\{\s*(end_of_grid|eog)\s*\}", re.IGNORECASE)
DIRECTIVE = re.compile(r"\s*\{[^}]*\}\s*$")
IREAL = re.compile(r"irealb(ook)?://[^\"'>\n]+", re.IGNORECASE)
# What stands among iReal's bars and is no chord: section letters, time signatures, comments, signs, rests for the eye.
IREAL_SIGNS = re.compile(r"\*[A-Za-z]|T\d\d|<[^>]*>|[SQUfYl]|N\d|\([^)]*\)")
IREAL_CHORD = re.compile(
    r"[A-G][#b]?(?:[\^hosu\-+0-9#b]|add|alt|sus)*(?:/[A-G][#b]?)?|[xrnpZ%|{}\[\]]|Kcl|W\S*"
)


def read_text(file: Path) -> str:
    """The text of a chart's file. Raises ChartError where it is too large or no UTF-8, OSError where it is not read."""
    with file.open("rb") as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ChartError(1, 1, f"found more than {MOST_BYTES} bytes; expected a chart")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ChartError(line, 1, "found bytes that are not UTF-8; expected a text file") from None


def parse_chart(text: str, beats_per_bar: int) -> Chart:
    """Of the text of a chart, in any of the forms; at most one chord a beat. Raises ChartError with line and column."""
    link = IREAL.search(text)
    if link:
        return parse_ireal(text, link, beats_per_bar)
    reader = BarReader(beats_per_bar)
    for number, line in grid_lines(text):
        for token in tokens(line, number):
            reader.take(token)
        reader.take(Token("|", number, len(line) + 1))
    return reader.chart()


def grid_lines(text: str) -> list[tuple[int, str]]:
    """(number, line) of what holds bars: ChordPro's grids where there are any, else all but comments and directives."""
    lines = list(enumerate(text.splitlines(), 1))
    if not GRID_BEGINS.search(text):
        return [
            (n, line) for n, line in lines if not line.lstrip().startswith("#") and not DIRECTIVE.match(line)
        ]
    inside, found = False, []
    for number, line in lines:
        if GRID_BEGINS.match(line.strip()):
            inside = True
        elif GRID_ENDS.match(line.strip()):
            inside = False
        elif inside:
            found.append((number, without_labels(line)))
    return found


def without_labels(line: str) -> str:
    """ChordPro allows text before the first bar line and behind the last one."""
    first, last = line.find("|"), line.rfind("|")
    if first < 0:
        return line
    return " " * first + line[first : last + 1]


def parse_ireal(text: str, link: re.Match[str], beats_per_bar: int) -> Chart:
    """The open form, `irealbook://Title=Composer=Style=Key=n=bars` (irealpro.com, "iReal Pro: custom chord chart
    protocol"). The form with 'irealb://' is scrambled by its maker, and is refused."""
    line = text[: link.start()].count("\n") + 1
    if link[0].lower().startswith("irealb:"):
        raise ChartError(
            line, 1, "found a scrambled 'irealb://' link; expected 'irealbook://' or bars as text"
        )
    fields = urllib.parse.unquote(link[0].split("://", 1)[1]).split("=")
    if len(fields) < 6:
        raise ChartError(line, 1, f"found {len(fields)} fields in the link; expected 6, divided by '='")
    reader = BarReader(beats_per_bar)
    bars = IREAL_SIGNS.sub(" ", fields[5]).replace("Z", "|").replace("[", "|").replace("]", "|")
    if re.search(r"\bW", bars):
        raise ChartError(line, 1, "found 'W', a chord without a root; expected chords with roots")
    for found in IREAL_CHORD.finditer(bars):
        text_of = {"x": "%", "n": "N.C.", "p": "/"}.get(found[0], found[0])
        reader.take(Token(text_of, line, link.start() + 1))
    return reader.chart()
