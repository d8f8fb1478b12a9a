"""A flag that signal handlers set, however often and whenever they come."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from emohost.process.flag import Flag

SECONDS = 3.0
SIGNALLED = """
import os, signal, sys, threading, time
from emohost.process.flag import Flag
flag = Flag()
signal.signal(signal.SIGUSR1, lambda *_: flag.set())
def send():
    while True:
        os.kill(os.getpid(), signal.SIGUSR1)
        time.sleep(0.00005)
threading.Thread(target=send, daemon=True).start()
end = time.monotonic() + {seconds}
times = 0
while time.monotonic() < end:
    times += flag.wait(0.000001)
    flag.clear()
print(times)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGUSR1 is of POSIX")
def test_signals_at_any_moment_set_it_and_never_stop_the_process() -> None:
    command = [sys.executable, "-c", SIGNALLED.format(seconds=SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10 * SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 0


def test_a_wait_ends_soon_after_it_was_set_and_at_its_time_where_it_was_not() -> None:
    flag = Flag()
    assert not flag.wait(0.05)
    threading.Timer(0.05, flag.set).start()
    start = time.monotonic()
    assert flag.wait(30)
    assert time.monotonic() - start < 20
    assert flag.is_set()
    flag.clear()
    assert not flag.is_set()
