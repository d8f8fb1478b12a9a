"""`emohost validate`."""

from __future__ import annotations

from pathlib import Path

import click

from emohost.cli.common.console import examples


@click.command(
    context_settings={"max_content_width": 100},
    epilog=examples("emohost validate", "emohost validate --json rig.yaml"),
)
@click.argument(
    "config", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[CONFIG]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(context: click.Context, config: Path | None, as_json: bool) -> None:
    """Measure latency and memory here and now, and check the promises.

    The networks and the music are those of CONFIG, a rig's YAML file, or the defaults; no device is opened.
    Exit status 1 if a check fails.
    """
    from emohost.cli.common.files import rig_for_files
    from emohost.validate.report import show, validate

    report = validate(*rig_for_files(config, None))
    if as_json:
        import orjson

        click.echo(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2))
    else:
        from rich.console import Console

        show(report, Console())
    if not report.passed:
        context.exit(1)
