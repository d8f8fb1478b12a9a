"""`emohost train text` and `models evaluate --role text`: what does not apply is refused, what is missing is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result


@pytest.mark.parametrize("option", [("--seed", "1"), ("--resume",), ("--minutes", "2")])
def test_options_that_do_not_apply_are_refused(
    emohost: Callable[..., Result], tmp_path: Path, option: tuple[str, ...]
) -> None:
    done = emohost("train", "text", "--data", tmp_path, *option)
    assert done.exit_code == 2
    assert f"{option[0]} does not apply to text" in done.stderr


@pytest.mark.parametrize("command", [("train", "text"), ("models", "evaluate", "--role", "text")])
def test_missing_data_is_named(
    emohost: Callable[..., Result], tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = emohost(*command, "--data", tmp_path)
    assert done.exit_code == 1
    assert "emobank" in done.stderr
    assert done.stderr.count("expected the data set") == 1
