"""The standard streams may be closed, full, or without a reader: a run goes on, an answer that is lost is an error."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

SILENCE = "audio: {backend: dummy, duration_s: 0.3}\nmidi: {api: none}\n"
EMOHOST = [sys.executable, "-m", "emohost"]
NO_SPACE = "standard output: No space left on device\n"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="descriptors and shells of POSIX")
full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")


def shell(redirected: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`emohost ARGUMENTS` with its streams as the shell is told."""
    command = f'exec "$@" {redirected}'
    return subprocess.run(
        ["sh", "-c", command, "sh", *EMOHOST, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("closed", ["2>&-", "<&-", "<&- 2>&-"])
def test_closed_streams_keep_nothing_from_working(
    emohost: Callable[..., Result], rig: Callable[[str], Path], closed: str
) -> None:
    config = rig(SILENCE)
    checked = shell(closed, "check", config)
    assert (checked.returncode, str(config) in checked.stdout) == (0, True)
    played = shell(closed, "run", config)
    assert (played.returncode, played.stdout.startswith("played 0:00")) == (0, True)


def test_without_any_stream_the_exit_code_still_tells(
    emohost: Callable[..., Result], rig: Callable[[str], Path]
) -> None:
    assert shell("<&- >&- 2>&-", "run", rig(SILENCE)).returncode == 0
    assert shell("<&- >&- 2>&-", "check", "nosuch.yaml").returncode == 2


@full_disk
@pytest.mark.parametrize("arguments", [("schema",), ("--help",), ("run", "--help"), ("models", "list")])
def test_an_answer_that_cannot_be_written_is_one_line_and_exit_code_1(
    emohost: Callable[..., Result], arguments: tuple[str, ...]
) -> None:
    done = shell(">/dev/full", *arguments)
    assert (done.returncode, done.stderr) == (1, NO_SPACE)


@full_disk
def test_a_full_disk_behind_standard_error_ends_nothing(
    emohost: Callable[..., Result], rig: Callable[[str], Path]
) -> None:
    played = shell("2>/dev/full", "run", rig(SILENCE))
    assert (played.returncode, played.stdout.startswith("played 0:00")) == (0, True)
    assert shell("2>/dev/full", "check", "nosuch.yaml").returncode == 2


def test_a_reader_that_has_seen_enough_is_no_error(emohost: Callable[..., Result], music: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*EMOHOST, "analyze", "--csv", str(music)],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_name_that_is_not_utf_8_is_printed_as_it_is(emohost: Callable[..., Result], tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.yaml"
    Path(os.fsdecode(name)).write_text("audio: {backend: dummy}\nmidi: {api: none}\n")
    done = subprocess.run([*EMOHOST, "check", name], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert name in done.stdout
