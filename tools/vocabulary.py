"""Writes the C++ and Cython headers of the vocabulary (src/emohost/vocabulary.py) and the tables of docs/control.md, or
with --check says what is stale.

The headers are committed, so that the core builds without Python. Run it after every change of the tables.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CPP = Path("ext/core/vocabulary.h")
CYTHON = Path("ext/bindings/vocabulary.pxi")
CONTROL_DOCS = Path("docs/control.md")
OSC = Path("src/emohost/control/osc.py")
MADE = "Made by tools/vocabulary.py from src/emohost/vocabulary.py: change that, not this."


def vocabulary() -> ModuleType:
    """The tables of this source tree, without importing emohost."""
    spec = importlib.util.spec_from_file_location("vocabulary", ROOT / "src/emohost/vocabulary.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def camel(name: str) -> str:
    return "k" + "".join(word.capitalize() for word in name.split("_"))


def enumerator(name: str) -> str:
    """A choice's name in C++, where `auto` is taken."""
    return "auto_" if name == "auto" else name


def number(value: float) -> str:
    return f"{float(value):.9g}f" if "." in f"{float(value):.9g}" else f"{float(value):.9g}.0f"


def cpp(words: ModuleType) -> str:
    """ext/core/vocabulary.h."""
    lines = [
        f"// {MADE}",
        "// Every name that C++ shares with Python, people and other processes, with its number. Real-time safe.",
        "#pragma once",
        "",
        "#include <cstdint>",
        "",
        "namespace emohost {",
        "",
        "// clang-format off",
        *_roles(words),
        *_parameters(words),
        *_commands(words),
        *_flags(words),
        *_limits(words),
        "// clang-format on",
        "",
        "namespace hearing {",
        "",
        "// clang-format off",
        *_features(words),
        *_choices(words, HEARD),
        "// clang-format on",
        "",
        "}  // namespace hearing",
        "",
        "namespace theory {",
        "",
        "// clang-format off",
        *_qualities(words),
        "// clang-format on",
        "",
        "}  // namespace theory",
        "",
        "namespace music {",
        "",
        "// clang-format off",
        *_parts(words),
        *_control_sources(words),
        *_choices(words, CHOICES),
        *_panic(words),
        "// clang-format on",
        "",
        "}  // namespace music",
        "",
        "}  // namespace emohost",
    ]
    return "\n".join(lines) + "\n"


def _panic(words: ModuleType) -> list[str]:
    numbers = ", ".join(str(controller.number) for controller in words.PANIC)
    names = ", ".join(controller.name for controller in words.PANIC)
    return [
        "// What a panic sends on a channel besides its note-offs, each with the value 0.",
        f"constexpr uint8_t kPanicControllers[] = {{{numbers}}};  // {names}",
        "",
    ]


def _enum(head: str, entries: list[tuple[str, str]], tail: str = "") -> list[str]:
    """`entries`: (enumerator with its value, comment)."""
    width = max(len(entry) for entry, _ in entries) + 1
    body = [f"    {entry + ',':<{width}}  // {comment}" for entry, comment in entries]
    return [f"{head} {{", *body, *([f"    {tail}"] if tail else []), "};", ""]


def _roles(words: ModuleType) -> list[str]:
    enum = _enum(
        "enum Role : int",
        [(f"{camel(role.name)}Role = {i}", role.help) for i, role in enumerate(words.ROLES)],
        f"kRoles = {len(words.ROLES)}",
    )
    rows = [f'    {{"{role.name}", {role.inputs}, {role.outputs}}},' for role in words.ROLES]
    return [
        *enum,
        "struct RoleSize {",
        "    const char* name;",
        "    int inputs, outputs;",
        "};",
        "constexpr RoleSize kRoleSizes[kRoles] = {",
        *rows,
        "};",
        f"constexpr int kMostOutputs = {max(role.outputs for role in words.ROLES)};",
        "",
    ]


def _parameters(words: ModuleType) -> list[str]:
    entries = [
        (f"{p.name} = {i}", f"{p.help}{f', {p.unit}' if p.unit else ''}; {p.low:g} to {p.high:g}")
        for i, p in enumerate(words.PARAMETERS)
    ]
    rows = [
        f"    {{{number(p.low)}, {number(p.high)}, {number(p.default)}}},  // {p.name}"
        for p in words.PARAMETERS
    ]
    return [
        "// What can be set while playing. Values are checked by the sender (emohost.host) and clamped by the engine.",
        *_enum("enum class Parameter : uint32_t", entries, f"count = {len(entries)}"),
        "struct ParameterRange {",
        "    float low, high, usual;",
        "};",
        "constexpr ParameterRange kParameterRanges[] = {",
        *rows,
        "};",
        "constexpr ParameterRange range_of(Parameter parameter) noexcept {",
        "    return kParameterRanges[static_cast<uint32_t>(parameter)];",
        "}",
        "",
    ]


