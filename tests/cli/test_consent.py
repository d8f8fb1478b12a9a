"""`emohost consent`: everything is named, nothing is implied, and revoking leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

GRANT = ("consent", "grant", "--signals", "text,gsr", "--for", "play", "--hours", "2")


def test_granting_listing_and_revoking(emohost: Callable[..., Result], tmp_path: Path) -> None:
    assert emohost("consent", "list").stdout == "nobody has consented to anything\n"
    done = emohost(*GRANT)
    assert done.exit_code == 0
    assert done.stdout.startswith("me: gsr, text for play, until 20")
    emohost(*GRANT, "--person", "ada")
    listed = json.loads(emohost("consent", "list", "--json").stdout)
    assert [each["person"] for each in listed["consents"]] == ["ada", "me"]
    assert Path(listed["folder"]).is_relative_to(tmp_path)
    assert "ada  gsr, text  play  20" in emohost("consent", "list").stdout
    assert emohost("consent", "revoke", "ada").stdout == "ada: consent revoked, what was kept is deleted\n"
    assert emohost("consent", "revoke", "ada").stdout == "ada: nothing to revoke\n"
    emohost("consent", "revoke")
    assert not list(Path(listed["folder"]).iterdir())


@pytest.mark.parametrize("left_out", ["--signals", "--for", "--hours"])
def test_nothing_is_implied(emohost: Callable[..., Result], left_out: str) -> None:
    place = GRANT.index(left_out)
    done = emohost(*GRANT[:place], *GRANT[place + 2 :])
    assert done.exit_code == 2
    assert left_out in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--signals", "texts"), "expected some of text"),
        (("--for", "all"), "expected some of play"),
        (("--hours", "0"), "--hours"),
        (("--hours", "9000"), "expected a term"),
        (("--person", "../x"), "expected a name"),
    ],
)
def test_what_is_no_consent_is_refused(
    emohost: Callable[..., Result], arguments: tuple[str, str], said: str
) -> None:
    done = emohost(*GRANT, *arguments)
    assert done.exit_code in (1, 2)
    assert said in done.stderr
    assert emohost("consent", "list").stdout == "nobody has consented to anything\n"
