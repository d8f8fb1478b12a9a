"""Feeds a parser with what libFuzzer thinks of: `python tests/fuzz PARSER [libFuzzer options]`.

Needs atheris (extra `fuzz`; Linux and macOS, CPython). Guided by the coverage of emohost's own code. Ends at the first
input that finds a fault and leaves it in a file beside: once fixed, keep it in `corpus/PARSER`. What it learns goes to
`out/fuzz/PARSER`, where the next run starts. `-max_total_time=60` or `-runs=1000000` bounds the run.
"""

from __future__ import annotations

import sys
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("fuzz: needs atheris, which is not installed here: pip install 'emohost[fuzz]'")

with atheris.instrument_imports(include=["emohost"]):
    from parsers import PARSERS, corpus, dictionary

OUT = Path("out/fuzz")


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in PARSERS:
        sys.exit(f"fuzz: found {name or 'no parser'}; expected one of {', '.join(PARSERS)}")
    learned = OUT / name
    learned.mkdir(parents=True, exist_ok=True)
    for file, content in corpus(name):
        (learned / file).write_bytes(content)
    # Seeds are kept though most reach the same of our code: where they differ is inside of libraries.
    options = [f"-artifact_prefix={OUT}/{name}-", "-timeout=10", "-keep_seed=1", *sys.argv[2:]]
    if words := dictionary(name):
        (OUT / f"{name}.dict").write_text(words)
        options.append(f"-dict={OUT}/{name}.dict")
    atheris.Setup([sys.argv[0], str(learned), *options], PARSERS[name].run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
