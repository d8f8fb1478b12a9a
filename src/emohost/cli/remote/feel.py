"""`emohost feel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from emohost.cli.common.console import examples
from emohost.cli.common.numbers import Number
from emohost.errors import ControlError

if TYPE_CHECKING:
    from emohost.control.local import RunningHost

CONSENT_SPARE_S = 60.0  # the consent is to outlive what it is for, not to cut it short


@click.command(
    epilog=examples(
        "emohost feel --valence 0.4 --arousal 0.7 --for 30",
        'emohost feel --consent "What a day!"',
        "emohost feel --off",
        "emohost feel --rig stage --arousal -0.5",
    )
)
@click.argument("text", required=False)
@click.option("--valence", type=Number(-1, 1), help="Unpleasant (-1) to pleasant (1); 0 if left out.")
@click.option("--arousal", type=Number(-1, 1), help="Calm (-1) to excited (1); 0 if left out.")
@click.option(
    "--weight",
    type=Number(0, 1),
    default=1.0,
    show_default=True,
    help="Share in what is felt, beside what is heard.",
)
@click.option(
    "--for",
    "seconds",
    type=Number(0, 1e6),
    default=10.0,
    show_default=True,
    help="Seconds until it fades.",
)
@click.option(
    "--ring", help="The ring (bridge.ring) of the hosts that are meant, where several are listened to."
)
@click.option("--rig", metavar="NAME", help="Only the running host of that name.")
@click.option("--consent", is_flag=True, help="Yes: use TEXT, this once, for the music and nothing else.")
@click.option("--off", is_flag=True, help="Nothing but the sound is felt, until --on.")
@click.option("--on", is_flag=True, help="The end of --off.")
def command(
    text: str | None,
    valence: float | None,
    arousal: float | None,
    weight: float,
    seconds: float,
    ring: str | None,
    rig: str | None,
    consent: bool,
    off: bool,
    on: bool,
) -> None:
    """Make the running host feel something: a point, or what TEXT, an English sentence, says.

    It comes within half a second and fades within one. Others who write to the host at the same time are felt as well:
    weights add up. --off takes everybody's influence out of what is played.

    A sentence tells of a person: it is used with --consent, for this once, or with a consent that `emohost consent
    grant` has kept (text, for play). It never leaves this process, which stays for --for seconds: Ctrl-C, or revoking,
    takes it back at once.
    """
    point = valence is not None or arousal is not None
    if (text is not None) + point + off + on != 1:
        raise click.UsageError("expected one of: TEXT, --valence and --arousal, --off, --on")
    if ring is not None and rig is not None:
        raise click.UsageError("found --ring and --rig; expected one of them")
    hosts = hosts_of(ring) if rig is None else [host_alone(rig, on_its_ring=text is not None)]
    if text is not None:
        play_text(text, consent, weight, seconds, hosts[0].ring)
    elif point:
        felt = (valence or 0.0, arousal or 0.0)
        if rig is None:
            play(felt, weight, seconds, hosts[0].ring)
        else:
            tell(hosts[0], felt, weight, seconds)
    else:
        from emohost.control.local import send_command

        for host in hosts:
            send_command("side_b", host, on=on)
        click.echo(f"Side B is {'on' if on else 'off'} in {', '.join(host.name for host in hosts)}")


def hosts_of(ring: str | None) -> list[RunningHost]:
    """The running hosts that listen to one ring. Raises ControlError if there are none, or several rings."""
    from emohost.control.local import running_hosts

    running = running_hosts()
    if not running:
        raise ControlError("no host is running")
    listened = sorted({host.ring for host in running})
    if ring is None and len(listened) > 1:
        raise ControlError(
            f"several hosts are running, with the rings {', '.join(listened)}; say which: --ring NAME, or --rig NAME"
        )
    hosts = [host for host in running if ring in (None, host.ring)]
    if not hosts:
        raise ControlError(f"no host listens to the ring {ring!r}; there is {', '.join(listened)}")
    return hosts


def host_alone(name: str, on_its_ring: bool) -> RunningHost:
    """The running host of that name. Raises ControlError if there is none, or if with `on_its_ring` others listen to
    its ring, too: they would feel the same."""
    from emohost.control.local import host_named, running_hosts

    host = host_named(name)
    others = [f"'{each.name}'" for each in running_hosts() if each.ring == host.ring and each.pid != host.pid]
    if on_its_ring and others:
        raise ControlError(
            f"the ring '{host.ring}' of '{name}' is heard by {', '.join(others)}, too; give each rig a ring of its own "
            f"(bridge.ring), or let all of them feel it: --ring {host.ring}"
        )
    return host


def play(point: tuple[float, float], weight: float, seconds: float, ring: str) -> None:
    """Writes one emotion; it outlives this process."""
    from emohost.bridge.ring import EmotionRing
    from emohost.emotion import encode

    with EmotionRing(ring, "emohost feel") as writer:
        writer.write(encode(*point), weight, seconds)
    click.echo(said(point, weight, seconds))


def tell(host: RunningHost, point: tuple[float, float], weight: float, seconds: float) -> None:
    """One host alone, whoever else listens to its ring."""
    from emohost.control.local import send_command

    send_command("feel", host, valence=point[0], arousal=point[1], weight=weight, seconds=seconds)
    click.echo(said(point, weight, seconds))


def said(point: tuple[float, float], weight: float, seconds: float) -> str:
    return f"valence {point[0]:+.2f} arousal {point[1]:+.2f}, weight {weight:g}, for {seconds:g} s"


def play_text(text: str, consent: bool, weight: float, seconds: float, ring: str) -> None:
    """Until its time is over, or the consent. Raises ConsentError without one."""
    import threading

    from emohost.bridge import EmotionRing, UnifiedFramework, extract_emotion_embedding
    from emohost.bridge.consent import LONGEST_S, ConsentError
    from emohost.emotion import decode

    ended = threading.Event()
    framework = UnifiedFramework()
    given = {
        "signals": ["text"],
        "purposes": ["play"],
        "expires_in_s": min(seconds + CONSENT_SPARE_S, LONGEST_S),
    }
    with EmotionRing(ring, "emohost feel") as writer:
        result = framework.create_with_consent({"text": text, **({"consent": given} if consent else {})})
        if not result.created:
            raise ConsentError(f"{result.reason}; for this once: --consent")
        if not result.used:
            raise ConsentError(f"nothing was felt: {', '.join(result.left_out.values())}")
        framework.on_withdrawn(ended.set)
        embedding = extract_emotion_embedding(result)
        valence, arousal = decode(embedding)
        try:
            writer.write(embedding, weight, seconds)
            click.echo(f"valence {valence:+.2f} arousal {arousal:+.2f}, weight {weight:g}, for {seconds:g} s")
            if ended.wait(seconds):
                click.echo("the consent has ended: taken back", err=True)
        finally:
            writer.release()
