"""Pages of counts: the list of them, the phone page on which one counts, the page on which somebody else verifies, the sheet."""

from __future__ import annotations

import re
from typing import Any

from flask import request

from portal import clock, kinds, steps
from portal.access import any_of, everyone, office_clerk, office_manager, warehouse
from portal.cases import Case
from portal.fields import clean
from portal.flow import Act
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.offers import offered
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.stock.forms import CountForm
from portal.stock.models_counts import RUNNING, Counted, line_of, lines_of, progress
from portal.stock.models_lists import PAGE, counts
from portal.stock.rules import COUNT, KINDS, tally
from portal.stock.rules_counts import STARTS, Findings, Recount, chosen, found_in, tally_list
from portal.stock.views_list import SEES, STOCK_GROUP, label_of, pages
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    find_case,
    go_to,
    is_fragment,
    me,
    my_posts,
    page,
    page_key,
    tell,
    with_filters,
)
from portal.words import Words, _

NAVIGATION.append(Link(_("Stock counts"), "stock.count_index", "list-checks", STOCK_GROUP))
WORKING_LISTS += [
    WorkingList(_("Stock counts to verify"), "count", "verifying", any_of(office_clerk), "list-checks"),
    WorkingList(_("Counts of products to confirm"), "count", "confirming", any_of(warehouse), "list-checks"),
    WorkingList(_("Stock counts to approve"), "count", "verified", any_of(office_manager), "list-checks"),
]
TABS: dict[str, tuple[Words, tuple[str, ...]]] = {
    "running": (_("Running"), ("draft", *RUNNING)),
    "closed": (_("Closed"), ("closed", "cancelled")),
}


