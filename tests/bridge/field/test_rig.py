"""The field of a rig: off unless asked for, joined by Side B's process, heard by the ring, shown in the status."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from emohost.bridge import EmotionRing
from emohost.bridge.field import EmotionalField, FieldSettings, rig_field
from emohost.bridge.field import rig as joining
from emohost.bridge.field.network import zenoh_settings
from emohost.bridge.queues import read_queues, remove_queues
from emohost.cli.status import field_line
from emohost.config import load_rig
from emohost.config.load import parse_rig
from emohost.errors import ConfigError, FieldError
from emohost.host.bridge import Bridge
from emohost.host.side_b import SideB

RIG = "audio: {{backend: dummy}}\nbridge: {{field: {field}}}\n"
SCRIPT = """
import time
from emohost.bridge.field import rig_field
rig_field().share(lambda: (0.6, 0.6, 1.0))
time.sleep(600)
"""


def test_it_is_off_and_on_the_loopback_unless_asked_for() -> None:
    field = parse_rig("audio: {backend: dummy}").bridge.field
    assert not field.enabled
    assert (field.interface, field.tls, field.connect) == ("loopback", None, [])


@pytest.mark.parametrize(
    ("field", "mistake"),
    [
        ("{influence: 2}", r":2:18: bridge\.field\.influence: found 2; expected a number from 0 to 1"),
        (
            "{interfaces: eth0}",
            r"bridge\.field\.interfaces: found an unknown key; .*did you mean 'interface'",
        ),
        ("{role: clinet}", r"bridge\.field\.role: found 'clinet'; .*did you mean 'client'"),
        ("{role: client}", r"bridge\.field\.role: found role client and nobody to call; expected a router"),
        (
            "{connect: ['tcp/10.0.0.1:7447']}",
            r"bridge\.field\.connect\.0: found 'tcp/10\.0\.0\.1:7447'; .*host",
        ),
        ("{tls: {key: a.key}}", r"bridge\.field\.tls\.authority: found nothing; expected a path"),
    ],
)
def test_mistakes_are_named_at_their_place(field: str, mistake: str) -> None:
    with pytest.raises(ConfigError, match=mistake):
        parse_rig(RIG.format(field=field))


def test_certificates_are_looked_for_beside_the_rig(tmp_path: Path) -> None:
    rig = tmp_path / "rig.yaml"
    rig.write_text(RIG.format(field="{tls: {authority: ca.pem, certificate: keys/a.pem, key: /k/a.key}}"))
    tls = load_rig(rig).rig.bridge.field.tls
    assert tls is not None
    assert (tls.authority, tls.certificate, tls.key) == (
        tmp_path / "ca.pem",
        tmp_path / "keys" / "a.pem",
        Path("/k/a.key"),
    )


def test_a_host_does_not_start_with_a_field_that_cannot_be() -> None:
    pytest.importorskip("zenoh", reason="the extra 'field' is not installed")
    section = parse_rig(RIG.format(field="{enabled: true, interface: eth99}")).bridge
    with pytest.raises(FieldError, match="found no interface 'eth99'"):
        Bridge(section, lambda text, level: None)


def test_own_address_is_left_out_of_the_calls() -> None:
    settings = FieldSettings(port=7001, connect=("127.0.0.1:7001", "127.0.0.1", "rig-b.local:9", "[::1]"))
    calls = [each.partition("#")[0] for each in zenoh_settings(settings, "127.0.0.1")["connect/endpoints"]]
    assert calls == ["tcp/127.0.0.1:7447", "tcp/rig-b.local:9", "tcp/[::1]:7447"]


def test_a_script_outside_of_a_rig_is_told_so() -> None:
    with pytest.raises(FieldError, match=r"expected bridge\.field\.enabled"):
        rig_field()


def test_the_rigs_script_shares_and_the_collective_reaches_the_ring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("zenoh", reason="the extra 'field' is not installed")
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path))
    script = tmp_path / "people.py"
    script.write_text(SCRIPT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rules = SimpleNamespace(ring="field-test", memory_mb=512, patience_s=30.0)
    section = parse_rig(RIG.format(field=f"{{enabled: true, name: tested, port: {port}}}")).bridge.field
    said: list[str] = []
    side_b = SideB(
        rules, script, lambda text, level: said.append(text), field=section.model_dump(mode="json")
    )
    try:
        other = FieldSettings(name="tested", port=0, connect=(f"127.0.0.1:{port}",))
        with EmotionalField(other) as field:
            field.share(lambda: (0.6, -0.6, 1.0))
            wait_for(side_b, lambda: side_b.field.get("nodes") == 2, said)
            wait_for(side_b, lambda: field.collective().nodes == 2, said)  # either may be the first to hear
            assert field.collective().valence == pytest.approx(0.6, abs=1e-3)
        status = dict(side_b.field)
        json.dumps(status)
        assert status["shares"]
        assert not status["encrypted"]
        assert field_line(status) == "field tested 2 nodes valence +0.60 arousal +0.00 resonance 0.71"
        queues = [queue for queue in read_queues("field-test") if queue.written]
        assert [queue.writer[1] for queue in queues if queue.writer] == ["the field 'tested'"]
    finally:
        side_b.stop()
        remove_queues("field-test")


def wait_for(side_b: SideB, what: Callable[[], bool], said: list[str]) -> None:
    until = time.monotonic() + 40
    while not what():
        assert time.monotonic() < until, (said, side_b.field)
        side_b.step()
        time.sleep(0.01)


def test_what_people_of_other_rigs_let_be_shared_is_kept_in_no_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
    given: list[EmotionRing] = []
    monkeypatch.setattr(joining, "EmotionalField", lambda _settings, ring, **_: given.append(ring))
    monkeypatch.setattr(joining, "_joined", None)
    joining.join_rig_field(
        parse_rig(RIG.format(field="{enabled: true}")).bridge.field.model_dump(), "emohost"
    )
    with given[0]:
        assert given[0].withheld
    remove_queues("emohost")
