"""`emohost validate` measures what runs here: the real engine keeps the promises, and doctored ones are found out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from emohost.cli import cli
from emohost.cli.common.files import rig_for_files
from emohost.networks import Network, load_set, network_files
from emohost.networks.formats.write import write_model
from emohost.networks.precision import LIMIT, distances
from emohost.networks.roles import ROLES
from emohost.networks.untrained import untrained_layers, untrained_metadata
from emohost.offline.engine import build_engine
from emohost.validate import callback, check
from emohost.validate.buffers import flood
from emohost.validate.networks import time_network
from emohost.validate.pipeline import music, time_pipeline
from emohost.validate.report import at_once
from emohost.vocabulary import ROLE_NAMES

RATE, BLOCK = 48000, 256


def engine() -> Any:
    rig, base = rig_for_files(None, None)
    return build_engine(at_once(rig), base, RATE, 1, BLOCK).engine


def networks_of(loaded: dict[str, Any]) -> dict[str, Network]:
    return {role: network for role, network in loaded.items() if isinstance(network, Network)}


class Doctored:
    """An engine, a ring ... with some of its methods replaced."""

    def __init__(self, real: Any, **replaced: Any) -> None:
        self._real, self._replaced = real, replaced

    def __getattr__(self, name: str) -> Any:
        return self._replaced[name] if name in self._replaced else getattr(self._real, name)


def test_the_precision_of_each_network_is_measured_anew_as_the_chain_runs(tmp_path: Path) -> None:
    """auto's choice keeps its limit; networks whose weights do not lie on int8's grid are off by more as int8."""
    rig, base = rig_for_files(None, None)
    exact, auto = (
        networks_of(load_set(network_files(rig.networks), base, kept)) for kept in ("float32", "auto")
    )
    assert set(distances(exact, exact).values()) == {0.0}
    for role, distance in distances(exact, auto).items():
        assert distance == auto[role].info.deviation
    for kind in ROLES.values():
        write_model(tmp_path / kind.file, untrained_layers(kind), untrained_metadata(kind))
    exact, int8 = (
        networks_of(load_set(network_files(rig.networks), tmp_path, kept)) for kept in ("float32", "int8")
    )
    assert max(distances(exact, int8).values()) > LIMIT


def test_the_command_measures_everything_and_says_so() -> None:
    """Five networks, the pipeline, ten checks; what it prints agrees with how it exits. Whether the machine is
    fast enough just now is not asked here."""
    result = CliRunner().invoke(cli, ["validate", "--json"])
    report = json.loads(result.stdout)
    assert [network["role"] for network in report["networks"]] == list(ROLE_NAMES)
    for network in report["networks"]:
        assert network["parameters"] > 10_000
        assert network["memory_bytes"] >= network["parameters"]
        assert 0 < network["median_us"] <= network["p99_us"] <= network["max_us"]
    assert report["pipeline"]["blocks"] > 3000
    outcomes = {line["name"]: line["outcome"] for line in report["checks"]}
    assert len(outcomes) == 10
    assert set(report["costs_us"]) > {"music", "silence", "denormals", "missing", "alternating"}
    assert result.exit_code == (1 if "fail" in outcomes.values() else 0)
    assert report["passed"] == (result.exit_code == 0)
    for name in ("lock-free rings", "preallocated pools", "bounded buffers", "memory < 4 MB per network"):
        assert outcomes[name] == "pass", report["checks"]
    expected = "pass" if sys.platform.startswith("linux") else "not measured"
    assert outcomes["no allocation in the callback"] == expected, report["checks"]
    # Where the system grants no seal, that is said; a callback that it kills would be a failure.
    assert outcomes["no system call in the callback"] in ("pass", "not measured"), report["checks"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the trap needs Linux")
def test_the_trap_fires_where_it_is_preloaded() -> None:
    """A heap call between arm and disarm is counted: without this, a count of zero would prove nothing."""
    trap, _ = callback.trap_library()
    program = """
        import ctypes
        here = ctypes.PyDLL(None)
        here.emohost_trap_count.restype = ctypes.c_uint64
        here.malloc.restype = ctypes.c_void_p
        here.free.argtypes = [ctypes.c_void_p]
        here.emohost_trap_arm()
        here.free(here.malloc(100))
        here.emohost_trap_disarm()
        print(here.emohost_trap_count(0), here.emohost_trap_count(1))
    """
    printed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "LD_PRELOAD": str(trap)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    allocated, freed = map(int, printed.split())
    assert allocated >= 1
    assert freed >= 1


def test_without_the_trap_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it cannot be preloaded, the check says why instead of passing; what else is known is still told."""
    monkeypatch.setattr(callback, "trap_library", lambda: (None, "not measured: no trap here"))
    result = callback.watch_callback(*rig_for_files(None, None), seconds=5.0)
    assert check.no_allocation(result).outcome == "not measured"
    assert "no trap here" in check.no_allocation(result).measured
    assert result.blocks > 100
    assert result.memory_before == result.memory_after > 0


def test_a_slow_network_is_found_out() -> None:
    """12 ms a step is more than 10."""

    class Slow:
        inputs, memory_bytes, isa = 64, 1000, "plain"

        def process(self, x: np.ndarray) -> np.ndarray:
            time.sleep(0.012)
            return x

    timing = time_network("melody", "slow.json", "", 1, "int8", Slow(), steps=20)  # type: ignore[arg-type]
    assert check.inference([timing]).outcome == "fail"


def test_an_engine_that_burns_time_is_found_out() -> None:
    """It does the same, and then 2 s more for 20 s of audio: above 5 % of a core."""
    real = engine()

    def render(audio: np.ndarray, block_size: int) -> Any:
        until_ns = time.thread_time_ns() + 2_000_000_000 * len(audio) // (20 * RATE)
        events = real.render(audio, block_size)
        while time.thread_time_ns() < until_ns:
            pass
        return events

    timing = time_pipeline(Doctored(real, render=render), music(RATE, 4.0), RATE, BLOCK)  # type: ignore[arg-type]
    assert check.cpu(timing).outcome == "fail"


def test_an_engine_that_forgets_its_notes_is_found_out() -> None:
    """Flooded, the real one ends all of them; one that loses what is owed at the end does not pass."""
    audio = music(RATE, 12.0)
    assert check.bounded_buffers(flood(engine(), audio)).outcome == "pass"
    forgetful = Doctored(engine(), finish=list)
    assert check.bounded_buffers(flood(forgetful, audio)).outcome == "fail"  # type: ignore[arg-type]


def test_a_ring_that_does_not_count_is_found_out() -> None:
    """It refuses, and says nothing was lost."""
    real = engine()
    nothing = dict.fromkeys(real.shared.dropped, 0)
    silent = Doctored(real, shared=Doctored(real.shared, dropped=nothing))
    result = flood(silent, music(RATE, 2.0))  # type: ignore[arg-type]
    assert check.bounded_buffers(result).outcome == "fail"