def _commands(words: ModuleType) -> list[str]:
    entries = [("set_parameter = 0", "Sets one parameter")]
    entries += [(f"{command.name} = {i}", command.help) for i, command in enumerate(words.COMMANDS, start=1)]
    return _enum("enum class CommandKind : uint32_t", entries, f"count = {len(entries)}")


def _flags(words: ModuleType) -> list[str]:
    entries = [(f"{camel(flag.name)} = 1u << {flag.bit}", flag.help) for flag in words.FLAGS]
    return ["// Bits of BlockReport::flags.", *_enum("enum BlockFlags : uint32_t", entries)]


def _limits(words: ModuleType) -> list[str]:
    limits = [
        ("Tempo", words.TEMPO, "float"),
        ("BeatsPerBar", words.BEATS_PER_BAR, "int"),
        ("Factor", words.FACTOR, "float"),
    ]
    lines = []
    for name, limit, kind in limits:
        low, high = (number(x) if kind == "float" else f"{x:g}" for x in limit)
        lines.append(f"constexpr {kind} kLeast{name} = {low}, kMost{name} = {high};")
    lines.append(f"constexpr int kChartBeats = {words.CHART_BEATS};  // of the longest chord chart")
    return [*lines, ""]


def _features(words: ModuleType) -> list[str]:
    lines = [
        "// Where each run of features of the layout emohost1 begins, and how long it is.",
        "struct FeatureRun {",
    ]
    lines += ["    int first, count;", "};"]
    for feature in words.FEATURES:
        name = f"kFeature{camel(feature.name)[1:]}"
        lines.append(f"constexpr FeatureRun {name} = {{{feature.first}, {feature.size}}};  // {feature.help}")
    last = words.FEATURES[-1]
    return [*lines, f"constexpr int kFeatures = {last.first + last.size};", ""]


def _qualities(words: ModuleType) -> list[str]:
    qualities = [*words.QUALITIES, words.DIMINISHED]
    entries = [(f"{camel(quality.name)} = {i}", quality.label) for i, quality in enumerate(qualities)]
    return [
        *_enum("enum Quality : int", entries),
        f"constexpr int kQualities = {len(words.QUALITIES)};  // of the classes that are root * kQualities + quality",
        f"constexpr int kNoChord = {words.NO_CHORD};",
        f"constexpr int kChordClasses = {words.CHORD_CLASSES};",
        "",
    ]


def _parts(words: ModuleType) -> list[str]:
    count = len(words.PARTS)
    entries = [(f"{camel(part.name)} = {i}", part.help) for i, part in enumerate(words.PARTS)]
    slots = [
        f"    {{{_slot(part.velocity_output)}, {_slot(part.gate_output)}}},  // {part.name}"
        for part in words.PARTS
    ]
    cases = [
        f"        case Parameter::{part.name}_enabled: return {camel(part.name)};" for part in words.PARTS
    ]
    return [
        "// The parts of the band and their numbers in MidiEvent::part.",
        *_enum("enum Part : int", entries, f"kParts = {count}, kControls = kParts"),
        "// Where the dynamics network says a part's velocity and gate; -1: nowhere.",
        "struct DynamicsOutputs {",
        "    int velocity, gate;",
        "};",
        "constexpr DynamicsOutputs kDynamicsOutputs[kParts] = {",
        *slots,
        "};",
        "// The part that a parameter turns on and off; kParts: it is no such parameter.",
        "constexpr Part enabled_by(Parameter parameter) noexcept {",
        "    switch (parameter) {",
        *cases,
        "        default: return kParts;",
        "    }",
        "}",
        "",
    ]


def _control_sources(words: ModuleType) -> list[str]:
    sources = words.CONTROL_SOURCES
    entries = [(f"{source.name} = {i}", source.help) for i, source in enumerate(sources)]
    rows = [f"    {_slot(source.dynamics_output)},  // {source.name}" for source in sources]
    return [
        *_enum("enum class ControlSource : int", entries, f"count = {len(sources)}"),
        "// The dynamics network's output that a source reads; -1: something else.",
        "constexpr int kControlOutputs[] = {",
        *rows,
        "};",
        "",
    ]


# C++'s name, the table's, and the binding's.
CHOICES = (
    ("ClockSource", "CLOCK_SOURCES", "CLOCK_SOURCES"),
    ("Fallback", "FALLBACKS", "_FALLBACKS"),
    ("Enter", "ENTER", "_ENTER"),
    ("Listen", "LISTEN", "_LISTEN"),
    ("Playing", "PLAYING", "PLAYING"),
    ("Play", "PLAY", "_PLAY"),
    ("StyleName", "STYLES", "_STYLES"),
)
HEARD = (("Sound", "SOUNDS", "SOUNDS"),)


def _choices(words: ModuleType, tables: tuple[tuple[str, str, str], ...]) -> list[str]:
    lines = []
    for name, table, _ in tables:
        choices = getattr(words, table)
        entries = [(f"{enumerator(choice.name)} = {i}", choice.help) for i, choice in enumerate(choices)]
        lines += _enum(f"enum class {name} : int", entries, f"count = {len(choices)}")
    return lines


