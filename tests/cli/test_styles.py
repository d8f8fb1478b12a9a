"""`emohost styles`: lists, checks and plays styles, and writes over nothing that it reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import mido
import pytest
from click.testing import CliRunner, Result

from emohost.cli.app import cli
from emohost.packaged import packaged
from emohost.styles.load import SHIPPED


def styles(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["styles", *map(str, arguments)])


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "mine.yaml"
    shutil.copyfile(packaged("styles") / "waltz.yaml", file)
    return file


def test_the_list_names_them_all() -> None:
    told = styles("list")
    assert told.exit_code == 0
    assert [line.split()[0] for line in told.stdout.splitlines()] == list(SHIPPED)
    assert "3/4" in told.stdout
    assert "swing 0.64 of eighths" in told.stdout


def test_a_good_style_is_said_to_be_one(mine: Path) -> None:
    told = styles("check", mine)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith(f"{mine}: Folk waltz: 3/4, 80 to 190 bpm, straight;")


def test_a_bad_one_is_refused_with_the_place_and_the_exit_status_of_a_configuration(mine: Path) -> None:
    mine.write_text(mine.read_text().replace("metre: 3", "metre: 4"))
    told = styles("check", mine)
    assert told.exit_code != 0
    assert told.exception is not None
    assert (
        "found 12 sixteenths; expected 16 (a bar of 4 beats) or 32 (two)" in str(told.exception) + told.output
    )


def test_eight_bars_are_written_as_midi(mine: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mid"
    told = styles("try", mine, "--out", out, "--tempo", 120, "--bars", 8)
    assert told.exit_code == 0, f"{told.output} {told.exception}"
    score = mido.MidiFile(out)
    assert 8 * 3 * 0.5 - 1 < score.length < 8 * 3 * 0.5 + 1
    (signature,) = {
        (each.numerator, each.denominator)
        for track in score.tracks
        for each in track
        if each.type == "time_signature"
    }
    assert signature == (3, 4)
    assert sum(each.type == "note_on" for track in score.tracks for each in track) > 100


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("swign", "--out", "x.mid"), "found 'swign'; expected one of ballad,"),
        ((__file__, "--out", "x.mid"), "or a style's file (.yaml)"),
        (("swing", "--out", "x.txt"), "expected a name that ends in .mid, .midi"),
        (("swing", "--out", "x.mid", "--chords", "C | H"), "--chords: column 5: found 'H'"),
        (("swing", "--out", "x.mid", "--tempo", "nan"), "expected a finite number"),
    ],
)
def test_wrong_words_are_told(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    arguments = tuple(str(tmp_path / each) if each.startswith("x.") else each for each in arguments)
    found = styles("try", *arguments)
    assert found.exit_code != 0
    assert told in f"{found.output} {found.exception}"
    assert not list(tmp_path.iterdir())


def test_the_style_is_never_written_over(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.mid").symlink_to(mine)
    before = mine.read_bytes()
    told = styles("try", mine, "--out", tmp_path / "mine.mid")
    assert told.exit_code != 0
    assert "is the same file as the style" in f"{told.output} {told.exception}"
    assert mine.read_bytes() == before
