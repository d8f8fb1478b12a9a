"""Numbers on the command line."""

from __future__ import annotations

import math
import re
from typing import Any

import click


class Number(click.FloatRange):
    """A finite number, within limits where there are some: `nan` slips through every comparison, and no duration is
    endless."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            number = float(value)
        except (TypeError, ValueError):
            point = str(value).replace(",", ".")
            meant = f" (did you mean {point}?)" if re.fullmatch(r"[-+]?\d+,\d+", str(value)) else ""
            self.fail(f"found {value!r}; expected a number{meant}", param, ctx)
        if not math.isfinite(number):
            self.fail(f"found {value}; expected a finite number", param, ctx)
        return super().convert(number, param, ctx)
