"""Every number that a command takes is finite, and a mistake says what was probably meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click
import pytest
from click.testing import Result

from emohost.cli import cli
from emohost.cli.common.numbers import Number


def commands(
    group: click.Command, names: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(group, click.Group):
        yield names, group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, (*names, name))


FLOATS = [
    (names, parameter.opts[0])
    for names, command in commands(cli)
    for parameter in command.params
    if isinstance(parameter.type, click.FloatRange | click.types.FloatParamType)
]


def test_the_numbers_of_all_commands_were_found() -> None:
    assert {option for _, option in FLOATS} >= {"--valence", "--for", "--hours", "--minutes", "--duration"}


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "NaN"])
@pytest.mark.parametrize(("names", "option"), FLOATS)
def test_no_command_takes_a_number_that_is_not_finite(
    emohost: Callable[..., Result], names: tuple[str, ...], option: str, value: str
) -> None:
    done = emohost(*names, f"{option}={value}")
    assert done.exit_code == 2, done.output
    assert f"found {value}; expected a finite number" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0,5", "found '0,5'; expected a number (did you mean 0.5?)"),
        ("much", "found 'much'; expected a number"),
    ],
)
def test_what_is_no_number_is_shown(text: str, said: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        Number(0, 1).convert(text, None, None)
    assert caught.value.message == said
