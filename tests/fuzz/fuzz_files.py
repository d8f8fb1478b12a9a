"""What reads files, as functions of bytes: each returns, or has a fault. And small good files to start from."""

from __future__ import annotations

import copy
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree

import mido
import numpy as np
import soundfile

from emohost import load_model
from emohost._core import Engine
from emohost.audio.backend import AudioFormat
from emohost.audio.sound_file import SoundFile
from emohost.config.load import load_rig
from emohost.config.schema import Rig
from emohost.engine.build import engine_settings
from emohost.engine.request import EngineRequest
from emohost.errors import AudioError, ConfigError, MidiFileError, ModelError
from emohost.export.project import project_xml
from emohost.export.song import read_song
from emohost.midi.ledger import Ledger
from emohost.networks import ROLES
from emohost.networks.features import DEFAULTS
from emohost.packaged import packaged
from emohost.process.memory import memory_folder
from emohost.recording.smf import SmfFile
from emohost.styles.compiled import compiled
from emohost.styles.load import load_style, style_file
from emohost.training.data_sets.folders import DataError
from emohost.training.data_sets.midi_files import read_midi

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "helpers"))
from model_files import plugin_export, random_network, rtneural, rtneural_json, state_dict  # noqa: E402

T = TypeVar("T")
MOST_FRAMES = 1 << 16  # that are read of a sound file, whatever its header says
ROLE_CHOICES = [None, *ROLES]
_folder = tempfile.TemporaryDirectory(prefix="emohost-fuzz-", dir=memory_folder())
FOLDER = Path(_folder.name)
SETTINGS = engine_settings(
    EngineRequest.of(Rig.model_validate({"audio": {"backend": "dummy"}}), Path()),
    AudioFormat(8000, 160, 1, waits=True),
    DEFAULTS,
)


def one_line(error: Exception, file: Path) -> None:
    assert str(error).startswith(f"{file}: "), error
    assert "\n" not in str(error), error


def read_or_refused(name: str, data: bytes, read: Callable[[Path], T], refusal: type[Exception]) -> T | None:
    """What is read from a file of that name that holds `data`; None if it is refused, in one line."""
    file = FOLDER / name
    file.write_bytes(data)
    try:
        return read(file)
    except refusal as error:
        one_line(error, file)
        return None


# --- model files: the first byte chooses a role or none -------------------------------------------------------------


def run_model(data: bytes) -> None:
    role = ROLE_CHOICES[data[0] % len(ROLE_CHOICES)] if data else None
    network = read_or_refused("fuzz.json", data[1:], lambda file: load_model(file, role), ModelError)
    if network is None:
        return
    outputs = network.process(np.full((2, network.info.inputs), 0.5, np.float32))
    assert outputs.shape == (2, network.info.outputs)


def model_seeds() -> Iterator[bytes]:
    tensors = random_network(inputs=2, hidden=1, outputs=1)
    for layout in (rtneural, plugin_export, rtneural_json, state_dict):
        yield b"\0" + json.dumps(layout(tensors)).encode()
    for case in ("conv1d_k5_d2", "conv2d_same_s2", "gru_1d", "prelu", "batchnorm2d"):
        yield b"\0" + (HERE.parent / "golden" / case / "model.json").read_bytes()


# --- a rig's YAML ---------------------------------------------------------------------------------------------------


def run_config(data: bytes) -> None:
    file = FOLDER / "rig.yaml"
    file.write_bytes(data)
    try:
        loaded = load_rig(file)
    except ConfigError as error:
        for line in str(error).splitlines():
            assert line.startswith(f"{file}:"), line
            assert len(line) < 1000, line
        return
    engine_settings(EngineRequest.of(loaded.rig, Path()), AudioFormat(48000, 512, 1, waits=True), {})
    loaded.rig.model_dump_json()


def config_seeds() -> Iterator[bytes]:
    for file in sorted(packaged("configs").glob("*.yaml")):
        yield file.read_bytes()
    yield b"audio: {backend: dummy}\nmusic: &a {tempo: 1e2, key: C# minor}\nmidi: {api: none}\n"
    yield b"<<: {audio: {backend: file, path: x.wav}}\n"


