"""How a contract comes into the register, what of it may change and by whom, and how it leaves the archive (CON-01, CON-13)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from portal import access, checks, clock, db, history, search
from portal.contracts.models import STATES, Amendment, Contract, Nature, Party, holders_of, is_seen, readers_of
from portal.contracts.models_checks import unsettled_in
from portal.contracts.rules_confidential import papers_follow
from portal.contracts.rules_natures import only_the_archivist
from portal.history import Event
from portal.money import HIGHEST, Money
from portal.persons import LANGUAGES, Department, Person
from portal.refused import Mistyped, NotThere, Refused, SomebodyWasFirst
from portal.words import Words, _, data_from_json, data_to_json

MOST = {
    "title": 200, "room": 40, "cabinet": 40, "box": 40, "keywords": 200, "group_file": 60, "note": 500, "former_number": 60,
}  # fmt: skip
MOST_PARTIES = 20
MOST_PAGES = 100_000
MOST_ORIGINALS = 100
CHANGEABLE = (
    "title", "amount", "signed_on", "starts", "ends", "department", "responsible", "room", "cabinet", "box", "fire_proof",
    "damp_proof", "originals", "pages", "keywords", "confidential", "language", "group_file", "note", "former_number",
)  # fmt: skip
OPTIONAL = {
    "amount": None, "starts": None, "ends": None, "cabinet": "", "box": "", "fire_proof": False, "damp_proof": False,
    "originals": 1, "keywords": "", "confidential": False, "language": "zh-Hans", "group_file": "", "note": "",
    "former_number": "",
}  # fmt: skip
_NEXT = """
INSERT INTO contract_numbers (year, nature_id, last) VALUES (?, ?, 1)
ON CONFLICT (year, nature_id) DO UPDATE SET last = contract_numbers.last + 1 RETURNING last
"""
_LIFT = """
INSERT INTO contract_numbers (year, nature_id, last) VALUES (?, ?, ?)
ON CONFLICT (year, nature_id) DO UPDATE SET last = excluded.last WHERE contract_numbers.last < excluded.last
"""


def number_of(year: int, code: str, seq: int) -> str:
    return f"{year}-{code}-{seq:04d}"


# ---- into the register ----------------------------------------------------------------------------------------------


@db.transaction
def register(
    person: Person, values: dict[str, Any], parties: Sequence[str], token: str | None = None, seq: int | None = None
) -> Contract:
    """A new contract with the next number of its year and nature. `values` are the fields by name, with `nature` (a Nature).

    `token`: the key of the form, by which it is taken once. `seq`: the number an import keeps; the counter is lifted to it."""
    only_the_archivist(person)
    whole = OPTIONAL | values
    nature = whole["nature"]
    assert whole.keys() == {*CHANGEABLE, "nature"}, whole.keys() ^ {*CHANGEABLE, "nature"}
    told = {name: _plain(value) for name, value in whole.items() if value not in (None, "", False)} | {"parties": list(parties)}
    if token and (known := Contract.find("token = ?", token)):
        return _registered_before(known, told)
    if not isinstance(nature, Nature) or not nature.active:
        raise Mistyped(_("Choose the nature of the project."), "nature")
    check(whole, parties)
    year = whole["signed_on"].year
    kept = _next(year, nature) if seq is None else _lifted(year, nature, seq)
    made = Contract.add(
        number=number_of(year, nature.code, kept), year=year, seq=kept, created_at=clock.now(), token=token, **whole
    )  # fmt: skip
    _write_parties(made.id, parties)
    history.record(made, "register", person, after=made.state, data={"after": told})
    index(made, is_new=True)
    return made


def _registered_before(contract: Contract, told: dict[str, Any]) -> Contract:
    """What the form made when it was sent first. Raises Refused where it came back with something else in it."""
    first = Event.get(Event.thing == "contract", Event.thing_id == contract.id, Event.n == 1)
    if first.facts()["after"] != data_from_json(data_to_json(told)):
        raise Refused(_("This form was sent before with other contents. Open a new form."))
    return contract


def _next(year: int, nature: Nature) -> int:
    """The next number, in one statement: those who register at once stand in line for it, and what is refused gives it back."""
    return db.row(_NEXT, year, nature.id)[0]  # type: ignore[index]


def _lifted(year: int, nature: Nature, seq: int) -> int:
    if seq < 1 or Contract.find("year = ? AND nature_id = ? AND seq = ?", year, nature.id, seq):
        raise Mistyped(_("There is a contract %(number)s already.", number=number_of(year, nature.code, seq)), "number")
    db.run(_LIFT, year, nature.id, seq)
    return seq


def check(values: dict[str, Any], parties: Sequence[str], before: Contract | None = None) -> None:
    """Raises Mistyped for the first thing that cannot stand in the register."""
    needed = {"title": _("Give it a title."), "room": _("Say where it is kept.")}
    for name, most in MOST.items():
        if name in needed and not values[name]:
            raise Mistyped(needed[name], name)
        if len(values[name]) > most:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=most, are=len(values[name])), name)
    _check_days(values)
    _check_figures(values)
    _check_people(values, before)
    if not parties or not all(parties):
        raise Mistyped(_("Name at least one party."), "parties")
    if len(parties) > MOST_PARTIES or max(map(len, parties)) > 120:
        raise Mistyped(_("At most %(most)s parties of 120 characters each.", most=MOST_PARTIES), "parties")


def _check_days(values: dict[str, Any]) -> None:
    signed, starts, ends = values["signed_on"], values["starts"], values["ends"]
    if signed is None:
        raise Mistyped(_("Say on which day it was signed."), "signed_on")
    if signed > clock.today():
        raise Mistyped(_("It cannot have been signed on a day to come."), "signed_on")
    if not 1949 <= signed.year <= 2100:
        raise Mistyped(_("Write a real day as year-month-day, such as 2026-11-30."), "signed_on")
    if ends is not None and ends < (starts or signed):
        raise Mistyped(_("It cannot end before it begins."), "ends")


def _check_figures(values: dict[str, Any]) -> None:
    amount = values["amount"]
    if amount is not None and not 0 <= amount < HIGHEST:
        raise Mistyped(_("That is more than the portal can count."), "amount")
    for name, least, most in (("pages", 1, MOST_PAGES), ("originals", 0, MOST_ORIGINALS)):
        if values[name] is None or not least <= values[name] <= most:
            raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=least, most=most), name)
    if values["language"] not in LANGUAGES:
        raise Mistyped(_("Choose one of the list."), "language")


def _check_people(values: dict[str, Any], before: Contract | None) -> None:
    """Who and what is there now; one that was named before may stay, though it is gone since."""
    department, responsible = values["department"], values["responsible"]
    if not isinstance(department, Department):
        raise Mistyped(_("Choose the owner department."), "department")
    if not department.active and (before is None or before.department_id != department.id):
        raise Mistyped(_("%(department)s is closed.", department=department.called), "department")
    if not isinstance(responsible, Person):
        raise Mistyped(_("Choose the responsible person."), "responsible")
    if not responsible.active and (before is None or before.responsible_id != responsible.id):
        raise Mistyped(_("%(person)s has left.", person=responsible.called), "responsible")


def _write_parties(contract_id: int, parties: Sequence[str]) -> None:
    db.run("DELETE FROM contract_parties WHERE contract_id = ?", contract_id)
    for n, name in enumerate(parties, 1):
        Party.add(contract=contract_id, n=n, name=name)


def parties_of(contract_id: int) -> list[str]:
    return [name for (name,) in db.rows("SELECT name FROM contract_parties WHERE contract_id = ? ORDER BY n", contract_id)]


# ---- what changes ---------------------------------------------------------------------------------------------------


@db.transaction
def change(person: Person, contract_id: int, events: int, found_by: str = "", **changed: Any) -> Contract:
    """Changes fields, and `parties`, as the contract was shown (its count of events); the event keeps both before and after.
    Number, year and nature stay for ever. `found_by`: the number of the archive check whose finding is taken over."""
    contract = as_shown(person, contract_id, events)
    parties = list(changed.pop("parties", None) or parties_of(contract.id))
    assert changed.keys() <= set(CHANGEABLE), changed.keys()
    if contract.state == "destroyed":
        raise Refused(_("It was destroyed: its record stays as it is."))
    whole = {name: changed.get(name, getattr(contract, name)) for name in CHANGEABLE}
    check(whole, parties, contract)
    if whole["signed_on"].year != contract.year:
        raise Mistyped(_("Its number says it was signed in %(year)s.", year=str(contract.year)), "signed_on")
    return _write(contract, person, changed, parties, found_by)


def _write(contract: Contract, person: Person, changed: dict[str, Any], parties: list[str], found_by: str) -> Contract:
    """Writes what differs, with its event."""
    before = {name: _plain(getattr(contract, name)) for name in changed}
    after = {name: _plain(value) for name, value in changed.items()}
    differing = [name for name in changed if before[name] != after[name]]
    told = {"before": {name: before[name] for name in differing}, "after": {name: after[name] for name in differing}}
    if (named := parties_of(contract.id)) != parties:
        told["before"]["parties"], told["after"]["parties"] = named, parties
        _write_parties(contract.id, parties)
    if not told["after"]:
        return contract
    if differing:
        Contract.update(**{name: changed[name] for name in differing}).where(Contract.id == contract.id).execute()
    action, data = ("take_over", told | {"check": found_by}) if found_by else ("change", told)
    history.record(contract, action, person, before=contract.state, after=contract.state, data=data)
    written = _indexed(contract.id)
    if written.confidential != contract.confidential or (written.confidential and "department" in differing):
        papers_follow(written, person)
    return written


def as_shown(person: Person, contract_id: int, events: int) -> Contract:
    contract = seen(person, contract_id)
    only_the_archivist(person)
    if contract.events != events:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    return contract


def seen(person: Person, contract_id: int) -> Contract:
    """The contract, if this person may know of it. Raises NotThere."""
    contract = Contract.get_or_none(Contract.id == contract_id)
    if contract is None or not is_seen(contract, access.posts_of(person)):
        raise NotThere()
    return contract


def _plain(value: Any) -> Any:
    """As an event keeps it: rows by their id, yes and no as numbers."""
    return value.get_id() if isinstance(value, db.Table) else int(value) if isinstance(value, bool) else value


def _indexed(contract_id: int) -> Contract:
    contract = Contract.get_by_id(contract_id)
    index(contract)
    return contract


@db.transaction
def amend(
    person: Person,
    contract_id: int,
    events: int,
    signed_on: date,
    subject: str,
    amount: Money | None,
    ends: date | None,
    pages: int,
) -> Amendment:
    """A supplementary agreement; the day it names becomes the contract's end."""
    contract = as_shown(person, contract_id, events)
    if contract.state not in ("in_archive", "flagged"):
        raise Refused(_not_held(contract))
    if not subject or len(subject) > 200:
        raise Mistyped(_("Say in a few words what it changes."), "subject")
    if not contract.signed_on <= signed_on <= clock.today():
        raise Mistyped(_("It was signed between the contract and today."), "signed_on")
    if ends is not None and ends < (contract.starts or contract.signed_on):
        raise Mistyped(_("It cannot end before it begins."), "ends")
    if not 1 <= pages <= MOST_PAGES:
        raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=1, most=MOST_PAGES), "pages")
    (last,) = db.row("SELECT COALESCE(MAX(n), 0) FROM amendments WHERE contract_id = ?", contract.id)  # type: ignore[misc]
    made = Amendment.add(
        contract=contract.id, n=last + 1, signed_on=signed_on, subject=subject, amount=amount, ends=ends, pages=pages, by=person,
        at=clock.now(),
    )  # fmt: skip
    told = {"n": made.n, "subject": subject, "signed_on": signed_on, "amount": amount, "ends": ends, "pages": pages}
    moved: dict[str, Any] = {"pages": contract.pages + pages} | ({"ends": ends} if ends is not None else {})
    before = {name: getattr(contract, name) for name in moved}
    Contract.update(**moved).where(Contract.id == contract.id).execute()
    history.record(
        contract, "amend", person, before=contract.state, after=contract.state,
        data={"amendment": told, "before": before, "after": moved},
    )  # fmt: skip
    _indexed(contract.id)
    return made


