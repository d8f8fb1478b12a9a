"""`emohost feel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from emohost.errors import ControlError

if TYPE_CHECKING:
    from emohost.control.local import RunningHost

CONSENT_SPARE_S = 60.0  # the consent is to outlive what it is for, not to cut it short


@click.command()
@click.argument("text", required=False)
@click.option(
    "--valence", type=click.FloatRange(-1, 1), help="Unpleasant (-1) to pleasant (1); 0 if left out."
)
@click.option("--arousal", type=click.FloatRange(-1, 1), help="Calm (-1) to excited (1); 0 if left out.")
@click.option(
    "--weight",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Share in what is felt, beside what is heard.",
)
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(0, 1e6),
    default=10.0,
    show_default=True,
    help="Seconds until it fades.",
)
@click.option(
    "--ring", help="The ring (bridge.ring) of the hosts that are meant, where several are listened to."
)
@click.option("--consent", is_flag=True, help="Yes: use TEXT, this once, for the music and nothing else.")
@click.option("--off", "switch", flag_value="off", help="Nothing but the sound is felt, until --on.")
@click.option("--on", "switch", flag_value="on", help="The end of --off.")
def command(
    text: str | None,
    valence: float | None,
    arousal: float | None,
    weight: float,
    seconds: float,
    ring: str | None,
    consent: bool,
    switch: str | None,
) -> None:
    """Make the running host feel something: a point, or what TEXT, an English sentence, says.

    \b
      emohost feel --valence 0.4 --arousal 0.7 --for 30
      emohost feel --consent "What a day!"

    It comes within half a second and fades within one. Others who write to the host at the same time are felt as well:
    weights add up. --off takes everybody's influence out of what is played.

    A sentence tells of a person: it is used with --consent, for this once, or with a consent that `emohost consent
    grant` has kept (text, for play). It never leaves this process, which stays for --for seconds: Ctrl-C, or revoking,
    takes it back at once.
    """
    point = valence is not None or arousal is not None
    if (text is not None) + point + (switch is not None) != 1:
        raise click.UsageError("expected one of: TEXT, --valence and --arousal, --off, --on")
    hosts = hosts_of(ring)
    if text is not None:
        play_text(text, consent, weight, seconds, hosts[0].ring)
    elif switch is None:
        play((valence or 0.0, arousal or 0.0), weight, seconds, hosts[0].ring)
    else:
        from emohost.control.local import send_command

        for host in hosts:
            send_command("side_b", host, on=switch == "on")
        click.echo(f"Side B is {switch} in {', '.join(host.name for host in hosts)}")


def hosts_of(ring: str | None) -> list[RunningHost]:
    """The running hosts that listen to one ring. Raises ControlError if there are none, or several rings."""
    from emohost.control.local import running_hosts

    running = running_hosts()
    if not running:
        raise ControlError("no host is running")
    listened = sorted({host.ring for host in running})
    if ring is None and len(listened) > 1:
        raise ControlError(
            f"several hosts are running, with the rings {', '.join(listened)}; say which: --ring NAME"
        )
    hosts = [host for host in running if ring in (None, host.ring)]
    if not hosts:
        raise ControlError(f"no host listens to the ring {ring!r}; there is {', '.join(listened)}")
    return hosts


def play(point: tuple[float, float], weight: float, seconds: float, ring: str) -> None:
    """Writes one emotion; it outlives this process."""
    from emohost.bridge.ring import EmotionRing
    from emohost.emotion import encode

    with EmotionRing(ring, "emohost feel") as writer:
        writer.write(encode(*point), weight, seconds)
    click.echo(f"valence {point[0]:+.2f} arousal {point[1]:+.2f}, weight {weight:g}, for {seconds:g} s")


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
