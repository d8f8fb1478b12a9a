"""What the page costs the host: CPU of the host's process with clients that look on, less what it takes without any.

    python bench/page_cost.py [--clients 10] [--seconds 10] [--rounds 3]

A real `emohost run` on the dummy backend, and clients in a process of their own that take each state that comes. Shares
of one core, in turns without and with the clients, the median of each: other programs move both. Asked: ten clients at
20 states a second take at most 2 %.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from websockets.asyncio.client import connect

RIG = """name: cost
audio: {{backend: dummy, signal: noise, level_db: -12}}
music: {{play: always, clock: {{source: internal}}, tempo: 120, key: A minor}}
midi: {{api: none}}
control: {{web: {{port: {port}}}}}
"""
PATIENCE_S = 60.0
SETTLE_S = 3.0
START_S = 2.0  # of the clients


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--look", metavar="PORT", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.look is not None:
        asyncio.run(_look(options.look, options.clients, options.seconds))
        return
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), options.clients, options.seconds, options.rounds)


def _measure(folder: Path, clients: int, seconds: float, rounds: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rig = folder / "rig.yaml"
    rig.write_text(RIG.format(port=port))
    environment = {**os.environ, "EMOHOST_RUNTIME": str(folder / "run")}
    host = subprocess.Popen([sys.executable, "-m", "emohost", "run", "-q", str(rig)], env=environment)
    try:
        _wait_playing(host, port)
        time.sleep(SETTLE_S)
        look = [sys.executable, __file__, "--look", str(port), "--clients", str(clients), "--seconds"]
        alone, watched, told = [], [], ""
        for _ in range(rounds):
            alone.append(_share(host.pid, seconds))
            with subprocess.Popen(
                [*look, str(seconds + 2 * START_S)], stdout=subprocess.PIPE, text=True
            ) as looking:
                time.sleep(START_S)
                watched.append(_share(host.pid, seconds))
                told = looking.communicate()[0].strip()
    finally:
        host.terminate()
        host.wait()
    without, with_them = statistics.median(alone), statistics.median(watched)
    print(
        f"without clients: {without:.2f} % of a core, {rounds} times {', '.join(f'{each:.2f}' for each in alone)}"
    )
    print(f"with {clients}: {with_them:.2f} %, {', '.join(f'{each:.2f}' for each in watched)}; {told}")
    print(f"the page costs {with_them - without:.2f} % of a core (asked: at most 2 for ten clients)")


def _share(pid: int, seconds: float) -> float:
    """CPU of the process in the next seconds, % of one core."""
    process = psutil.Process(pid)
    before, began = process.cpu_times(), time.monotonic()
    time.sleep(seconds)
    after, lasted = process.cpu_times(), time.monotonic() - began
    return (after.user + after.system - before.user - before.system) / lasted * 100


def _wait_playing(host: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline or host.poll() is not None:
                raise
            time.sleep(0.1)


async def _look(port: int, clients: int, seconds: float) -> None:
    counts = await asyncio.gather(*(_client(port, seconds) for _ in range(clients)))
    states, size = sum(each[0] for each in counts), sum(each[1] for each in counts)
    print(
        f"{states / clients / seconds:.1f} states a second each, {size / max(1, states):.0f} bytes in the mean"
    )


async def _client(port: int, seconds: float) -> tuple[int, int]:
    count = size = 0
    async with connect(f"ws://127.0.0.1:{port}/api/live") as live:
        with_end = asyncio.get_running_loop().time() + seconds
        async for text in live:
            count, size = count + 1, size + len(text)
            if asyncio.get_running_loop().time() >= with_end:
                break
    return count, size


if __name__ == "__main__":
    main()
