"""Pages of a claim: its body, its print on one sheet, and the page on which it is signed line by line beside its invoices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from portal import attachments, kinds, steps
from portal.access import any_of, cashier, chief_accountant, everyone, gm
from portal.attachments import Attachment
from portal.books.models import METHODS
from portal.books.models_statements import vouchers_seen
from portal.budget.models import known
from portal.cases import Case
from portal.expenses.forms_claims import ChecklistForm, ClaimForm
from portal.expenses.models_claims import (
    CHECKED,
    Checklist,
    Granted,
    differing,
    earlier_of,
    payments_on,
    read_for,
    sums_of,
)
from portal.expenses.models_money import ClaimLine
from portal.expenses.rules_claims import CLAIM, beyond, held_up
from portal.expenses.views_claims_writing import WRITE, may_read
from portal.expenses.views_requests import pages
from portal.fields import clean
from portal.flow import Act
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.invoices import Read
from portal.kinds import RECEIPTS, Kind
from portal.money import Money, in_capitals, total
from portal.offers import offered
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.timeline import Told as Event
from portal.web import confirm_first, find_case, go, me, my_posts, page, tell
from portal.words import Words, _

WORKING_LISTS += [
    WorkingList(_("Claims to sign"), "claim", "submitted", any_of(gm), "receipt-text"),
    WorkingList(_("Claims to check"), "claim", "signed", any_of(cashier), "receipt-text"),
    WorkingList(_("Claims to pay"), "claim", "payable", any_of(cashier), "receipt-text"),
    WorkingList(_("Claims to post"), "claim", "paid", any_of(chief_accountant), "receipt-text"),
]


# ---- the paper ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A line with its file by number, what was read from it, where the two differ, and the claim that has the invoice too."""

    line: ClaimLine
    place: int | None
    read: Read | None
    differences: tuple[Words, ...]
    earlier: Case | None

    @property
    def file(self) -> Attachment | None:
        return self.line.file if self.place else None


def told(case: Case, lines: list[ClaimLine], files: list[Attachment]) -> list[Told]:
    """The lines as they are looked at. An invoice is numbered where it stands first."""
    here, places = {each.id for each in files}, dict[int, int]()
    found = []
    for line, read in read_for(lines):
        place = places.setdefault(line.file_id, len(places) + 1) if line.file_id in here else None
        found.append(Told(line, place, read, tuple(differing(line, read)), earlier_of(line, read, case.id)))
    return found


def body(case: Case, person: Person) -> dict[str, Any]:
    """The claim as its page and its print show it."""
    act = Act(case, person)
    files = attachments.of("case", case.id)
    rows = told(case, act.lines, files)
    asked: Case = act.paper.request
    granted = total(line.granted for line in act.lines)
    places = {each.line.file_id: each.place for each in rows if each.place}
    return {
        "rows": rows,
        "vouchers": vouchers_seen(case, my_posts()),
        "asked": asked,
        "may_open": may_read(asked),
        "is_provisional": asked.state == "provisional",
        "waits_for_consent": asked.state == "provisional" and case.closed_at is None,
        "held_up": held_up(act) if case.closed_at is None else None,
        "is_granted": any(line.approved is not None for line in act.lines),
        "granted": granted,
        "budget_lines": {line.line_id: known(line.line_id).called for line in act.lines},
        "has_choice": len({line.line_id for line in act.lines}) > 1,
        "sums": sums_of(asked.id, granted, case.id),
        "is_settled": act.paper.checked_at is not None,
        "over": beyond(asked.id, act.lines, case.id) if case.closed_at is None else None,
        "net": (act.paper.approved or Money(0)) - act.paper.from_advance,
        "checks": CHECKED,
        "payments": payments_on(case),
        "methods": METHODS,
        "numbered": sorted(((place, file) for file in files if (place := places.get(file.id))), key=lambda each: each[0]),
        "others": [each for each in files if each.id not in places],
        "may_read": may_read,
        "signatures": signatures,
        "in_capitals": in_capitals,
    }


