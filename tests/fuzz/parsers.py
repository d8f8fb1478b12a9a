"""Everything that reads what others wrote, each as a function of bytes: it returns, or the parser has a fault."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import fuzz_control
import fuzz_files
import fuzz_ring
import fuzz_steering

from emohost.config.schema import Rig

KEPT = Path(__file__).resolve().parent / "corpus"


@dataclass(frozen=True)
class Parser:
    """`seeds`: small good inputs to start from. `words`: what an input may be made of."""

    run: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]
    words: Callable[[], set[str]] = set


def _words_of(seeds: Callable[[], Iterator[bytes]]) -> set[str]:
    return {word for seed in seeds() for word in re.findall(r"[A-Za-z_]\w+", seed.decode(errors="ignore"))}


def _config_words() -> set[str]:
    schema = json.dumps(Rig.model_json_schema())
    return set(re.findall(r'"([\w#]+)"', schema)) | {
        ": ",
        "\n  ",
        "- ",
        "&a ",
        "*a",
        "<<: ",
        "!!str ",
    }


PARSERS = {
    "model": Parser(fuzz_files.run_model, fuzz_files.model_seeds, lambda: _words_of(fuzz_files.model_seeds)),
    "config": Parser(fuzz_files.run_config, fuzz_files.config_seeds, _config_words),
    "style": Parser(fuzz_files.run_style, fuzz_files.style_seeds, lambda: _words_of(fuzz_files.style_seeds)),
    "audio": Parser(fuzz_files.run_audio, fuzz_files.audio_seeds),
    "midi": Parser(fuzz_files.run_midi, fuzz_files.midi_seeds),
    "ring": Parser(fuzz_ring.run_ring, fuzz_ring.ring_seeds),
    "osc": Parser(fuzz_steering.run_osc, fuzz_steering.osc_seeds, lambda: _words_of(fuzz_steering.osc_seeds)),
    "midi-map": Parser(
        fuzz_steering.run_midi_map,
        fuzz_steering.midi_map_seeds,
        lambda: _words_of(fuzz_steering.midi_map_seeds),
    ),
    "page": Parser(
        fuzz_steering.run_page, fuzz_steering.page_seeds, lambda: _words_of(fuzz_steering.page_seeds)
    ),
    "control": Parser(
        fuzz_control.run_control, fuzz_control.control_seeds, lambda: _words_of(fuzz_control.control_seeds)
    ),
}


def corpus(name: str) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each input kept for a parser: its seeds, and what once found a fault."""
    for number, seed in enumerate(PARSERS[name].seeds()):
        yield f"seed-{number}", seed
    with contextlib.suppress(FileNotFoundError):
        for file in sorted((KEPT / name).iterdir()):
            yield file.name, file.read_bytes()


def dictionary(name: str) -> str:
    """In libFuzzer's format."""
    escaped = ("".join(rf"\x{byte:02x}" for byte in word.encode()) for word in sorted(PARSERS[name].words()))
    return "".join(f'"{word}"\n' for word in escaped)
