"""One step of the five networks in a chain: emohost in each precision, others on the same weights, reading alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from figures import Readings, ratio, spread, table
from others import Step, UnsupportedError, numpy_step, onnx_step, torch_step

from emohost import _core
from emohost.networks.load import Parsed
from emohost.networks.precision import build_all

PRECISIONS = ("float32", "float16", "int8", "auto")
ROUNDS = 4  # everybody in turn, so that what disturbs the machine disturbs all
FIRST = 10  # steps of a round that are kept apart
AGREE = 1e-4  # others' outputs from emohost's in float32: else it is not the same network


@dataclass(frozen=True)
class State:
    """Of the caches before each step."""

    name: str
    steps: int
    touched_bytes: int = 0
    pause_s: float = 0.0


STATES = (State("warm", 2000), State("cold", 240, touched_bytes=64 << 20), State("paced", 600, pause_s=0.002))

Run = Callable[[State, int], Readings]  # microseconds of so many steps


def tables(parsed: Mapping[str, Parsed], share: float) -> list[list[str]]:
    best = _core.available_isas()[-1]
    native = {precision: _models(parsed, precision, best) for precision in PRECISIONS}
    sizes = {name: sum(model.memory_bytes for model in models) / 1e6 for name, models in native.items()}
    runs: dict[str, Run] = {}
    for precision, models in native.items():
        runs[f"emohost {precision} ({sizes[precision]:.2f} MB)"] = _timed(models, reading=False)
        runs[f"reading {sizes[precision]:.2f} MB"] = _timed(models, reading=True)
    runs["emohost auto, called from Python"] = _from_python(
        [_stepping(model) for model in _models(parsed, "auto", best)], parsed
    )
    for name, steps in _others(parsed).items():
        runs[name] = _from_python(steps, parsed)
    slow = [isa for isa in ("avx2",) if isa in _core.available_isas()]
    for isa in slow:
        for precision in PRECISIONS[:3]:
            models = _models(parsed, precision, isa)
            runs[f"emohost {precision}, {isa} alone"] = _timed(models, reading=False)
            runs[f"reading for {precision}, {isa} alone"] = _timed(models, reading=True)
    measured = _measure(runs, share)
    return [_step_table(best, measured), _ratio_table(measured, sizes, slow), _first_table(measured)]


def _models(parsed: Mapping[str, Parsed], precision: str, isa: str) -> list[_core.Model]:
    chosen, _ = build_all(parsed, precision)
    return [parsed[role].network(network.info.precision, isa).native for role, network in chosen.items()]


def _timed(models: list[_core.Model], reading: bool) -> Run:
    def run(state: State, steps: int) -> Readings:
        return _core.time_steps(models, steps, state.touched_bytes, state.pause_s, reading) / 1e3

    return run


def _stepping(model: _core.Model) -> Step:
    def step(x: np.ndarray) -> np.ndarray:
        y = model.evaluate(x)
        model.commit()
        return y

    return step


def _from_python(steps: list[Step], parsed: Mapping[str, Parsed]) -> Run:
    random = np.random.default_rng(1)
    widths = [each.draft.inputs for each in parsed.values()]

    def run(state: State, count: int) -> Readings:
        other = np.zeros(state.touched_bytes // 8, np.int64)
        readings = np.empty(count)
        for number in range(count):
            inputs = [random.uniform(-1, 1, width).astype(np.float32) for width in widths]
            other += 1
            if state.pause_s:
                time.sleep(state.pause_s)
            started = time.perf_counter_ns()
            for step, x in zip(steps, inputs, strict=True):
                step(x)
            readings[number] = (time.perf_counter_ns() - started) / 1e3
        return readings

    return run


def _others(parsed: Mapping[str, Parsed]) -> dict[str, list[Step]]:
    """Those that run all five, checked against emohost's float32."""
    makers: dict[str, Callable[[Parsed], Step]] = {
        "ONNX Runtime": lambda each: onnx_step(each.draft),
        "PyTorch eager": lambda each: torch_step(each.draft, script=False),
        "TorchScript": lambda each: torch_step(each.draft, script=True),
        "numpy": lambda each: numpy_step(each.draft),
    }
    found = {}
    for name, make in makers.items():
        try:
            for each in parsed.values():
                _check(name, make(each), each)
            found[name] = [make(each) for each in parsed.values()]
        except UnsupportedError as layer:
            print(f"{name} is left out: here it does not run the layer {layer}")
    return found


