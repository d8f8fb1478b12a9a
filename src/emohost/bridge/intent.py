"""Creative goals: from what is felt to what is to be played, before a taste moves it.

calm and energise lead rather than answer: they meet the state and go part of the way to their goal, as the
iso principle of music therapy has it (I. M. Altshuler, "A psychiatrist's experience with music as a therapeutic agent",
in Music and Medicine, 1948). The goals are the project's own choice. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STOP = "stop"
USUAL = "creation"
LEAD = 0.6  # of the way from the state to the goal


@dataclass(frozen=True)
class Intent:
    what: str  # for people
    goal: tuple[float, float] | None = None  # valence, arousal that it leads to
    sign: float = 1.0  # -1: the opposite of what is felt
    taste: bool = True  # learnt taste may move it


INTENTS: dict[str, Intent] = {
    "creation": Intent("plays what is felt, to the taste that ratings have taught"),
    "mirror": Intent("plays what is felt, exactly", taste=False),
    "contrast": Intent("plays the opposite of what is felt", sign=-1.0),
    "calm": Intent("leads from what is felt towards rest", goal=(0.3, -0.6)),
    "energise": Intent("leads from what is felt towards joyful activity", goal=(0.5, 0.6)),
}


def intent_of(part: object) -> tuple[str, str | None]:
    """Name of the intent that the part `intent` of an input asks for, and what is wrong with it. Without one, and for
    one that is not known: `creation`."""
    if part is None:
        return USUAL, None
    kind = part.get("type") if isinstance(part, Mapping) else part
    if isinstance(kind, str) and (kind in INTENTS or kind == STOP):
        return kind, None
    return USUAL, f"expected a type of {', '.join(INTENTS)} or {STOP}; {USUAL} is played"


def wanted(name: str, valence: float, arousal: float) -> tuple[float, float]:
    """The point to play for a state, in [-1, 1]. Raises KeyError."""
    intent = INTENTS[name]
    if intent.goal is None:
        return intent.sign * valence, intent.sign * arousal
    return (
        valence + LEAD * (intent.goal[0] - valence),
        arousal + LEAD * (intent.goal[1] - arousal),
    )