# ---- state ----------------------------------------------------------------------------------------------------------


def flag(contract: Contract, by: Person | None, why: str) -> Contract:
    """An incident was opened: it is under investigation until the last one is closed. Rules of incidents call it."""
    return set_state(contract, "flagged", "flag", by, why, among=("in_archive", "flagged"))


def unflag(contract: Contract, by: Person | None, why: str) -> Contract:
    return set_state(contract, "in_archive", "unflag", by, why, among=("flagged",))


@db.transaction
def withdraw(person: Person, contract_id: int, events: int, reason: str) -> Contract:
    """It leaves the archive; the record stays, and its number is never given again."""
    contract = as_shown(person, contract_id, events)
    if not reason or len(reason) > 500:
        raise Mistyped(_("Say why, in at most %(most)s characters.", most=500), "reason")
    if contract.state == "flagged":
        raise Refused(_("%(number)s is under investigation; close its incidents first.", number=contract.number))
    if lent := db.row(_LENT, contract.id):
        raise Refused(_("%(number)s is on loan with %(loan)s; it must come back first.", number=contract.number, loan=lent[0]))
    if check := unsettled_in(contract.id):
        raise Refused(not_settled(contract.number, check))
    return set_state(contract, "withdrawn", "withdraw", person, reason, among=("in_archive",))


