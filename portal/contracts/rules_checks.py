"""The half-yearly check: the list is frozen, every contract gets a result, and nothing missing stays without an incident
(CON-02, CON-13)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from portal import access, checks, clock, contents, db, notices, steps
from portal.access import contract_archivist, gm, holders, requester, system
from portal.cases import Case
from portal.contents import Content
from portal.contracts.models import NOWHERE, ArchiveCheck, CheckLine, CheckScan, Contract, Place
from portal.contracts.models_checks import (
    OTHERWISE,
    RESULTS,
    Line,
    contract_of_code,
    had_contracts,
    half_now,
    is_opened,
    is_out,
    line_of,
    progress,
    running_check,
)
from portal.contracts.models_incidents import open_incidents_of
from portal.contracts.models_loans import kept_day
from portal.contracts.models_papers import check_content, check_due
from portal.contracts.rules_incidents import open_incident
from portal.contracts.rules_register import MOST
from portal.flow import Act, Flow, as_shown, objection, state, step
from portal.jobs import job
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.words import Words, _, _n

MOST_NOTE, MOST_CODE = 200, 200
SEEN = ("present", "found", "damaged", "wrong_place")  # somebody had it in hand: a second scan says so and changes nothing


# ---- how one comes about --------------------------------------------------------------------------------------------


def check_check(person: Person, content: Content) -> None:
    if contract_archivist.key not in access.posts_of(person):
        raise NotYours(_("Only the contract archivist checks the archive."))


@job(
    "contract_check",
    every=timedelta(days=1),
    at=time(6),
    about=_("Opens the half-yearly check of the archive, and tells when it is late"),
)
def open_by_clock() -> Words | None:
    _alarm()
    return _open_half()


@db.transaction
def _open_half() -> Words | None:
    """One check for each half-year, however often this runs; a check that is going on is finished first."""
    half = half_now()
    keepers = holders(contract_archivist.key)
    if is_opened(half) or running_check() or not keepers or not had_contracts(max(half.due_on, clock.today())):
        return None
    if half.due_on < clock.today() and not had_contracts(half.due_on):
        return None
    case = contents.create(CHECK, keepers[0], check_content(), secrets.token_urlsafe(18), by_portal=True)
    case = steps.take(None, case.id, "open")
    return _("%(number)s was opened.", number=case.number)


_LATE = """
SELECT a.case_id FROM archive_checks a JOIN cases k ON k.id = a.case_id
WHERE k.state = 'counting' AND NOT a.alarmed AND a.due_on < ?
"""


@db.transaction
def _alarm() -> None:
    """Archivist and general manager hear once that the day has passed."""
    for (key,) in db.rows(_LATE, kept_day(clock.today())):
        case, done = Case.get_by_id(key), progress(key)
        told = [person.id for role in (contract_archivist.key, gm.key) for person in holders(role)]
        text = _n(
            "%(number)s %(title)s is overdue: %(n)s contract is not counted yet.",
            "%(number)s %(title)s is overdue: %(n)s contracts are not counted yet.",
            n=done.left, number=case.number, title=case.title,
        )  # fmt: skip
        notices.tell(told, "due", text, case)
        ArchiveCheck.update(alarmed=True).where(ArchiveCheck.case == case).execute()


@objection(_("another check is going on"))
def another_runs(act: Act) -> Words | None:
    running = running_check()
    return _("%(number)s is going on: close it first.", number=running.number) if running else None


@objection(_("there is nothing to check"))
def nothing_held(act: Act) -> Words | None:
    held = db.row("SELECT 1 FROM contracts WHERE state IN ('in_archive', 'flagged') LIMIT 1")
    return None if held else _("There is no contract in the archive.")


_FREEZE = """
INSERT INTO check_lines (case_id, contract_id, expected, recorded_place, recorded_fire, recorded_damp)
SELECT ?, c.id, CASE WHEN EXISTS (SELECT 1 FROM loans l WHERE l.contract_id = c.id AND l.form = 'original' AND l.is_open
    AND l.lent_at IS NOT NULL) THEN 'lent' ELSE 'here' END, c.room || CASE WHEN c.cabinet = '' THEN '' ELSE ' / ' || c.cabinet END
    || CASE WHEN c.box = '' THEN '' ELSE ' / ' || c.box END, c.fire_proof, c.damp_proof
