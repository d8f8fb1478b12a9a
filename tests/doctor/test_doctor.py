"""The doctor finds what is wrong with a machine, says why and what mends it, and changes nothing unasked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from emohost.cli import doctor as cli
from emohost.doctor import machine, sound_server
from emohost.doctor.findings import Finding

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the doctor knows Linux alone")


Check = Callable[[Path], Finding]


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text + "\n")


def good_machine(root: Path) -> None:
    write(root, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance")
    write(root, "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance")
    write(root, "sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc")
    write(root, "proc/swaps", "Filename Type Size Used Priority\n/swap file 1 0 -2")
    write(root, "proc/sys/vm/swappiness", "10")
    write(root, "proc/version", "Linux version 6.1 #1 SMP PREEMPT_RT")
    write(root, "proc/cmdline", "quiet")
    write(root, "proc/12/comm", "bash")
    write(root, "sys/bus/usb/devices/1-2:1.0/bInterfaceClass", "01")
    write(root, "sys/bus/usb/devices/1-2/power/control", "on")


# file, its text on a bad machine, the check that tells, what it says
FAULTS: list[tuple[str, str, Check, str]] = [
    ("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave", machine.governor, "powersave"),
    ("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet", machine.clock_source, "hpet"),
    ("proc/sys/vm/swappiness", "60", machine.swapping, "60"),
    ("proc/version", "Linux version 6.1 #1 SMP", machine.kernel, "no preemption"),
    ("proc/12/comm", "packagekitd", machine.competing, "packagekitd"),
    ("sys/bus/usb/devices/1-2/power/control", "auto", machine.usb_power, "1-2"),
]


@pytest.mark.parametrize(("file", "text", "check", "said"), FAULTS)
def test_each_fault_is_found_where_it_is_and_nowhere_else(
    tmp_path: Path, file: str, text: str, check: Check, said: str
) -> None:
    good_machine(tmp_path)
    every = list(dict.fromkeys(each for *_, each, _ in FAULTS))
    assert [each(tmp_path).state for each in every] == ["good"] * len(every)
    write(tmp_path, file, text)
    for each in every:
        finding = each(tmp_path)
        assert finding.state == ("doubtful" if each is check else "good"), finding
        assert bool(finding.mend) == (each is check)
        if each is check:
            assert said in finding.found
            assert finding.why


@pytest.mark.parametrize(
    "check", [machine.governor, machine.clock_source, machine.swapping, machine.kernel, machine.shared_memory]
)
def test_what_the_system_does_not_tell_is_unknown(tmp_path: Path, check: Check) -> None:
    finding = check(tmp_path)
    assert finding.state == "unknown"
    assert not finding.mend


def test_a_full_disk_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.room(tmp_path).state in ("good", "bad")
    monkeypatch.setattr(machine, "LEAST_FREE", 1 << 62)
    assert machine.room(tmp_path).state == "bad"
    assert str(tmp_path) in machine.room(tmp_path).mend


@pytest.mark.parametrize(
    ("quantum", "forced", "state", "frames"),
    [("1024", "0", "doubtful", "1024"), ("1024", "256", "good", "256, held"), ("256", "0", "good", "256")],
)
def test_pipewires_quantum(quantum: str, forced: str, state: str, frames: str) -> None:
    said = "\n".join(
        f"update: id:0 key:'clock.{key}' value:'{value}' type:''"
        for key, value in (("rate", "48000"), ("quantum", quantum), ("force-quantum", forced))
    )
    finding = sound_server.settings_of(said)
    assert finding.state == state
    assert finding.found.replace(" frames at 48000 Hz", "") == frames
    assert sound_server.settings_of("nonsense").state == "unknown"


def test_the_command_tells_all_of_it_and_ends_by_what_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(cli.command, ["--json"])
    told = json.loads(done.output)
    assert len({each["name"] for each in told}) == len(told) >= 10
    assert done.exit_code == (1 if any(each["state"] == "bad" for each in told) else 0)
    monkeypatch.setattr(cli, "look", lambda folder: [Finding("disk", "bad", "full", "it stops", "make room")])
    done = CliRunner().invoke(cli.command)
    assert done.exit_code == 1
    assert "BAD   disk: full" in done.output
    assert "make room" in done.output


@pytest.mark.parametrize("answer", ["y", "n"])
def test_nothing_is_run_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    trace = tmp_path / "mended"
    found = [
        Finding("one", "doubtful", "x", "y", f"touch '{trace}'", True),
        Finding("two", "doubtful", "x", "y", f"touch '{trace}-by-hand'"),
    ]
    monkeypatch.setattr(cli, "look", lambda folder: found)
    CliRunner().invoke(cli.command)
    assert not trace.exists()
    done = CliRunner().invoke(cli.command, ["--fix"], input=f"{answer}\n")
    assert trace.exists() == (answer == "y")
    assert not Path(f"{trace}-by-hand").exists()
    assert "by hand" in done.output


def test_json_and_fix_do_not_go_together() -> None:
    assert CliRunner().invoke(cli.command, ["--json", "--fix"]).exit_code == 2
