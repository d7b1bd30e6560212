"""The rows of the register as lists, labels and exports show them, and what stands on a contract's page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from portal import db
from portal.contents import Content
from portal.contracts.models import STATES, Contract, Nature, Place, is_seen, seen_by
from portal.contracts.models_confidential import known
from portal.money import Money
from portal.words import Name, Words, _, data_from_json

PAGE = 50
IS_LENT = (
    "EXISTS (SELECT 1 FROM loans l WHERE l.contract_id = c.id AND l.form = 'original' "
    "AND l.lent_at IS NOT NULL AND l.returned_at IS NULL AND l.fate = '')"
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
        return str(Place(self.room, self.cabinet, self.box))

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
    told: list[Any] = [
        key, number, former, title, None if amount is None else Money(amount), *map(_day, (signed, starts, ends)), code,
        Name(nature, nature_en), Name(department, department_en), Name(person, person_en), user, room, cabinet, box, bool(fire),
        bool(damp), originals, pages, keywords, bool(confidential), *rest, bool(is_lent), parties,
    ]  # fmt: skip
    return Listed(*told)


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


def natures(only_active: bool = True) -> list[Nature]:
    return Nature.where(f"{'active' if only_active else '1 = 1'} ORDER BY code")


# ---- taken away and brought back ------------------------------------------------------------------------------------

COLUMNS: dict[str, Words] = {  # what an export writes and an import reads
    "number": _("Contract number"),
    "former_number": _("Former number"),
    "nature": _("Nature code"),
    "title": _("Contract title"),
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
    "pages": _("Number of pages"),
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


# ---- a contract's own page ------------------------------------------------------------------------------------------


class Around(NamedTuple):
    """What a contract names, how often it was read, and which parts of its page have anything to show."""

    code: str
    nature: Name
    department: Name
    responsible: Name
    responsible_user: str
    readings: int
    is_lent: bool
    papers: bool
    check: bool
    scans: bool


_AROUND = f"""
SELECT n.code, n.name, n.name_en, d.name, d.name_en, p.name, p.name_en, p.user,
    (SELECT COUNT(*) FROM readings r WHERE r.contract_id = c.id), {IS_LENT},
    EXISTS (SELECT 1 FROM loans l JOIN cases k ON k.id = l.case_id WHERE l.contract_id = c.id AND k.closed_at IS NULL)
        OR EXISTS (SELECT 1 FROM incidents i JOIN cases k ON k.id = i.case_id WHERE i.contract_id = c.id AND k.closed_at IS NULL),
    EXISTS (SELECT 1 FROM check_lines l JOIN cases k ON k.id = l.case_id WHERE l.contract_id = c.id AND k.closed_at IS NULL),
    EXISTS (SELECT 1 FROM attachments a WHERE a.thing = 'contract' AND a.thing_id = c.id AND a.removed_at IS NULL)
FROM contracts c JOIN natures n ON n.id = c.nature_id JOIN departments d ON d.id = c.department_id
JOIN persons p ON p.id = c.responsible_id WHERE c.id = ?
"""


def around(contract_id: int) -> Around:
    """In one statement, which a page that remembers asks once."""
    code, nature, nature_en, unit, unit_en, name, name_en, user, readings, *flags = db.row(_AROUND, contract_id)  # type: ignore[misc]
    return Around(code, Name(nature, nature_en), Name(unit, unit_en), Name(name, name_en), user, readings, *map(bool, flags))


class Paper(NamedTuple):
    """A loan or an incident of a contract that is not closed."""

    kind: str
    case: int
    number: str
    state: str
    requester: int
    who: Name
    form: str
    copy_number: int | None
    due_on: date | None


_PAPERS = """
SELECT k.kind, k.id, COALESCE(k.number, ''), k.state, k.requester_id, p.name, p.name_en, l.form, l.copy_number, l.due_on
FROM cases k JOIN persons p ON p.id = k.requester_id LEFT JOIN loans l ON l.case_id = k.id
WHERE k.closed_at IS NULL
    AND k.id IN (SELECT case_id FROM loans WHERE contract_id = ? UNION ALL SELECT case_id FROM incidents WHERE contract_id = ?)
