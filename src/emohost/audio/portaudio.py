"""A device through PortAudio: sounddevice opens the stream, its callback is the engine's own native function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emohost.audio.backend import NO_RESTART, AudioFormat, Backend, NewRate, Restart
from emohost.audio.jack_name import LOOKS, client_name, is_named, name_client
from emohost.audio.rate import COMMON_RATES, RateMeter
from emohost.errors import AudioError
from emohost.names import choose

if TYPE_CHECKING:
    from emohost._core import Engine, Shared
    from emohost.audio.jack_wires import JackWires, Wires

if not is_named():
    name_client(LOOKS)
try:
    import sounddevice as sd
except OSError as error:  # the Python package is there, the library is not
    raise AudioError(
        f"the PortAudio library cannot be loaded ({error}); on Debian and Ubuntu: apt install libportaudio2"
    ) from None

from emohost.audio.age import AgeMeter, StreamAge, listen_briefly

JACK = "JACK Audio Connection Kit"
AUTO = "auto"


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

    def __init__(self, settings: Mapping[str, Any], restart: Restart = NO_RESTART) -> None:
        self._settings, self._restart = settings, restart
        heard = settings["channels"] or range(1, len(_names(settings)) + 1)
        self._channels_in: int = settings["input_channels"] or max([1, *heard])
        self._stream: Any = None
        self._wires: JackWires | None = None
        self._fresh = True
        self._device: Device | None = None
        self._rate = 0.0  # at which the device is opened
        self._agreed = 0.0  # that of the engine
        self._meter: RateMeter | None = None
        self._description = ""

    def prepare(self) -> AudioFormat:
        wanted = self._settings
        if wanted["sample_rate"] == AUTO:
            self._rate = self._look().default_sample_rate
        else:
            self._rate = wanted["sample_rate"]
        was = self._restart.rate
        self._agreed = was.found if was is not None and was.asked == self._rate else self._rate
        return AudioFormat(
            self._agreed,
            wanted["block_size"],
            self._channels_in,
            tuple(channel - 1 for channel in wanted["channels"] or ()),
            wanted["output_channels"],
            wanted["pass_through"],
        )

    @property
    def waits_for_device(self) -> bool:
        return True

    def start(self, engine: Engine) -> None:
        device = self._look()
        try:
            stream = open_stream(engine, device.index, self._opened(), self._settings["latency_s"])
            self._device = None  # it is looked for anew if that fails
            stream.start()
        except sd.PortAudioError as error:
            self._device = None
            raise AudioError(self._why_not(device, error)) from None
        self._stream = stream
        self._description = str(device)
        if device.host_api == JACK:
            self._wires = self._wire()
        elif self._settings["connect"] != "device":
            raise AudioError(
                f"audio.connect: found {self._settings['connect']!r}; expected 'device' where JACK does not lead: "
                f"the device is {device}"
            )

    def age_meter(self, shared: Shared) -> AgeMeter | None:
        return None if self._stream is None else AgeMeter(self._stream, shared)

    def connections(self) -> Wires | None:
        return None if self._wires is None else self._wires.wires

    def new_connections(self) -> Wires | None:
        return None if self._wires is None else self._wires.look()

    def new_rate(self, shared: Shared) -> NewRate | None:
        if self._wires is not None and self._wires.sample_rate not in (None, self._rate):
            return NewRate(self._rate, self._wires.sample_rate, told=True)
        self._meter = self._meter or RateMeter(self._agreed, shared.time)
        found = self._meter.look()
        if found is None:
            return None
        if self._wires is None:
            return NewRate(self._rate, found, told=False)
        # A server knows its rate, and may lose blocks all the same.
        return NewRate(self._rate, found, told=True) if self._wires.ask_rate() == found else None

    def probe(self) -> tuple[str, StreamAge]:
        """The device that `start` would open, for people, and what a moment of listening told. Raises AudioError if it
        cannot do what is asked of it."""
        self.prepare()
        device = self._look()
        if not self._accepts(device, self._rate):
            raise AudioError(self._why_not(device, "it refuses these settings"))
        try:
            heard = listen_briefly(device.index, self._opened(), self._settings["latency_s"])
        except sd.PortAudioError as error:
            raise AudioError(self._why_not(device, error)) from None
        return f"{device} at {self._rate:g} Hz", heard

    def stop(self) -> None:
        if self._stream is not None:
            self._stream.abort()
            self._stream.close()
            self._stream = None

    @property
    def description(self) -> str:
        return self._description

    def _look(self) -> Device:
        """The device, found once for each try."""
        if self._device is None:
            if not self._fresh:  # the import has just initialised it
                initialise()
            self._fresh = False
            self._device = self._choose()
        return self._device

    def _opened(self) -> AudioFormat:
        """As the driver is asked for it."""
        wanted = self._settings
        return AudioFormat(
            self._rate, wanted["block_size"], self._channels_in, channels_out=wanted["output_channels"]
        )

    def _wire(self) -> JackWires:
        from emohost.audio.jack_wires import JackWires

        wanted: Any = self._settings["connect"]
        if not isinstance(wanted, str):
            heard = self._settings["channels"] or range(1, len(wanted) + 1)
            wanted = {channel - 1: name for channel, name in zip(heard, wanted, strict=False)}
        return JackWires(
            client_name(), self._channels_in, self._settings["output_channels"], wanted, self._restart.wires
        )

    def _choose(self) -> Device:
        wanted = self._settings
        outputs = wanted["output_channels"]
        device = choose_device(list_devices(), wanted["device"], wanted["host_api"], bool(outputs))
        for count, there, kind in (
            (self._channels_in, device.max_input_channels, "input"),
            (outputs, device.max_output_channels, "output"),
        ):
            if count > there:
                raise AudioError(f"device {device} has {there} {kind} channels; {count} were asked for")
        return device

    def _why_not(self, device: Device, error: object) -> str:
        can = [rate for rate in COMMON_RATES if self._accepts(device, rate)]
        if can and not self._accepts(device, self._rate):
            rates = ", ".join(map(str, can))
            channels = f"{self._channels_in} in, {self._settings['output_channels']} out"
            return f"device {device} cannot do {self._rate:g} Hz with {channels}; it can do {rates} Hz"
        return f"device {device} cannot be opened: {error}"

    def _accepts(self, device: Device, rate: float) -> bool:
        outputs = self._settings["output_channels"]
        try:
            sd.check_input_settings(device.index, self._channels_in, "float32", samplerate=rate)
            if outputs:
                sd.check_output_settings(device.index, outputs, "float32", samplerate=rate)
        except (sd.PortAudioError, ValueError):
            return False
        return True


def _names(settings: Mapping[str, Any]) -> Sequence[str]:
    """The ports that `audio.connect` names."""
    return () if isinstance(settings["connect"], str) else settings["connect"]


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
