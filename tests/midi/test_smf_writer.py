"""The file of a take: there when there is something in it, whole at any moment, lost by nothing."""

from __future__ import annotations

import errno
import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mido
import pytest
from waiting import wait_for

from emohost.errors import OutputError
from emohost.files import replacing
from emohost.recording import journal, smf_writer
from emohost.recording.smf_writer import SmfWriter
from emohost.recording.takes import Claim, complete_left, is_held, numbered, part_of, take

ON, OFF = bytes([0x90, 60, 90]), bytes([0x80, 60, 0])
posix = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")

RECORDER = """
    import sys, time
    from pathlib import Path
    from emohost.recording.smf_writer import SmfWriter
    writer = SmfWriter(Path(sys.argv[1]), 100)
    start = time.monotonic()
    for number in range(10**6):
        writer.add(time.monotonic() - start, bytes([0x90, number % 128, 90]))
        print(number, flush=True)
        time.sleep(0.005)
"""


def notes(path: Path) -> list[int]:
    return [message.note for message in mido.MidiFile(path) if message.type == "note_on"]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@contextmanager
def recorder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that records `path`, a note every 5 ms, and tells each."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RECORDER), path], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_take_without_a_message_leaves_the_last_one_alone(tmp_path: Path) -> None:
    """A run that does not start has nothing to write."""
    path = tmp_path / "take.mid"
    path.write_bytes(b"the last take")
    SmfWriter(path, 100).close()
    assert path.read_bytes() == b"the last take"
    assert names(tmp_path) == {"take.mid"}


def test_a_folder_is_made_and_one_that_cannot_be_is_told_at_once(tmp_path: Path) -> None:
    """Not after an hour of playing."""
    with SmfWriter(tmp_path / "out" / "today" / "run.mid", 100) as writer:
        writer.add(0.0, ON)
    assert (tmp_path / "out" / "today" / "run.mid").exists()
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError, match="cannot write the MIDI file") as caught:
        SmfWriter(tmp_path / "file" / "run.mid", 100)
    assert caught.value.exit_code == 1


def test_close_writes_all_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    """The last message is in the file; no temporary file stays."""
    with SmfWriter(tmp_path / "run.mid", 100) as writer:
        writer.add(0.0, ON)
        writer.add(0.5, OFF)
        assert names(tmp_path) == {"run.mid.part"}
    assert len([message for message in mido.MidiFile(tmp_path / "run.mid") if not message.is_meta]) == 2
    assert names(tmp_path) == {"run.mid"}


@posix
def test_after_a_kill_the_file_holds_all_but_the_last_second_and_the_next_run_completes_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "killed.mid"
    with recorder(path) as process:
        assert process.stdout is not None
        times = []
        for line in process.stdout:
            times.append(time.monotonic())
            if int(line) >= 500 and path.exists():
                break
        killed = time.monotonic()
        process.kill()
        process.wait()
    there = notes(path)
    assert there == [number % 128 for number in range(len(there))]
    assert sum(at < killed - 1 for at in times) <= len(there)
    (tmp_path / f".killed.{process.pid}-89abcdef.mid").write_bytes(b"half of a saving")
    with take({"output.midi_file": path}, number=True) as held:
        assert held.completed == (path,)
        assert held.path("output.midi_file") == numbered(path, 1)
    assert len(notes(path)) >= len(there)
    assert names(tmp_path) == {"killed.mid"}