def not_settled(number: str, check: str) -> Words:
    """While the archive is checked nothing leaves it uncounted: the check could not be closed any more."""
    return _("%(number)s is on the list of %(check)s: count it there first.", number=number, check=check)


_LENT = """
SELECT COALESCE(k.number, '') FROM loans l JOIN cases k ON k.id = l.case_id
WHERE l.contract_id = ? AND (l.is_open OR l.lent_at IS NOT NULL) AND l.returned_at IS NULL AND k.closed_at IS NULL
"""


@db.transaction
def set_state(
    contract: Contract, state: str, action: str, by: Person | None, note: str, among: Sequence[str] = ("in_archive", "flagged")
) -> Contract:
    """Moves it to that state, with the event. Raises Refused unless it stands in one of `among`; who may is the caller's."""
    assert state in STATES
    now = Contract.get_by_id(contract.id)
    if now.state not in among:
        raise Refused(_not_held(now))
    if now.state == state:
        return now
    Contract.update(state=state).where(Contract.id == now.id).execute()
    history.record(now, action, by, before=now.state, after=state, note=note)
    return _indexed(now.id)


def _not_held(contract: Contract) -> Words:
    return _("%(number)s: %(state)s.", number=contract.number, state=STATES[contract.state])


# ---- found ----------------------------------------------------------------------------------------------------------


