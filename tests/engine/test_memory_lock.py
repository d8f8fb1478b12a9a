"""Memory is locked where the system lets us; where it does not, the message says how to allow it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="locking memory needs Linux")

LIMITED = """
import os, resource
from emohost import _core
resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))
if os.geteuid() == 0:  # root may lock whatever the limit: be somebody else
    os.setresuid(65534, 65534, 65534)
print(_core.lock_memory())
print(next(line for line in open("/proc/self/status") if line.startswith("VmLck")))
"""

ALLOWED = """
import contextlib, resource
from emohost import _core
with contextlib.suppress(ValueError):  # a capability may do instead
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(_core.lock_memory() or "locked")
later = bytearray(10_000_000)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmLck")))
"""


def lines(script: str) -> list[str]:
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return result.stdout.splitlines()


def test_where_it_is_not_allowed_the_message_tells_the_limit_and_three_ways() -> None:
    said, locked, *_ = lines(LIMITED)
    for word in ("64 kB", "/etc/security/limits.d", "LimitMEMLOCK", "--ulimit memlock"):
        assert word in said
    assert locked.split()[1] == "0"


def test_where_it_is_allowed_what_is_touched_later_is_locked_too() -> None:
    said, locked = lines(ALLOWED)
    if said != "locked":
        pytest.skip(said)
    assert int(locked) > 20_000
