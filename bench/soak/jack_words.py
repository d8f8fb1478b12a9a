"""Whom jackd blames for its xruns, by what it says on its standard error."""

from __future__ import annotations

import re
from collections import Counter

# jack2's own words (JackEngine::CheckXRun, JackTimedDriver::Process).
_UNFINISHED = re.compile(r"XRun: client = (.+) was not finished")
_TOO_LATE = re.compile(r"XRun: client (.+) finished after current callback")
_DRIVER = re.compile(r"Driver::Process XRun")


def blamed(said: str) -> Counter[str]:
    """How often each client had not finished in time (those that wait for it are named as well), and how often `jackd
    itself` began a cycle too late, without naming a client."""
    found: Counter[str] = Counter()
    for line in said.splitlines():
        if client := _UNFINISHED.search(line) or _TOO_LATE.search(line):
            found[client[1]] += 1
        elif _DRIVER.search(line):
            found["jackd itself"] += 1
    return found
