"""Pages of the half-yearly check: the list of checks, scanning by phone or hand scanner, the typing list, and the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import request

from portal import clock, kinds
from portal.access import any_of, contract_archivist, everyone, gm
from portal.cases import Case
from portal.contracts.forms_loans import CheckForm
from portal.contracts.models import ArchiveCheck, Contract, Place
from portal.contracts.models_checks import (
    MOST_AT_ONCE,
    PAGE,
    RESULTS,
    SCANS,
    SHOWS,
    Line,
    check_days,
    checks,
    differing,
    every_line,
    half_now,
    is_opened,
    line_by_id,
    lines,
    open_line,
    progress,
    running_check,
    seen_as,
)
from portal.contracts.models_register import around
from portal.contracts.rules_checks import CHECK, Result, Scanned, confirm_lent, scan, write_down, write_down_list
from portal.contracts.rules_differences import settle
from portal.contracts.views_finding import ARCHIVE, take_away
from portal.contracts.views_register import KEEPS, PARTS, Part, pages
from portal.fields import clean
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.languages import here
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    find_case,
    go_to,
    holds,
    inside,
    is_fragment,
    key,
    me,
    my_posts,
    page,
    page_key,
    tell,
    with_filters,
)
from portal.words import Words, _, _n

SEES = any_of(contract_archivist, gm)
NAVIGATION.append(Link(_("Archive checks"), "contracts.check_index", "list-checks", ARCHIVE, place=64))
WORKING_LISTS.append(WorkingList(_("Archive checks to count"), "archive_check", "counting", any_of(contract_archivist)))


@pages.get("/contracts/checks", may=SEES)
def check_index() -> Any:
    """All checks, and when the next one is due."""
    rows = checks(my_posts(), page_key())
    return page(
        "contracts/checks.html",
        rows=rows[:PAGE],
        states=CHECK.states,
        may_start=KEEPS.allows(my_posts()) and running_check() is None,
        next_due=_next_due(),
        older=with_filters(before=rows[PAGE - 1].id) if len(rows) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


def _next_due() -> Any:
    """The day by which the next check is to be closed."""
    half, today = half_now(), clock.today()
    if not is_opened(half) and half.due_on >= today:
        return half.due_on
    days = [day for year in (today.year, today.year + 1) for day in check_days(year)]
    return next(day for day in days if day > max(today, half.due_on))


# ---- the paper ------------------------------------------------------------------------------------------------------


def check_body(case: Case, person: Person) -> dict[str, Any]:
    """Who does not keep the archive any more sees of the check what everybody may know of."""
    trouble = lines(case.id, "other_trouble", posts=my_posts()) if case.state != "draft" else []
    found = differing(case.id) if case.state == "counting" and KEEPS.allows(my_posts()) else []
    return {
        "progress": progress(case.id, my_posts()),
        "results": RESULTS,
        "trouble": trouble[:PAGE],
        "more_trouble": len(trouble) > PAGE,
        "differing": found[:MOST_AT_ONCE],
        "more_differing": len(found) > MOST_AT_ONCE,
        "seen": seen_as(found[:MOST_AT_ONCE]),
        "settled": lines(case.id, "settled")[:PAGE] if case.state != "draft" else [],
        "counts": case.state == "counting" and holds(contract_archivist),
        "has_list": case.state != "draft",
        "is_late": case.state == "counting" and ArchiveCheck.get_by_id(case.id).due_on < clock.today(),
    }


kinds.register(
    Kind(
        flow=CHECK,
        form=CheckForm,
        folder="contracts",
        new=_("New archive check"),
        about=_("The list of everything in the archive is frozen; each contract on it is looked for, by phone or by list."),
        may_start=any_of(contract_archivist),
        extra=check_body,
        tone="violet",
        why_not=lambda person: _("Only the contract archivist checks the archive."),
    )
)


def _check(case_id: str) -> Case:
    case = find_case(case_id)
    if case.kind != CHECK.name:
        raise NotThere()
    return case


def _counting(case_id: str) -> Case | None:
    """The check, if it is mine to count; none where it is past that."""
    case = _check(case_id)
    if not holds(contract_archivist):
        raise NotYours(_("Only the contract archivist checks the archive."))
    return case if case.state == "counting" else None


# ---- scanning -------------------------------------------------------------------------------------------------------


def _mark(name: str) -> bool | None:
    """Fire- and damp-proof marks: yes, no, or not looked at."""
    return {"yes": True, "no": False}.get(request.form.get(name, ""))


@pages.form("/contracts/checks/<case_id>/scan", may=everyone)
def scan_page(case_id: str) -> Any:
    """One field for a hand scanner or typing; what the code was is told at once."""
    case = _counting(case_id)
    if case is None:
        return go_to(f"/papers/{case_id}")
    if request.method == "GET":
        return _scan_page(case)
    try:
        found = scan(me(), case.id, clean(request.form.get("code")), _mark("fire_proof"), _mark("damp_proof"))
    except Mistyped as refusal:
        return _scan_page(case, wrong=refusal, status=refusal.status)
    return _scan_page(case, found)


def _scan_page(case: Case, found: Scanned | None = None, wrong: Mistyped | None = None, status: int = 200, **more: Any) -> Any:
    return page(
        "contracts/check_scan.html",
        status,
        fragment="contracts/_check_scanning.html",
        case=case,
        progress=progress(case.id),
        found=found,
        line=found.line if found else None,
        wrong=wrong,
        scans=SCANS,
        results=RESULTS,
        marks={name: request.form.get(name, "") for name in ("fire_proof", "damp_proof")},
        **more,
    )


@pages.post("/contracts/check-lines/<line_id>", may=everyone)
def write_line(line_id: str) -> Any:
    """A result pressed beside a contract: on the page of scanning or on the contract's own page."""
    line = line_by_id(key(line_id))
    if line is None:
        raise NotThere()
    case = _counting(str(line.case))
    if case is None:
        return go_to(f"/papers/{line.case}")
    back = inside(request.form.get("back") or f"/contracts/checks/{case.id}/scan")
    try:
        line = write_down(me(), case.id, line.contract, _pressed())
    except Mistyped as refusal:
        found = Scanned(line.result or "present", line, "")
        return _scan_page(case, found, refusal, refusal.status, typed=request.form)
    if is_fragment():
        return _scan_page(case, Scanned(line.result, line, ""))
    tell(_("%(number)s: %(result)s", number=line.number, result=RESULTS[line.result]))
    return go_to(back)


