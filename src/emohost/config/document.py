"""YAML as plain data that remembers where every key stood.

YAML 1.2's core schema, not 1.1's: `on`, `yes` and `010` are what they look like, only `true` and `false` are booleans.
Files come from anyone: size, depth and alias expansion are bounded, and no tag makes an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import yaml

KeyPath: TypeAlias = tuple[str | int, ...]

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_VALUES = 20_000
CORE_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str", "map", "seq")}
MERGE = "tag:yaml.org,2002:merge"
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Place:
    """Line and column, counted from 1."""

    line: int
    column: int


class DocumentError(Exception):
    """A mistake in the YAML itself, at a place."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


@dataclass
class Document:
    """The data and, for each key path, where its key (for a list's item: the item) stands."""

    data: Any
    places: dict[KeyPath, Place] = field(default_factory=dict)
    mistakes: list[tuple[Place, KeyPath, str]] = field(default_factory=list)

    def place(self, path: KeyPath) -> Place:
        """Where `path` stands, or else the nearest of its parents that is in the file."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(1, 1))


class _Loader(yaml.SafeLoader):
    """Composes nodes, never deeper than MAX_DEPTH, with the scalars of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own interface
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", _place(self.get_mark()))
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        list("-+.0123456789"),
    ),
    ("merge", r"^<<$", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def read_document(text: str) -> Document:
    """Parses one YAML document. Raises DocumentError where the text is not YAML at all or exceeds the bounds; mistakes
    that leave the rest readable (a key given twice, a key or text that cannot be used) are listed in `mistakes`."""
    loader = _Loader(_printable(text))
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = ", ".join(part for part in (error.context, error.problem) if part)
        raise DocumentError(f"not valid YAML: {message}", _place(mark)) from None
    except yaml.YAMLError as error:
        raise DocumentError(f"not valid YAML: {str(error).splitlines()[0]}", Place(1, 1)) from None
    except (ValueError, OverflowError) as error:  # PyYAML on an escape or a %YAML number out of range
        raise DocumentError(f"not valid YAML: {error}", _place(loader.get_mark())) from None
    finally:
        loader.dispose()
    document = Document(None)
    if node is not None:
        document.places[()] = _place(node.start_mark)
        document.data = _Plain(document).value(node, (), ())
    return document


class _Plain:
    """Nodes to plain data, noting places and mistakes in the document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.values = 0

    def value(self, node: yaml.Node, path: KeyPath, above: tuple[yaml.Node, ...]) -> Any:
        self.values += 1
        if self.values > MAX_VALUES:
            raise DocumentError(f"more than {MAX_VALUES} values (aliases expanded)", _place(node.start_mark))
        if node in above:
            raise DocumentError("an alias stands for something that holds the alias", _place(node.start_mark))
        if len(above) > MAX_DEPTH:
            raise DocumentError(
                f"nested deeper than {MAX_DEPTH} levels (aliases expanded)", _place(node.start_mark)
            )
        if node.tag not in CORE_TAGS:
            self._mistake(
                node, path, f"found the tag '{short(node.tag)}'; expected a plain value without a tag"
            )
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, (*above, node))
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, path, (*above, node))
        return self._scalar(cast(yaml.ScalarNode, node), path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath, above: tuple[yaml.Node, ...]) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == MERGE:
                for other in self._merged_mappings(value_node, path):
                    merged = {**self.value(other, path, above), **merged}
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == MERGE:
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._mistake(key_node, path, "found a mapping or list as a key; expected a name")
                continue
            key = key_node.value
            here = (*path, key)
            if UNPRINTABLE.search(key):
                self._mistake(
                    key_node, path, f"found the key '{short(key)}'; expected a name that can be printed"
                )
                continue
            if key in own:
                first = self.document.places[here]
                self._mistake(
                    key_node,
                    here,
                    f"found a second time; expected once (it is on line {first.line} already)",
                )
                continue
            self.document.places[here] = _place(key_node.start_mark)
            own[key] = self.value(value_node, here, above)
        return {**merged, **own}

    def _merged_mappings(self, node: yaml.Node, path: KeyPath) -> Iterator[yaml.MappingNode]:
        for other in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if isinstance(other, yaml.MappingNode):
                yield other
            else:
                self._mistake(other, path, "found no mapping after '<<'; expected an alias of one")

    def _sequence(self, node: yaml.SequenceNode, path: KeyPath, above: tuple[yaml.Node, ...]) -> list[Any]:
        items = []
        for index, item in enumerate(node.value):
            here = (*path, index)
            self.document.places[here] = _place(item.start_mark)
            items.append(self.value(item, here, above))
        return items

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Any:
        kind, text = node.tag.rpartition(":")[2], node.value
        try:
            if kind == "null":
                return None
            if kind == "bool":
                return {"true": True, "false": False}[text.lower()]
            if kind == "int":
                return int(text, 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10)
            if kind == "float":
                return float(re.sub(r"\.(?=inf|nan)", "", text.lower()))
        except (ValueError, KeyError):
            self._mistake(node, path, f"found '{short(text)}'; expected a value of type {kind}")
            return None
        if UNPRINTABLE.search(text):
            self._mistake(node, path, f"found '{short(text)}'; expected text without control characters")
            return None
        return text

    def _mistake(self, node: yaml.Node, path: KeyPath, message: str) -> None:
        self.document.mistakes.append((_place(node.start_mark), path, message))


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark is not None else Place(1, 1)


def _printable(text: str) -> str:
    """The text, or a DocumentError at the first character that YAML does not allow."""
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found:
        before = text[: found.start()]
        place = Place(before.count("\n") + 1, found.start() - before.rfind("\n"))
        raise DocumentError(f"not valid YAML: the character U+{ord(found.group()):04X} is not allowed", place)
    return text


def short(text: str, limit: int = 60) -> str:
    """The text, cut to `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
