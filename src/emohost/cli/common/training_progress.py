"""Bars for training and scoring, on standard error."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emohost.cli.common.console import columns

if TYPE_CHECKING:
    from emohost.training.progress import Progress
    from emohost.training.score import Score


@contextlib.contextmanager
def bars() -> Iterator[Progress]:
    """Shows what training tells; where standard error is no terminal, one line for each thing that is begun."""
    import sys

    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    tasks: dict[str, object] = {}
    if not sys.stderr.isatty():

        def line(what: str, done: float, total: float) -> None:
            if what not in tasks:
                tasks[what] = None
                print(what, file=sys.stderr, flush=True)

        yield line
        return
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*shown, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True)) as display:
        ids = {}

        def bar(what: str, done: float, total: float) -> None:
            if what not in ids:
                ids[what] = display.add_task(what)
            display.update(ids[what], completed=done, total=total)

        yield bar


def table(scores: list[Score]) -> str:
    """One row a score: what, value, target, whether it is reached, and what simpler means reach."""
    rows = []
    for score in scores:
        sign = "" if score.target is None else ">=" if score.higher_is_better else "<="
        target = "" if score.target is None else f"{sign} {score.target:.4g}"
        mark = {None: "", True: "reached", False: "missed"}[score.reached]
        simpler = ", ".join(f"{name} {value:.4g}" for name, value in score.baselines.items())
        rows.append((score.name, f"{score.value:.4g} {score.unit}".rstrip(), target, mark, simpler))
    return columns(rows)