FROM contracts c WHERE c.state IN ('in_archive', 'flagged') ORDER BY c.room, c.cabinet, c.box, c.id
"""


def freeze(act: Act) -> None:
    """Writes down what is in the archive now, shelf by shelf; what is registered later is not on this list."""
    db.run(_FREEZE, act.case.id)
    act.data["contracts"] = progress(act.case.id).whole
    half, due = check_due()
    act.case.title = check_content().title
    ArchiveCheck.update(half=half, opened_on=clock.today(), due_on=due).where(ArchiveCheck.case == act.case).execute()
    if act.person is None:
        text = _("%(title)s is open: count until %(day)s.", title=act.case.title, day=due)
        notices.tell([person.id for person in holders(contract_archivist.key)], "due", text, act.case)


# ---- results --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """How a contract was found: where, if not in its place, and whether it stands protected from fire and damp."""

    result: str
    found: Place = NOWHERE
    fire_proof: bool | None = None
    damp_proof: bool | None = None
    note: str = ""

    def why_not(self, line: Line) -> None:
        if self.result not in RESULTS:
            raise Mistyped(_("Choose how it was found."), "result")
        if self.result == "wrong_place":
            self._why_not_there(line)
        if self.result == "on_loan" and line.expected != "lent" and not is_out(line.contract):
            raise Mistyped(_("It is not on loan: say whether it is there."), "result")
        if len(self.note) > MOST_NOTE:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=MOST_NOTE, are=len(self.note)), "note")

    def _why_not_there(self, line: Line) -> None:
        if not self.found.room:
            raise Mistyped(_("Say where it was found."), "found_room")
        if self.found == line.kept:
            raise Mistyped(_("That is where the register says it is: say where it was found."), "found_room")
        for name, text in self.found._asdict().items():
            if len(text) > MOST[name]:
                why = _("At most %(most)s characters; these are %(are)s.", most=MOST[name], are=len(text))
                raise Mistyped(why, f"found_{name}")


@dataclass(frozen=True)
class Scanned:
    """What a code was: the result it gave, and the line it belongs to."""

    result: str
    line: Line | None
    code: str


_SET = """
UPDATE check_lines SET result = ?, found_room = ?, found_cabinet = ?, found_box = ?, fire_proof = ?, damp_proof = ?, note = ?,
    by_id = ?, at = ?, incident_id = ?, settled = '', settled_by_id = NULL, settled_at = NULL
