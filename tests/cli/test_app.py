"""The command line as a whole: quick help, one clear line for each mistake, exit codes that mean what they say."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result

from emohost import __version__, errors
from emohost.cli import app, cli
from emohost.cli.commands import COMMANDS

HEAVY = {
    "numpy",
    "pydantic",
    "rich",
    "yaml",
    "sounddevice",
    "soundfile",
    "mido",
    "rtmidi",
    "matplotlib",
    "orjson",
}


def imported_by(*arguments: str) -> set[str]:
    """Modules that a fresh `emohost ARGUMENTS` has imported when it exits."""
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('\\n'.join(sys.modules), file=sys.stderr))\n"
        f"sys.argv[1:] = {list(arguments)!r}\n"
        "from emohost.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_help_imports_nothing_heavy() -> None:
    """What makes `--help` answer within 0.2 s; bench/startup.py measures it."""
    modules = imported_by("--help")
    assert "emohost.cli.app" in modules
    assert not HEAVY & modules
    assert "emohost._core" not in modules
    assert not {name for name in modules if name.startswith("emohost.cli.") and name[12:] in COMMANDS}


def test_the_watch_for_heavy_modules_sees_them() -> None:
    assert "pydantic" in imported_by("schema")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_needs_nothing_heavy_either(name: str) -> None:
    assert not HEAVY & imported_by(name, "--help")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(emohost: Callable[..., Result], name: str) -> None:
    done = emohost(name, "--help")
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: emohost {name} ")


def test_help_lists_every_command_and_every_exit_code(emohost: Callable[..., Result]) -> None:
    output = emohost("--help").output
    for name, (_, line) in COMMANDS.items():
        assert f"{name} " in output
        assert line in output
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.EmohostError)
    ]
    for code in {0, app.INTERRUPTED, *(kind.exit_code for kind in kinds)}:
        assert f"\n    {code}  " in output.replace(f"{code} ", f"{code}  ")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["rum"], "Error: no command 'rum'; there are init, run, render, "),
        (["rum"], "(did you mean 'run'?)"),
        (["--loud"], "Error: No such option"),
        (["schema", "extra"], "Error: Got unexpected extra argument"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_clear_line_and_exit_code_2(
    emohost: Callable[..., Result], arguments: list[str], line: str
) -> None:
    done = emohost(*arguments)
    assert done.exit_code == 2
    assert line in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.EmohostError, 1),
        (errors.ConfigError, 2),
        (errors.ModelError, 3),
        (errors.AudioError, 4),
        (errors.MidiError, 5),
        (errors.EngineError, 6),
        (errors.ControlError, 7),
    ],
)
def test_each_kind_of_error_becomes_its_message_and_its_exit_code(
    emohost: Callable[..., Result],
    kind: type[errors.EmohostError],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing(monkeypatch, kind("x.yaml:1:2: found this; expected that"))
    done = emohost("schema")
    assert (done.exit_code, done.stderr, done.stdout) == (code, "x.yaml:1:2: found this; expected that\n", "")


def test_ctrl_c_ends_a_command_with_130(
    emohost: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    done = emohost("schema")
    assert (done.exit_code, done.output) == (130, "")


def test_a_file_that_cannot_be_written_is_named(
    emohost: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, PermissionError(13, "Permission denied", "/root/x.mid"))
    done = emohost("schema")
    assert (done.exit_code, done.stderr) == (1, "/root/x.mid: Permission denied\n")


def test_a_mistake_of_the_program_itself_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError("a bug"))
    assert isinstance(CliRunner().invoke(cli, ["schema"]).exception, ZeroDivisionError)


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Makes `emohost schema` raise `error`."""
    import emohost.cli.schema

    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr(emohost.cli.schema, "command", command)


def test_schema_prints_a_json_schema(emohost: Callable[..., Result]) -> None:
    done = emohost("schema")
    assert done.exit_code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(done.stdout))


def test_a_pipe_that_closes_early_is_no_error(tmp_path: Path) -> None:
    schema = subprocess.Popen(
        [sys.executable, "-m", "emohost", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert schema.stdout is not None
    assert schema.stderr is not None
    schema.stdout.close()
    assert b"Traceback" not in schema.stderr.read()
    schema.stderr.close()
    schema.wait(timeout=60)


def test_version(emohost: Callable[..., Result]) -> None:
    assert emohost("--version").output == f"emohost, version {__version__}\n"


def every_command(
    group: click.Group, names: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All of them, groups included."""
    yield names, group
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from every_command(command, (*names, name))
        else:
            yield (*names, name), command


ALL = dict(every_command(cli))


def examples_of(names: tuple[str, ...], output: str) -> list[str]:
    _, found, rest = output.partition("Examples:\n")
    assert found, f"{names} has no examples"
    return [line.strip() for line in rest.splitlines() if line.strip()]


@pytest.mark.parametrize("names", ALL)
def test_every_help_ends_with_examples_that_the_command_takes(
    emohost: Callable[..., Result], names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are parsed by the command's own parser, in a folder that holds the files they name."""
    monkeypatch.chdir(tmp_path)
    for file in ("rig.yaml", "song.wav", "my_melody.json"):
        (tmp_path / file).write_text("audio: {backend: dummy}\n")
    (tmp_path / "data").mkdir()
    for example in examples_of(names, emohost(*names, "--help").output):
        words = shlex.split(re.split(r" (?:\||>|&&) ", example.removeprefix("pw-jack "))[0])
        assert words[0] == "emohost"
        chosen: click.Command = cli
        words, known = words[1:], tuple[str, ...]()
        while isinstance(chosen, click.Group):
            known = (*known, words.pop(0))
            chosen = ALL[known]
        assert known[: len(names)] == names
        chosen.make_context(" ".join(known), words)