@pages.get("/stock/counts", may=SEES)
def count_index() -> Any:
    tab = asked("tab", TABS, "running")
    rows = counts(my_posts(), me().id, TABS[tab][1], page_key())
    return page(
        "stock/counts.html",
        tabs=[
            {"label": label, "url": f"/stock/counts?tab={name}", "current": name == tab} for name, (label, _in) in TABS.items()
        ],
        rows=rows[:PAGE],
        states=COUNT.states,
        may_start=STARTS.allows(my_posts()),
        older=with_filters(before=rows[PAGE - 1].id) if len(rows) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


# ---- the paper ------------------------------------------------------------------------------------------------------


def is_blind(case: Case, person: Person) -> bool:
    """Whoever counts does not see the books while the count may still come back."""
    return case.preparer_id == person.id and case.state in RUNNING


def body(case: Case, person: Person) -> dict[str, Any]:
    """The lines of a count, as far as this person may see them."""
    paper = Act(case, person).paper
    lines = lines_of(case.id)
    blind = is_blind(case, person)
    return {
        "lines": lines,
        "blind": blind,
        "told": not blind and case.state in ("confirming", "verifying", "verified", "closed"),
        "to_come": len(chosen(paper)) if case.state == "draft" else 0,
        "kinds": KINDS,
        "counter": case.preparer.called,
        "category": paper.category and paper.category.called,
        "runs": case.state == "counting",
        "may_count": case.preparer_id == person.id and case.state == "counting",
    }


kinds.register(
    Kind(
        flow=COUNT,
        form=CountForm,
        folder="stock",
        new=_("New stock count"),
        about=_("Make the books meet the shelf: somebody counts without knowing the books, somebody else verifies."),
        may_start=STARTS,
        extra=body,
        tone="violet",
        why_not=lambda person: _("The office or the warehouse starts a count."),
    )
)
kinds.step_page(Findings, "/stock/counts/%s/verify")
kinds.step_page(Recount, "/stock/counts/%s/verify")


@pages.get("/stock/counts/<case_id>/sheet", may=everyone)
def sheet(case_id: str) -> Any:
    """The list to count on paper: it never says what the books have."""
    case = _count(case_id)
    return page(
        "stock/sheet.html", case=case, lines=lines_of(case.id), counter=case.preparer.called, label_of=label_of, now=clock.now(),
        printer=me().called,
    )  # fmt: skip


def _count(case_id: str) -> Case:
    case = find_case(case_id)
    if case.kind != COUNT.name:
        raise NotThere()
    return case


# ---- counting -------------------------------------------------------------------------------------------------------


def _mine(case_id: str) -> Case | None:
    """The count, if it is mine to make; none if it is past that."""
    case = _count(case_id)
    if case.preparer_id != me().id:
        raise NotYours(_("Only %(who)s counts here.", who=case.preparer.called))
    return case if case.state == "counting" else None


@pages.form("/stock/counts/<case_id>/count", may=everyone)
def count_one(case_id: str) -> Any:
    """One item at a time, for a phone beside the shelf."""
    case = _mine(case_id)
    if case is None:
        return go_to(f"/papers/{case_id}")
    if request.method == "POST":
        return _write_down(case)
    if "code" in request.args:
        return _by_code(case, clean(request.args["code"])[:40])
    n = _whole(request.args.get("line"))
    line = line_of(case.id, n) if n else _next(case, 0)
    if line is None:
        return go_to(f"/stock/counts/{case.id}/list")
    return _line_page(case, line)


def _by_code(case: Case, code: str) -> Any:
    found = next((line for line in lines_of(case.id) if line.code.lower() == code.lower()), None)
    if found is None:
        tell(_("There is no item %(code)s on this list.", code=code), "red")
        return go_to(f"/stock/counts/{case.id}/list")
    return go_to(f"/stock/counts/{case.id}/count?line={found.n}")


def _whole(typed: str | None) -> int | None:
    typed = clean(typed)
    return int(typed) if re.fullmatch(r"[0-9]{1,10}", typed, re.ASCII) else None


def _next(case: Case, n: int) -> Counted | None:
    """The next line nobody counted yet, from the one after `n` on and then from the first."""
    left = [line for line in lines_of(case.id) if not line.is_done]
    return next((line for line in left if line.n > n), left[0] if left else None)


def _write_down(case: Case) -> Any:
    line = line_of(case.id, _whole(request.form.get("line")) or 0)
    if line is None:
        raise Mistyped(_("Choose the item you count."))
    typed, missing, do = request.form.get("counted", ""), clean(request.form.get("missing")), request.form.get("do", "")
    number = _whole(typed)
    if do in ("more", "less"):
        return _line_page(case, line, typed=str(max((number or 0) + (1 if do == "more" else -1), 0)))
    try:
        if do == "missing":
            number, missing = None, _needed(missing)
        elif number is None:
            raise Mistyped(_("Write a whole number: what you counted, 0 if there is none."), "counted")
        tally(me(), case.id, line.id, number, "" if number is not None else missing)
    except Mistyped as refusal:
        return _line_page(case, line, refusal.status, typed=typed, missing=missing, wrong=refusal)
    onward = _next(case, line.n)
    if onward is None:
        tell(_("Everything on the list is counted. Look at it once more, then hand it in."))
        return go_to(f"/stock/counts/{case.id}/list")
    if is_fragment():
        answer = _line_page(case, onward, before=line_of(case.id, line.n))
        answer.headers["HX-Push-Url"] = f"/stock/counts/{case.id}/count?line={onward.n}"
        return answer
    return go_to(f"/stock/counts/{case.id}/count?line={onward.n}")


def _needed(missing: str) -> str:
    if not missing:
        raise Mistyped(_("Say why it could not be counted."), "missing")
    return missing


def _line_page(
    case: Case, line: Counted, status: int = 200, typed: str | None = None, missing: str | None = None, **more: Any
) -> Any:
    done, whole = progress(case.id)
    counted = "" if line.counted is None else str(line.counted)
    return page(
        "stock/count.html",
        status,
        fragment="stock/_counting.html",
        case=case,
        line=line,
        done=done,
        whole=whole,
        typed=counted if typed is None else typed,
        missing=line.missing if missing is None else missing,
        **({"wrong": None, "before": None} | more),
    )


@pages.form("/stock/counts/<case_id>/list", may=everyone)
def count_list(case_id: str) -> Any:
    """The whole list on one page, for who counted on paper."""
    case = _mine(case_id)
    if case is None:
        return go_to(f"/papers/{case_id}")
    lines = lines_of(case.id)
    if request.method == "GET":
        return _list_page(case, lines)
    try:
        tally_list(me(), case.id, _typed(lines))
    except Mistyped as refusal:
        return _list_page(case, lines, refusal.status, refusal)
    tell(_("Saved."))
    return go_to(f"/stock/counts/{case.id}/list")


def _typed(lines: list[Counted]) -> dict[int, tuple[int | None, str]]:
    """What was written on the list, of the lines where it is something else than before. Raises Mistyped."""
    found: dict[int, tuple[int | None, str]] = {}
    for line in lines:
        typed, missing = clean(request.form.get(f"counted-{line.n}")), clean(request.form.get(f"missing-{line.n}"))
        number = _whole(typed)
        if typed and number is None:
            raise Mistyped(_("Write a whole number: what you counted, 0 if there is none."), f"counted-{line.n}")
        if number is not None and missing and not line.missing:
            raise Mistyped(_("It was counted, or it could not be: write one of both."), f"missing-{line.n}")
        now = (number, "" if number is not None else missing)
        if now != (None, "") and now != (line.counted, line.missing):
            found[line.id] = now
    return found


def _list_page(case: Case, lines: list[Counted], status: int = 200, wrong: Mistyped | None = None) -> Any:
    kept = request.form if wrong else None
    done = sum(line.is_done for line in lines)
    return page("stock/list.html", status, case=case, lines=lines, done=done, whole=len(lines), wrong=wrong, kept=kept)


# ---- verifying ------------------------------------------------------------------------------------------------------


@pages.form("/stock/counts/<case_id>/verify", may=everyone)
def verify(case_id: str) -> Any:
    """Book, count and what moved meanwhile, side by side; for who may verify, and only then."""
    case = _count(case_id)
    if case.state not in ("confirming", "verifying"):
        if is_blind(case, me()):
            raise NotYours()
        return go_to(f"/papers/{case.id}")
    offers = {each.step.name: each.why_not for each in offered(case, me(), my_posts())}
    if offers.get("verify", _("No")):
        raise NotYours(offers.get("verify"))
    if request.method == "GET":
        return _verify_page(case, None)
    if request.form.get("do") == "look":
        return _verify_page(case, _ticked("in"))
    return _take(case)


def _take(case: Case) -> Any:
    name = "return" if request.form.get("do") == "return" else "verify"
    version = _whole(request.form.get("version"))
    note = clean(request.form.get("note"), lines=True)
    given = Recount(_ticked("again")) if name == "return" else _findings()
    try:
        moved = steps.take(me(), case.id, name, (request.form.get("state", ""), version or 0), given, note)
    except NotYours:
        raise
    except Refused as refusal:
        return _verify_page(case, _ticked("in"), refusal, refusal.status)
    done = COUNT.said(name, me().called)
    tell(_("%(number)s %(title)s: %(what)s.", number=moved.number or "", title=moved.title, what=done))
    return go_to(f"/papers/{moved.id}")


def _ticked(name: str) -> frozenset[int]:
    return frozenset(number for number in map(_whole, request.form.getlist(name)) if number is not None)


def _findings() -> Findings:
    found = {
        _whole(name.removeprefix("reason-")): clean(text) for name, text in request.form.items() if name.startswith("reason-")
    }
    reasons = {line: text for line, text in found.items() if line is not None}
    return Findings(_ticked("in"), reasons, _whole(request.form.get("seen")) or 0)


def _verify_page(case: Case, included: frozenset[int] | None, wrong: Refused | None = None, status: int = 200) -> Any:
    found = found_in(case, included)
    stand = frozenset().union(*(each.proposed() for each in found)) if included is None else included
    return page(
        "stock/verify.html",
        status,
        case=case,
        counter=case.preparer.called,
        differing=[each for each in found if each.difference or each.movements or each.line.missing],
        agreeing=[each for each in found if not (each.difference or each.movements or each.line.missing)],
        stand=stand,
        seen=max((movement.entry for each in found for movement in each.movements), default=0),
        wrong=wrong,
        field=wrong.field if isinstance(wrong, Mistyped) else None,
        reasons={each.line.id: request.form.get(f"reason-{each.line.id}", each.line.reason) for each in found},
        again=_ticked("again"),
        note=request.form.get("note", ""),
    )
