"""What the engine leaves out while blocks take too long (ext/core/overload.h), told once and when it is over."""

from __future__ import annotations

from emohost._core import FLAGS

LEFT_OUT = {  # by flag, in the order in which the engine leaves them out
    "shed_evaluations": "the networks between their ticks (the display is coarser, no note changes)",
    "shed_listening": "the search for notes (key and chord heard hold still)",
    "shed_networks": "the networks (the music goes on with what they said last)",
}


class OverloadNews:
    """One thread."""

    def __init__(self) -> None:
        self._worst = 0

    def of(self, flags: int) -> str | None:
        """Given a block's flags: what to say, or None. Worse is said at once, better only when all is well again."""
        left_out = [text for name, text in LEFT_OUT.items() if flags & FLAGS[name]]
        if len(left_out) > self._worst:
            self._worst = len(left_out)
            return f"overload: blocks take too much of their time; left out: {'; '.join(left_out)}"
        if self._worst and not left_out:
            self._worst = 0
            return "overload is over: nothing is left out any more"
        return None
