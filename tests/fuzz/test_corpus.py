"""Every parser still does right by the inputs that were kept for it: good ones, and those that once found a fault."""

from __future__ import annotations

import pytest
from parsers import PARSERS, corpus

KEPT = [(parser, name, content) for parser in PARSERS for name, content in corpus(parser)]


@pytest.mark.parametrize(("parser", "name", "content"), KEPT, ids=[f"{each[0]}-{each[1]}" for each in KEPT])
def test_a_kept_input_finds_no_fault(parser: str, name: str, content: bytes) -> None:
    PARSERS[parser].run(content)


@pytest.mark.parametrize("parser", PARSERS)
def test_no_part_of_a_good_input_and_no_byte_changed_finds_a_fault(parser: str) -> None:
    """A small share of what `make fuzz` does: each seed cut short, and with a byte changed, in 20 places."""
    for seed in PARSERS[parser].seeds():
        for at in range(1, len(seed), max(1, len(seed) // 20)):
            PARSERS[parser].run(seed[:at])
            PARSERS[parser].run(seed[:at] + bytes([seed[at] ^ 0x55]) + seed[at + 1 :])
