"""The custodian's desk, and draws as they are granted, issued and received."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request

from portal import access, clock, db, kinds
from portal.access import any_of, dept_manager, everyone, office_clerk, supplies_custodian
from portal.cases import Case
from portal.fields import form_key
from portal.flow import Act, State
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.persons import Department, Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.stepping import case_for_step, taken
from portal.stock.models import Item, levels
from portal.stock.rules import hidden_from
from portal.supplies import rules_draws
from portal.supplies.forms_draws import NEW_ROWS, Asked, Row, WrittenElsewhere, asked_at_desk
from portal.supplies.models import Draw, DrawLine
from portal.supplies.models_catalogue import average, catalogue, custodian_of, entries
from portal.supplies.models_draws import Wished, figures_of, items_for, links_of_draw, open_wishes
from portal.supplies.models_expected import expected_behind, expected_days, waiting_of
from portal.supplies.rules_draws import DRAW, above_limit, draw_content
from portal.supplies.rules_issuing import Declined
from portal.supplies.rules_waiting import Granted, lines_now
from portal.supplies.views_catalogue import SUPPLIES, pages
from portal.typed import Typed, for_every_line
from portal.web import NAVIGATION, Link, absolute, find_case, go, is_fragment, me, my_posts, page, tell
from portal.words import Words, _

NOTED = ("approved", "issued", "received")  # with an issue note
FILES = any_of(supplies_custodian, dept_manager)
NAVIGATION.append(Link(_("Desk of the custodian"), "supplies.desk", "list-checks", SUPPLIES, place=45))
WORKING_LISTS += [
    WorkingList(_("Special requests to decide"), "draw", "special", any_of(dept_manager), "boxes"),
    WorkingList(_("Draws to grant"), "draw", "submitted", any_of(office_clerk), "boxes"),
    WorkingList(_("Draws to issue"), "draw", "approved", any_of(office_clerk), "boxes"),
    WorkingList(_("Receipts to confirm"), "draw", "issued", any_of(supplies_custodian), "boxes"),
]


# ---- the desk -------------------------------------------------------------------------------------------------------


@pages.form("/supplies/desk", may=FILES)
def desk() -> Any:
    """What the department wishes, item by item with the figures, to be taken over into a draw."""
    if request.method == "POST":
        return _desk().sent(Typed(request.form))
    with db.remembering():
        at = _desk()
        return at.page(Typed(at.as_kept(find_case(request.args["copy"]) if "copy" in request.args else None)))


def _desk() -> Desk:
    draft = _draft(request.args["paper"]) if "paper" in request.args else None
    return Desk([draft.department] if draft else _departments(), draft)


def _draft(paper: str) -> Case:
    case = find_case(paper)
    if case.kind != DRAW.name or case.state != DRAW.first or case.requester_id != me().id:
        raise NotThere()
    return case


def departments() -> list[Department]:
    """Those for which this person files, as custodian before as head."""
    held = [access.split_post(post) for post in my_posts()]
    ids = [key for role in ("supplies_custodian", "dept_manager") for name, key in held if name == role and key]
    found = {each.id: each for each in Department.select().where(Department.id.in_(ids or [0]))}
    return [found[each] for each in dict.fromkeys(ids) if each in found]


def _departments() -> list[Department]:
    """The departments one files for, the one that is asked for first."""
    wanted = request.values.get("department")
    mine = sorted(departments(), key=lambda each: str(each.id) != wanted)
    if not mine or (wanted and str(mine[0].id) != wanted):
        raise NotYours(_("You file draws for no department."))
    return mine


class Desk:
    """The desk for one department, with the draft of a draw that is gone on with, if there is one."""

    def __init__(self, mine: list[Department], draft: Case | None) -> None:
        self.mine, self.draft = mine, draft
        self.department = department = mine[0]
        self.wishes = open_wishes(department.id)
        self.catalogue = catalogue()
        self.codes = {each.code.upper(): each.id for each in self.catalogue}
        is_keeper = access.post("supplies_custodian", department.id) in my_posts()
        self.keeper = None if is_keeper else custodian_of(department.id)
        self.stands_in = self.keeper is not None

    def as_kept(self, copied: Case | None) -> dict[str, str]:
        """The form as it is opened: every wish whole; of a draft, what was kept in it; of an earlier draw, what it asked for."""
        values = {f"take-{each.line}": str(each.quantity) for each in self.wishes}
        case = self.draft or copied
        if case is None:
            return values
        lines = lines_now(case)
        own = {line.item_id: line.quantity for line in lines}
        values |= {f"reason-{line.item_id}": line.reason for line in lines}
        if self.draft:
            values = {name: value for name, value in values.items() if not name.startswith("take-")}
            here = {each.line for each in self.wishes}
            for link in links_of_draw(case.id):
                own[link.item] = own.get(link.item, 0) - link.quantity
                if link.wish_line in here:
                    values |= {f"take-{link.wish_line}": str(link.quantity), f"why-{link.wish_line}": link.reason}
            values["away"] = Draw.get_by_id(case.id).away if self.stands_in else ""
        return values | {f"own-{item}": str(quantity) for item, quantity in own.items() if quantity > 0}

    def sent(self, typed: Typed) -> Any:
        asked = asked_at_desk(typed, self.wishes, self.codes)
        what = request.form.get("do")
        if what not in ("file", "save"):
            return self.page(typed, asked)
        if what == "file":
            self._reasons(typed, asked)
        if typed.wrong:
            return self.page(typed, asked, status=422)
        try:
            return self._keep(typed, asked, what == "file")
        except NotYours:
            raise
        except Refused as refusal:
            is_beside = isinstance(refusal, Mistyped) and typed.say(refusal)
            return self.page(typed, asked, None if is_beside else refusal.why, refusal.status)

    def _reasons(self, typed: Typed, asked: Asked) -> None:
        """A line above the limit says why before it is sent."""
        totals = asked.totals(self.wishes)
        figures = figures_of(self.department.id, totals, self.draft.id if self.draft else 0)
        for item, total in totals.items():
            if figures[item].is_above(total) and not asked.reasons.get(item):
                typed.wrong[f"reason-{item}"] = above_limit(Item.get_by_id(item), figures[item])

    def _keep(self, typed: Typed, asked: Asked, is_filed: bool) -> Any:
        items = {each.id: each for each in Item.select().where(Item.id.in_(list(asked.totals(self.wishes)) or [0]))}
        content = draw_content(me(), self.department, asked.wanted(self.wishes, items), typed.text("away"))
        version = typed.number("version") or 0
        keep = rules_draws.file_draw if is_filed else rules_draws.keep_draw
        case = keep(me(), content, asked.taken, form_key(typed.text("token")), self.draft, version)
        if is_filed:
            tell(_("%(number)s was filed.", number=case.number or ""))
        else:
            tell(_("Draft saved"))
        return go("papers.show", case_id=case.id)

    def page(self, typed: Typed, asked: Asked | None = None, why: Words | None = None, status: int = 200) -> Any:
        asked = asked or asked_at_desk(typed, self.wishes, self.codes)
        rows = self._rows(typed, asked)
        is_part = is_fragment() and request.method == "POST"
        return page(
            "supplies/desk.html",
            status,
            fragment="supplies/_desk.html" if is_part else None,
            desk=self,
            rows=rows,
            typed=typed,
            why=why,
            hidden=hidden_from(me()),
            average=average,
            departments=sorted(self.mine, key=lambda each: each.id),
            drafts=[] if self.draft else _drafts(self.department),
            waiting=[] if self.draft else waiting_of(self.department.id),
            expected=_expected([row for row in rows if row.figures.stock < row.total]),
            today=clock.today(),
            new_rows=range(1, NEW_ROWS + 1),
            token=form_key(typed.text("token")),
        )

    def _rows(self, typed: Typed, asked: Asked) -> list[Row]:
        """Items with wishes, oldest first, then those the custodian adds."""
        by_item: dict[int, list[Wished]] = {}
        for each in self.wishes:
            by_item.setdefault(each.item, []).append(each)
        items = [*by_item, *(item for item in asked.own if item not in by_item)]
        known = {each.id: each for each in self.catalogue}
        known |= entries(item for item in items if item not in known) if set(items) - set(known) else {}
        figures = figures_of(self.department.id, items, self.draft.id if self.draft else 0)
        totals = asked.totals(self.wishes)
        return [
            Row(
                known[item], figures[item], by_item.get(item, []), str(asked.own.get(item, "")),
                typed.text(f"reason-{item}"), totals.get(item, 0),
            )
            for item in items if item in known
        ]  # fmt: skip


def _expected(short: list[Row]) -> dict[int, date]:
    """When what the shelf lacks could be there, behind all who wait already."""
    wanted, free = {row.entry.id: row.total for row in short}, {row.entry.id: row.figures.stock for row in short}
    return expected_behind(wanted, free)


def _drafts(department: Department) -> list[Case]:
    """Drafts of mine for the department, to go on with."""
    condition = "kind = 'draw' AND state = 'draft' AND requester_id = ? AND department_id = ? ORDER BY id DESC LIMIT 5"
    return Case.where(condition, me().id, department.id)


# ---- the draw itself ------------------------------------------------------------------------------------------------


def body(case: Case, person: Person) -> dict[str, Any]:
    """The lines with their figures as they were frozen, those of a draft as they are now, and whose wishes they serve."""
    lines = Act(case, person).lines
    here: State = DRAW.state_of(case)
    known = items_for(person.id, (line.item_id for line in lines))
    now = figures_of(case.department_id, known, case.id) if here.editable else {}
    taken_of: dict[int, list[Any]] = {}
    for link in links_of_draw(case.id):
        taken_of.setdefault(link.item, []).append(link)
    days = expected_days(line.item_id for line in lines) if case.state == "waiting" else {}
    return {
        "entries": known,
        "figures_now": now,
        "taken_of": taken_of,
        "expected": {item: day for (draw, item), day in days.items() if draw == case.id},
        "today": clock.today(),
        "average": average,
        "is_granted": any(line.granted is not None for line in lines),
        "is_issued": any(line.issued for line in lines),
        "has_note": case.state in NOTED,
    }


kinds.register(
    Kind(
        flow=DRAW,
        form=WrittenElsewhere,
        folder="supplies",
        new=_("File a draw"),
        about=_("What your department needs out of the store, filed by its custodian."),
        may_start=FILES,
        extra=body,
        write="/supplies/desk",
        why_not=lambda person: rules_draws.why_not_file(person, person.department) or _("You have no permission for this."),
    )
)
kinds.step_page(Granted, "/supplies/draws/%s/grant")
kinds.step_page(Declined, "/supplies/draws/%s/decline")


# ---- for every line -------------------------------------------------------------------------------------------------


@pages.form("/supplies/draws/<case_id>/grant", may=everyone)
def grant(case_id: str) -> Any:
    """Less than was asked for, line by line, with a reason."""
    case, lines = _for_step(case_id, "approve_less")
    typed = Typed(request.form)
    given = Granted(for_every_line(typed, lines, "granted", "quantity", None))
    return _step_page(case, lines, typed, "approve_less", given, "supplies/draw_grant.html")


@pages.form("/supplies/draws/<case_id>/decline", may=everyone)
def decline(case_id: str) -> Any:
    """What the receiver does not take, line by line, with a reason."""
    case, lines = _for_step(case_id, "decline")
    lines = [line for line in lines if line.issued]
    typed = Typed(request.form)
    given = Declined(for_every_line(typed, lines, "declined", "issued", 0))
    return _step_page(case, lines, typed, "decline", given, "supplies/draw_decline.html")


def _for_step(case_id: str, name: str) -> tuple[Case, list[DrawLine]]:
    """The draw, if this step is open to this person there."""
    case = case_for_step(DRAW, case_id, name)
    return case, lines_now(case)


def _step_page(case: Case, lines: list[DrawLine], typed: Typed, name: str, given: Any, template: str) -> Any:
    done, why, status = taken(DRAW, case, name, given, typed)
    if done:
        return done
    items = [line.item_id for line in lines]
    return page(
        template, status, case=case, lines=lines, typed=typed, why=why, entries=items_for(me().id, items), shelf=levels(items),
        flow=DRAW,
    )  # fmt: skip


# ---- the issue note -------------------------------------------------------------------------------------------------


@pages.get("/supplies/draws/<case_id>/note", may=everyone)
def note(case_id: str) -> Any:
    """The issue note: what was handed out, to be signed by who fetches it (SUP-12)."""
    case = find_case(case_id)
    if case.kind != DRAW.name or case.state not in NOTED:
        raise NotThere()
    lines = [line for line in lines_now(case) if line.granted]
    return page(
        "supplies/draw_note.html", case=case, paper=Draw.get_by_id(case.id), lines=lines,
        entries=entries(line.item_id for line in lines), address=absolute(f"/papers/{case.id}"), now=clock.now(),
        printer=me().called, keeper=custodian_of(case.department_id),
    )  # fmt: skip
