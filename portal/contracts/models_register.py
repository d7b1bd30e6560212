"""The rows of the register as lists, labels and exports show them, and what stands on a contract's page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from portal import db
from portal.contracts.models import STATES, Nature, seen_by
from portal.money import Money
from portal.words import Name, Words, _

PAGE = 50
IS_LENT = (
    "EXISTS (SELECT 1 FROM loans l WHERE l.contract_id = c.id AND l.form = 'original' "
    "AND l.lent_at IS NOT NULL AND l.returned_at IS NULL)"
)
LISTED = f"""
SELECT c.id, c.number, c.former_number, c.title, c.amount, c.signed_on, c.starts, c.ends, n.code, n.name, n.name_en,
    d.name, d.name_en, p.name, p.name_en, p.user, c.room, c.cabinet, c.box, c.fire_proof, c.damp_proof, c.originals, c.pages,
    c.keywords, c.confidential, c.language, c.group_file, c.note, c.state, {IS_LENT}
FROM contracts c JOIN natures n ON n.id = c.nature_id JOIN departments d ON d.id = c.department_id
JOIN persons p ON p.id = c.responsible_id WHERE """


class Listed(NamedTuple):
    """A contract as a list shows it."""

    id: int
    number: str
    former_number: str
    title: str
    amount: Money | None
    signed_on: date
    starts: date | None
    ends: date | None
    code: str
    nature: Name
    department: Name
    responsible: Name
    responsible_user: str
    room: str
    cabinet: str
    box: str
    fire_proof: bool
    damp_proof: bool
    originals: int
    pages: int
    keywords: str
    confidential: bool
    language: str
    group_file: str
    note: str
    state: str
    is_lent: bool
    parties: list[str]

    @property
    def place(self) -> str:
        return " / ".join(part for part in (self.room, self.cabinet, self.box) if part)

    @property
    def state_words(self) -> Words:
        return _("Original on loan") if self.is_lent and self.state == "in_archive" else STATES[self.state]


def listed(posts: Iterable[str], condition: str = "1 = 1", values: Iterable[Any] = (), more: str = "") -> list[Listed]:
    """The contracts these posts may know of and the condition (on `c`, with `?`) holds of, in two statements; `more` is the
    order and the limit."""
    sees, seen = seen_by(posts)
    found = db.rows(f"{LISTED}{sees} AND ({condition}) {more}", *seen, *values)
    parties = parties_of_all([row[0] for row in found])
    return [_listed(row, parties.get(row[0], [])) for row in found]


def _listed(row: tuple[Any, ...], parties: list[str]) -> Listed:
    (
        key, number, former, title, amount, signed, starts, ends, code, nature, nature_en, department, department_en, person,
        person_en, user, room, cabinet, box, fire, damp, originals, pages, keywords, confidential, *rest, is_lent,
    ) = row  # fmt: skip
    return Listed(
        key, number, former, title, None if amount is None else Money(amount), *map(_day, (signed, starts, ends)), code,
        Name(nature, nature_en), Name(department, department_en), Name(person, person_en), user, room, cabinet, box, bool(fire),
        bool(damp), originals, pages, keywords, bool(confidential), *rest, bool(is_lent), parties,
    )  # fmt: skip


def _day(value: Any) -> Any:
    """A date as either database answers it to hand-written SQL."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def parties_of_all(contract_ids: Iterable[int]) -> dict[int, list[str]]:
    """The parties of these contracts, in one statement."""
    chosen = sorted(set(contract_ids))
    found: dict[int, list[str]] = {}
    if chosen:
        sql = f"SELECT contract_id, name FROM contract_parties WHERE contract_id IN ({db.marks(chosen)}) ORDER BY contract_id, n"
        for contract, name in db.rows(sql, *chosen):
            found.setdefault(contract, []).append(name)
    return found


def every(posts: Iterable[str], find: Callable[[int], list[Listed]]) -> Iterator[Listed]:
    """All rows of a list that goes on after an id."""
    after = 0
    while found := find(after):
        yield from found
        after = found[-1].id


def natures(only_active: bool = True) -> list[Nature]:
    return Nature.where(f"{'active' if only_active else '1 = 1'} ORDER BY code")


# ---- taken away and brought back ------------------------------------------------------------------------------------

COLUMNS: dict[str, Words] = {  # what an export writes and an import reads
    "number": _("Contract number"),
    "former_number": _("Former number"),
    "nature": _("Nature code"),
    "title": _("Title"),
    "parties": _("Parties"),
    "amount": _("Amount"),
    "signed_on": _("Signed on"),
    "starts": _("From"),
    "ends": _("Until"),
    "department": _("Owner department"),
    "responsible": _("Responsible person"),
    "room": _("Room"),
    "cabinet": _("Cabinet"),
    "box": _("Box"),
    "fire_proof": _("Fire-proof"),
    "damp_proof": _("Damp-proof"),
    "originals": _("Originals"),
    "pages": _("Pages"),
    "keywords": _("Keywords"),
    "confidential": _("Confidential"),
    "language": _("Language"),
    "group_file": _("Group file"),
    "note": _("Note"),
    "state": _("State"),
}
PARTY_SIGN = "；"


def exported(row: Listed) -> list[Any]:
    """The cells of a contract, in the order of COLUMNS; the responsible person by user name, parties behind one another."""
    return [
        row.number, row.former_number, row.code, row.title, PARTY_SIGN.join(row.parties), row.amount, row.signed_on, row.starts,
        row.ends, row.department.name, row.responsible_user, row.room, row.cabinet, row.box, row.fire_proof, row.damp_proof,
        row.originals, row.pages, row.keywords, row.confidential, row.language, row.group_file, row.note, row.state_words,
    ]  # fmt: skip
