"""Tables fit the terminal; where there is none, a row is a line."""

from __future__ import annotations

import os
import sys

import pytest

from emohost.cli.common.console import columns

ROWS = [("ok", "melody", "one two three four five six seven eight nine ten"), ("FAIL", "midi", "no")]


def test_a_row_is_a_line_where_nobody_looks_at_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert columns(ROWS, indent="").splitlines() == [
        "ok    melody  one two three four five six seven eight nine ten",
        "FAIL  midi    no",
    ]


def test_on_a_terminal_what_is_too_wide_goes_on_below_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((40, 24)))
    assert columns(ROWS, indent="").splitlines() == [
        "ok    melody  one two three four five",
        "              six seven eight nine ten",
        "FAIL  midi    no",
    ]
    assert columns([]) == ""