@posix
def test_of_a_long_take_the_next_run_brings_what_only_the_part_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file itself is not written anew so often then."""
    monkeypatch.setattr(smf_writer, "_WHOLE_RATE", 1)
    path = tmp_path / "take.mid"
    writer = SmfWriter(path, 120, {0: "melody"}, beats_per_bar=3, save_s=0.02)
    writer.add(0.0, ON)
    wait_for(path.exists)
    writer.conduct(0.5, "set_tempo", 90)
    writer.add(1.0, OFF)
    wait_for(lambda: b"set_tempo" in part_of(path).read_bytes() and b"803c00" in part_of(path).read_bytes())
    copy = tmp_path / "later" / path.name  # as if its host had been killed now
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    part_of(copy).write_bytes(part_of(path).read_bytes() + b'["add",1.2,"90')
    writer.close()
    assert copy.read_bytes() != path.read_bytes()
    assert complete_left(copy) == [copy]
    assert copy.read_bytes() == path.read_bytes()


@posix
def test_one_name_is_held_by_one_process_until_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    link = tmp_path / "link.mid"
    with recorder(path) as process:
        wait_for(path.exists)
        link.symlink_to(path)
        assert is_held(path)
        assert is_held(link)
        for name in (path, link):
            with pytest.raises(OutputError, match="another process is writing it"):
                Claim(name)
        process.kill()
        process.wait()
        assert not is_held(path)
        Claim(path).release()


def test_two_takes_at_a_time_get_two_numbers_and_a_number_is_not_given_twice(tmp_path: Path) -> None:
    """The picture has that of its MIDI file."""
    outputs = {"midi": tmp_path / "take.mid", "plot": tmp_path / "pictures" / "take.png"}
    numbered(outputs["midi"], 4).write_bytes(b"")
    with take(outputs, number=True) as first, take(outputs, number=True) as second:
        assert first.path("midi") == tmp_path / "take-005.mid"
        assert first.path("plot") == tmp_path / "pictures" / "take-005.png"
        assert second.path("midi") == tmp_path / "take-006.mid"
    assert names(tmp_path) == {"take-004.mid", "pictures"}
    assert not names(tmp_path / "pictures")


def test_a_file_of_somebody_else_in_the_place_of_the_part_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "take.mid.part").write_bytes(b"half a download")
    with pytest.raises(OutputError, match="a file of another program"):
        Claim(tmp_path / "take.mid")
    assert (tmp_path / "take.mid.part").read_bytes() == b"half a download"


def test_where_there_is_no_room_it_is_said_once_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is tried again; what cannot be written at the end stays in the part."""
    caplog.set_level(logging.INFO)
    room = [True]
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if room[0]:
            return write(descriptor, data)
        write(descriptor, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    path = tmp_path / "take.mid"
    writer = SmfWriter(path, 100, save_s=0.01)
    writer.add(0.0, ON)
    wait_for(path.exists)
    room[0] = False
    writer.add(0.5, OFF)
    wait_for(lambda: "No space left" in caplog.text)
    time.sleep(0.1)
    assert caplog.text.count("No space left") == 1
    room[0] = True
    wait_for(lambda: "written again" in caplog.text)
    left = journal.read(part_of(path).read_bytes())
    assert left is not None
    writer.close()
    assert left.encode() == path.read_bytes()


def test_what_cannot_be_written_at_the_end_stays_in_the_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "take.mid"
    writer = SmfWriter(path, 100, save_s=0.01)
    writer.add(0.0, ON)
    wait_for(path.exists)
    path.unlink()
    path.mkdir()
    writer.add(0.5, OFF)
    with pytest.raises(OutputError, match="take"):
        writer.close()
    path.rmdir()
    assert complete_left(path) == [path]
    assert len([message for message in mido.MidiFile(path) if not message.is_meta]) == 2


def test_a_link_stays_a_link_and_what_killed_writers_left_goes(tmp_path: Path) -> None:
    target, link = tmp_path / "real.mid", tmp_path / "link.mid"
    target.write_bytes(b"old")
    link.symlink_to(target)
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    left = tmp_path / f".real.{int(dead.stdout)}-01234567.mid"
    other = tmp_path / f".real.{os.getpid()}-01234567.mid"
    for path in (left, other):
        path.write_bytes(b"half")
        os.utime(path, (1, 1))
    with replacing(link) as temporary:
        temporary.write_bytes(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == {"real.mid", "link.mid", other.name}
