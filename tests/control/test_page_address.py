"""Where the page is, as the host tells it: an address that others can reach, and on a terminal a code to point a phone
at."""

from __future__ import annotations

import ipaddress
import os
import pty
import sys
from pathlib import Path

import pytest

pytest.importorskip("segno", reason="the page needs the extra `web`")

import segno
from browser import free_port
from host_runs import Run

from emohost.control.page import page_address, show_qr

TOKEN = "t" * 32


def shown_on_terminal(address: str) -> list[list[bool]]:
    """What a camera would see, read back from a terminal's half blocks: True is dark."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        show_qr(address, terminal)
        data = b""
        os.set_blocking(ours, False)
        while True:
            try:
                data += os.read(ours, 65536)
            except BlockingIOError:
                break
    os.close(ours)
    light = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}
    rows: list[list[bool]] = []
    for line in data.decode().replace("\r", "").splitlines():
        rows.append([not light[each][0] for each in line])
        rows.append([not light[each][1] for each in line])
    return rows


def test_the_code_on_the_terminal_is_that_of_the_address() -> None:
    address = f"http://192.168.1.20:8666/?token={TOKEN}"
    wanted = [[bool(each) for each in row] for row in segno.make(address, error="l", micro=False).matrix]
    seen, size = shown_on_terminal(address), len(wanted)
    assert len(seen[0]) == size + 4  # with its quiet border
    assert [row[2 : 2 + size] for row in seen[2 : 2 + size]] == wanted


def test_a_file_gets_no_code(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+") as file:
        show_qr("http://192.168.1.20:8666/", file)
        assert file.tell() == 0


@pytest.mark.parametrize(
    ("host", "token", "expected"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8666/"),
        ("::1", None, "http://[::1]:8666/"),
        ("192.168.1.20", TOKEN, f"http://192.168.1.20:8666/?token={TOKEN}"),
    ],
)
def test_the_address_is_as_a_browser_takes_it(host: str, token: str | None, expected: str) -> None:
    assert page_address(host, 8666, token) == expected


def test_all_of_this_machines_addresses_are_told_as_one_that_others_reach() -> None:
    host = page_address("0.0.0.0", 8666, TOKEN).removeprefix("http://").split(":")[0]
    try:
        assert not ipaddress.ip_address(host).is_unspecified
        assert not ipaddress.ip_address(host).is_loopback
    except ValueError:
        assert host  # in no network: its name


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_host_that_others_may_steer_shows_its_code_on_a_terminal_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    is_terminal: bool,
) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    caplog.set_level("INFO", "emohost")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    config = tmp_path / "rig.yaml"
    config.write_text(
        "audio: {backend: dummy}\nmidi: {api: none}\n"
        f"control: {{web: {{host: 0.0.0.0, port: {free_port()}}}}}\n"
    )
    run = Run(config)
    run.wait_for(lambda: run.statuses and run.status.blocks, "the first block")
    run.end()
    assert run.error is None
    assert ("█" in capsys.readouterr().err) == is_terminal
