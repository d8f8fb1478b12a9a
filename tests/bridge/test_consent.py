"""Consent: explicit, scoped, expiring, revocable; what is kept lasts no longer than it does."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.bridge.consent import LONGEST_S, PURPOSES, SIGNALS, Consent, ConsentError, ConsentStore, inline

NOW = 1_700_000_000.0


def consent(
    seconds: float = 60, signals: Any = ("text",), purposes: Any = ("play", "record"), person: str = "ada"
) -> Consent:
    return Consent.of(person, signals, purposes, seconds)


@pytest.fixture
def store(tmp_path: Path) -> ConsentStore:
    return ConsentStore(tmp_path / "people")


def test_nothing_is_there_until_it_is_granted(store: ConsentStore) -> None:
    assert store.find("ada") is None
    assert store.everyone() == []
    assert not store.folder.exists()


def test_what_is_granted_is_found_by_any_process(store: ConsentStore) -> None:
    given_ = consent()
    store.grant(given_)
    assert ConsentStore(store.folder).find("ada") == given_
    assert store.find("bob") is None
    assert store.everyone() == [given_]


@given(
    st.sets(st.sampled_from(SIGNALS), min_size=1),
    st.sets(st.sampled_from(PURPOSES), min_size=1),
    st.sampled_from(SIGNALS),
    st.sampled_from(PURPOSES),
)
def test_no_signal_and_no_purpose_is_implied(
    signals: set[str], purposes: set[str], signal: str, purpose: str
) -> None:
    scoped = Consent.of("ada", signals, purposes, 60)
    assert scoped.allows(signal, purpose) == (signal in signals and purpose in purposes)


@pytest.mark.parametrize(
    ("signals", "purposes", "seconds", "person", "said"),
    [
        ([], ["play"], 60, "ada", "signals"),
        (["text"], [], 60, "ada", "purposes"),
        (["everything"], ["play"], 60, "ada", "signals"),
        ("text", ["play"], 60, "ada", "signals"),
        (None, ["play"], 60, "ada", "signals"),
        ([["text"]], ["play"], 60, "ada", "signals"),
        (["text"], ["sell"], 60, "ada", "purposes"),
        (["text"], ["play"], 0, "ada", "term"),
        (["text"], ["play"], float("nan"), "ada", "term"),
        (["text"], ["play"], LONGEST_S + 1, "ada", "term"),
        (["text"], ["play"], True, "ada", "term"),
        (["text"], ["play"], "1", "ada", "term"),
        (["text"], ["play"], 60, "../ada", "person"),
        (["text"], ["play"], 60, "", "person"),
        (["text"], ["play"], 60, 7, "person"),
        (["text"], ["play"], 60, "a" * 65, "person"),
    ],
)
def test_what_is_no_consent_is_refused(
    signals: Any, purposes: Any, seconds: Any, person: Any, said: str
) -> None:
    with pytest.raises(ConsentError, match=said):
        Consent.of(person, signals, purposes, seconds)


def test_it_ends_on_time_and_takes_what_was_kept_with_it(store: ConsentStore) -> None:
    given_ = consent(60)
    store.grant(given_)
    assert store.keep("ada", "taste", b"liked")
    assert store.find("ada", given_.expires_at - 1) is not None
    assert store.find("ada", given_.expires_at) is None
    assert not (store.folder / "ada").exists()


def test_a_clock_that_was_set_back_makes_no_consent(store: ConsentStore) -> None:
    given_ = consent(60)
    assert not given_.holds(given_.granted_at - 3600)


def test_revoking_leaves_nothing(store: ConsentStore) -> None:
    store.grant(consent())
    store.keep("ada", "taste", b"liked")
    store.grant(consent(person="bob"))
    assert store.revoke("ada") is True
    assert store.revoke("ada") is False
    assert [path.name for path in store.folder.rglob("*")] == ["bob", "consent.json"]
    assert store.keep("ada", "taste", b"again") is False
    assert not (store.folder / "ada").exists()


def test_nothing_is_kept_without_consent_to_record(store: ConsentStore) -> None:
    store.grant(consent(purposes=("play",)))
    assert store.keep("ada", "taste", b"liked") is False
    assert store.kept("ada", "taste") is None
    assert [path.name for path in store.folder.rglob("*.json")] == ["consent.json"]


def test_allowing_less_deletes_what_more_had_kept_and_allowing_more_does_not(store: ConsentStore) -> None:
    store.grant(consent(signals=("text",)))
    store.keep("ada", "taste", b"liked")
    store.grant(consent(signals=("text", "gsr")))
    assert store.kept("ada", "taste") == b"liked"
    store.grant(consent(signals=("gsr",)))
    assert store.kept("ada", "taste") is None


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are those of POSIX")
def test_only_this_user_can_read_it(store: ConsentStore) -> None:
    store.grant(consent())
    store.keep("ada", "taste", b"liked")
    for path in (store.folder / "ada").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((store.folder / "ada").stat().st_mode) & 0o077 == 0


WHOLE = consent().as_json()
SPOILT = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"person": "ada"}',
    json.dumps(WHOLE | {"person": "bob"}).encode(),
    json.dumps(WHOLE | {"signals": []}).encode(),
    json.dumps(WHOLE | {"purposes": ["everything"]}).encode(),
    json.dumps(WHOLE | {"expires_at": 1e300}).encode(),
    json.dumps(WHOLE | {"expires_at": float("nan")}).encode(),
    json.dumps(WHOLE | {"granted_at": "now"}).encode(),
    b"[" * 100_000,
)


@pytest.mark.parametrize("content", SPOILT)
def test_a_file_that_cannot_be_read_is_no_consent(content: bytes, store: ConsentStore) -> None:
    store.grant(consent())
    (store.folder / "ada" / "consent.json").write_bytes(content)
    assert store.find("ada") is None
    assert store.keep("ada", "taste", b"liked") is False


@given(st.binary(max_size=300))
def test_any_bytes_make_no_consent(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "ada"
        place.mkdir()
        (place / "consent.json").write_bytes(data)
        assert ConsentStore(Path(folder)).find("ada") is None


def test_a_consent_that_comes_with_an_input_says_everything_or_is_none() -> None:
    whole = {"signals": ["text"], "purposes": ["play"], "expires_in_s": 60}
    assert inline(whole, "ada", NOW).expires_at == NOW + 60
    for name in whole:
        with pytest.raises(ConsentError, match=name):
            inline({key: value for key, value in whole.items() if key != name}, "ada")
