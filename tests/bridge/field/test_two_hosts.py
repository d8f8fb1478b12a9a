"""Two hosts of their own, as Linux sees them: network namespaces joined by a cable that can be pulled."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("zenoh", reason="the extra 'field' is not installed")

HERE = Path(__file__).parent
NAMES = (f"emohost-a{os.getpid() % 10000}", f"emohost-b{os.getpid() % 10000}")
ADDRESSES = ("10.77.0.1", "10.77.0.2")
DOWN_S = 2.0


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


@pytest.fixture
def cable() -> Iterator[None]:
    """Namespaces NAMES with an interface `stage` each, at ADDRESSES."""
    if sys.platform != "linux" or shutil.which("ip") is None:
        pytest.skip("needs Linux and iproute2")
    if os.geteuid() != 0:
        pytest.skip("needs root to make network namespaces")
    try:
        try:
            for name in NAMES:
                ip("netns", "add", name)
            ip(
                "-n",
                NAMES[0],
                "link",
                "add",
                "stage",
                "type",
                "veth",
                "peer",
                "name",
                "stage",
                "netns",
                NAMES[1],
            )
            for name, address in zip(NAMES, ADDRESSES, strict=True):
                ip("-n", name, "addr", "add", f"{address}/24", "dev", "stage")
                ip("-n", name, "link", "set", "lo", "up")
                ip("-n", name, "link", "set", "stage", "up")
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network namespaces here: {error.stderr.strip()}")
        yield
    finally:
        for name in NAMES:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


class Node:
    """A node's program on one of the hosts, and the lines it has printed."""

    def __init__(self, host: int, role: str, out: Path) -> None:
        settings = {"interface": "stage", "connect": [ADDRESSES[1 - host]]}
        self._out = out / f"{host}.txt"
        self._errors = out / f"{host}.err"
        with self._out.open("w") as output, self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [
                    "ip",
                    "netns",
                    "exec",
                    NAMES[host],
                    sys.executable,
                    HERE / "field_node.py",
                    json.dumps(settings),
                    role,
                ],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=errors,
            )

    def lines(self) -> list[tuple[float, str]]:
        """(monotonic seconds, what)."""
        whole = self._out.read_text().rpartition("\n")[0].splitlines()
        return [(float(line.split()[0]), line.split()[1]) for line in whole]

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(20) == 0, self._errors.read_text()


def wait_until_heard(node: Node, after_s: float, changes: int) -> None:
    """So many changes since `after_s` of the monotonic clock."""
    until = time.monotonic() + 30
    while sum(at_s > after_s and what != "-" for at_s, what in node.lines()) < changes:
        assert time.monotonic() < until, node.lines()[-5:]
        time.sleep(0.05)


def test_hosts_hear_each_other_and_survive_a_pulled_cable(cable: None, tmp_path: Path) -> None:
    tells, hears = Node(0, "tells", tmp_path), Node(1, "hears", tmp_path)
    wait_until_heard(hears, 0.0, 30)

    ip("-n", NAMES[0], "link", "set", "stage", "down")
    down_s = time.monotonic()
    time.sleep(DOWN_S)
    up_s = time.monotonic()
    quiet = [what for at_s, what in hears.lines() if down_s + 0.2 < at_s < up_s]
    ip("-n", NAMES[0], "link", "set", "stage", "up")
    wait_until_heard(hears, up_s, 20)
    tells.end()
    hears.end()

    assert quiet == []  # the cable was the way they heard each other
    told = tells.lines()
    back_s = next(at_s for at_s, _ in hears.lines() if at_s > up_s) - up_s
    before = delays_ms(told, [line for line in hears.lines() if line[0] < down_s])
    after = delays_ms(told, [line for line in hears.lines() if line[0] > up_s + back_s + 0.5])
    assert len(before) > 20
    assert len(after) > 5
    print(f"heard after (ms): {spread(before)}; cable back: again after {back_s:.2f} s, then {spread(after)}")


def delays_ms(told: list[tuple[float, str]], heard: list[tuple[float, str]]) -> list[float]:
    """From each change to the moment when the other host's collective showed it."""
    delays = []
    for at_s, what in heard:
        since = [at_s - told_s for told_s, value in told if value == what and 0 <= at_s - told_s < 1]
        delays += [1000 * min(since)] if since else []
    return delays


def spread(values: list[float]) -> str:
    return f"p50 {np.median(values):.1f} p99 {np.percentile(values, 99):.1f} max {max(values):.1f} of {len(values)}"
