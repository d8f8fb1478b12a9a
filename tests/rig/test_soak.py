"""The soak sees what is wrong, excuses no late block that is ours, and runs."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jack_rig import Jackd

SOAK = Path(__file__).resolve().parents[2] / "bench" / "soak"
BLOCK_NS = 2_666_667
LATE = (1_000_000_000, 5_000_000)  # began at one second, took 5 ms
NOW, BEFORE = LATE[0] + 1_000_000, LATE[0] - 1_000_000


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(SOAK)
    return importlib.import_module("figures")


@pytest.mark.parametrize(
    ("slow", "waited", "gone", "fault"),
    [
        ([[], []], [], [[], []], "ours"),
        ([[(NOW, 4.0)], [(NOW, 3.0)]], [], [[], []], "machine"),
        ([[(BEFORE, 4.0)], [(BEFORE, 4.0)]], [], [[], []], "ours"),
        ([[(NOW, 4.0)], []], [], [[], []], "ours"),  # the other core ran as usual
        ([[(NOW, 1.5)], [(NOW, 1.5)]], [], [[], []], "ours"),  # too slow at full speed, too
        ([[], []], [(NOW, 3.0)], [[], []], "waiting"),
        ([[], []], [(NOW, 1.0)], [[], []], "ours"),
        ([[], []], [(BEFORE, 3.0)], [[], []], "ours"),
        ([[(NOW, 1.5)], [(NOW, 1.5)]], [(NOW, 1.0)], [[], []], "waiting"),  # both together
        ([[], []], [], [[], [(NOW + 3_000_000, 3.5)]], "gone"),
        ([[], []], [], [[], [(NOW, 3.5)]], "ours"),  # most of it before the block
        ([[], []], [], [[(NOW, 0.9)], [(NOW, 0.9)]], "ours"),
    ],
)
def test_a_late_block_is_ours_unless_something_else_explains_all_of_it(
    figures: ModuleType,
    slow: list[list[tuple[int, float]]],
    waited: list[tuple[int, float]],
    gone: list[list[tuple[int, float]]],
    fault: str,
) -> None:
    assert importlib.import_module("blame").judge(LATE, BLOCK_NS, slow, waited, gone).fault == fault


def test_jackds_own_words_tell_who_was_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """What jack2 writes to its standard error, among other things."""
    monkeypatch.syspath_prepend(SOAK)
    blamed = importlib.import_module("jack_words").blamed
    assert blamed(
        "JackTimedDriver::Process XRun = 1411 usec\n"
        "Cannot lock down 82274202 byte memory area (Cannot allocate memory)\n"
        "JackEngine::XRun: client = PortAudio was not finished, state = Running\n"
        "JackEngine::XRun: client soak finished after current callback\n"
        "JackTimedDriver::Process XRun = 2 usec\n"
        "JackAudioDriver::ProcessGraphAsyncMaster: Process error\n"
    ) == {"jackd itself": 2, "PortAudio": 1, "soak": 1}


def good(figures: ModuleType) -> Any:
    notes = figures.Notes(ons=100, offs=100)
    memory = figures.Memory([(float(second), 50.0) for second in range(100)])
    return figures.Figures(blocks=1000, port=notes, file=notes, memory={"host": memory})


def test_nothing_wrong_passes(figures: ModuleType) -> None:
    assert figures.faults(good(figures)) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"blocks": 0}, "no block was played"),
        ({"restarts": 2}, "restarted 2 times"),
        ({"exit_code": 6}, "exit code 6"),
        ({"file": None}, "cannot be read"),
        ({"late": {"unlisted": 3}}, "3 of 1000 blocks .* by our fault"),
        ({"port": {"ons": 100, "offs": 99, "sounding": 1}}, "MIDI port: 1 notes sound at the end; .*99 note-offs"),
        ({"port": {"ons": 100, "offs": 100, "offs_too_many": 1}}, "1 of them for no note"),
        ({"file": {}}, "MIDI file: no note"),
    ],
)  # fmt: skip
def test_each_fault_is_told(figures: ModuleType, change: dict[str, object], words: str) -> None:
    kinds = {"late": figures.Late, "port": figures.Notes, "file": figures.Notes}
    bad = good(figures)
    for name, value in change.items():
        setattr(bad, name, kinds[name](**value) if isinstance(value, dict) else value)
    with pytest.raises(AssertionError, match=words):
        raise AssertionError("; ".join(figures.faults(bad)))


def test_only_what_is_our_fault_fails(figures: ModuleType) -> None:
    blame, run = importlib.import_module("blame"), good(figures)
    run.late.verdicts = [blame.Verdict(*LATE, 1.0, 0.0, 0.0, fault) for fault in ("machine", "waiting")]
    assert figures.faults(run) == []
    run.late.verdicts.append(blame.Verdict(*LATE, 1.0, 0.0, 0.0, "ours"))
    assert figures.faults(run) == ["1 of 1000 blocks took longer than they last, by our fault"]


def test_memory_that_grows_is_told_and_that_of_the_start_is_not(figures: ModuleType) -> None:
    run = good(figures)
    run.memory["host"] = figures.Memory([(second, 50 + 0.1 * second) for second in range(100)])
    assert figures.faults(run) == ["host grew by 8.1 MB; expected 4.0 MB at most"]
    run.memory["host"] = figures.Memory([(second, min(90.0, 50 + 5 * second)) for second in range(100)])
    assert figures.faults(run) == []
    run.memory["host"] = figures.Memory([(second, 50.0 + 3 * (second // 20 % 2)) for second in range(100)])
    assert figures.faults(run) == []


@pytest.mark.jack
def test_a_short_soak_finds_nothing_that_does_not_depend_on_time(jackd: Jackd, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(SOAK), "--minutes", "0.75", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    last = result.stdout.splitlines()[-1] if result.stdout else ""
    assert last.startswith(("pass", "FAILED: ")), result.stdout + result.stderr
    found = [each for each in last.removeprefix("FAILED: ").split("; ") if "by our fault" not in each]
    assert result.returncode == (0 if last == "pass" else 1)
    assert found in (["pass"], []), result.stdout
