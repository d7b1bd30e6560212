"""Messages and their values: made anywhere, read in the language of whoever reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from portal.money import Money


@dataclass(frozen=True)
class Words:
    """An English sentence with named values; `plural` when the number `n` decides between two sentences."""

    message: str
    values: dict[str, Any] = field(default_factory=dict)
    plural: str | None = None

    def __str__(self) -> str:
        """The English text, for logs and programmers; people read it through `languages.say`."""
        chosen = self.plural if self.plural and self.values["n"] != 1 else self.message
        return chosen % self.values if self.values else chosen

    def having(self, **values: Any) -> Words:
        """The same sentence with more values."""
        return Words(self.message, self.values | values, self.plural)

    def __hash__(self) -> int:
        return hash((self.message, self.plural))


@dataclass(frozen=True)
class Name:
    """What somebody or something of the company is called, in Chinese and, where it has one, in English."""

    name: str
    name_en: str = ""

    def __str__(self) -> str:
        return self.name


def _(message: str, /, **values: Any) -> Words:
    return Words(message, values)


def _n(one: str, many: str, /, n: int, **values: Any) -> Words:
    return Words(one, {"n": n, **values}, many)


def to_json(words: Words) -> str:
    return json.dumps(_plain(words), ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> Words:
    return _rich(json.loads(text))


def _plain(value: Any) -> Any:
    """The value as JSON knows it, with its type where JSON would lose it."""
    match value:
        case Words():
            values = {name: _plain(each) for name, each in value.values.items()}
            return {"words": value.message, "values": values} | ({"plural": value.plural} if value.plural else {})
        case Name():
            return {"name": value.name, "name_en": value.name_en}
        case Money():
            return {"fen": int(value)}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case str() | int() | None:
            return value
    raise TypeError(f"a message cannot keep {value!r}")


def _rich(value: Any) -> Any:
    match value:
        case {"words": message, "values": values}:
            return Words(message, {name: _rich(each) for name, each in values.items()}, value.get("plural"))
        case {"name": name, "name_en": name_en}:
            return Name(name, name_en)
        case {"fen": fen}:
            return Money(fen)
        case {"moment": text}:
            return datetime.fromisoformat(text)
        case {"day": text}:
            return date.fromisoformat(text)
    return value


def data_to_json(data: dict[str, Any]) -> str:
    """What an event keeps besides its sentence: names and typed values, lists and dicts of them."""
    return json.dumps(_plain_tree(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def data_from_json(text: str) -> dict[str, Any]:
    return _rich_tree(json.loads(text))


def _plain_tree(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain_tree(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_tree(each) for each in value]
    return _plain(value)


def _rich_tree(value: Any) -> Any:
    if isinstance(value, list):
        return [_rich_tree(each) for each in value]
    rich = _rich(value)
    if isinstance(rich, dict):
        return {name: _rich_tree(each) for name, each in rich.items()}
    return rich
