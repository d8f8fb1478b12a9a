"""Locks on files, on POSIX as they are, on Windows as its C library is asked for them."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from emohost.process.locks import lock_file, unlock_file

posix = pytest.mark.skipif(sys.platform == "win32", reason="flock is of POSIX")
CONTENT = b"what others read meanwhile"


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """Two descriptors of one file, each of which may hold its lock."""
    (tmp_path / "file").write_bytes(CONTENT)
    descriptors = [os.open(tmp_path / "file", os.O_RDWR) for _ in range(2)]
    yield descriptors[0], descriptors[1]
    for descriptor in descriptors:
        os.close(descriptor)


class FakeMsvcrt(types.ModuleType):
    """msvcrt.locking: bytes from the position on, refused if another descriptor has them."""

    LK_NBLCK, LK_UNLCK = 2, 0

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.held: dict[int, int] = {}  # position: descriptor

    def locking(self, descriptor: int, mode: int, count: int) -> None:
        assert count == 1
        at = os.lseek(descriptor, 0, os.SEEK_CUR)
        if mode == self.LK_UNLCK:
            if self.held.get(at) != descriptor:
                raise PermissionError(13, "Permission denied")
            del self.held[at]
        elif self.held.setdefault(at, descriptor) != descriptor:
            raise PermissionError(13, "Permission denied")


@posix
def test_a_lock_is_one_descriptors_until_it_lets_go(two: tuple[int, int]) -> None:
    first, second = two
    assert lock_file(first)
    assert not lock_file(second)
    unlock_file(first)
    assert lock_file(second)


@posix
def test_a_lock_may_be_shared_and_keeps_out_who_does_not(two: tuple[int, int]) -> None:
    first, second = two
    assert lock_file(first, shared=True)
    assert not lock_file(second)
    assert lock_file(second, shared=True)


@posix
def test_a_folder_has_a_lock(tmp_path: Path) -> None:
    descriptors = [os.open(tmp_path, os.O_RDONLY) for _ in range(2)]
    assert [lock_file(each) for each in descriptors] == [True, False]
    for descriptor in descriptors:
        os.close(descriptor)


def test_on_windows_it_lies_beyond_the_content_so_that_readers_are_not_kept_out(
    two: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = FakeMsvcrt()
    monkeypatch.setitem(sys.modules, "msvcrt", library)
    monkeypatch.setattr("emohost.process.locks.sys", types.SimpleNamespace(platform="win32"))
    first, second = two
    assert lock_file(first)
    assert min(library.held) >= len(CONTENT)
    assert not lock_file(second)
    unlock_file(second)  # which it does not hold
    assert not lock_file(second)
    unlock_file(first)
    assert lock_file(second)