ORDER BY k.id
"""


def open_papers(contract_id: int) -> list[Paper]:
    """Loans and incidents together, in one statement, which a page that remembers asks once."""
    found = db.rows(_PAPERS, contract_id, contract_id)
    return [
        Paper(kind, case, number, state, requester, Name(name, name_en), form or "", copy, _day(due))
        for kind, case, number, state, requester, name, name_en, form, copy, due in found
    ]


class Linked(NamedTuple):
    """What belongs to a contract, as far as one may know of it."""

    link: int
    url: str
    number: str
    title: str
    note: str
    is_contract: bool


class Amended(NamedTuple):
    n: int
    signed_on: date
    subject: str
    amount: Money | None
    ends: date | None
    pages: int


_IN_ROWS = """
SELECT 'amendment', n, subject, '', '', pages, signed_on, amount, ends FROM amendments WHERE contract_id = ?
UNION ALL SELECT 'party', n, name, '', '', NULL, NULL, NULL, NULL FROM contract_parties WHERE contract_id = ?
UNION ALL SELECT 'contract', l.id, c.title, c.number, l.note, c.id, NULL, NULL, NULL FROM contract_links l
JOIN contracts c ON c.id = CASE WHEN l.contract_id = ? THEN l.other_id ELSE l.contract_id END
WHERE (l.contract_id = ? OR l.other_id = ?) AND l.other_id IS NOT NULL AND {}
UNION ALL SELECT 'paper', l.id, k.title, COALESCE(k.number, ''), l.note, k.id, NULL, NULL, NULL
FROM contract_links l JOIN cases k ON k.id = l.case_id
WHERE l.contract_id = ? AND EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN ({})) ORDER BY 1, 4, 2
"""


class Full(NamedTuple):
    """A contract as its page shows it."""

    row: Listed
    amendments: list[Amended]
    links: list[Linked]


def in_full(posts: Iterable[str], contract: Contract) -> Full:
    """A contract these posts may know of, with its amendments and what of its ties they may know of, in two statements."""
    posts = list(posts)
    assert is_seen(contract, posts), "who may not know of a contract does not get this far"
    there, parties, amended = around(contract.id), [], []
    rows = _in_rows(posts, contract.id)
    for sort, n, text, _number, _note, pages, signed, amount, ends in rows:
        if sort == "party":
            parties.append(text)
        elif sort == "amendment":
            amended.append(Amended(n, _day(signed), text, None if amount is None else Money(amount), _day(ends), pages))
    own = {
        name: getattr(contract, name) for name in Listed._fields if name in Contract._meta.fields and name not in there._fields
    }
    named = {name: getattr(there, name) for name in Listed._fields if name in there._fields}
    return Full(Listed(**own, **named, parties=parties), amended, _ties(rows))


def linked(contract_id: int, posts: Iterable[str]) -> list[Linked]:
    """The contracts and papers tied to it that these posts may know of."""
    return _ties(_in_rows(posts, contract_id))


def _in_rows(posts: Iterable[str], contract_id: int) -> Any:
    posts = list(posts)
    sees, seen = seen_by(posts)
    ids = (contract_id,) * 5
    return db.rows(_IN_ROWS.format(sees, db.marks(posts)), *ids, *seen, contract_id, *posts)


def _ties(rows: Any) -> list[Linked]:
    """Contracts before papers, each by number."""
    folders = {"contract": "/contracts", "paper": "/papers"}
    return [
        Linked(link, f"{folders[sort]}/{key}", number, title, note, sort == "contract")
        for sort, link, title, number, note, key, *_amended in rows
        if sort in folders
    ]


SAID: dict[str, Words] = {
    "register": _("%(who)s entered it in the register"),
    "change": _("%(who)s changed its entry"),
    "take_over": _("%(who)s corrected its entry by what the check %(check)s found"),
    "amend": _("%(who)s added an amendment"),
    "link": _("%(who)s tied something to it"),
    "unlink": _("%(who)s took a tie off it"),
    "attach": _("%(who)s added the scan %(file)s"),
    "detach": _("%(who)s removed the scan %(file)s"),
    "flag": _("It is under investigation"),
    "unflag": _("The investigation is closed"),
    "withdraw": _("%(who)s withdrew it from the archive"),
    "destroy": _("It was destroyed"),
    "lend": _("%(who)s handed out the original"),
    "take_back": _("%(who)s took the original back"),
    "lose": _("%(who)s wrote down that the original is lost"),
}


class Told(NamedTuple):
    """An event of a contract in words, with what it changed: (label, before, after)."""

    sentence: Words
    at: Any
    note: str
    changes: list[tuple[Words, Any, Any]]


_EVENTS = """
SELECT e.action, e.at, e.note, e.data, p.name, p.name_en FROM events e LEFT JOIN persons p ON p.id = e.by_id
WHERE e.thing = ? AND e.thing_id = ? ORDER BY e.n DESC LIMIT ?
"""
MOST_TOLD = 100


def told(
    posts: Iterable[str], thing: str, thing_id: int, said: dict[str, Words] | None = None, labels: dict[str, Words] | None = None
) -> list[Told]:
    """What happened to it, newest first; ties to a contract that these posts may not know of are none."""
    found = [(*row[:3], data_from_json(row[3]), *row[4:]) for row in db.rows(_EVENTS, thing, thing_id, MOST_TOLD)]
    tied = {other for _action, _at, _note, data, *_who in found if (other := data.get("other"))}
    unknown = tied - known(posts, tied) if tied else set()
    found = [row for row in found if row[3].get("other") not in unknown]
    names = _names([data for _action, _at, _note, data, *_who in found])
    told: list[Told] = []
    for action, at, note, data, name, name_en in found:
        who: Any = Name(name, name_en) if name else _("The portal")
        values = {"who": who, "action": action, "file": data.get("file", ""), "check": data.get("check", "")}
        sentence = (said or SAID).get(action, _("%(who)s: %(action)s")).having(**values)
        told.append(Told(sentence, db.from_ms(at), note, _changes(data, names, labels or COLUMNS)))
    return told


def _changes(data: dict[str, Any], names: dict[tuple[str, int], Name], labels: dict[str, Words]) -> list[tuple[Words, Any, Any]]:
    """Before and after of every field an event changed."""
    before, after = data.get("before"), data.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    return [
        (labels[field], _in_words(field, before.get(field), names), _in_words(field, value, names))
        for field, value in after.items()
        if field in labels
    ]


def _in_words(field: str, value: Any, names: dict[tuple[str, int], Name]) -> Any:
    if field in ("department", "responsible"):
        return names.get((field, value), "–")
    if field in ("fire_proof", "damp_proof", "confidential", "active"):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return PARTY_SIGN.join(value)
    return "–" if value in (None, "") else value


_NAMES = {
    "department": "SELECT 'department', id, name, name_en FROM departments WHERE id IN ({})",
    "responsible": "SELECT 'responsible', id, name, name_en FROM persons WHERE id IN ({})",
}


def _names(facts: Iterable[dict[str, Any]]) -> dict[tuple[str, int], Name]:
    """What the departments and people that changes name are called, in one statement."""
    ids: dict[str, set[int]] = {field: set() for field in _NAMES}
    sides = [(data.get("before"), data.get("after")) for data in facts]
    for before, after in sides:
        if isinstance(before, dict) and isinstance(after, dict):
            for field in _NAMES:
                ids[field] |= {key for key in (before.get(field), after.get(field)) if isinstance(key, int)}
    asked = {field: sorted(found) for field, found in ids.items() if found}
    if not asked:
        return {}
    sql = " UNION ALL ".join(_NAMES[field].format(db.marks(found)) for field, found in asked.items())
    return {(field, key): Name(*name) for field, key, *name in db.rows(sql, *(key for found in asked.values() for key in found))}


# ---- papers handed over ---------------------------------------------------------------------------------------------


def intake_content(title: str, partner: str, group_file: str = "", note: str = "") -> Content:
    return Content(title, {"partner": partner, "group_file": group_file, "note": note})