# --- a style's YAML -------------------------------------------------------------------------------------------------


def run_style(data: bytes) -> None:
    file = FOLDER / "style.yaml"
    file.write_bytes(data)
    try:
        style = load_style(file)
    except ConfigError as error:
        for line in str(error).splitlines():
            assert line.startswith(f"{file}:"), line
            assert len(line) < 1000, line
        return
    settings = copy.copy(SETTINGS)
    settings["music"] = {**settings["music"], "styles": [compiled(style)], "style": "auto"}
    Engine(settings, {})  # the core takes whatever the schema lets through


def style_seeds() -> Iterator[bytes]:
    for name in ("swing", "waltz"):
        yield style_file(name).read_bytes()
    yield b"name: x\nsource: y\ndrums: {kick: X...|X...|X...|X...}\nfills: [{lines: {snare: xx}}]\n"


# --- sound files ----------------------------------------------------------------------------------------------------


def run_audio(data: bytes) -> None:
    file = FOLDER / "fuzz.wav"
    file.write_bytes(data)
    try:
        with SoundFile(file) as sound:
            left = min(sound.frames, MOST_FRAMES)
            while left > 0 and len(chunk := sound.read(min(4096, left))):
                assert chunk.shape[1] == sound.channels
                left -= len(chunk)
            sound.seek(0)
            sound.read(1)
    except AudioError as error:
        one_line(error, file)


def audio_seeds() -> Iterator[bytes]:
    samples = np.linspace(-1, 1, 128, dtype=np.float32).reshape(64, 2)
    for kind, subtype in (
        ("WAV", "PCM_16"),
        ("WAV", "FLOAT"),
        ("WAVEX", "PCM_24"),
        ("RF64", "PCM_16"),
        ("W64", "PCM_16"),
        ("AIFF", "PCM_16"),
        ("AU", "PCM_16"),
        ("CAF", "PCM_16"),
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
    ):
        buffer = io.BytesIO()
        soundfile.write(buffer, samples, 8000, format=kind, subtype=subtype)
        yield buffer.getvalue()


# --- MIDI: the first byte chooses files (even) or messages to be written (odd) --------------------------------------


def run_midi(data: bytes) -> None:
    if data and data[0] % 2:
        _write_midi(data[1:])
    else:
        _read_midi(data[1:])


def _read_midi(data: bytes) -> None:
    midi = read_or_refused("fuzz.mid", data, read_midi, DataError)
    if midi is None:
        return
    for message in mido.merge_tracks(midi.tracks):
        assert message.time >= 0
    song = read_or_refused("fuzz.mid", data, read_song, MidiFileError)
    if song is not None:
        assert ElementTree.fromstring(project_xml(song, {})).tag == "Project"


def _write_midi(data: bytes) -> None:
    """What the writer takes it also writes so that another program reads it; each note that a ledger says is on can be
    ended."""
    file, ledger, taken = SmfFile(120), Ledger(), 0
    for at in range(0, len(data) - 5, 6):
        time_s = int.from_bytes(data[at : at + 2], "little") / 100
        message = data[at + 3 : at + 3 + data[at + 2] % 4]
        try:
            file.add(time_s, message)
        except ValueError:
            continue
        taken += message[0] < 0xF0
        ledger.enter(message)
    read = mido.MidiFile(file=io.BytesIO(file.encode()))
    assert sum(not message.is_meta for track in read.tracks for message in track) == taken
    on = ledger.sounding
    assert len(ledger.silence()) == on
    assert ledger.sounding == 0


def midi_seeds() -> Iterator[bytes]:
    file = SmfFile(120, {0: "melody"})
    messages = [bytes([0x90, 60, 100]), bytes([0xB0, 1, 2]), bytes([0xC0, 3]), bytes([0x80, 60, 0])]
    for step, message in enumerate(messages):
        file.add(step / 4, message)
    yield b"\0" + file.encode()
    running_status = bytes.fromhex(
        "4d546864000000060000000100604d54726b0000001100903c64003e6400ff510307a12000ff2f00"
    )
    yield b"\0" + running_status
    yield b"\1" + b"".join(bytes([step, 0, len(m)]) + m.ljust(3, b"\0") for step, m in enumerate(messages))