def _pressed() -> Result:
    return Result(
        request.form.get("result", ""), _found(), _mark("fire_proof"), _mark("damp_proof"), clean(request.form.get("note"))
    )


def _found(of: str = "") -> Place:
    """Where it was found, as it was typed; on the list of the contract `of`."""
    return Place(*(clean(request.form.get(f"found_{part}{of}")) for part in Place._fields))


@pages.post("/contracts/checks/<case_id>/lent", may=everyone)
def confirm_still_lent(case_id: str) -> Any:
    case = _counting(case_id)
    if case is None:
        return go_to(f"/papers/{case_id}")
    n = confirm_lent(me(), case.id)
    tell(_("%(n)s marked as still on loan.", n=n))
    return go_to(f"/contracts/checks/{case.id}/list")


@pages.post("/contracts/checks/<case_id>/settle", may=everyone)
def settle_lines(case_id: str) -> Any:
    """What was found otherwise than the register says is taken over or put back: one line, or all that differ."""
    case = _counting(case_id)
    if case is None:
        return go_to(f"/papers/{case_id}")
    line, how = request.form.get("line"), request.form.get("how", "")
    n = settle(me(), case.id, how, request.form.get("seen", ""), key(line) if line else None)
    if how == "taken_over":
        tell(
            _n(
                "%(n)s contract: the register says now what was found.",
                "%(n)s contracts: the register says now what was found.",
                n=n,
            )
        )
    else:
        tell(_n("%(n)s contract: the register stays as it is.", "%(n)s contracts: the register stays as it is.", n=n))
    return go_to(f"/papers/{case.id}#differences")


# ---- the list -------------------------------------------------------------------------------------------------------


