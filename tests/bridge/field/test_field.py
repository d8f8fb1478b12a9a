"""Nodes on this machine: what leaves them and what does not, whom they hear, and where they can be reached."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from certificates import Authority

from emohost import emotion
from emohost.bridge.field import EmotionalField, FieldSettings
from emohost.bridge.field.message import State, pack, unpack
from emohost.bridge.field.network import Credentials, open_session
from emohost.errors import FieldError

zenoh = pytest.importorskip("zenoh", reason="the extra 'field' is not installed")

PATIENCE_S = 10.0
Join = Callable[..., EmotionalField]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def join() -> Iterator[Join]:
    """Joins a field on the loopback; `to`: a node or session to call."""
    joined: list[EmotionalField] = []

    def open_node(*to: EmotionalField, ring: Any = None, **settings: Any) -> EmotionalField:
        settings = {
            "port": free_port(),
            "connect": tuple(f"127.0.0.1:{each.settings.port}" for each in to),
            **settings,
        }
        joined.append(EmotionalField(FieldSettings(**settings), ring))
        return joined[-1]

    yield open_node
    for field in reversed(joined):
        field.close()


def others(field: EmotionalField) -> int:
    status = field.status()
    return int(status["nodes"]) - status["shares"]


def test_two_rigs_hear_each_other_and_feel_one_collective(join: Join) -> None:
    a = join()
    b = join(a)
    a.share(lambda: (0.6, 0.6))
    b.share(lambda: (0.6, -0.6, 1.0))
    assert wait_for(lambda: a.collective().nodes == b.collective().nodes == 2)
    for felt in (a.collective(), b.collective()):
        assert felt.valence == pytest.approx(0.6, abs=1e-3)
        assert felt.arousal == pytest.approx(0.0, abs=1e-3)
        assert felt.resonance == pytest.approx(np.sqrt(0.5), abs=1e-3)


def test_nothing_leaves_before_something_may_be_shared(join: Join) -> None:
    a = join()
    b = join(a)
    a.share(lambda: None)
    b.share(lambda: (0.1, 0.1))
    assert wait_for(lambda: others(a) == 1)
    assert a.status()["sent"] == 0
    assert others(b) == 0


def test_consent_withdrawn_is_forgotten_elsewhere_at_once(join: Join) -> None:
    a = join()
    b = join(a)
    may_share = [True]
    a.share(lambda: (0.6, 0.6) if may_share[0] else None)
    assert wait_for(lambda: others(b) == 1)
    may_share[0] = False
    asked_s = time.monotonic()
    assert wait_for(lambda: others(b) == 0)
    print(f"forgotten after {time.monotonic() - asked_s:.3f} s")
    assert not a.status()["shares"]


def test_a_source_that_fails_or_gives_no_numbers_shares_nothing(
    join: Join, caplog: pytest.LogCaptureFixture
) -> None:
    a = join()
    b = join(a)
    sources: list[Callable[[], Any]] = [
        lambda: 1 / 0,
        lambda: (float("nan"), 0.0),
        lambda: ("happy", 0.0),
        lambda: (0.1,),
    ]
    for number, source in enumerate(sources):
        a.share(lambda: (0.6, 0.6))
        assert wait_for(lambda: others(b) == 1), number
        a.share(source)
        assert wait_for(lambda: others(b) == 0), number
    assert caplog.text.count("nothing is") == len(sources)


def test_what_leaves_is_fourteen_bytes_under_a_name_of_no_one(join: Join) -> None:
    a = join()
    samples: list[Any] = []
    with open_session(FieldSettings(port=free_port(), connect=(f"127.0.0.1:{a.settings.port}",))) as session:
        session.declare_subscriber("emohost/field/1/stage/*", samples.append)
        a.share(lambda: (0.6, -0.2, 0.9))
        assert wait_for(lambda: len(samples) > 1)
    for sample in samples[:2]:
        message = unpack(sample.payload.to_bytes())
        assert message is not None
        assert message.state == pytest.approx((0.6, -0.2, 0.9), abs=1e-4)
        assert str(sample.key_expr) == f"emohost/field/1/stage/{a.node}"
        assert sample.attachment is None
    again = join()
    assert again.node != a.node


def test_bad_messages_are_counted_and_hurt_nobody(join: Join) -> None:
    a = join()
    with open_session(FieldSettings(port=free_port(), connect=(f"127.0.0.1:{a.settings.port}",))) as session:
        name = "emohost/field/1/stage/0123456789abcdef"
        random = np.random.default_rng(1)

        def say(key: str, data: bytes) -> None:
            session.put(key, data)

        def flood() -> bool:
            for length in (0, 13, 14, 15, 1000, 70_000):
                say(name, random.bytes(length))
            say("emohost/field/1/stage/somebody", pack(0, State(1.0, 1.0, 1.0)))
            return a.status()["bad"] > 20

        assert wait_for(flood)
        say(name, pack(0, State(0.5, 0.5, 1.0)))
        assert wait_for(lambda: others(a) == 1)
    assert a.collective().valence == pytest.approx(0.5, abs=1e-3)


def test_fields_of_other_names_are_not_heard(join: Join) -> None:
    a = join()
    b = join(a, name="elsewhere")
    c = join(a)
    b.share(lambda: (0.6, 0.6))
    c.share(lambda: (0.6, 0.6))
    assert wait_for(lambda: others(a) == 1)
    time.sleep(0.3)
    assert others(a) == 1
    assert others(b) == 0


def test_rigs_that_cannot_call_each_other_meet_through_a_router(join: Join) -> None:
    router = join(role="router")
    a, b = join(router, role="client"), join(router, role="client")
    a.share(lambda: (0.6, 0.6))
    b.share(lambda: (0.6, 0.6))
    assert wait_for(lambda: others(a) == others(b) == 1)


def test_a_rig_waits_for_others_that_start_later_or_again(join: Join) -> None:
    port = free_port()
    a = join(connect=(f"127.0.0.1:{port}",))
    for _ in range(2):
        b = join(port=port)
        b.share(lambda: (0.6, 0.6))
        assert wait_for(lambda: others(a) == 1)
        b.close()
        assert wait_for(lambda: others(a) == 0)


def test_the_same_list_of_rigs_serves_all_of_them(join: Join) -> None:
    """Each names every rig, itself included; all call each other at once."""
    ports = [free_port() for _ in range(3)]
    everybody = tuple(f"127.0.0.1:{port}" for port in ports)
    fields = [join(port=port, connect=everybody) for port in ports]
    for field in fields:
        field.share(lambda: (0.6, 0.6))
    assert wait_for(lambda: all(others(field) == 2 for field in fields))
    time.sleep(1.0)
    assert [field.status()["connections"] for field in fields] == [2, 2, 2]
    assert all(others(field) == 2 for field in fields)


def test_the_collective_is_written_to_the_ring_with_its_influence(join: Join) -> None:
    written: list[tuple[float, float, float]] = []

    class Ring:
        def write(self, embedding: Any, weight: float, ttl_s: float) -> None:
            valence, _ = emotion.decode(embedding)
            written.append((float(valence), weight, ttl_s))

    a = join()
    join(a, ring=Ring(), influence=0.4)
    assert wait_for(lambda: bool(written))
    assert written[-1][1] == 0
    a.share(lambda: (0.6, 0.0))
    assert wait_for(lambda: written[-1][1] > 0)
    valence, weight, ttl_s = written[-1]
    assert valence == pytest.approx(0.6, abs=1e-3)
    assert weight == pytest.approx(0.4, abs=1e-3)
    assert 0 < ttl_s <= 2
    a.share(None)
    assert wait_for(lambda: written[-1][1] == 0)


# --- where it can be reached -----------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/net/udp").exists(), reason="reads the sockets from Linux's /proc")
def test_it_is_bound_to_its_interface_alone_and_scouts_nowhere(join: Join) -> None:
    before = {(each.type, each.laddr) for each in psutil.Process().net_connections("inet")}
    a = join()
    join(a)
    opened = [
        each
        for each in psutil.Process().net_connections("inet")
        if (each.type, each.laddr) not in before and each.laddr
    ]
    assert opened
    assert {each.laddr.ip for each in opened} == {"127.0.0.1"}
    assert {each.type for each in opened} == {socket.SOCK_STREAM}


def test_an_interface_that_is_not_there_is_named_with_what_there_is() -> None:
    with pytest.raises(FieldError, match=r"found no interface 'eth99'; expected loopback or one of .*lo"):
        EmotionalField(FieldSettings(interface="eth99"))


def test_a_port_in_use_is_an_error(join: Join) -> None:
    a = join()
    with pytest.raises(FieldError, match="the field cannot be opened on loopback"):
        join(port=a.settings.port)


def test_without_zenoh_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zenoh", None)
    with pytest.raises(FieldError, match=r"pip install 'emohost\[field\]'"):
        EmotionalField(FieldSettings())


# --- who is let in ---------------------------------------------------------------------------------------------------


def hears(join: Join, ours: Credentials, theirs: Credentials | None) -> bool:
    """Whether a rig with `ours` hears one with `theirs`, and is heard by it, in the time in which a friend would be."""
    a = join(tls=ours)
    b = join(a, tls=theirs)
    a.share(lambda: (0.6, 0.6))
    b.share(lambda: (0.6, 0.6))
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        if others(a) and others(b):
            return True
        time.sleep(0.02)
    assert not others(a)
    assert not others(b)
    return False


def test_rigs_of_one_authority_hear_each_other(join: Join, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    assert hears(join, authority.sign("ada"), authority.sign("bob"))


@pytest.mark.parametrize("wrong", ["another authority", "expired", "another's address", "none"])
def test_a_wrong_certificate_is_refused(join: Join, tmp_path: Path, wrong: str) -> None:
    authority = Authority(tmp_path)
    ours = authority.sign("ada", "10.9.9.9" if wrong == "another's address" else "127.0.0.1")
    theirs: Credentials | None
    if wrong == "another authority":
        # It knows ours, but ours does not know it.
        theirs = replace(Authority(tmp_path, "other").sign("eve"), authority=authority.file)
    elif wrong == "expired":
        theirs = authority.sign("eve", days=(-2, -1))
    else:
        theirs = None if wrong == "none" else authority.sign("eve")
    assert not hears(join, ours, theirs)


def test_only_the_rigs_that_are_allowed_are_heard(join: Join, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    ours = authority.sign("ada", allow=("bob",))
    assert hears(join, ours, authority.sign("bob"))
    assert not hears(join, ours, authority.sign("eve"))


def test_a_router_passes_nothing_but_the_field_and_nobody_but_the_allowed(join: Join, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    router = join(role="router", tls=authority.sign("router", allow=("ada", "bob")))
    ada, bob, eve = (join(router, role="client", tls=authority.sign(name)) for name in ("ada", "bob", "eve"))
    eve.share(lambda: (-0.9, -0.9))
    ada.share(lambda: (0.6, 0.6))
    assert wait_for(lambda: others(bob) == 1)
    assert others(eve) == 0
    assert bob.collective().valence == pytest.approx(0.6, abs=1e-3)

    heard: list[str] = []
    outside = FieldSettings(role="client", connect=(f"127.0.0.1:{router.settings.port}",))
    with open_free(replace(outside, tls=authority.sign("bob"))) as listener:
        listener.declare_subscriber("**", lambda sample: heard.append(str(sample.key_expr)))
        listener.declare_subscriber("emohost/field/1/stage/*", lambda sample: heard.append("field"))
        with open_free(replace(outside, tls=authority.sign("ada"))) as speaker:

            def say() -> bool:
                speaker.put("something/else", b"1")
                return "field" in heard

            assert wait_for(say)
    assert "something/else" not in heard


def open_free(settings: FieldSettings) -> Any:
    """A session of a program that keeps to no rules of its own."""
    import json

    from emohost.bridge.field.network import zenoh_settings

    config = zenoh.Config()
    for key, value in zenoh_settings(settings, "127.0.0.1").items():
        if key != "access_control":
            config.insert_json5(key, json.dumps(value))
    return zenoh.open(config)


@pytest.mark.parametrize("file", ["authority", "certificate", "key"])
def test_a_missing_or_wrong_file_is_named(tmp_path: Path, file: str) -> None:
    right = Authority(tmp_path).sign("ada")

    def with_file(name: str) -> FieldSettings:
        changed: dict[str, Any] = {file: tmp_path / name}
        return FieldSettings(port=free_port(), tls=replace(right, **changed))

    with pytest.raises(FieldError, match=rf"bridge\.field\.tls\.{file}: .*none\.pem: No such file"):
        EmotionalField(with_file("none.pem"))
    (tmp_path / "text.pem").write_text("no certificate")
    with pytest.raises(FieldError, match=rf"bridge\.field\.tls\.{file}: .*text\.pem: found no PEM"):
        EmotionalField(with_file("text.pem"))
