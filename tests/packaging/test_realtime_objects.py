"""The built objects of the audio thread's code import nothing that could block; the check is shown to find it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("nm") is None or shutil.which("c++") is None,
    reason="reading objects needs Linux, nm and a C++ compiler",
)

spec = importlib.util.spec_from_file_location("realtime_objects", ROOT / "tools" / "realtime_objects.py")
assert spec is not None
assert spec.loader is not None
realtime_objects = importlib.util.module_from_spec(spec)
spec.loader.exec_module(realtime_objects)


@pytest.mark.parametrize("folder", ["build/temp.*", "build/cpp-plain"])
def test_what_the_audio_thread_runs_imports_nothing_that_blocks(folder: str) -> None:
    """The objects of the extension as it is built here, and those of the C++ tests."""
    built = list(ROOT.glob(folder))
    if not built:
        pytest.skip(f"{folder} is not there: nothing was built in place")
    found = realtime_objects.objects_of(built[0])
    if changed := realtime_objects.newer_source(found.values()):
        pytest.skip(f"{built[0].name} was built before {changed.name} changed")
    assert [source for source in realtime_objects.realtime_sources() if source not in found] == []
    assert realtime_objects.faults(found[source] for source in realtime_objects.realtime_sources()) == []


def test_objects_are_judged_only_if_no_source_is_newer(tmp_path: Path) -> None:
    """One compiled since is enough: a build compiles what has changed."""
    for seconds, name in enumerate(("old.o", "a.cpp", "b.h", "new.o", "c.txt")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (seconds, seconds))
    old, new = tmp_path / "old.o", tmp_path / "new.o"
    assert realtime_objects.newer_source([old], tmp_path) == tmp_path / "b.h"
    assert realtime_objects.newer_source([], tmp_path) == tmp_path / "b.h"
    assert realtime_objects.newer_source([old, new], tmp_path) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("#include <cstdlib>\nvoid* f() { return malloc(8); }", "malloc, which allocates"),
        ("int* f() { return new int; }", "operator new(unsigned long), which allocates"),
        ("void f(int* p) { delete p; }", "operator delete(void*, unsigned long), which allocates"),
        ("#include <vector>\nvoid f(std::vector<int>& v) { v.push_back(1); }", "which allocates"),
        ("void f() { throw 1; }", "which throws"),
        ("#include <bitset>\nbool f(std::bitset<8>& b, int i) { return b.test(i); }", "which throws"),
        ("#include <pthread.h>\nvoid f(pthread_mutex_t* m) { pthread_mutex_lock(m); }", "which locks"),
        ("int g(); int f() { static int once = g(); return once; }", "__cxa_guard_acquire, which locks"),
        ('#include <cstdio>\nvoid f(int x) { printf("%d", x); }', "printf, which is not on the list"),
        ('#include <unistd.h>\nvoid f() { write(1, "x", 1); }', "write, which is not on the list"),
        ("#include <sys/mman.h>\nvoid f(void* p) { munmap(p, 4096); }", "munmap, which is not on the list"),
    ],
)
def test_an_import_that_blocks_is_named(code: str, said: str, tmp_path: Path) -> None:
    """Each kind, compiled here and now."""
    source, target = tmp_path / "bad.cpp", tmp_path / "bad.o"
    source.write_text(code + "\n")
    subprocess.run(["c++", "-O2", "-w", "-fPIC", "-c", str(source), "-o", str(target)], check=True)
    assert said in "\n".join(realtime_objects.faults([target]))


def test_arithmetic_and_one_another_may_be_imported(tmp_path: Path) -> None:
    """What two objects take from each other is no import."""
    for name, code in (
        ("a", "#include <cmath>\nfloat b(float); float a(float x) { return std::exp(b(x)); }"),
        ("b", "float b(float x) { return x + 1; }"),
    ):
        (tmp_path / f"{name}.cpp").write_text(code + "\n")
        subprocess.run(
            ["c++", "-O2", "-fPIC", "-c", f"{tmp_path}/{name}.cpp", "-o", f"{tmp_path}/{name}.o"], check=True
        )
    assert realtime_objects.faults([tmp_path / "a.o", tmp_path / "b.o"]) == []
    assert realtime_objects.faults([tmp_path / "a.o"]) != []