def signatures(decisions: list[Event]) -> list[tuple[Words, Event | None]]:
    """What is signed on the sheet, and who did it when: what was done before it went back is done anew."""
    order = list(CLAIM.states)
    standing: dict[str, Event] = {}
    for event in decisions:
        back_to = order.index(event.after)
        standing = {name: each for name, each in standing.items() if order.index(each.after) <= back_to}
        standing[event.action] = event
    return [(CLAIM.steps_named(name)[0].label, standing.get(name)) for name in ("submit", "sign", "check", "pay", "post")]


kinds.step_form(Checklist, ChecklistForm)
kinds.step_page(Granted, "/expenses/claims/%s/sign")
kinds.register(
    Kind(
        flow=CLAIM,
        form=ClaimForm,
        folder="expenses",
        new=_("New claim"),
        about=_("After you spent: your invoices on an approved request; you are repaid once it is signed and checked."),
        extra=body,
        write=WRITE,
        files=RECEIPTS,
        print_page="expenses/claim_print.html",
    )
)


# ---- signing --------------------------------------------------------------------------------------------------------


@pages.form("/expenses/claims/<case_id>/sign", may=everyone)
def sign_claim(case_id: str) -> Any:
    """The lines beside their invoices; less than what is claimed may be granted of each (FIN-16)."""
    case = find_case(case_id)
    if case.kind != CLAIM.name:
        raise NotThere()
    is_open = any(way.name == "sign" for way in CLAIM.state_of(case).steps)
    offer = next((each for each in offered(case, me(), my_posts()) if each.step.name == "sign"), None)
    if is_open and (offer is None or (request.method == "GET" and offer.why_not)):
        raise NotYours(offer.why_not if offer else None)
    if not is_open and request.method == "GET":
        return go("papers.show", case_id=case.id)
    return _sign(case) if request.method == "POST" else _sign_page(case)


def _sign(case: Case) -> Any:
    wrong: dict[str, Words] = {}
    lines = Act(case, me()).lines
    given = Granted(tuple(_granted(lines, wrong)))
    if wrong:
        return _sign_page(case, 422, wrong)
    confirm_first()
    shown = (request.form.get("state") or "-", _version())
    try:
        moved = steps.take(me(), case.id, "sign", shown, given, clean(request.form.get("note"), lines=True))
    except NotYours:
        raise
    except Refused as refusal:
        field = refusal.field if isinstance(refusal, Mistyped) else None
        return _sign_page(case, refusal.status, {field or "": refusal.why})
    done = CLAIM.said("sign", me().called)
    tell(_("%(number)s %(title)s: %(what)s.", number=moved.number or "", title=moved.title, what=done))
    return go("papers.show", case_id=moved.id)


def _granted(lines: list[ClaimLine], wrong: dict[str, Words]) -> Any:
    """The lines of which less is granted, each with how much; what cannot be read is said beside it."""
    for line in lines:
        typed = clean(request.form.get(f"line_{line.n}"))[:40]
        try:
            amount = Money.parse(typed) if typed else line.amount
        except ValueError:
            wrong[f"line_{line.n}"] = _("Write an amount in yuan, such as 1200 or 12.50.")
            continue
        if amount != line.amount:
            yield line.n, amount


def _version() -> int:
    typed = request.form.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def _sign_page(case: Case, status: int = 200, wrong: dict[str, Words] | None = None) -> Any:
    act = Act(case, me())
    rows = told(case, act.lines, attachments.of("case", case.id))
    asked, claimed = act.paper.request, {line.n: line.amount for line in act.lines}
    return page(
        "expenses/claim_sign.html", status, case=case, paper=act.paper, rows=rows, asked=asked, wrong=wrong or {},
        typed={n: clean(request.form.get(f"line_{n}", str(amount)))[:40] for n, amount in claimed.items()},
        sums=sums_of(asked.id, case.amount or Money(0), case.id), may_read=may_read,
        budget_lines={each.line.line_id: known(each.line.line_id).called for each in rows},
    )  # fmt: skip