def _slot(output: int | None) -> str:
    return "-1" if output is None else str(output)


def cython(words: ModuleType) -> str:
    """ext/bindings/vocabulary.pxi: each name with the number that C++ gives it."""
    parameters = [parameter.name for parameter in words.PARAMETERS]
    commands = [command.name for command in words.COMMANDS]
    sources = [source.name for source in words.CONTROL_SOURCES]
    lines = [
        f"# {MADE}",
        "",
        "from libc.stdint cimport uint32_t",
        "",
        'cdef extern from "core/vocabulary.h" namespace "emohost" nogil:',
        *_declared("enum class Parameter(uint32_t)", parameters),
        *_declared("enum class CommandKind(uint32_t)", ["set_parameter", *commands]),
        *_declared("enum BlockFlags", [camel(flag.name) for flag in words.FLAGS]),
        *_declared("enum Role", [*(f"{camel(role.name)}Role" for role in words.ROLES), "kRoles"]),
        "",
        'cdef extern from "core/vocabulary.h" namespace "emohost::hearing" nogil:',
        *(
            line
            for name, table, _ in HEARD
            for line in _declared(f"enum class {name}(int)", [each.name for each in getattr(words, table)])
        ),
        "",
        'cdef extern from "core/vocabulary.h" namespace "emohost::music" nogil:',
        *_declared("enum Part", [camel(part.name) for part in words.PARTS]),
        *_declared("enum class ControlSource(int)", sources),
        *(
            line
            for name, table, _ in CHOICES
            for line in _declared(
                f"enum class {name}(int)", [enumerator(each.name) for each in getattr(words, table)]
            )
        ),
        "",
        *_mapping("PARAMETERS", [(name, f"<uint32_t>Parameter.{name}") for name in parameters]),
        *_mapping("COMMANDS", [(name, f"<uint32_t>CommandKind.{name}") for name in commands]),
        *_mapping("FLAGS", [(flag.name, f"<uint32_t>{camel(flag.name)}") for flag in words.FLAGS]),
        *_mapping("_ROLES", [(role.name, f"<int>{camel(role.name)}Role") for role in words.ROLES]),
        *_mapping("_PARTS", [(part.name, f"<int>{camel(part.name)}") for part in words.PARTS]),
        *_mapping("_CONTROL_SOURCES", [(name, f"<int>ControlSource.{name}") for name in sources]),
        *(
            line
            for name, table, bound in CHOICES
            for line in _mapping(
                bound,
                [(each.name, f"<int>{name}.{enumerator(each.name)}") for each in getattr(words, table)],
            )
        ),
    ]
    return "\n".join(lines) + "\n"


def _declared(head: str, names: list[str]) -> list[str]:
    return [f"    cdef {head}:", *(f"        {name}" for name in names)]


def _mapping(name: str, entries: list[tuple[str, str]]) -> list[str]:
    return [f"{name} = {{", *(f'    "{key}": {value},' for key, value in entries), "}"]


def control_docs(words: ModuleType) -> str:
    """docs/control.md with its tables as the vocabulary has them, and OSC's messages as their module tells them."""
    text = (ROOT / CONTROL_DOCS).read_text()
    osc = ast.get_docstring(ast.parse((ROOT / OSC).read_text())) or ""
    tables = {
        "parameters": [
            "| parameter | values | default | | at the start |",
            "| --- | --- | --- | --- | --- |",
            *(_parameter_row(each) for each in words.PARAMETERS),
        ],
        "actions": [
            "| action | |",
            "| --- | --- |",
            *(f"| `{each.name}` | {each.help} |" for each in words.ACTIONS),
        ],
        "osc": [line for line in osc.splitlines() if line.startswith("    ")],
    }
    for name, lines in tables.items():
        begin, end = f"<!-- {name} -->", "<!-- end -->"
        before, rest = text.split(begin, 1)
        text = "\n".join([before + begin, "", *lines, "", end + rest.split(end, 1)[1]])
    return text


def _parameter_row(parameter: Any) -> str:
    values = f"{parameter.low:g} to {parameter.high:g} {parameter.unit}".strip()
    default = f"{parameter.default:g}"
    if parameter.kind == "switch":
        values, default = "off, on", ("off", "on")[round(parameter.default)]
    elif parameter.kind == "choice":
        values, default = ", ".join(parameter.choices), parameter.choices[round(parameter.default)]
    key = f"`{parameter.key}`" if parameter.key else ""
    return f"| `{parameter.name}` | {values} | {default} | {parameter.help} | {key} |"


def main(arguments: list[str]) -> int:
    words = vocabulary()
    stale = []
    for path, text in ((CPP, cpp(words)), (CYTHON, cython(words)), (CONTROL_DOCS, control_docs(words))):
        file = ROOT / path
        if file.exists() and file.read_text() == text:
            continue
        stale.append(str(path))
        if "--check" not in arguments:
            file.write_text(text)
            print(f"wrote {path}")
    if stale and "--check" in arguments:
        print(f"stale: {', '.join(stale)}; run tools/vocabulary.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
