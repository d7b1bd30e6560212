"""What came back from a form whose fields depend on what it shows, such as a number for every line of a paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.fields import MOST_ID, clean
from portal.refused import Mistyped
from portal.words import Words, _

_WHOLE = re.compile(r"[0-9]{1,7}", re.ASCII)


@dataclass
class Typed:
    """What came back from a form whose fields depend on what it shows, and what is wrong with it."""

    values: Mapping[str, str]
    wrong: dict[str, Words] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        return clean(self.values.get(name, default))[:2000]

    def number(self, name: str, default: str = "", most: int = 10_000) -> int | None:
        """The whole number typed there; None where nothing is."""
        typed = self.text(name, default)
        if not typed:
            return None
        if not _WHOLE.fullmatch(typed) or int(typed) > most:
            self.wrong.setdefault(name, _("Write a whole number from %(least)s to %(most)s.", least=0, most=most))
            return None
        return int(typed)

    def keys(self, prefix: str) -> list[int]:
        """The ids in the names of fields that begin so, in the order of the form."""
        found = (re.fullmatch(rf"{prefix}-([0-9]{{1,10}})", name, re.ASCII) for name in self.values)
        return [int(each[1]) for each in found if each and 0 < int(each[1]) <= MOST_ID]

    def say(self, refusal: Mistyped) -> bool:
        """Keeps the refusal beside the field it names; whether there is such a field."""
        if refusal.field and re.search(r"-[0-9]+$", refusal.field):
            self.wrong.setdefault(refusal.field, refusal.why)
            return True
        return False


def for_every_line(typed: Typed, lines: Iterable[Any], name: str, most: str, default: int | None) -> dict[int, tuple[int, str]]:
    """Line -> how many, and why. A box left empty is `default`; where there is none, it is said that a number is missing."""
    given = {}
    for line in lines:
        field_name, largest = f"{name}-{line.id}", getattr(line, most)
        number = typed.number(field_name, most=largest)
        if number is None and default is None and typed.values:
            typed.wrong.setdefault(field_name, _("Write a whole number from %(least)s to %(most)s.", least=0, most=largest))
        given[line.id] = (number if number is not None else default or 0, typed.text(f"reason-{line.id}"))
    return given
