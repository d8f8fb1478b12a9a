"""A device through PortAudio: sounddevice opens the stream, its callback is the engine's own native function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emohost.audio.backend import AudioFormat, Backend
from emohost.errors import AudioError
from emohost.names import choose

if TYPE_CHECKING:
    from emohost._core import Engine

try:
    import sounddevice as sd
except OSError as error:  # the Python package is there, the library is not
    raise AudioError(
        f"the PortAudio library cannot be loaded ({error}); on Debian and Ubuntu: apt install libportaudio2"
    ) from None

COMMON_RATES = (8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000)


@dataclass(frozen=True)
class Device:
    """One device as PortAudio lists it. `index` holds only until the next initialisation."""

    index: int
    name: str
    host_api: str
    max_input_channels: int
    max_output_channels: int
    default_sample_rate: float  # Hz
    is_default_input: bool

    def __str__(self) -> str:
        return (
            f"{self.name!r} ({self.host_api}, {self.max_input_channels} in, {self.max_output_channels} out)"
        )


def initialise() -> None:
    """Lets PortAudio look for devices anew. Only while no stream is open; a driver may never return from it."""
    if sd._initialized:
        sd._terminate()
    sd._initialize()


def list_devices() -> list[Device]:
    """All devices that are there now, inputs and outputs. Raises AudioError."""
    try:
        apis, devices = sd.query_hostapis(), sd.query_devices()
        return [
            Device(
                index=index,
                name=device["name"],
                host_api=apis[device["hostapi"]]["name"],
                max_input_channels=device["max_input_channels"],
                max_output_channels=device["max_output_channels"],
                default_sample_rate=device["default_samplerate"],
                is_default_input=apis[device["hostapi"]]["default_input_device"] == index,
            )
            for index, device in enumerate(devices)
        ]
    except sd.PortAudioError as error:
        raise AudioError(f"PortAudio cannot list the devices: {error}") from None


def choose_device(devices: list[Device], name: str | None, host_api: str | None, outputs: bool) -> Device:
    """The input (with `outputs`, duplex) device of that name, exact or a unique part; without a name the host API's
    default. Raises AudioError listing the candidates."""
    usable = [
        device
        for device in devices
        if device.max_input_channels and (device.max_output_channels or not outputs)
    ]
    kind = "duplex audio device" if outputs else "audio input device"
    if host_api is not None:
        api = choose(
            host_api, list(dict.fromkeys(device.host_api for device in devices)), "host API", AudioError
        )
        usable = [device for device in usable if device.host_api == api]
    if name is None:
        found = [device for device in usable if device.is_default_input] or usable[:1]
        if not found:
            raise AudioError(f"there is no {kind}; there is: {_listed(devices)}")
        return found[0]
    found = [device for device in usable if device.name == name]
    found = found or [device for device in usable if name.casefold() in device.name.casefold()]
    if not found:
        raise AudioError(f"there is no {kind} {name!r}; there is: {_listed(usable)}")
    if len(found) > 1:
        raise AudioError(f"{kind} {name!r} is ambiguous: {_listed(found)}; name more of it, or its host_api")
    return found[0]


def _listed(devices: list[Device]) -> str:
    return ", ".join(map(str, devices)) or "none at all"


class PortAudioBackend(Backend):
    """`settings`: the fields of the configuration's PortAudio section."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._stream: Any = None
        self._fresh = True
        self._description = ""

    def prepare(self) -> AudioFormat:
        wanted = self._settings
        return AudioFormat(
            wanted["sample_rate"],
            wanted["block_size"],
            wanted["input_channels"],
            wanted["output_channels"],
            wanted["pass_through"],
        )

    @property
    def waits_for_device(self) -> bool:
        return True

    def start(self, engine: Engine) -> None:
        if not self._fresh:  # the import has just initialised it
            initialise()
        self._fresh = False
        device = self._choose()
        try:
            stream = open_stream(engine, device.index, self.prepare(), self._settings["latency_s"])
            stream.start()
        except sd.PortAudioError as error:
            raise AudioError(self._why_not(device, error)) from None
        self._stream = stream
        latency = stream.latency[0] if self._settings["output_channels"] else stream.latency
        self._description = f"{device}, input latency {latency * 1e3:.1f} ms"

    def probe(self) -> str:
        """The device that `start` would open, for people. Raises AudioError if it cannot do what is asked of it."""
        device = self._choose()
        if not self._accepts(device, self._settings["sample_rate"]):
            raise AudioError(self._why_not(device, "it refuses these settings"))
        return str(device)

    def stop(self) -> None:
        if self._stream is not None:
            self._stream.abort()
            self._stream.close()
            self._stream = None

    @property
    def description(self) -> str:
        return self._description

    def _choose(self) -> Device:
        wanted = self._settings
        outputs = wanted["output_channels"]
        device = choose_device(list_devices(), wanted["device"], wanted["host_api"], bool(outputs))
        for count, there, kind in (
            (wanted["input_channels"], device.max_input_channels, "input"),
            (outputs, device.max_output_channels, "output"),
        ):
            if count > there:
                raise AudioError(f"device {device} has {there} {kind} channels; {count} were asked for")
        return device

    def _why_not(self, device: Device, error: object) -> str:
        wanted = self._settings
        can = [rate for rate in COMMON_RATES if self._accepts(device, rate)]
        if can and not self._accepts(device, wanted["sample_rate"]):
            rates = ", ".join(map(str, can))
            channels = f"{wanted['input_channels']} in, {wanted['output_channels']} out"
            return f"device {device} cannot do {wanted['sample_rate']:g} Hz with {channels}; it can do {rates} Hz"
        return f"device {device} cannot be opened: {error}"

    def _accepts(self, device: Device, rate: float) -> bool:
        wanted = self._settings
        try:
            sd.check_input_settings(device.index, wanted["input_channels"], "float32", samplerate=rate)
            if wanted["output_channels"]:
                sd.check_output_settings(device.index, wanted["output_channels"], "float32", samplerate=rate)
        except (sd.PortAudioError, ValueError):
            return False
        return True


def open_stream(engine: Engine, device: int, form: AudioFormat, latency_s: float | None = None) -> Any:
    """A PortAudio stream, not started, whose callback is the engine's native one: no Python runs on its thread.

    `engine` must outlive it. Raises sounddevice.PortAudioError.
    """
    duplex = form.channels_out > 0
    latency = "low" if latency_s is None else latency_s
    return sd._StreamBase(
        kind="duplex" if duplex else "input",
        samplerate=form.sample_rate,
        blocksize=form.block_size,
        device=(device, device) if duplex else device,
        channels=(form.channels_in, form.channels_out) if duplex else form.channels_in,
        dtype="float32",
        latency=(latency, latency) if duplex else latency,
        clip_off=True,
        dither_off=True,
        callback=sd._ffi.cast("PaStreamCallback*", engine.callback),
        userdata=sd._ffi.cast("void*", engine.user_data),
        wrap_callback=None,
    )