def _check(name: str, step: Step, parsed: Parsed) -> None:
    x = np.random.default_rng(2).uniform(-1, 1, (8, parsed.draft.inputs)).astype(np.float32)
    expected = parsed.network().native.process(x)
    found = np.stack([step(each) for each in x])
    worst = float(np.abs(found - expected).max())
    if worst > AGREE:
        raise SystemExit(
            f"{name}, {parsed.file}: outputs {worst:.2g} from emohost's; expected {AGREE:g} at most"
        )


def _measure(runs: Mapping[str, Run], share: float) -> dict[str, dict[str, list[Readings]]]:
    """By name and state, the readings of each round."""
    found: dict[str, dict[str, list[Readings]]] = {name: {} for name in runs}
    for state in STATES:
        steps = max(3 * FIRST, round(share * state.steps / ROUNDS))
        for _ in range(ROUNDS):
            for name, run in runs.items():
                found[name].setdefault(state.name, []).append(run(state, steps))
    return found


def _settled(rounds: list[Readings]) -> Readings:
    return np.concatenate([readings[FIRST:] for readings in rounds])


def _step_table(isa: str, measured: Mapping[str, Mapping[str, list[Readings]]]) -> list[str]:
    heads = [
        "µs a step",
        *(f"{state.name} {what}" for state in STATES for what in ("min", "median", "p99", "max")),
    ]
    rows = [
        [name, *(value for state in STATES for value in spread(_settled(by_state[state.name])))]
        for name, by_state in measured.items()
    ]
    explained = (
        f"The five networks in a chain, each on random input of its own, one core, {isa} unless said otherwise. Warm: "
        "at once after the last; cold: 64 MB touched before each step; paced: 2 ms of sleep before. Reading: the same "
        "memory, read once. emohost is timed natively (the clock read in C++), the others are called from Python."
    )
    return ["## One step of the chain", "", explained, "", *table(heads, rows)]


def _ratio_table(
    measured: Mapping[str, Mapping[str, list[Readings]]], sizes: Mapping[str, float], slow: list[str]
) -> list[str]:
    heads = [
        "median (minimum) over that of reading the same memory",
        *(s.name for s in STATES),
        "p99 / median, paced",
    ]
    rows = []
    pairs = [(f"emohost {name} ({size:.2f} MB)", f"reading {size:.2f} MB") for name, size in sizes.items()]
    pairs += [
        (f"emohost {name}, {isa} alone", f"reading for {name}, {isa} alone")
        for isa in slow
        for name in PRECISIONS[:3]
    ]
    for name, reading in pairs:
        steps = {state.name: _settled(measured[name][state.name]) for state in STATES}
        row = [ratio(steps[state.name], _settled(measured[reading][state.name])) for state in STATES]
        paced = steps["paced"]
        rows.append([name, *row, f"{np.percentile(paced, 99) / np.median(paced):.2f}"])
    limits = "Limits: float32 1.15, int8 1.5 (avx2 alone: 1.6 and 2.2); p99 at most 3 medians."
    return ["## Over the time to read the weights once", "", limits, "", *table(heads, rows)]


def _first_table(measured: Mapping[str, Mapping[str, list[Readings]]]) -> list[str]:
    heads = ["µs", "first step", f"steps 2 to {FIRST}, median", "the rest, median"]
    rows = []
    for name, by_state in measured.items():
        warm = by_state["warm"][0]
        rows.append(
            [name, f"{warm[0]:.1f}", f"{np.median(warm[1:FIRST]):.1f}", f"{np.median(warm[FIRST:]):.1f}"]
        )
    return ["## First steps, apart", "", *table(heads, rows)]
