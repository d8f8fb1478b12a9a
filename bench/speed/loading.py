"""From files to networks: the five as shipped, and the same weights as the plugin's exporter writes them."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from figures import table

from emohost.networks.formats.layers import Layer
from emohost.networks.load import Parsed, parse_model
from emohost.networks.precision import build_all

REPEATS = 9


def section(parsed: Mapping[str, Parsed], share: float) -> list[str]:
    repeats = max(3, round(share * REPEATS))
    rows = [_row("as shipped", {role: each.file for role, each in parsed.items()}, repeats, "0.4")]
    with tempfile.TemporaryDirectory() as name:
        files = {role: Path(name) / f"{role}.json" for role in parsed}
        for role, file in files.items():
            file.write_text(json.dumps(plugin_export(parsed[role]), indent=2), encoding="utf-8")
        rows.append(_row("the plugin's export, indented", files, repeats, "1.0"))
    heads = [
        "five files",
        "MB",
        "read and built as float32: min s",
        "median s",
        "limit",
        "choosing precisions besides: median s",
    ]
    return ["## Loading", "", *table(heads, rows)]


def _row(what: str, files: Mapping[str, Path], repeats: int, limit: str) -> list[str]:
    loads, choices = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        parsed = {role: parse_model(file, role) for role, file in files.items()}
        build_all(parsed, "float32")
        loads.append(time.perf_counter() - started)
        started = time.perf_counter()
        build_all(parsed, "auto")
        choices.append(time.perf_counter() - started)
    size = sum(file.stat().st_size for file in files.values()) / 1e6
    return [
        what,
        f"{size:.1f}",
        f"{min(loads):.2f}",
        f"{np.median(loads):.2f}",
        limit,
        f"{np.median(choices):.2f}",
    ]


def plugin_export(parsed: Parsed) -> dict[str, Any]:
    """The same network in FORMATS' dialect 2; gates split as the exporter splits them."""
    layers = [_exported(layer) for layer in parsed.draft.layers]
    return {"metadata": {"model_name": parsed.role, "export_version": "2.0"}, "layers": layers}


def _exported(layer: Layer) -> dict[str, Any]:
    record: dict[str, Any] = {"type": layer.kind, "in_size": layer.inputs, "out_size": layer.outputs}
    double = [np.asarray(array, np.float64) for array in layer.weights]  # the exporter writes all digits
    if layer.kind == "dense":
        record["activation"] = layer.activation
        record["weights"] = double[0].reshape(layer.inputs, layer.outputs).T.tolist()
        record["bias"] = double[1].tolist() if len(double) > 1 else [0.0] * layer.outputs
    elif layer.kind == "lstm":
        ih, hh = (kernel.reshape(-1, 4, layer.outputs).transpose(1, 2, 0) for kernel in double[:2])
        bias = double[2].reshape(4, -1) if len(double) > 2 else np.zeros((4, layer.outputs))
        record |= {"weights_ih": ih.tolist(), "weights_hh": hh.tolist()}
        record |= {"bias_ih": bias.tolist(), "bias_hh": np.zeros_like(bias).tolist()}
    else:
        raise SystemExit(f"the plugin's export has no layer {layer.kind}")
    return record
