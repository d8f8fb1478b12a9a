"""Takes docs/page.png: the page before a host that plays the demo, on a desktop and on a phone.

    python tools/page_picture.py

Needs the extras `web` and `test`, and a Chromium.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))
from browser import DESKTOP, PHONE, free_port, opened, running_browser  # noqa: E402

PICTURE = ROOT / "docs" / "page.png"
LISTEN_MS = 24_000  # until the band plays
GROUND = (60, 66, 80)
HEIGHT = 1330  # of the desktop's picture, pixels
RIG = """name: stage
audio: {{backend: file, path: {sound}, loop: true}}
midi: {{api: none}}
control: {{web: {{port: {port}}}}}
"""


def main() -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        rig = Path(folder) / "stage.yaml"
        rig.write_text(RIG.format(sound=ROOT / "configs" / "demo.flac", port=port))
        rig.with_name("stage.snapshots.yaml").write_text(
            "verse: {density: 0.6}\nbridge: {drums_enabled: 'off'}\n"
        )
        environment = {**os.environ, "EMOHOST_RUNTIME": folder}
        host = subprocess.Popen([sys.executable, "-m", "emohost", "run", "-q", str(rig)], env=environment)
        try:
            _wait(host, port)
            with running_browser() as browser:
                pictures = [_taken(browser, port, size) for size in ((DESKTOP[0], HEIGHT), PHONE)]
        finally:
            host.terminate()
            host.wait()
    _beside(pictures).save(PICTURE, optimize=True)
    print(f"wrote {PICTURE}")


def _wait(host: subprocess.Popen[bytes], port: int) -> None:
    while host.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit("page_picture: the host has ended")


def _taken(browser: Browser, port: int, size: tuple[int, int]) -> Image.Image:
    page = opened(browser, port, size)
    page.wait_for_timeout(LISTEN_MS / 2)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def _beside(pictures: list[Image.Image]) -> Image.Image:
    gap, height = 24, max(picture.height for picture in pictures)
    width = sum(picture.width for picture in pictures) + gap * (len(pictures) + 1)
    whole = Image.new("RGB", (width, height + 2 * gap), GROUND)
    left = gap
    for picture in pictures:
        whole.paste(picture, (left, gap))
        left += picture.width + gap
    return whole.quantize(128)


if __name__ == "__main__":
    main()
