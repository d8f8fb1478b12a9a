"""Chord charts as people write them: each form gives its bars, and a mistake is shown at its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.chart import ChartError, most_bars, parse_chart, read_text
from emohost.chart.names import chord_class
from emohost.config.load import load_rig
from emohost.errors import ConfigError
from emohost.labels import CHORD_CLASSES, chord_label


def bars(text: str, beats_per_bar: int = 4) -> list[str]:
    """The labels of each bar, those of its beats joined where they differ."""
    chart = parse_chart(text, beats_per_bar)
    assert len(chart.beats) == chart.bars * beats_per_bar
    names = [chord_label(chord) for chord in chart.beats]
    return [
        " ".join(dict.fromkeys(names[bar * beats_per_bar : (bar + 1) * beats_per_bar]))
        for bar in range(chart.bars)
    ]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("C", "C:maj"),
        ("Bb", "Bb:maj"),
        ("F#m", "F#:min"),
        ("f", None),
        ("Am7", "A:min7"),
        ("A-7", "A:min7"),
        ("G7", "G:7"),
        ("G13", "G:7"),
        ("Gsus4", "G:maj"),
        ("Cmaj7", "C:maj7"),
        ("C^7", "C:maj7"),
        ("CM7", "C:maj7"),
        ("Dm7b5", "D:dim7"),
        ("Bo7", "D:dim7"),
        ("Ebdim", "C:dim7"),
        ("C/E", "C:maj"),
        ("Am/G", "A:min"),
        ("C6", "C:maj"),
        ("Cadd9", "C:maj"),
        ("Cmin", "C:min"),
        ("H", None),
        ("Cfoo", None),
        ("C/x", None),
        ("N.C.", "N"),
        ("Ab", "Ab:maj"),
        ("E♭", "Eb:maj"),
        ("Dm6", "D:min"),
        ("D9", "D:7"),
        ("Cmaj9", "C:maj7"),
        ("Em9", "E:min7"),
        ("Caug", "C:maj"),
    ],
)
def test_a_name_is_its_chord(name: str, label: str | None) -> None:
    chord = chord_class(name)
    assert (None if chord is None else chord_label(chord)) == label


def test_every_label_of_the_host_is_read_back() -> None:
    for chord in range(CHORD_CLASSES):
        name = chord_label(chord).removesuffix(":maj").replace(":min", "m").replace(":", "")
        assert chord_class(name) == chord


def test_bars_repeats_and_signs() -> None:
    assert bars("C | Am7 D7 | % | G") == ["C:maj", "A:min7 D:7", "A:min7 D:7", "G:maj"]
    assert bars("||: C | F :|| G") == ["C:maj", "F:maj", "C:maj", "F:maj", "G:maj"]
    assert bars("|: C :| x3 | G |") == ["C:maj", "C:maj", "C:maj", "G:maj"]
    assert bars("C / F / | G", 4) == ["C:maj F:maj", "G:maj"]
    assert bars("C Am F", 3) == ["C:maj A:min F:maj"]
    assert bars("# the verse\nC | F\nG | C\n") == ["C:maj", "F:maj", "G:maj", "C:maj"]


def test_chordpro_grids_are_played_and_its_words_are_not() -> None:
    text = "{title: A song}\n[C]la [F]la\n{start_of_grid}\nVerse | C . . . | Am . D7 . | x2\n{end_of_grid}\nla [G]la\n"
    assert bars(text) == ["C:maj", "A:min D:7"]


def test_an_ireal_link_is_read_and_a_scrambled_one_refused() -> None:
    link = "irealbook://A%20Song=Me=Ballad=C=n=*A{T44C^7 |A-7 |D-9 |G7 }*B[F^7 | x |C Z"
    assert bars(link) == [
        "C:maj7", "A:min7", "D:min7", "G:7", "C:maj7", "A:min7", "D:min7", "G:7", "F:maj7", "F:maj7", "C:maj",
    ]  # fmt: skip
    with pytest.raises(ChartError, match="scrambled"):
        parse_chart("irealb://nothing", 4)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("C | H", 1, 5, "found 'H'"),
        ("C\nAm | Q", 2, 6, "found 'Q'"),
        ("", 1, 1, "found no chord"),
        ("% | C", 1, 1, "without a bar before it"),
        ("C Am F G C", 1, 10, "more than 4 chords in a bar"),
        ("||: C | F", 1, 10, "does not end"),
        ("||: C ||: F :||", 1, 7, "inside a repeat"),
        ("C x2", 1, 3, "behind the end of a repeat"),
        ("||: C :|| x99", 1, 11, "99 rounds"),
    ],
)
def test_what_is_wrong_is_shown_at_its_place(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ChartError, match=message) as found:
        parse_chart(text, 4)
    assert (found.value.line, found.value.column) == (line, column)


@given(st.text(alphabet="ABCDEFGmb#7|:%/{}[]() xN.\n^-+*=T4", max_size=80), st.integers(2, 7))
def test_any_text_gives_a_chart_or_one_error(text: str, beats_per_bar: int) -> None:
    try:
        chart = parse_chart(text, beats_per_bar)
    except ChartError as error:
        found = error
        assert min(found.line, found.column) >= 1, text
    else:
        assert 1 <= chart.bars <= most_bars(beats_per_bar)
        assert all(0 <= chord < CHORD_CLASSES for chord in chart.beats)


def test_a_chart_has_an_end() -> None:
    with pytest.raises(ChartError, match="bars"):
        parse_chart(" | ".join(["C"] * 300), 4)


RIG = "audio: {backend: dummy}\nmidi: {api: none}\nmusic:\n"


def test_a_rig_takes_a_line_or_a_file_and_shows_where_either_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "song.txt").write_text("C | Am\nF | G\n")
    rig = tmp_path / "rig.yaml"
    rig.write_text(f"{RIG}  chart_file: song.txt\n")
    assert load_rig(rig).rig.music.chart == "C | Am\nF | G\n"
    for text, message in (
        (
            "  chart: C | H\n",
            r"rig.yaml:4:\d+: music.chart: found 'H' \(line 1, column 5\); expected a chord",
        ),
        (
            "  chart_file: nosuch.txt\n",
            "music.chart_file: found 'nosuch.txt', which cannot be read: No such file",
        ),
        ("  chart: C\n  chart_file: song.txt\n", "expected one of the two"),
    ):
        rig.write_text(RIG + text)
        with pytest.raises(ConfigError, match=message):
            load_rig(rig)
    (tmp_path / "song.txt").write_text("C | Am\nF | what\n")
    rig.write_text(f"{RIG}  chart_file: song.txt\n")
    with pytest.raises(ConfigError, match=r"song.txt:2:5: found 'what'"):
        load_rig(rig)
    (tmp_path / "song.txt").write_bytes(b"C | \xff")
    with pytest.raises(ConfigError, match=r"song.txt:1:1: .*UTF-8"):
        load_rig(rig)


def test_the_text_of_a_file_may_begin_with_a_mark(tmp_path: Path) -> None:
    file = tmp_path / "chart.txt"
    file.write_bytes(b"\xef\xbb\xbfC | F")
    assert read_text(file) == "C | F"
