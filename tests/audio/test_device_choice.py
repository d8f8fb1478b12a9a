"""Devices are chosen by name and host API, never by number; every refusal lists what there is."""

from __future__ import annotations

import pytest

from emohost.errors import AudioError

try:
    from emohost.audio import portaudio
except AudioError as error:
    pytest.skip(str(error), allow_module_level=True)


def device(name: str, api: str, inputs: int = 2, outputs: int = 2, default: bool = False) -> portaudio.Device:
    return portaudio.Device(0, name, api, inputs, outputs, 48000.0, default)


DEVICES = [
    device("Scarlett 2i2 USB", "ALSA"),
    device("HDA Intel", "ALSA", default=True),
    device("HDMI", "ALSA", inputs=0, outputs=8),
    device("Scarlett 2i2 USB", "JACK"),
    device("system", "JACK", default=True),
    device("Webcam", "ALSA", inputs=1, outputs=0),
]


@pytest.mark.parametrize(
    ("name", "api", "outputs", "expected"),
    [
        ("HDA Intel", None, False, 1),
        ("hda", None, False, 1),
        ("scarlett", "JACK", False, 3),
        ("scarlett", "als", True, 0),
        (None, "JACK", False, 4),
        ("webcam", None, False, 5),
    ],
)
def test_exact_or_unique_part_within_the_host_api(
    name: str | None, api: str | None, outputs: bool, expected: int
) -> None:
    assert portaudio.choose_device(DEVICES, name, api, outputs) is DEVICES[expected]


@pytest.mark.parametrize(
    ("name", "api", "outputs", "message"),
    [
        ("Scarlett 2i2 USB", None, False, r"ambiguous: .*\(ALSA, 2 in, 2 out\).*\(JACK"),
        ("i", "ALSA", False, "ambiguous"),
        ("HDMI", None, False, r"there is no audio input device 'HDMI'; there is: 'Scarlett"),
        ("webcam", None, True, r"there is no duplex audio device 'webcam'"),
        ("x", "CoreAudio", False, r"there is no host API 'CoreAudio'; there is: 'ALSA', 'JACK'"),
    ],
)
def test_everything_else_is_an_error_with_the_candidates(
    name: str, api: str | None, outputs: bool, message: str
) -> None:
    with pytest.raises(AudioError, match=message):
        portaudio.choose_device(DEVICES, name, api, outputs)


def test_without_any_device_the_error_says_none() -> None:
    with pytest.raises(AudioError, match="there is: none at all"):
        portaudio.choose_device([], None, None, False)
