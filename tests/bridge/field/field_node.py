"""A node as a program of its own, for tests: `field_node.py SETTINGS tells|hears`.

SETTINGS is JSON with arguments of FieldSettings. `tells` changes what it shares six times a second, `hears` shares
nothing; both print a line "SECONDS VALENCE" of the monotonic clock at each change of what they tell or hear, "-" where
nobody is heard any more, until their input ends.
"""

from __future__ import annotations

import json
import sys
import threading
import time

from emohost.bridge.field import EmotionalField, FieldSettings

CHANGES_S = 1 / 6
LOOKS_S = 0.002


def main() -> None:
    ending = threading.Event()

    def end_with_the_input() -> None:
        sys.stdin.read()
        ending.set()

    threading.Thread(target=end_with_the_input, daemon=True).start()
    settings = json.loads(sys.argv[1])
    settings["connect"] = tuple(settings.get("connect", ()))
    with EmotionalField(FieldSettings(**settings)) as field:
        (tells if sys.argv[2] == "tells" else hears)(field, ending)


def tells(field: EmotionalField, ending: threading.Event) -> None:
    told = [0.0, 0.5]
    field.share(lambda: tuple(told))
    number = 0
    while not ending.wait(CHANGES_S):
        number = number % 90 + 1
        told[0] = number / 100
        say(f"{told[0]:.2f}")


def hears(field: EmotionalField, ending: threading.Event) -> None:
    before = "-"
    while not ending.wait(LOOKS_S):
        felt = field.collective()
        heard = f"{felt.valence:.2f}" if felt.nodes else "-"
        if heard != before:
            say(heard)
        before = heard


def say(what: str) -> None:
    print(f"{time.monotonic():.4f} {what}", flush=True)


if __name__ == "__main__":
    main()
