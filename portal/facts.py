"""What an invoice says of itself: every value read strictly, and what no invoice says told from what can be believed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from portal.money import Money
from portal.refused import Mistyped
from portal.words import Words, _

KINDS: dict[str, Words] = {  # by the number that tax bureaus give them
    "01": _("Special VAT invoice"),
    "03": _("Motor vehicle invoice"),
    "04": _("Ordinary VAT invoice"),
    "08": _("Electronic special VAT invoice"),
    "10": _("Electronic ordinary VAT invoice"),
    "11": _("VAT invoice on a roll"),
    "14": _("Electronic toll invoice"),
    "15": _("Used vehicle invoice"),
    "31": _("Fully digital special VAT invoice"),
    "32": _("Fully digital ordinary invoice"),
    "51": _("Electronic railway ticket"),
    "61": _("Electronic air ticket"),
}
_ENDS = {"11": "10", "12": "14", "13": "08"}  # how the codes of electronic invoices end, twelve digits long
_CANNOT_DIFFER = ("number", "code", "day", "without_tax", "tax", "with_tax")
LONGEST_NAME = 200


@dataclass(frozen=True)
class Read:
    """What one invoice says; what it does not say is empty. `source` is xml, ofd or qr. A code says one amount only: with tax on
    fully digital invoices, before it on the older kinds, and `unclear` where the kind does not tell which."""

    source: str
    number: str
    code: str = ""  # fully digital invoices have none
    kind: str = ""  # of KINDS, or another number of two digits
    day: date | None = None
    without_tax: Money | None = None
    tax: Money | None = None
    with_tax: Money | None = None
    unclear: Money | None = None
    check_code: str = ""
    seller: str = ""
    seller_tax_number: str = ""
    buyer: str = ""
    buyer_tax_number: str = ""

    @property
    def amount(self) -> Money | None:
        """With tax where that is known, else what it says; `amount_means` tells which."""
        return next((each for each in (self.with_tax, self.without_tax, self.unclear) if each is not None), None)

    @property
    def amount_means(self) -> Words | None:
        if self.with_tax is not None:
            return _("with tax")
        if self.without_tax is not None:
            return _("without tax")
        return None if self.unclear is None else _("with or without tax: this kind of invoice does not say")


def gathered(label: str, found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What is said, by field of Read. Raises Mistyped where one thing is said in two ways."""
    said: dict[str, str] = {}
    for field, text in found:
        if text and said.setdefault(field, text) != text:
            raise _lie(label, _CONTRADICTION)
    return said


def made(label: str, source: str, said: dict[str, str], needed: Iterable[str] = ()) -> Read | None:
    """The invoice that says this, None without a number; `needed` must be said. Raises Mistyped where no invoice says it."""
    if not said.get("number"):
        return None
    return Read(
        source, **{field: take(label, said.get(field, "")) for field, take in _TAKE.items() if said.get(field) or field in needed}
    )


def agreed(label: str, found: Sequence[Read]) -> Read:
    """One invoice of what several parts of a file say: they complete each other. Raises Mistyped where they contradict."""
    whole = found[0]
    for other in found[1:]:
        if any(len({getattr(whole, each), getattr(other, each)} - {None, ""}) > 1 for each in _CANNOT_DIFFER):
            raise _lie(label, _CONTRADICTION)
        missing = [each.name for each in fields(Read) if getattr(whole, each.name) in (None, "")]
        whole = replace(whole, **{name: getattr(other, name) for name in missing})
    return whole


def believed(label: str, read: Read) -> Read:
    """The invoice with what follows from what it says. Raises Mistyped where that cannot be true together."""
    if len(read.number) != 20 and not read.code:
        raise _lie(label, _NUMBER)
    kind = read.kind or (_ENDS.get(read.code[-2:], "") if len(read.code) == 12 else "")
    if read.without_tax is None or read.tax is None:
        return replace(read, kind=kind)
    if read.with_tax not in (None, read.without_tax + read.tax):
        raise _lie(label, _SUM)
    return replace(read, kind=kind, with_tax=read.without_tax + read.tax)


def _lie(label: str, what: Words) -> Mistyped:
    return Mistyped(what.having(file=label), "file")


_CONTRADICTION = _("%(file)s says two different things of its invoice. Attach it as the seller sent it.")
_NUMBER = _("The invoice in %(file)s has a number or code that no invoice has.")
_SUM = _("The amounts of the invoice in %(file)s do not add up. Attach it as the seller sent it.")
_AMOUNT = _("The invoice in %(file)s has an amount that no invoice has.")
_NEGATIVE = _("The invoice in %(file)s takes back another one: its amount is below zero. It cannot be claimed.")
_DAY = _("The invoice in %(file)s has a day that does not exist.")


# ---- single values --------------------------------------------------------------------------------------------------


def _digits(label: str, text: str, *lengths: int) -> str:
    if len(text) not in lengths or not re.fullmatch("[0-9]+", text):
        raise _lie(label, _NUMBER)
    return text


def _day(label: str, text: str) -> date:
    """As 20260330, 2026-03-30 or 2026年03月30日, also with the time behind it."""
    found = re.fullmatch(r"(20[0-9]{2})[年/-]?([0-9]{2})[月/-]?([0-9]{2})日?(?:[ T][0-9:.]{1,20})?", text)
    if not found:
        raise _lie(label, _DAY)
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        raise _lie(label, _DAY) from None


def _amount(label: str, text: str) -> Money:
    amount = _money(label, text)
    if not amount:
        raise _lie(label, _AMOUNT)
    return amount


def _tax(label: str, text: str) -> Money | None:
    """Stars or words stand where nothing is taxed."""
    return _money(label, text) if re.search(r"\d", text) else None


def _money(label: str, text: str) -> Money:
    found = re.fullmatch(r"[¥￥]?\s*(-?)([0-9]{1,10})(?:(\.[0-9]{1,2})0*)?", text)
    if not found:
        raise _lie(label, _AMOUNT)
    minus, yuan, fen = found.groups(default="")
    if minus:
        raise _lie(label, _NEGATIVE)
    return Money.parse(yuan + fen)


def _check_code(_label: str, text: str) -> str:
    plain = text.replace(" ", "")
    return plain if re.fullmatch(r"[0-9]{1,20}", plain) else ""


def _name(_label: str, text: str) -> str:
    seen = "".join(" " if each.isspace() else each for each in text if each.isspace() or unicodedata.category(each)[0] != "C")
    return unicodedata.normalize("NFC", " ".join(seen.split()))[:LONGEST_NAME]


def _tax_number(_label: str, text: str) -> str:
    return text if re.fullmatch(r"[0-9A-Z]{15,20}", text) else ""


_TAKE: dict[str, Callable[[str, str], Any]] = {
    "number": lambda label, text: _digits(label, text, 8, 20),
    "code": lambda label, text: _digits(label, text, 10, 12),
    "kind": lambda label, text: _digits(label, text, 2),
    "day": _day,
    "without_tax": _amount,
    "tax": _tax,
    "with_tax": _amount,
    "unclear": _amount,
    "check_code": _check_code,
    "seller": _name,
    "seller_tax_number": _tax_number,
    "buyer": _name,
    "buyer_tax_number": _tax_number,
}
