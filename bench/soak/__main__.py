"""Plays a real JACK rig for as long as one likes, disturbed in every way that must not matter: `python bench/soak`.

A JACK server of its own with the dummy driver, `emohost run` on it, music round and round; a process that keeps one
core busy; in each of the host's processes garbage collections and stalls of the interpreter lock. Told each minute and
at the end: blocks, blocks that took longer than they last and why, JACK's xruns, memory of each process, notes. The
last line says "pass" or what failed; so does the exit status. Linux, with jackd. Ctrl-C ends it early, with the report.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from figures import faults
from soak import RATE, Soak

from emohost.process.flag import Flag


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/soak", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=60, help="how long (default: 60)")
    parser.add_argument("--block", type=int, default=128, help="frames a block (default: 128)")
    parser.add_argument("--out", type=Path, default=Path("out/soak"), help="folder for log and MIDI file")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    soak = Soak(options.out.resolve(), options.block)
    stop = Flag()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with soak.rig():
        minutes = 0
        for passed in soak.watch(options.minutes * 60, stop):
            if passed >= 60 * (minutes + 1):
                minutes = int(passed / 60)
                print(f"{minutes:4d} min: {line(soak)}", flush=True)
    soak.read_file()
    tell(soak)
    found = faults(soak.figures)
    print("FAILED: " + "; ".join(found) if found else "pass", flush=True)
    return 1 if found else 0


def line(soak: Soak) -> str:
    figures = soak.figures
    memory = ", ".join(f"{name} {each.last_mb:.1f}" for name, each in figures.memory.items())
    return (
        f"{figures.blocks} blocks, {figures.late.all} late, {figures.late.by_our_fault} by our fault; "
        f"{soak.xruns} xruns; {soak.notes}; MB: {memory}"
    )


def tell(soak: Soak) -> None:
    figures = soak.figures
    log = (soak.folder / "host.log").read_text(errors="replace").splitlines()
    print(f"the last words of the host ({soak.folder / 'host.log'}):")
    print("\n".join("    " + words for words in log[-6:]))
    print(
        f"played {figures.blocks} blocks of {soak.block} frames at {RATE} Hz, audio thread {soak.audio_thread}"
    )
    late = figures.late
    print(f"late, because the callback took longer than the block lasts: {late.all}, of them")
    print(
        f"    {late.count('machine')} only because the machine ran slower than usual (canaries did, on every core)"
    )
    print(f"    {late.count('waiting')} only because the audio thread had to wait for a core")
    print(
        f"    {late.count('gone')} only because a core was taken away (the highest priority did not run on it, either)"
    )
    print(f"    {late.by_our_fault} by our fault")
    for each in [verdict for verdict in late.verdicts if verdict.fault == "ours"][:20]:
        print(
            f"        {each.taken_ns / 1e6:.2f} ms at {each.start_ns / 1e9:.3f} s on the monotonic clock; the machine "
            f"{each.slowness:.1f} times slower than usual, waited {each.waited_ms:.2f} ms for a core, "
            f"a core gone for {each.gone_ms:.2f} ms"
        )
    print(
        f"the machine ran slower for {soak.slow_share * 100:.1f} % of the time, {soak.slowest:.0f} times at worst"
    )
    by = ", ".join(f"{name} {count}" for name, count in soak.xruns_by.items()) or "nobody"
    print(f"xruns of JACK: {soak.xruns}; late, as jackd says: {by}")
    print(f"restarts of the engine: {figures.restarts}")
    print(f"notes at the MIDI port: {figures.port}")
    print(f"notes in the MIDI file: {figures.file or 'cannot be read'} ({figures.file_mb:.2f} MB)")
    for name, memory in figures.memory.items():
        print(
            f"memory of {name}: {memory.samples[0][1]:.1f} MB at first, {memory.last_mb:.1f} MB at last, "
            f"slope once settled {memory.slope_mb_per_hour():+.2f} MB an hour"
        )


if __name__ == "__main__":
    sys.exit(main())
