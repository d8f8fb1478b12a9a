"""All measurements and the checklist, for people and for programs."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from emohost._core import Engine
from emohost.config.schema import Rig
from emohost.errors import ModelError
from emohost.networks import Network, load_set, network_files
from emohost.networks.precision import distances
from emohost.offline.engine import build_engine
from emohost.validate import check
from emohost.validate.buffers import flood
from emohost.validate.callback import watch_callback
from emohost.validate.check import Check
from emohost.validate.networks import NetworkTiming, time_network
from emohost.validate.pipeline import BLOCK_SIZE, SAMPLE_RATE, SECONDS, PipelineTiming, music, time_pipeline
from emohost.validate.rings import stress_ring

FLOOD_S = 12.0
_COLOURS = {"pass": "green", "fail": "bold red", "not measured": "yellow"}


@dataclass(frozen=True)
class Report:
    networks: list[NetworkTiming]
    missing: dict[str, str]
    """Why an optional network is not there, by role."""
    pipeline: PipelineTiming
    checks: list[Check]
    costs_us: dict[str, tuple[float, float]]
    """Median and 99th percentile of a block's cost by kind of input, µs of processor time; music first."""

    @property
    def passed(self) -> bool:
        """No check failed. One that could not be measured here did not fail; it says so."""
        return all(line.outcome != "fail" for line in self.checks)

    def as_json(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "machine": {"system": platform.system(), "machine": platform.machine()},
            "networks": [asdict(timing) for timing in self.networks],
            "missing": self.missing,
            "pipeline": asdict(self.pipeline),
            "costs_us": self.costs_us,
            "checks": [asdict(line) for line in self.checks],
        }


def validate(rig: Rig, base: Path) -> Report:
    """Measures everything, here and now; takes some seconds. Raises ModelError, EngineError."""
    audio = music(SAMPLE_RATE, SECONDS)
    setting = rig.engine.precision
    loaded = load_set(network_files(rig.networks), base, setting)
    found = _only_networks(loaded)
    moved = distances(_only_networks(load_set(network_files(rig.networks), base, "float32")), found)
    networks = [
        time_network(
            role,
            str(network.info.file),
            network.info.architecture,
            network.info.parameters,
            network.info.precision,
            network.native,
        )
        for role, network in found.items()
    ]
    pipeline = time_pipeline(_engine(rig, base), audio, SAMPLE_RATE, BLOCK_SIZE)
    callback = watch_callback(rig, base)
    checks = [
        check.no_system_call(callback),
        check.no_allocation(callback),
        check.lock_free_rings(stress_ring()),
        check.preallocated_pools(callback),
        check.memory_locked(callback),
        check.bounded_buffers(flood(_engine(rig, base), audio[: round(FLOOD_S * SAMPLE_RATE)])),
        check.inference(networks),
        check.memory(networks),
        check.precision(setting, {role: (found[role].info.precision, moved[role]) for role in found}),
        check.cpu(pipeline),
    ]
    missing = {role: str(error) for role, error in loaded.items() if isinstance(error, ModelError)}
    return Report(networks, missing, pipeline, checks, callback.costs_us)


def show(report: Report, console: Console) -> None:
    """The networks as a table, the pipeline as a line, the checklist; fits 80 columns."""
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("one step of")
    for heading in ("parameters", "memory", "median µs", "p99 µs", "max µs", "first µs"):
        table.add_column(heading, justify="right")
    for row in report.networks:
        table.add_row(
            row.role,
            f"{row.parameters:,}",
            f"{row.memory_bytes / 1e6:.2f} MB",
            *(f"{value:.1f}" for value in (row.median_us, row.p99_us, row.max_us, row.first_us)),
        )
    console.print(table)
    for row in report.networks:
        console.print(f"{row.role}: {row.architecture} ({row.precision}, {row.isa})", highlight=False)
    for role, why in report.missing.items():
        console.print(f"[yellow]{role} is missing:[/] {why}", highlight=False)
    whole = report.pipeline
    console.print(
        f"\nwhole pipeline, {whole.blocks} blocks of {whole.block_size} frames at {whole.sample_rate} Hz "
        f"({whole.deadline_us:.0f} µs each): median {whole.median_us:.1f} µs, p99 {whole.p99_us:.1f} µs, "
        f"max {whole.max_us:.1f} µs; {whole.cpu_percent:.2f} % of one core; "
        f"{whole.memory_bytes / 1e6:.2f} MB\n",
        highlight=False,
    )
    if report.costs_us:
        console.print(f"{by_input(report.costs_us)}\n", highlight=False)
    for line in report.checks:
        console.print(f"[{_COLOURS[line.outcome]}]{line.outcome}[/]  [bold]{line.name}[/]", highlight=False)
        console.print(Padding(f"{line.measured}\n[dim]limit: {line.limit}[/]", (0, 0, 0, 6)), highlight=False)


def by_input(costs_us: dict[str, tuple[float, float]]) -> str:
    """What blocks cost that hold other things than music, against music."""
    (_, (median, p99)), *others = costs_us.items()
    ratios = ", ".join(f"{kind} {m / median:.2f} ({p / p99:.2f})" for kind, (m, p) in others)
    return f"a block's cost against music's, median (p99): {ratios}"


def _only_networks(loaded: dict[str, Network | ModelError]) -> dict[str, Network]:
    return {role: network for role, network in loaded.items() if isinstance(network, Network)}


def at_once(rig: Rig) -> Rig:
    """The rig, playing by its own clock and to whatever sounds: an engine that listens first would have little to do in
    what is measured."""
    clock = rig.music.clock.model_copy(update={"source": "internal"})
    play = "when_heard" if rig.music.play == "when_music" else rig.music.play
    return rig.model_copy(update={"music": rig.music.model_copy(update={"clock": clock, "play": play})})


def _engine(rig: Rig, base: Path) -> Engine:
    return build_engine(at_once(rig), base, SAMPLE_RATE, 1, BLOCK_SIZE).engine
