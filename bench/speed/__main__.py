"""How fast it is, in the state in which it runs, beside others on the same weights: `python bench/speed [--quick]`.

Writes speed.md (tables) and two pictures into --out: latency by block size, and all callbacks against their deadline.
Needs the extra `bench` (onnx, onnxruntime, torch). Whole: about 20 minutes, most of it 10^5 callbacks at each of three
block sizes, paced in real time; --quick: a tenth of everything. Ratios in one run on a quiet machine are what counts.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import callback
import chain
import loading
import machine
import plots
import renders

from emohost.networks.find import find_model
from emohost.networks.load import Parsed, parse_model
from emohost.networks.roles import ROLES

PARTS = ("chain", "callback", "offline", "loading")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/speed", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS), help="parts of it")
    parser.add_argument("--out", type=Path, default=Path("out/speed"), help="folder for table and pictures")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    share = 0.1 if options.quick else 1.0
    lines = [*machine.described(options.quick), ""]

    def tell(text: list[str]) -> None:
        lines.extend([*text, ""])
        print("\n".join(text), end="\n\n", flush=True)

    print("\n".join(lines), flush=True)
    parsed = networks()
    if "chain" in options.only:
        for table in chain.tables(parsed, share):
            tell(table)
    if "callback" in options.only:
        runs = callback.paced_runs(share)
        tell(callback.deadline_table(runs))
        costs = callback.costs(share)
        tell(callback.cost_table(costs))
        plots.latency_by_block_size(options.out / "latency.png", costs, runs)
        plots.against_deadline(options.out / "deadline.png", runs)
    if "offline" in options.only:
        tell(renders.section(share))
    if "loading" in options.only:
        tell(loading.section(parsed, share))
    (options.out / "speed.md").write_text("\n".join(lines), encoding="utf-8")
    print(f"written: {options.out / 'speed.md'}")
    return 0


def networks() -> dict[str, Parsed]:
    """The five standard networks as they are shipped."""
    return {role: parse_model(find_model(role, None, None), role) for role in ROLES}


if __name__ == "__main__":
    sys.exit(main())
