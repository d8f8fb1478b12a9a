"""Checks of the machine, read from /proc and /sys. Any thread; no check raises: what cannot be read is `unknown`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from emohost.doctor.findings import Finding, State
from emohost.process.limits import soft_limit

ROOT: Final = Path("/")
MEGABYTE: Final = 1 << 20
LEAST_PRIORITY: Final = 70  # real-time, of 99
LEAST_LOCKED: Final = 256 * MEGABYTE
LEAST_FREE: Final = 1024 * MEGABYTE
LEAST_SHARED: Final = 64 * MEGABYTE
MOST_SWAPPINESS: Final = 20
GOOD_CLOCKS: Final = ("tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page")
GOVERNORS: Final = ("performance", "schedutil")
LIMITS: Final = (
    "as root write '@audio - rtprio 95' and '@audio - memlock unlimited' into /etc/security/limits.d/audio.conf, "
    "join the group audio, log in again"
)
# Programs that wake up and take the processor or the disk, or hold the sound card.
COMPETING: Final = {
    "packagekitd": "updates in the background",
    "unattended-upgr": "updates in the background",
    "tracker-miner-f": "indexes files",
    "tracker-extract": "indexes files",
    "baloo_file": "indexes files",
    "updatedb": "indexes files",
    "updatedb.plocat": "indexes files",
    "pulseaudio": "holds the sound card beside JACK",
}


def governor(root: Path = ROOT) -> Finding:
    why = "a processor that saves power takes milliseconds to become fast: blocks come late when the music gets dense"
    files = sorted((root / "sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_governor"))
    found = sorted({text for each in files if (text := _text(each))})
    if not found:
        return Finding("governor", "unknown", "the system does not say", why)
    good = all(each in GOVERNORS for each in found)
    mend = "" if good else "sudo cpupower frequency-set -g performance"
    return Finding("governor", "good" if good else "doubtful", ", ".join(found), why, mend, bool(mend))


def priority() -> Finding:
    why = "without real-time priority any other program may run before the audio callback"
    return _limited("real-time priority", "RLIMIT_RTPRIO", LEAST_PRIORITY, 1, "", why)


def locked_memory() -> Finding:
    why = "memory that is not locked can be swapped out: the block that needs it waits for the disk"
    return _limited("memory lock", "RLIMIT_MEMLOCK", LEAST_LOCKED, MEGABYTE, " MB", why)


def clock_source(root: Path = ROOT) -> Finding:
    why = "a slow clock costs microseconds each time that somebody asks for the time, in every block"
    found = _text(root / "sys/devices/system/clocksource/clocksource0/current_clocksource")
    if not found:
        return Finding("clock source", "unknown", "the system does not say", why)
    good = found in GOOD_CLOCKS
    mend = "" if good else "start the kernel with clocksource=tsc, if it calls the TSC stable (dmesg)"
    return Finding("clock source", "good" if good else "doubtful", found, why, mend)


def swapping(root: Path = ROOT) -> Finding:
    why = "a system that swaps early swaps out what a set's next song needs"
    swaps, swappiness = _text(root / "proc/swaps"), _text(root / "proc/sys/vm/swappiness")
    if swaps is None or swappiness is None or not swappiness.isdigit():
        return Finding("swapping", "unknown", "the system does not say", why)
    if len(swaps.splitlines()) < 2:
        return Finding("swapping", "good", "no swap", why)
    good = int(swappiness) <= MOST_SWAPPINESS
    mend = "" if good else "sudo sysctl vm.swappiness=10"
    return Finding(
        "swapping", "good" if good else "doubtful", f"swappiness {swappiness}", why, mend, bool(mend)
    )


def competing(root: Path = ROOT) -> Finding:
    why = "they wake up when they like, and take the processor, the disk or the sound card"
    found = sorted({name for name in _running(root) if name in COMPETING})
    if not found:
        return Finding("other programs", "good", "none that is known to disturb", why)
    told = ", ".join(f"{name} ({COMPETING[name]})" for name in found)
    return Finding("other programs", "doubtful", told, why, "end them before the show")


def usb_power(root: Path = ROOT) -> Finding:
    why = "a USB sound card or keyboard that is put to sleep is gone for a moment"
    asleep = []
    for interface in (root / "sys/bus/usb/devices").glob("*/bInterfaceClass"):
        if _text(interface) != "01":  # audio, MIDI among it
            continue
        device = interface.parent.name.partition(":")[0]
        if _text(root / "sys/bus/usb/devices" / device / "power/control") == "auto":
            asleep.append(device)
    if not asleep:
        return Finding("USB power", "good", "no audio device may be put to sleep", why)
    names = sorted(set(asleep))
    mend = "; ".join(f"echo on | sudo tee /sys/bus/usb/devices/{name}/power/control" for name in names)
    return Finding("USB power", "doubtful", f"may be put to sleep: {', '.join(names)}", why, mend, True)


def kernel(root: Path = ROOT) -> Finding:
    why = "a kernel that can be interrupted lets the audio callback begin on time"
    version, started = _text(root / "proc/version"), _text(root / "proc/cmdline") or ""
    if version is None:
        return Finding("kernel", "unknown", "the system does not say", why)
    kind = next((each for each in ("PREEMPT_RT", "PREEMPT_DYNAMIC", "PREEMPT") if each in version), "")
    good = kind != "" or "threadirqs" in started
    mend = "" if good else "start the kernel with preempt=full threadirqs, or install a real-time kernel"
    return Finding("kernel", "good" if good else "doubtful", kind or "no preemption", why, mend)


def room(folder: Path) -> Finding:
    why = "a recording or a MIDI file stops where the disk is full"
    return _free("free space", folder, LEAST_FREE, why)


def shared_memory(root: Path = ROOT) -> Finding:
    why = "the engine's rings lie there; without room it does not start"
    return _free("shared memory", root / "dev/shm", LEAST_SHARED, why)


def checks(folder: Path) -> list[Callable[[], Finding]]:
    """In the order in which they are told. `folder`: where the rig's files go."""
    return [
        governor,
        priority,
        locked_memory,
        kernel,
        clock_source,
        swapping,
        usb_power,
        competing,
        shared_memory,
        lambda: room(folder),
    ]


def _free(name: str, folder: Path, least: int, why: str) -> Finding:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(name, "unknown", f"{folder}: {error.strerror or error}", why)
    state: State = "good" if free >= least else "bad"
    mend = "" if state == "good" else f"make room in {folder}: {least // MEGABYTE} MB at least"
    return Finding(name, state, f"{free // MEGABYTE} MB in {folder}", why, mend)


def _running(root: Path) -> Iterator[str]:
    for process in (root / "proc").glob("[0-9]*"):
        if name := _text(process / "comm"):
            yield name


def _limited(name: str, which: str, least: int, unit: int, unit_name: str, why: str) -> Finding:
    limit = soft_limit(which)
    if limit is None:
        return Finding(name, "unknown", "the system does not say", why)
    if _is_root() or limit < 0:
        return Finding(name, "good", "root has no limit" if _is_root() else "no limit", why)
    found = f"up to {limit // unit}{unit_name}; {least // unit}{unit_name} wanted"
    good = limit >= least
    return Finding(name, "good" if good else "bad", found, why, "" if good else LIMITS)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