WHERE id = ?
"""


@db.transaction
def scan(person: Person, case_id: int, code: str, fire_proof: bool | None = None, damp_proof: bool | None = None) -> Scanned:
    """A code under the scanner: the contract is there. Unknown codes and those scanned already are told, never counted twice."""
    case = counting(person, case_id)
    code = code[:MOST_CODE]
    if not code:
        raise Mistyped(_("Scan a label or type a number."), "code")
    contract = contract_of_code(code)
    line = line_of(case.id, contract) if contract else None
    if line is None:
        return _noted(case, person, code, "not_listed" if contract else "unknown", contract, None)
    if line.result in SEEN:
        return _noted(case, person, code, "again", contract, line)
    result = "found" if is_out(line.contract) else "present"
    _write(person, line, Result(result, NOWHERE, fire_proof, damp_proof))
    return _noted(case, person, code, result, contract, line_of(case.id, line.contract))


def _noted(case: Case, person: Person, code: str, result: str, contract: int | None, line: Line | None) -> Scanned:
    CheckScan.add(case=case, contract=contract, code=code, result=result, by=person, at=clock.now())
    return Scanned(result, line, code)


@db.transaction
def write_down(person: Person, case_id: int, contract_id: int, given: Result) -> Line:
    """The result as it was typed or pressed; an earlier one is replaced, and both stay among what was scanned."""
    case = counting(person, case_id)
    line = line_of(case.id, contract_id)
    if line is None:
        raise NotThere()
    given.why_not(line)
    _write(person, line, given)
    CheckScan.add(case=case, contract=contract_id, code=line.number, result=given.result, by=person, at=clock.now())
    return line_of(case.id, contract_id)  # type: ignore[return-value]


@db.transaction
def write_down_list(person: Person, case_id: int, given: dict[int, Result]) -> int:
    """Several lines, or none of them; answers how many. The refused one is named by its field."""
    for contract_id, result in sorted(given.items()):
        try:
            write_down(person, case_id, contract_id, result)
        except Mistyped as refusal:
            raise Mistyped(refusal.why, f"{refusal.field}-{contract_id}") from refusal
    return len(given)


def _write(person: Person, line: Line, given: Result) -> None:
    place = given.found if given.result == "wrong_place" else NOWHERE
    marks = (given.fire_proof, given.damp_proof) if given.result in SEEN else (None, None)
    db.run(_SET, given.result, *place, *marks, given.note, person.id, db.to_ms(clock.now()), line.incident, line.id)


_STILL_OUT = """
SELECT l.contract_id FROM check_lines l WHERE l.case_id = ? AND l.result = '' AND EXISTS (SELECT 1 FROM loans o
WHERE o.contract_id = l.contract_id AND o.form = 'original' AND o.is_open AND o.lent_at IS NOT NULL) ORDER BY l.id
"""


@db.transaction
def confirm_lent(person: Person, case_id: int) -> int:
    """What is still with its borrowers by the books, and was not found on a shelf, is on loan."""
    case = counting(person, case_id)
    out = [contract for (contract,) in db.rows(_STILL_OUT, case.id)]
    return write_down_list(person, case.id, {contract: Result("on_loan") for contract in out})


def counting(person: Person, case_id: int) -> Case:
    """The check as it is now, for the archivist who counts in it. Raises NotThere, NotYours, Refused."""
    case = as_shown(case_id)
    if case.kind != CHECK.name:
        raise NotThere()
    if contract_archivist.key not in access.posts_of(person):
        raise NotYours(_("Only the contract archivist checks the archive."))
    if case.state != "counting":
        raise Refused(_("Nothing is counted here any more: the check is %(state)s.", state=CHECK.state_of(case).label))
    return case


# ---- closing --------------------------------------------------------------------------------------------------------


def open_incidents(act: Act) -> None:
    """One for each contract that is missing or damaged; where one is open already, the line is joined to that."""
    assert act.person is not None
    found = CheckLine.where("case_id = ? AND result IN ('missing', 'damaged') AND incident_id IS NULL ORDER BY id", act.case.id)
    for line in found:
        contract = Contract.get_by_id(line.contract_id)
        known = open_incidents_of(contract.id)
        if known:
            incident = known[0][0]
        else:
            incident = open_incident(contract, line.result, act.person, act.person.department, act.case, line.note).id
        CheckLine.update(incident=incident).where(CheckLine.id == line.id).execute()
    act.data["incidents"] = len(found)


@objection(_("nothing is missing or damaged without an incident"))
def no_incident_needed(act: Act) -> Words | None:
    return None if progress(act.case.id).without_incident else _("Nothing is missing or damaged without an incident.")


@objection(_("a contract is not counted"))
def uncounted(act: Act) -> Words | None:
    left = progress(act.case.id).left
    if not left:
        return None
    return _n("%(n)s contract is not counted yet.", "%(n)s contracts are not counted yet.", n=left)


@objection(_("something missing or damaged has no incident"))
def without_incident(act: Act) -> Words | None:
    left = progress(act.case.id).without_incident
    if not left:
        return None
    return _n(
        "%(n)s contract is missing or damaged without an incident: open it first.",
        "%(n)s contracts are missing or damaged without an incident: open them first.",
        n=left,
    )


@objection(_("it is the check of a half-year, or something is counted"))
def is_needed(act: Act) -> Words | None:
    if act.paper.half:
        return _("The half-yearly check is made, not cancelled.")
    return _("Something is counted already: go on to the end.") if progress(act.case.id).done else None


_LEFT = f"""
UPDATE check_lines AS l SET settled = 'left', settled_at = ?
WHERE l.case_id = ? AND l.settled = '' AND EXISTS (SELECT 1 FROM contracts c WHERE c.id = l.contract_id AND {OTHERWISE})
"""
_SAID_BY_NOW = f"""
UPDATE check_lines AS l SET settled = 'taken_over', settled_at = ?
WHERE l.case_id = ? AND l.settled = '' AND (l.result = 'wrong_place' OR l.fire_proof <> l.recorded_fire
    OR l.damp_proof <> l.recorded_damp) AND EXISTS (SELECT 1 FROM contracts c WHERE c.id = l.contract_id AND NOT ({OTHERWISE}))