@pages.form("/contracts/checks/<case_id>/list", may=everyone)
def check_list(case_id: str) -> Any:
    """Shelf by shelf, for who works with a list instead of a scanner."""
    case = _counting(case_id)
    if case is None:
        return go_to(f"/papers/{case_id}")
    show = asked("show", SHOWS, "left")
    shown = lines(case.id, show, page_key("after") or 0)
    if request.method == "GET":
        return _list_page(case, show, shown)
    try:
        n = write_down_list(me(), case.id, _typed(shown[:PAGE]))
    except Mistyped as refusal:
        return _list_page(case, show, shown, refusal)
    tell(_("%(n)s results saved.", n=n))
    return go_to(with_filters(after=request.args.get("after", "") if show == "all" else ""))


def _typed(shown: list[Line]) -> dict[int, Result]:
    """What was chosen on the list, of the lines where it is something else than before."""
    found: dict[int, Result] = {}
    for line in shown:
        result = request.form.get(f"result-{line.contract}", "")
        place, note = _found(f"-{line.contract}"), clean(request.form.get(f"note-{line.contract}"))
        if result and (result, place, note) != (line.result, line.found, line.note):
            found[line.contract] = Result(result, place, line.fire_proof, line.damp_proof, note)
    return found


def _list_page(case: Case, show: str, shown: list[Line], wrong: Mistyped | None = None) -> Any:
    return page(
        "contracts/check_list.html",
        wrong.status if wrong else 200,
        case=case,
        rows=shown[:PAGE],
        progress=progress(case.id),
        results=RESULTS,
        tabs=[{"label": label, "url": with_filters(show=name), "current": name == show} for name, label in SHOWS.items()],
        wrong=wrong,
        kept=request.form if wrong else None,
        here_url=with_filters(after=request.args.get("after", "")),
        older=with_filters(after=shown[PAGE - 1].id) if len(shown) > PAGE else "",
    )


# ---- the report -----------------------------------------------------------------------------------------------------

_COLUMNS: list[Words] = [
    _("Contract number"), _("Contract title"), _("Owner department"), _("Storage place"), _("Expected"), _("Result"),
    _("Found at"), _("Fire-proof"), _("Damp-proof"), _("Note"), _("Counted by"), _("Counted at"), _("Incident"),
    _("How it was dealt with"),
]  # fmt: skip
EXPECTED: dict[str, Words] = {"here": _("In the archive"), "lent": _("Original on loan")}


@pages.get("/contracts/checks/<case_id>/report", may=everyone)
def check_report(case_id: str) -> Any:
    """What the check found, on paper or to take away; on paper stands what is not simply there."""
    case = _check(case_id)
    if kind := asked("export", ("csv", "xlsx")):
        rows: Iterator[list[Any]] = map(_cells, every_line(case.id, posts=list(my_posts())))
        return take_away(f"{here(_('Archive check'))}-{case.number or ''}", _COLUMNS, rows, kind)
    return page(
        "contracts/check_report.html",
        case=case,
        paper=ArchiveCheck.get_by_id(case.id),
        progress=progress(case.id, my_posts()),
        results=RESULTS,
        rows=list(every_line(case.id, "other_trouble", my_posts())),
        differences=[*every_line(case.id, "differing", my_posts()), *every_line(case.id, "settled", my_posts())],
        left=lines(case.id, "left", posts=my_posts())[:PAGE],
        state=CHECK.state_of(case),
        now=clock.now(),
        printer=me().called,
    )


def _cells(line: Line) -> list[Any]:
    return [
        line.number, line.title, here(line.department), line.recorded_place, EXPECTED[line.expected], line.result_words,
        line.found_place, line.fire_proof, line.damp_proof, line.note, here(line.who) if line.who else "", line.at,
        line.incident_number, line.settled_words,
    ]  # fmt: skip


# ---- on the contract's own page -------------------------------------------------------------------------------------


def _check_buttons(contract: Contract) -> list[Part]:
    """While a check is open, the page a label leads to carries the buttons for the result."""
    if not KEEPS.allows(my_posts()) or not around(contract.id).check:
        return []
    line = open_line(contract.id)
    return [Part("contracts/_check_buttons.html", {"check_line": line, "check_results": RESULTS}, top=True)] if line else []


PARTS.insert(0, _check_buttons)