@db.transaction
def index(contract: Contract, is_new: bool = False) -> None:
    """Puts it where it is found: what the register says for its readers, the text of its scans for those who may open them.

    `is_new`: entered just now, so it has neither amendments nor scans."""
    texts = [
        contract.number, contract.former_number, contract.title, *parties_of(contract.id), contract.keywords,
        contract.nature.code, contract.nature.name, contract.nature.name_en, contract.department.name,
        contract.department.name_en, contract.responsible.name, contract.responsible.name_en, contract.group_file, contract.note,
    ]  # fmt: skip
    if not is_new:
        texts += [subject for (subject,) in db.rows("SELECT subject FROM amendments WHERE contract_id = ?", contract.id)]
    search.put("contract", contract.id, texts, readers_of(contract))
    if not is_new:
        index_scans(contract)


_SCANNED = """
SELECT t.text FROM scan_texts t JOIN attachments a ON a.id = t.attachment_id
WHERE a.thing = 'contract' AND a.thing_id = ? AND a.removed_at IS NULL AND t.state = 'read' ORDER BY a.id
"""


def index_scans(contract: Contract) -> None:
    """The text of the scans on its page, in pieces as long as the index takes."""
    read = [text for (text,) in db.rows(_SCANNED, contract.id)]
    pieces = [text[n : n + search.LONGEST] for text in read for n in range(0, len(text), search.LONGEST)]
    if pieces or db.row("SELECT 1 FROM documents WHERE thing = 'scan' AND thing_id = ?", contract.id):
        search.put("scan", contract.id, pieces, holders_of(contract))


# ---- looked after ---------------------------------------------------------------------------------------------------

_LOST = """
SELECT c.id, c.number, c.year, n.code, c.seq FROM contracts c JOIN natures n ON n.id = c.nature_id
LEFT JOIN contract_numbers k ON k.year = c.year AND k.nature_id = c.nature_id WHERE c.seq > COALESCE(k.last, 0) OR c.seq < 1
"""
_OF_NUMBERS = "SELECT c.id, c.number, c.year, n.code, c.seq FROM contracts c JOIN natures n ON n.id = c.nature_id"


@checks.register
def verify() -> Iterator[str]:
    """Every number says its year, nature and place in the row, and no counter stands before one. The administrator hears of it,
    who may not know every contract: it is told by its id alone."""
    for key, number, year, code, seq in db.rows(_OF_NUMBERS):
        if number != number_of(year, code, seq):
            yield f"contract {key}: its number is not what its year, nature and place in the row say"
    for key, *_parts in db.rows(_LOST):
        yield f"contract {key}: the counter stands before its number"
