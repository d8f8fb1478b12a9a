"""Holds the built objects of the audio thread's code to what they may import: each other, and a short list.

`python tools/realtime_objects.py FOLDER`: a folder in which ext/core was compiled (build/temp.*, build/cpp-plain).
Exit status 1, and a line for each import, if one of them could allocate, lock, throw, or call the system.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

CORE = Path(__file__).resolve().parents[1] / "ext" / "core"
NOT_REALTIME = CORE.parent / "not_realtime.txt"

# Of the C library and its mathematics: none of these allocates, locks, or enters the kernel. The clock is read from a
# page that the kernel shares (the run under seccomp shows it); the check of the stack does nothing but compare.
ALLOWED = re.compile(
    r"^((atan2?|cos|exp2?|expm1|floor|fmod|log(10|1p|2)?|pow|sin|sincos|sqrt|tanh?)f?"
    r"|(ceil|ll?round|l?rint|nearbyint|round|trunc)f?"
    r"|(__)?mem(cmp|cpy|move|set)(_chk)?|clock_gettime|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$"
)

WHY = {
    "allocates": re.compile(r"^(malloc|calloc|realloc|free|posix_memalign|.*alloc|_Zn[wa]|_Zd[la])"),
    "throws": re.compile(
        r"^(__cxa_(allocate|throw|begin|end|rethrow|free)|_Unwind|__gxx_personality|_ZSt\d+__throw)"
    ),
    "locks": re.compile(r"^(pthread_|sem_|mtx_|cnd_|__cxa_guard|_ZNSt\d*(mutex|condition_variable))"),
}


def objects_of(folder: Path) -> dict[str, Path]:
    """By source, relative to ext/core: its newest object below `folder`."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.o"), key=lambda path: path.stat().st_mtime):
        parts = path.parts
        if "core" in parts:
            inside = Path(*parts[len(parts) - parts[::-1].index("core") :])
            found[str(inside).removesuffix(".o").removesuffix(".cpp") + ".cpp"] = path
    return found


def newer_source(objects: Iterable[Path], core: Path = CORE) -> Path | None:
    """One that changed after the last of the objects was compiled, so that they say nothing of it; None if there is
    none."""
    sources = (path for path in core.rglob("*") if path.suffix in (".cpp", ".h", ".inl"))
    newest = max(sources, key=lambda path: path.stat().st_mtime)
    last = max((path.stat().st_mtime for path in objects), default=0.0)
    return newest if newest.stat().st_mtime > last else None


def realtime_sources() -> list[str]:
    """Every source of ext/core that ext/not_realtime.txt does not name."""
    lines = NOT_REALTIME.read_text().splitlines()
    others = {line for line in lines if line and not line.startswith("#")}
    sources = {str(path.relative_to(CORE)) for path in CORE.rglob("*.cpp")}
    if unknown := others - sources:
        raise SystemExit(f"{NOT_REALTIME.name} names sources that do not exist: {', '.join(sorted(unknown))}")
    return sorted(sources - others)


def symbols(path: Path, kind: str) -> set[str]:
    """Of an object, `kind` being --defined-only or --undefined-only."""
    listing = subprocess.run(["nm", kind, str(path)], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1] for line in listing.splitlines() if line.strip()}


def imports(objects: Iterable[Path]) -> dict[str, list[str]]:
    """What the objects together take from outside, by symbol: the names of those that do."""
    objects = list(objects)
    inside = set().union(*(symbols(path, "--defined-only") for path in objects))
    taken: dict[str, list[str]] = {}
    for path in objects:
        for symbol in sorted(symbols(path, "--undefined-only") - inside):
            taken.setdefault(symbol, []).append(path.name)
    return taken


def faults(objects: Iterable[Path]) -> list[str]:
    """A line for each import that is not allowed, with who takes it and why it is bad."""
    lines = []
    for symbol, takers in sorted(imports(objects).items()):
        if not ALLOWED.match(symbol):
            why = next((why for why, pattern in WHY.items() if pattern.match(symbol)), "is not on the list")
            lines.append(f"{', '.join(takers)}: imports {_readable(symbol)}, which {why}")
    return lines


def _readable(symbol: str) -> str:
    return subprocess.run(["c++filt", symbol], capture_output=True, text=True, check=True).stdout.strip()


def main() -> int:
    found = objects_of(Path(sys.argv[1]))
    if changed := newer_source(found.values()):
        print(f"{sys.argv[1]} was built before {changed} changed: build it again")
        return 1
    missing = [source for source in realtime_sources() if source not in found]
    if missing:
        print(f"not compiled in {sys.argv[1]}: {', '.join(missing)}")
        return 1
    objects = [found[source] for source in realtime_sources()]
    if lines := faults(objects):
        print("\n".join(lines))
        print(f"What allocates or throws belongs into a source that {NOT_REALTIME.name} lists (*_setup.cpp).")
        return 1
    print(f"{len(objects)} real-time objects import {len(imports(objects))} functions from outside:")
    print(" ".join(sorted(imports(objects))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
