"""Stands for the system's programs: keeps what is asked, and answers as it is told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from emohost.service.commands import Answer


class FakeCommands:
    """answers: by a word of the command; the first that is in it counts. All else does well and says nothing."""

    def __init__(self, answers: Mapping[str, Answer | Callable[[], Answer]] | None = None) -> None:
        self.commands: list[tuple[str, ...]] = []
        self._answers = answers or {}

    def run(self, command: Sequence[str]) -> Answer:
        self.commands.append(tuple(command))
        for word, answer in self._answers.items():
            if word in command:
                return answer() if callable(answer) else answer
        return Answer(0)
