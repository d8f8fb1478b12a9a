"""`emohost devices` lists what a rig may name; where there is nothing, it says why."""

from __future__ import annotations

import json
from collections.abc import Callable

from click.testing import Result

from emohost.midi.backend import APIS


def test_json_tells_devices_and_ports(emohost: Callable[..., Result]) -> None:
    done = emohost("devices", "--json")
    assert done.exit_code in {0, 4}
    told = json.loads(done.stdout)
    assert (told["audio_error"] is None) == (done.exit_code == 0)
    for device in told["audio"]:
        assert set(device) == {"name", "host_api", "inputs", "outputs", "sample_rate", "default_input"}
    assert told["midi"].keys() <= set(APIS)
    for api in told["midi"].values():
        assert api["ports"] == [] or api["error"] is None


def test_the_list_is_for_people(emohost: Callable[..., Result]) -> None:
    done = emohost("devices")
    assert done.stdout.startswith("Audio devices\n")
    assert "\nMIDI\n" in done.stdout
    assert "Traceback" not in done.output