"""  # by hand, on the page of the contract
_CHECKED = "UPDATE contracts SET checked_at = ? WHERE id IN (SELECT contract_id FROM check_lines WHERE case_id = ?)"


def mark_checked(act: Act) -> None:
    """What differs from the register and was not dealt with does not keep it open: the report names it."""
    now = clock.now()
    for settle in (_LEFT, _SAID_BY_NOW):
        db.run(settle, db.to_ms(now), act.case.id)
    ArchiveCheck.update(closed_at=now).where(ArchiveCheck.case == act.case).execute()
    db.run(_CHECKED, db.to_ms(now), act.case.id)
    found = progress(act.case.id)
    act.data |= {name: n for name, n in found.by_result.items() if n}


def until_due(act: Act) -> datetime:
    return clock.end_of(ArchiveCheck.get_by_id(act.case.id).due_on)


# ---- the flow -------------------------------------------------------------------------------------------------------

CHECK = Flow(
    "archive_check",
    state(
        "draft",
        requester,
        step(
            "begin", "counting", unless=[another_runs, nothing_held], then=[freeze], label=_("Freeze the list and begin"),
            said=_("%(who)s froze the list and began the check"), look="primary", rules=["CON-02"],
        ),
        step(
            "open", "counting", who=system, unless=[another_runs, nothing_held], then=[freeze], label=_("Freeze the list"),
            said=_("The list was frozen: the check is open"),
        ),
    ),
    state(
        "counting",
        contract_archivist,
        step(
            "close", "closed", unless=[uncounted, without_incident], then=[mark_checked], label=_("Close the check"),
            said=_("%(who)s closed the check"), look="primary", rules=["CON-02"],
        ),
        step(
            "open_incidents", "counting", unless=[no_incident_needed], then=[open_incidents],
            label=_("Open the incidents"),
            said=_("%(who)s opened incidents for what is missing or damaged"), look="quiet", rules=["CON-03"],
        ),
        step("cancel", "cancelled", unless=[is_needed], note=True, look="danger"),
        label=_("Being checked"),
        carries_out=True,
        due=until_due,
    ),
    state("closed", tone="green"),
    state("cancelled"),
    prefix="CC",
    label=_("Archive check"),
    detail=ArchiveCheck,
    reads=(contract_archivist, gm),
    checks=(check_check,),
    icon="list-checks",
    about=_("Every half year each contract is looked for: it is there, missing, damaged, in the wrong place or on loan."),
    rules=("CON-02", "CON-13"),
)  # fmt: skip


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every closed check with a line that has no result, or that is missing without an incident; by id, as the
    administrator may not know every contract."""
    wrong = """
    SELECT k.number, l.contract_id FROM check_lines l JOIN cases k ON k.id = l.case_id
    WHERE k.state = 'closed' AND (l.result = '' OR (l.result IN ('missing', 'damaged') AND l.incident_id IS NULL))
    """
    for check, contract in db.rows(wrong):
        yield f"{check} is closed, but contract {contract} has no result or no incident"
