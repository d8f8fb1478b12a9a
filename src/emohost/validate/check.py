"""The checklist: each promise with its limit, held to what was measured. Pure; measuring is done elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from emohost.networks.precision import FLOAT32_ERROR, LIMIT
from emohost.validate.buffers import FloodResult
from emohost.validate.callback import CallbackResult
from emohost.validate.networks import NetworkTiming
from emohost.validate.pipeline import PipelineTiming
from emohost.validate.rings import RingResult

INFERENCE_MS = 10.0
NETWORK_BYTES = 4_000_000
CPU_PERCENT = 5.0
POOL_BLOCKS = 10_000
GROWTH_BYTES = 1_000_000  # what the measuring itself may take

_NO_NETWORK = "the rig has no network that could be loaded"

Outcome = Literal["pass", "fail", "not measured"]


@dataclass(frozen=True)
class Check:
    """One line of the checklist."""

    name: str
    outcome: Outcome
    measured: str
    limit: str


def no_allocation(result: CallbackResult) -> Check:
    """Heap calls and locks inside the callback, counted by a trap that stands before the C library."""
    limit = "no heap call, no lock in process()"
    if not result.trapped:
        return Check("no allocation in the callback", "not measured", result.why_not, limit)
    calls = ", ".join(f"{kind} {count}" for kind, count in result.calls.items() if count)
    measured = f"{calls or 'none'} in {result.blocks} blocks"
    return _check("no allocation in the callback", not calls and result.blocks > 0, measured, limit)


def no_system_call(result: CallbackResult) -> Check:
    """The callback in a process that the kernel kills at any system call but read, write, exit and sigreturn."""
    name, limit = "no system call in the callback", "none; seccomp's strict mode kills at the first"
    alive = [how for how in result.seal.values() if how != "killed"]
    if alive or not result.sealed:
        return Check(name, "not measured", alive[0] if alive else "nothing was sealed", limit)
    ending, blocks = result.sealed["ending"], result.sealed["blocks"]
    tried = ", ".join(f"{what} {how}" for what, how in result.seal.items())
    measured = (
        f"{ending}: {blocks} blocks of every kind, {result.sealed['notes']} notes; tried before: {tried}"
    )
    return _check(name, ending == "came to its end" and blocks > 0, measured, limit)


def memory_locked(result: CallbackResult) -> Check:
    """Pages that the engine uses stay in memory. Where the system does not allow it, what to do."""
    name, limit = "memory locked", "every page that is touched stays"
    if result.memory_lock:
        return Check(name, "not measured", result.memory_lock, limit)
    return Check(name, "pass", "the system keeps every page that the engine touches", limit)


def lock_free_rings(result: RingResult) -> Check:
    """Two processes on one ring: everything arrives once, whole and in order; refusals are counted."""
    wrong = result.missing + result.out_of_order + result.torn
    counted = result.dropped == result.refused
    measured = (
        f"{result.received} messages between two processes: {result.missing} missing, "
        f"{result.out_of_order} out of order, {result.torn} torn; {result.refused} refused, {result.dropped} counted"
    )
    passed = wrong == 0 and counted and result.received > 0
    return _check("lock-free rings", passed, measured, "all, once, whole, in order; refusals counted")


def preallocated_pools(result: CallbackResult) -> Check:
    """Memory is taken when the engine is built and never again."""
    limit = f"no growth and no page fault in at least {POOL_BLOCKS} blocks"
    growth = result.memory_after - result.memory_before
    measured = [f"engine {result.memory_before / 1e6:.2f} MB, grown by {growth} bytes"]
    passed = growth == 0 and result.blocks >= POOL_BLOCKS
    if result.page_faults is not None:
        measured.append(f"{result.page_faults} page faults")
        passed = passed and result.page_faults == 0
    if result.resident_growth is not None:
        measured.append(f"resident memory +{result.resident_growth / 1e6:.2f} MB")
        passed = passed and result.resident_growth < GROWTH_BYTES
    measured.append(f"{result.blocks} blocks")
    return _check("preallocated pools", passed, ", ".join(measured), limit)


def bounded_buffers(result: FloodResult) -> Check:
    """Full rings refuse and count; the notes that were on meanwhile still get their ends."""
    uncounted = [
        ring for ring, (refused, counted) in result.rings.items() if refused != counted or refused == 0
    ]
    measured = ", ".join(f"{ring}: {refused} refused" for ring, (refused, _) in result.rings.items())
    if uncounted:
        measured += f"; not counted: {', '.join(uncounted)}"
    measured += f"; {result.notes} notes, {result.unbalanced} left on or ended twice"
    passed = not uncounted and result.notes > 0 and result.unbalanced == 0
    return _check("bounded buffers", passed, measured, "every refusal counted, every note balanced")


def inference(timings: Sequence[NetworkTiming]) -> Check:
    """One step of each network, 99th percentile."""
    name, limit = "inference < 10 ms", f"{INFERENCE_MS:.0f} ms per network"
    if not timings:
        return Check(name, "not measured", _NO_NETWORK, limit)
    slowest = max(timings, key=lambda timing: timing.p99_us)
    measured = f"slowest p99 {slowest.p99_us / 1000:.3f} ms ({slowest.role}, of {len(timings)})"
    return _check(name, slowest.p99_us < INFERENCE_MS * 1000, measured, limit)


def memory(timings: Sequence[NetworkTiming]) -> Check:
    """Weights, state and work space of each network."""
    name, limit = "memory < 4 MB per network", f"{NETWORK_BYTES / 1e6:.0f} MB"
    if not timings:
        return Check(name, "not measured", _NO_NETWORK, limit)
    largest = max(timings, key=lambda timing: timing.memory_bytes)
    measured = f"largest {largest.memory_bytes / 1e6:.2f} MB ({largest.role}, of {len(timings)})"
    return _check(name, largest.memory_bytes < NETWORK_BYTES, measured, limit)


def precision(setting: str, chosen: Mapping[str, tuple[str, float]]) -> Check:
    """`setting`: engine.precision. `chosen`, by role: the precision of its weights, and the largest distance of
    an output from float32's."""
    name = "precision of the weights"
    near = f"distances are from float32, which is within {FLOAT32_ERROR:g} of double precision"
    if not chosen:
        return Check(name, "not measured", _NO_NETWORK, near)
    measured = f"engine.precision {setting}: " + ", ".join(
        f"{role} {kept} off by {distance:.1e}" for role, (kept, distance) in chosen.items()
    )
    if setting != "auto":
        return Check(name, "pass", measured, f"none, the rig asks for it; {near}")
    within = all(distance + FLOAT32_ERROR <= LIMIT for _, distance in chosen.values())
    return _check(name, within, measured, f"{LIMIT - FLOAT32_ERROR:g}; {near}")


def cpu(timing: PipelineTiming) -> Check:
    """Processor time of the whole engine per second of audio."""
    return _check(
        "CPU < 5 % of one core",
        timing.cpu_percent < CPU_PERCENT,
        f"{timing.cpu_percent:.2f} % at {timing.sample_rate} Hz, {timing.block_size} frames",
        f"{CPU_PERCENT:.0f} %",
    )


def _check(name: str, passed: bool, measured: str, limit: str) -> Check:
    return Check(name, "pass" if passed else "fail", measured, limit)
