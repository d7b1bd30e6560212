"""What is typed into the basket, at the custodian's desk, and when a draw is granted or received."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.fields import MOST_ID, PaperForm, clean
from portal.stock.models import Item
from portal.supplies.models_catalogue import Entry
from portal.supplies.models_draws import Figures, Taken, Wanted, Wished
from portal.typed import Typed
from portal.words import _

_WHOLE = re.compile(r"[0-9]{1,7}", re.ASCII)
NEW_ROWS = 3


class WrittenElsewhere(PaperForm):
    """Wishes and draws are written on pages of their own."""


# ---- the basket -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filled:
    """The basket as it came back: item -> how many, what is suggested, and a word with it."""

    items: dict[int, int]
    texts: list[str]
    note: str


def filled_basket(typed: Typed, values: Any) -> Filled:
    """What was typed, with the button that was pressed: one more of an item, or one less."""
    items = {item: typed.number(f"n-{item}") or 0 for item in typed.keys("n")}
    for name, by in (("add", 1), ("less", -1)):
        pressed = typed.text(name)
        if _WHOLE.fullmatch(pressed):
            items[int(pressed)] = max(items.get(int(pressed), 0) + by, 0)
    items |= put_back(typed.text("back"))
    texts = [clean(text) for text in values.getlist("text")]
    return Filled({item: n for item, n in items.items() if n}, [text for text in texts if text], typed.text("note"))


def put_back(out: str) -> dict[int, int]:
    """The item that was taken out of the basket, and how many of it there were: `12-3`."""
    found = re.fullmatch(r"([1-9][0-9]{0,9})-([1-9][0-9]{0,4})", out, re.ASCII)
    return {int(found[1]): int(found[2])} if found and int(found[1]) <= MOST_ID else {}


# ---- the desk -------------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """An item at the desk: its figures, the wishes for it, what the custodian adds, and what that comes to."""

    entry: Entry
    figures: Figures
    wishes: list[Wished]
    own: str
    reason: str
    total: int = 0

    @property
    def is_above(self) -> bool:
        return self.figures.is_above(self.total)

    @property
    def has_no_limit(self) -> bool:
        return self.figures.limit is None


@dataclass
class Asked:
    """What the desk asks for as far as it can be read."""

    taken: Taken
    own: dict[int, int]
    reasons: dict[int, str]

    def totals(self, wishes: Iterable[Wished]) -> dict[int, int]:
        """Item -> how many, with what is added."""
        found = dict(self.own)
        for each in wishes:
            if each.line in self.taken:
                found[each.item] = found.get(each.item, 0) + self.taken[each.line][0]
        return found

    def wanted(self, wishes: Iterable[Wished], items: dict[int, Item]) -> list[Wanted]:
        totals = self.totals(wishes)
        return [
            Wanted(items[item], total, self.reasons.get(item, "")) for item, total in totals.items() if total and item in items
        ]


def asked_at_desk(typed: Typed, wishes: Iterable[Wished], items_by_code: Mapping[str, int]) -> Asked:
    """Quantities left empty stay for another day. What is added in the empty rows is named by its code."""
    taken: Taken = {}
    for each in wishes:
        quantity = typed.number(f"take-{each.line}", most=each.quantity)
        if quantity is not None:
            taken[each.line] = (quantity, typed.text(f"why-{each.line}"))
    own = {item: typed.number(f"own-{item}", most=100_000) or 0 for item in typed.keys("own")}
    for n in range(1, NEW_ROWS + 1):
        named, quantity = typed.text(f"item-{n}"), typed.number(f"quantity-{n}", most=100_000)
        item = items_by_code.get(named.partition(" ")[0].upper())
        if named and item is None:
            typed.wrong[f"item-{n}"] = _("There is no item of this code in the catalogue.")
        elif item is not None:
            own[item] = own.get(item, 0) + (quantity if quantity is not None else 1)
    return Asked(
        taken, {item: n for item, n in own.items() if n}, {item: typed.text(f"reason-{item}") for item in typed.keys("reason")}
    )
