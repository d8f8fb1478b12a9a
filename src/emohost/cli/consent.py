"""`emohost consent`: what people allow Side B to use."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import click

from emohost.bridge.consent import PURPOSES, SIGNALS, SOMEONE, Consent, ConsentStore
from emohost.cli.common.console import columns, examples
from emohost.cli.common.numbers import Number


def names_of(known: tuple[str, ...]) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Reads names that are separated by commas, all of them of `known`."""

    def read(ctx: click.Context, param: click.Parameter, value: str) -> list[str]:
        names = [name.strip() for name in value.split(",")]
        if wrong := [name for name in names if name not in known]:
            raise click.BadParameter(f"found {wrong[0]!r}; expected some of {', '.join(known)}")
        return names

    return read


@click.group(
    epilog=examples(
        "emohost consent grant --signals text --for play --hours 1",
        "emohost consent list",
        "emohost consent revoke",
    )
)
def command() -> None:
    """What people allow to be used of them: without a consent, Side B uses nothing."""


@command.command(
    epilog=examples(
        "emohost consent grant --signals text,heart_rate --for play,record --hours 2",
        "emohost consent grant --person ada --signals affect --for play,share --hours 0.5",
    )
)
@click.option("--person", default=SOMEONE, show_default=True, help="Whose consent: a name for this machine.")
@click.option(
    "--signals",
    required=True,
    callback=names_of(SIGNALS),
    metavar="NAME,...",
    help=f"What may be used, of: {', '.join(SIGNALS)}.",
)
@click.option(
    "--for",
    "purposes",
    required=True,
    callback=names_of(PURPOSES),
    metavar="NAME,...",
    help="play: the music follows what is felt. record: taste and resting levels are kept on this machine. "
    "share: what is felt is told to other rigs.",
)
@click.option(
    "--hours", required=True, type=Number(0, min_open=True), help="It ends by itself after so long."
)
def grant(person: str, signals: list[str], purposes: list[str], hours: float) -> None:
    """Allow what is named, and nothing else, until it ends or is revoked. Replaces what the person allowed before;
    where that is less now, what was kept is deleted."""
    consent = Consent.of(person, signals, purposes, 3600 * hours)
    ConsentStore().grant(consent)
    click.echo(line_of(consent))


@command.command("list", epilog=examples("emohost consent list", "emohost consent list --json"))
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def list_consents(as_json: bool) -> None:
    """Show every consent that holds."""
    store = ConsentStore()
    consents = store.everyone()
    if as_json:
        click.echo(
            json.dumps({"folder": str(store.folder), "consents": [each.as_json() for each in consents]})
        )
    elif not consents:
        click.echo("nobody has consented to anything")
    else:
        rows = [
            (each.person, ", ".join(sorted(each.signals)), ", ".join(sorted(each.purposes)), ends(each))
            for each in consents
        ]
        click.echo(columns([("who", "signals", "for", "until"), *rows], indent=""))


@command.command(epilog=examples("emohost consent revoke", "emohost consent revoke ada"))
@click.argument("person", default=SOMEONE)
def revoke(person: str) -> None:
    """End PERSON's consent (default: me) and delete all that was kept under it. Within two seconds the music no longer
    follows."""
    found = ConsentStore().revoke(person)
    from emohost.bridge.ring import silence
    from emohost.control.local import running_hosts

    # Scripts that run see it themselves; this is for what ended ones have left on the rings.
    for ring in {host.ring for host in running_hosts() if host.ring}:
        silence(ring)
    click.echo(
        f"{person}: consent revoked, what was kept is deleted" if found else f"{person}: nothing to revoke"
    )


def line_of(consent: Consent) -> str:
    signals, purposes = (", ".join(sorted(each)) for each in (consent.signals, consent.purposes))
    return f"{consent.person}: {signals} for {purposes}, until {ends(consent)}"


def ends(consent: Consent) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(consent.expires_at))
