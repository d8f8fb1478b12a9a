"""Reads a rig: YAML to checked, resolved models; every mistake of the file in one error, each at its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from emohost.chart import ChartError, parse_chart, read_text
from emohost.config.audio import AudioFile
from emohost.config.bridge import Bridge
from emohost.config.checked import parse_as, read_text_file
from emohost.config.loaded import LoadedRig
from emohost.config.mistakes import rig_schema
from emohost.config.schema import Network, Rig
from emohost.errors import ConfigError
from emohost.vocabulary import ROLE_NAMES


def load_rig(path: str | Path) -> LoadedRig:
    """Reads the YAML file at `path`.

    Paths in it are relative to its folder and come out absolute: `audio.path`, `output.*`, `bridge.script`,
    `bridge.field.tls.*`, and `networks.*.file` where it has a folder in it or names an existing file; a bare name that
    does not stays as it is, for `emohost.networks.find_model` to search for. `music.chart_file` is read: its text
    is then `music.chart`. A style of the user's own (`music.style`) is read and checked; its path comes out absolute.
    Nothing but the YAML file, the chart and the style needs to exist.

    Raises ConfigError, one line per mistake: `file:line:column: key.path: found X; expected Y`.
    """
    file = Path(path)
    text = read_text_file(file, "a rig's YAML file")
    rig = parse_rig(text, str(file))
    base = file.absolute().parent
    whole = _with_style(_with_chart(_resolved(rig, base), file, base), file, base)
    return LoadedRig(whole, file.absolute(), base)


def parse_rig(text: str, file: str = "<text>") -> Rig:
    """The rig that YAML `text` describes, paths as written. `file` is what errors call it. Raises ConfigError."""
    return parse_as(Rig, rig_schema(), text, file)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long, say
        return False


def _resolved(rig: Rig, base: Path) -> Rig:
    def absolute(path: Path) -> Path:
        whole = base / path.expanduser()
        return whole.parent.resolve() / whole.name

    def network(network: Network) -> Network:
        file = network.file
        if file is None or (len(file.parts) == 1 and not _is_file(base / file)):
            return network
        return network.model_copy(update={"file": absolute(file)})

    audio = rig.audio
    if isinstance(audio, AudioFile):
        audio = audio.model_copy(update={"path": absolute(audio.path)})
    outputs = {name: absolute(path) for name, path in rig.output if isinstance(path, Path)}
    networks = {role: network(getattr(rig.networks, role)) for role in ROLE_NAMES}
    return rig.model_copy(
        update={
            "audio": audio,
            "output": rig.output.model_copy(update=outputs),
            "networks": rig.networks.model_copy(update=networks),
            "bridge": _bridge(rig.bridge, absolute),
        }
    )


def _with_chart(rig: Rig, file: Path, base: Path) -> Rig:
    """With the text of its chart's file for a chart: who plays it need not find the file."""
    name = rig.music.chart_file
    if name is None:
        return rig
    chart = base / name.expanduser()
    try:
        text = read_text(chart)
        parse_chart(text, rig.music.beats_per_bar)
    except ChartError as error:
        raise ConfigError(f"{chart}:{error.line}:{error.column}: {error}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"{file}: music.chart_file: found '{name}', which cannot be read: {reason}; expected a chord chart"
        ) from None
    return rig.model_copy(
        update={"music": rig.music.model_copy(update={"chart": text, "chart_file": chart.absolute()})}
    )


def _with_style(rig: Rig, file: Path, base: Path) -> Rig:
    """With the absolute path of a style of the user's own, which is read here so that its mistakes are told at once."""
    from emohost.styles.load import load_style, own_file  # it reads by this package

    own = own_file(rig.music.style)
    if own is None:
        return rig
    path = (base / own.expanduser()).absolute()
    if not _is_file(path):
        raise ConfigError(
            f"{file}: music.style: found '{own}', which is no file; expected auto, a style's name or a path to a style"
        )
    load_style(path)
    return rig.model_copy(update={"music": rig.music.model_copy(update={"style": str(path)})})


def _bridge(bridge: Bridge, absolute: Callable[[Path], Path]) -> Bridge:
    tls = bridge.field.tls
    if tls is not None:
        files = {name: absolute(getattr(tls, name)) for name in ("authority", "certificate", "key")}
        tls = tls.model_copy(update=files)
    field = bridge.field.model_copy(update={"tls": tls})
    return bridge.model_copy(
        update={"script": bridge.script and absolute(bridge.script), "field": field},
    )
