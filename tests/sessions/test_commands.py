"""`emohost replay`, `sessions` and `report` on a session that was kept."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from emohost.cli.app import cli
from emohost.process.locks import lock_file
from emohost.sessions.session import Session


def emohost(*arguments: object, answer: str = "") -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)), input=answer)


def test_a_replay_says_that_all_is_as_it_was_played_and_writes_it(kept: Path, tmp_path: Path) -> None:
    told = emohost("replay", kept, "--out", tmp_path / "again.mid")
    assert told.exit_code == 0, told.output
    assert re.search(r"6\.0 s, \d+ MIDI messages, all as they were played\n", told.stdout)
    assert (tmp_path / "again.mid").read_bytes().startswith(b"MThd")


def test_a_replay_that_is_another_than_was_played_says_where_and_fails(kept: Path) -> None:
    played = kept / "engine-1" / "played.jsonl"
    lines = played.read_bytes().splitlines(keepends=True)
    played.write_bytes(b"".join([*lines[:5], *lines[6:]]))
    told = emohost("replay", kept)
    assert told.exit_code == 1
    assert "which are not those that were played" in told.stdout
    assert "message 6: was frame" in told.stdout


def test_with_another_seed_something_else_is_played_on_purpose(kept: Path, tmp_path: Path) -> None:
    for name, change in (("one", "music.seed=1"), ("other", "music.seed=2"), ("again", "music.seed=2")):
        told = emohost("replay", kept, "--with", change, "--out", tmp_path / f"{name}.mid")
        assert told.exit_code == 0, told.output
    one, other, again = ((tmp_path / f"{name}.mid").read_bytes() for name in ("one", "other", "again"))
    assert one != other
    assert other == again


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ("music.tempoo=90", 2, "music.tempoo: found an unknown key"),
        ("music.tempo=9000", 2, "music.tempo: found 9000"),
        ("tempo", 2, "--with: found 'tempo'; expected KEY=VALUE"),
        ("networks.melody.file=/no/such.json", 3, "melody: /no/such.json: no such file"),
    ],
)
def test_a_change_that_the_rig_does_not_take_is_named(kept: Path, change: str, code: int, said: str) -> None:
    told = emohost("replay", kept, "--with", change)
    assert told.exit_code == code
    assert said in told.output


def test_a_network_that_is_no_longer_what_played_is_named_and_not_played(kept: Path, tmp_path: Path) -> None:
    networks = kept / "engine-1" / "networks.json"
    found = orjson.loads(networks.read_bytes())
    model = Path(found["networks"][1]["file"])
    other = tmp_path / "melody.json"
    other.write_bytes(model.read_bytes() + b" ")
    found["networks"][1]["file"] = str(other)
    networks.write_bytes(orjson.dumps(found))
    told = emohost("replay", kept)
    assert told.exit_code == 3
    assert f"melody: {other}: found SHA-256" in told.output
    assert emohost("replay", kept, "--with", f"networks.melody.file={other}").exit_code == 0


@pytest.mark.parametrize(
    "name",
    [
        "session.json",
        "engine-1/engine.json",
        "engine-1/networks.json",
        "engine-1/messages.jsonl",
        "engine-1/played.jsonl",
        "engine-1/end.json",
    ],
)
@pytest.mark.parametrize(
    "content", ["{}\n", "[]\n", "\x00\x01\n", '{"block": 0, "kind": "command", "raw": "ff"}\n']
)
def test_a_damaged_session_is_named_in_a_line(kept: Path, name: str, content: str) -> None:
    (kept / name).write_text(content)
    for told in (emohost("replay", kept), emohost("sessions", "check", kept)):
        assert told.exit_code == 1
        assert str(kept) in told.output
        assert told.exception is None or isinstance(told.exception, SystemExit)
    assert emohost("report", kept, "--out", kept.parent / "report.html").exit_code in (0, 1)


def test_a_recording_in_which_blocks_are_missing_is_played_up_to_there(kept: Path) -> None:
    blocks = kept / "engine-1" / "blocks.bin"
    rows = blocks.read_bytes()
    blocks.write_bytes(rows[: 24 * 100] + rows[24 * 101 :])
    told = emohost("replay", kept)
    assert told.exit_code == 0
    assert "blocks are missing from" in told.stderr


def test_a_replay_never_writes_over_the_session(kept: Path) -> None:
    (kept / "mine.mid").write_bytes(b"mine")
    told = emohost("replay", kept, "--out", kept / "mine.mid")
    assert told.exit_code == 2
    assert "the same file as the session" in told.output
    assert (kept / "mine.mid").read_bytes() == b"mine"


def test_what_is_no_session_is_said_to_be_none(tmp_path: Path) -> None:
    for command in (["replay"], ["report"], ["sessions", "check"]):
        told = emohost(*command, tmp_path)
        assert told.exit_code == 1
        assert str(tmp_path) in told.output


def test_sessions_are_listed_with_or_without_the_word(kept: Path) -> None:
    listed = emohost("sessions", kept.parent)
    assert listed.exit_code == 0
    assert re.search(r"evening  evening  20\d\d-\d\d-\d\d \d\d:\d\d  0:06  \d+ notes", listed.stdout)
    assert emohost("sessions", "list", kept.parent).stdout == listed.stdout


@pytest.mark.parametrize(
    "name", ["session.json", "engine-1/input.flac", "engine-1/messages.jsonl", "engine-1/blocks.bin"]
)
def test_whatever_has_changed_is_found(kept: Path, name: str) -> None:
    assert emohost("sessions", "check", kept).exit_code == 0
    with (kept / name).open("ab") as file:
        file.write(b"\n")
    told = emohost("sessions", "check", kept)
    assert told.exit_code == 1
    assert f"{kept / name}: has changed since it was written" in told.stdout
    (kept / name).unlink()
    assert emohost("sessions", "check", kept).exit_code == 1


def test_a_damaged_session_does_not_keep_others_from_being_listed(kept: Path) -> None:
    (kept / "engine-1" / "played.jsonl").write_text("nothing\n")
    told = emohost("sessions", kept.parent)
    assert told.exit_code == 0
    assert "damaged" in told.stdout


@pytest.mark.parametrize("text", ["[]", "{}", "nothing", '{"format": 1, "started": "x"}'])
def test_a_folder_that_is_no_session_does_not_keep_others_from_being_listed_and_checked(
    kept: Path, text: str
) -> None:
    other = kept.parent / "other"
    other.mkdir()
    (other / "session.json").write_text(text)
    for command in (("sessions",), ("sessions", "check")):
        told = emohost(*command, kept.parent)
        assert told.exit_code == 1
        assert "evening" in told.stdout
        assert f"{other / 'session.json'}: " in told.stderr
    assert emohost("sessions", "prune", kept.parent, "--older", "0", "--yes").exit_code == 0
    assert [path.name for path in kept.parent.iterdir() if path.is_dir()] == ["other"]


def test_a_file_is_no_place_for_a_session(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    rig = tmp_path / "rig.yaml"
    rig.write_text("audio: {backend: dummy}\nmidi: {api: none}\n")
    told = emohost("run", "--record", tmp_path / "taken", "--duration", "1", rig)
    assert told.exit_code == 1
    assert "found a file; expected a new folder" in told.output
    assert (tmp_path / "taken").read_text() == "mine"


def test_nothing_is_removed_without_a_yes(kept: Path) -> None:
    assert emohost("sessions", "prune", kept, answer="\n").exit_code == 1
    assert emohost("sessions", "prune", kept, answer="n\n").exit_code == 1
    assert emohost("sessions", "prune", kept.parent).exit_code == 2  # which of them is not said
    assert emohost("sessions", "prune", kept.parent, "--older", "1", "--yes").stdout == "nothing to remove\n"
    assert Session.open(kept).faults() == []
    assert emohost("sessions", "prune", kept, answer="y\n").exit_code == 0
    assert not kept.exists()


def test_what_is_not_of_the_session_stays(kept: Path) -> None:
    (kept / "notes.txt").write_text("mine")
    told = emohost("sessions", "prune", kept, "--yes")
    assert told.exit_code == 0
    assert "notes.txt: stays" in told.output
    assert [path.name for path in kept.iterdir()] == ["notes.txt"]


def test_a_session_that_is_being_kept_is_not_removed(kept: Path) -> None:
    descriptor = os.open(kept / "session.json", os.O_RDWR)
    assert lock_file(descriptor)
    told = emohost("sessions", "prune", kept, "--yes")
    os.close(descriptor)
    assert told.exit_code == 1
    assert "a host that runs is keeping it" in told.output
    assert Session.open(kept).faults() == []


class Links(HTMLParser):
    """What a page loads, and its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.pictures = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "href"):
                self.loads += [] if (value or "").startswith("data:image/png;base64,") else [str(value)]
        self.pictures += tag == "img"


def test_the_report_is_one_page_that_loads_nothing(kept: Path, tmp_path: Path) -> None:
    told = emohost("report", kept, "--out", tmp_path / "evening.html")
    assert told.exit_code == 0, told.output
    text, links = (tmp_path / "evening.html").read_text(), Links()
    links.feed(text)
    assert links.loads == []
    assert links.pictures == 2
    assert "http" not in re.sub(r"base64,[^\"]+", "", text)
    for said in ("evening", "melody", "What went wrong", "playing from"):
        assert said in text


def test_a_report_shows_what_others_wrote_as_text(kept: Path, tmp_path: Path) -> None:
    with (kept / "log.jsonl").open("ab") as file:
        row = {"time": 0.0, "at_ns": 0, "level": "warning", "engine": 1, "text": "<script>alert(1)</script>"}
        file.write(orjson.dumps(row) + b"\n")
    emohost("report", kept, "--out", tmp_path / "page.html")
    assert "<script>" not in (tmp_path / "page.html").read_text()
