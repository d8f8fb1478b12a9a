"""What the host plays to each input, in each precision, event by event.

    python tests/renders/golden_renders.py            says what is other than it was
    python tests/renders/golden_renders.py --write    and keeps it (make renders)

`renders.json` holds a digest of each render; NAME.txt the events in float32, one a line: frame, MIDI bytes, part. The
kernels are the plain ones, so that the processor does not matter.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from golden_inputs import ROOT, Input, inputs

from emohost.audio.backend import AudioFormat
from emohost.config.schema import Rig
from emohost.engine.build import build_engine
from emohost.engine.request import EngineRequest
from emohost.networks import ROLES, load_model
from emohost.vocabulary import PART_NAMES

FOLDER = Path(__file__).parent
TABLE = FOLDER / "renders.json"
PRECISIONS = ("float32", "float16", "int8")

Table = dict[str, dict[str, str]]


def events(given: Input, precision: str) -> list[str]:
    """A line for each event."""
    networks = {
        role: load_model(ROOT / "models" / ROLES[role].file, role, isa="plain", precision=precision)
        for role in ROLES
    }
    rig = Rig.model_validate({"audio": {"backend": "dummy"}, "music": given.music})
    form = AudioFormat(given.sample_rate, given.block_size, given.audio.shape[1], waits=True)
    engine = build_engine(EngineRequest.of(rig, Path()), form, networks, between_ticks=False)
    played = [*engine.render(given.audio, given.block_size), *engine.finish()]
    return [f"{frame} {data.hex()} {part}" for frame, data, part in played]


def digest(lines: list[str]) -> str:
    notes = Counter(line.split()[2] for line in lines if line.split()[1].startswith("9"))
    counts = ", ".join(f"{name} {notes[str(part)]}" for part, name in enumerate(PART_NAMES))
    return f"{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:24]} {len(lines)} events; {counts}"


def kept() -> Table:
    table: Table = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    return table


def kept_events(name: str) -> list[str]:
    file = FOLDER / f"{name}.txt"
    return file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else []


def difference(given: Input, precision: str, lines: list[str], before: Table) -> str:
    """In words; empty where nothing is other."""
    was, now = before.get(given.name, {}).get(precision, "nothing"), digest(lines)
    if was == now:
        return ""
    text = f"{given.name}, {precision}\n  was {was}\n  is  {now}"
    if precision != PRECISIONS[0]:
        return text
    old = kept_events(given.name)
    same = next(
        (i for i, pair in enumerate(zip(old, lines, strict=False)) if pair[0] != pair[1]),
        min(len(old), len(lines)),
    )
    first = [each[same] if same < len(each) else "the end" for each in (old, lines)]
    second = (lines or old)[min(same, len(lines or old) - 1)] if lines or old else "0"
    at = int(second.split()[0]) / given.sample_rate
    return f"{text}\n  first at event {same}, {at:.2f} s: was '{first[0]}', is '{first[1]}'"


def renders() -> Iterator[tuple[Input, str, list[str]]]:
    for given in inputs():
        for precision in PRECISIONS:
            yield given, precision, events(given, precision)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="keep what is played now")
    write = parser.parse_args().write
    before, now, changed = kept(), Table(), 0
    for given, precision, lines in renders():
        if found := difference(given, precision, lines, before):
            changed += 1
            print(found, flush=True)
        now.setdefault(given.name, {})[precision] = digest(lines)
        if write and precision == PRECISIONS[0]:
            (FOLDER / f"{given.name}.txt").write_text(
                "".join(f"{line}\n" for line in lines), encoding="utf-8"
            )
    if write:
        TABLE.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
    print(f"{changed} of {len(now) * len(PRECISIONS)} renders are other than they were")
    return 0 if write or not changed else 1


if __name__ == "__main__":
    sys.exit(main())
