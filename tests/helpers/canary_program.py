"""Run by test_nothing_survives.py in a process of its own: feeds canaries to the framework, logs all it can, and looks
for them in all that the framework still holds. Prints 'done', or what it found."""

from __future__ import annotations

import gc
import logging
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from emohost.bridge import UnifiedFramework, extract_emotion_embedding

NUMBER = 73.193177
GIVEN = {"signals": ["text", "heart_rate"], "purposes": ["play"], "expires_in_s": 60}


def canary() -> str:
    return "kanin" + "chen7319"  # never whole in this file


def everything() -> dict[str, Any]:
    word = canary()
    return {
        "text": f"I am so happy about {word}",
        "biofeedback": {"heart_rate": NUMBER, "gsr": NUMBER, "eeg_alpha": NUMBER, word: word},
        "voice": {"tone": NUMBER, "intensity": word},
        "affect": [word, NUMBER],
        "intent": {"type": word},
        word: word,
    }


def held(roots: Iterable[object]) -> list[str]:
    """Canaries in all that can be reached from `roots`, save through modules and classes."""
    found, seen, waiting = [], set(), list(roots)
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, ModuleType | type):
            continue
        seen.add(id(thing))
        if (isinstance(thing, str) and canary() in thing) or (isinstance(thing, float) and thing == NUMBER):
            found.append(repr(thing))
        if not (isinstance(thing, dict) and "__builtins__" in thing):
            waiting += gc.get_referents(thing)
    return found


def cases(framework: UnifiedFramework, mode: str) -> list[Any]:
    if mode == "no consent":
        return [framework.create_with_consent(everything())]
    if mode == "refused":
        return [framework.create_with_consent({**everything(), "consent": False})]
    if mode == "malformed consent":
        return [framework.create_with_consent({**everything(), "consent": {"signals": [canary()]}})]
    if mode == "another person":
        return [framework.create_with_consent({**everything(), "consent": {"person": canary()}})]
    if mode == "something else":
        other = GIVEN | {"signals": ["feedback"]}
        return [framework.create_with_consent({**everything(), "consent": other})]
    if mode == "no mapping":
        try:
            framework.create_with_consent([everything()])  # type: ignore[arg-type]
        except Exception as error:
            logging.debug("%s", "".join(traceback.format_exception(error)))
        return []
    if mode == "revoked":
        result = framework.create_with_consent({**everything(), "consent": GIVEN})
        logging.debug("created %s", result.created)
        extract_emotion_embedding(result)
        framework.revoke()
        return [framework.create_with_consent(everything())]
    if (
        mode == "played"
    ):  # with consent: in memory the sensors' last readings are held, but nothing is written
        return [framework.create_with_consent({**everything(), "consent": GIVEN})]
    raise ValueError(mode)


def main(mode: str) -> None:
    logging.basicConfig(level=logging.DEBUG, filename="program.log")
    framework = UnifiedFramework()
    results = cases(framework, mode)
    logging.debug("%r %r", results, framework.status())
    for result in results:
        try:
            extract_emotion_embedding(result)
        except Exception:
            traceback.print_exc()
    if mode == "played":
        assert results[0].created, results[0]
    else:
        assert not any(result.created for result in results)
        gc.collect()
        if found := held([framework, results]):
            print("held:", found)
            return
    if len(sys.argv) > 2:  # the search must find what is there
        Path(sys.argv[2]).write_text(canary(), encoding="utf-8")
    print("done")


if __name__ == "__main__":
    main(sys.argv[1])
