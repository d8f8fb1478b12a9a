"""Shared memory is private, found by the other side, and never left behind for good."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from emohost.process.shared_memory import SharedMemory, map_memory, remove_leftovers


def test_both_sides_see_the_same_bytes(tmp_path: Path) -> None:
    memory = SharedMemory(4096, tmp_path)
    other = map_memory(str(memory.path))
    memory.buffer[10] = 7
    assert other[10] == 7
    memory.remove()
    other[11] = 8
    assert memory.buffer[11] == 8  # the mapping outlives the name


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    memory = SharedMemory(4096, tmp_path)
    assert stat.S_IMODE(memory.path.stat().st_mode) == 0o600


def test_what_dead_processes_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = tmp_path / f"emohost-{dead.pid}-0.rings"
    other = tmp_path / "emohost-notes.rings"
    for path in (left, other):
        path.write_bytes(b"\0" * 64)
    ours = SharedMemory(4096, tmp_path)
    assert remove_leftovers(tmp_path) == [left]
    assert ours.path.exists()
    assert other.exists()


def test_a_file_of_a_dead_process_with_our_number_is_replaced(tmp_path: Path) -> None:
    first = SharedMemory(4096, tmp_path)
    number = int(first.path.stem.rsplit("-", 1)[1])
    in_the_way = first.path.with_name(first.path.name.replace(f"-{number}.", f"-{number + 1}."))
    in_the_way.write_bytes(b"old")
    second = SharedMemory(4096, tmp_path)
    assert second.path == in_the_way
    assert second.path.stat().st_size == 4096
