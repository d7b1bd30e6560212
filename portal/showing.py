"""What the page of one paper shows to whom: its steps as buttons, its way, its timeline, its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from portal import access, attachments, clock, db, kinds, tasks
from portal.cases import Case, open_tasks
from portal.flow import BACK, Act, Step
from portal.kinds import STEP_FORMS, STEP_PAGES, Kind, StepForm
from portal.money import in_capitals
from portal.offers import Offer, forecast, offered
from portal.refused import NotThere
from portal.steps import longest_note
from portal.timeline import Read, been_in, changes, linked, read_case, standing, told, way_of
from portal.web import absolute, key, me, my_posts
from portal.words import Words, _

ICONS = {
    "submit": "send", "approve": "check", "endorse": "check", "compile": "check", "confirm": "check", "return": "corner-up-left",
    "reject": "x", "withdraw": "undo-2", "cancel": "ban", "approve_over_budget": "triangle-alert",
    "place": "check", "send": "send", "receive": "package", "postpone": "calendar", "call_off": "ban", "sign": "signature",
    "sign_first": "signature", "sign_second": "signature", "decide": "gavel", "pay": "banknote", "post": "book-open",
    "buy": "store", "pass": "check", "object": "flag", "lift_objection": "check", "give_up": "x", "answer": "message-square",
}  # fmt: skip
KEYS = {"return": "r", "reject": "x"}
ENDING = {"reject", "cancel", "give_up"}  # asked once more before they are sent
EVENT_ICONS = {
    "create": "plus", "edit": "pencil", "comment": "message-square", "attach": "paperclip", "detach": "trash-2",
    "reroute": "users",
}  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """A step that was refused just now: what stood in its note, and why."""

    step: str
    why: Words
    field: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Tried:
    """What became of the step that was just sent: taken, or refused with what was typed into its form."""

    refusal: Refusal | None = None
    form: StepForm | None = None
    done: Words | None = None


@dataclass
class Button:
    """A step as the page shows it: `form` where more is asked than a note, `page` where that is asked on a page of its own."""

    step: Step
    why_not: Words | None
    tone: str
    form: StepForm | None = None
    page: str = ""

    @property
    def icon(self) -> str:
        return ICONS.get(self.step.name, "arrow-right")

    @property
    def more(self) -> dict[str, Any]:
        """Further attributes: which step it is, its key, and whether it asks once more."""
        found = {"name": "step", "value": self.step.name}
        key = "a" if self.tone == "p" else KEYS.get(self.step.name)
        return found | ({"data-key": key} if key else {})

    @property
    def is_ending(self) -> bool:
        return self.step.name in ENDING


def kind_of(case: Case) -> Kind:
    kind = kinds.KINDS.get(case.kind)
    if kind is None:
        raise NotThere()
    return kind


def read(case_id: str | int) -> Read:
    """The case with the names of whom it concerns, if this person may read it. Raises NotThere otherwise."""
    found = read_case(key(case_id), my_posts())
    if found is None:
        raise NotThere()
    return found


def case_values(shown: Read) -> dict[str, Any]:
    """What the body of a paper and its print need."""
    case, kind = shown.case, kind_of(shown.case)
    act = Act(case, me())
    values: dict[str, Any] = {"case": case, "kind": kind, "flow": kind.flow, "state": kind.flow.state_of(case), "people": shown}
    values |= {"paper": act.paper, "lines": act.lines, "mark": kind.flow.marks.get(case.mark)}
    values["is_withheld"] = bool(access.withheld(my_posts(), [case]))
    values["standing"] = standing(kind.flow, values["state"], case.number is not None, case.closed_at is not None)
    values["capitals"] = in_capitals(case.amount) if case.amount is not None else ""
    return values | (kind.extra(case, me()) if kind.extra else {})  # noqa: S610


def paper_values(case_id: str | int, tried: Tried | None = None, in_pane: bool | None = None) -> dict[str, Any]:
    """What the page of a paper and the reading pane need; `tried` tells of the step just taken or refused."""
    with db.remembering():
        shown = read(case_id)
        values = case_values(shown)
        values |= _moving(shown, tried or Tried(), values["is_withheld"]) | _files(shown, values["is_withheld"])
        return values | {
            "links": linked(shown.case, my_posts()) if shown.has_links else [],
            "longest_note": longest_note(),
            "is_pane": "pane" in request.values if in_pane is None else in_pane,
            "link": absolute(f"/papers/{shown.case.id}"),
        }


def _moving(shown: Read, tried: Tried, is_withheld: bool) -> dict[str, Any]:
    """What happened to the paper, where it stands, and what this person may do now."""
    case, kind = shown.case, kind_of(shown.case)
    events, waiting = told(case, is_withheld), open_tasks(case)
    offers = offered(case, me(), my_posts())
    due = next((task.due for task in waiting), None)
    goes_back = any(each.step.to == BACK and each.why_not is None for each in offers)
    return {
        "events": events,
        "stages": way_of(shown, events, waiting, forecast(case)),
        "missing": [(post, access.post_label(post)) for post in tasks.missing(case, waiting)],
        "may_appoint": "gm" in my_posts(),
        "buttons": buttons(case, offers, tried),
        "acting": any(each.acting for each in offers),
        "return_to": been_in(kind.flow, case, events) if goes_back else [],
        "refusal": tried.refusal,
        "done": tried.done,
        "may_edit": kind.flow.state_of(case).editable and me().id in (case.requester_id, case.preparer_id) and not is_withheld,
        "may_copy": kind.is_typed and kind.may_start.allows(my_posts()) and not is_withheld,
        "changes": lambda event: changes(event, field_labels(kind)),
        "event_icons": EVENT_ICONS,
        "due": due,
        "is_late": due is not None and due < clock.now(),
    }


def pane_values(case: Case) -> dict[str, Any]:
    """What `papers/_pane.html` needs, where another page shows a paper beside its list."""
    return paper_values(case.id, in_pane=True)


def _files(shown: Read, is_withheld: bool) -> dict[str, Any]:
    """The files, and who may attach and take off some here."""
    person, case = me(), shown.case
    files = attachments.of("case", case.id) if shown.has_files and not is_withheld else []
    return {
        "files": files,
        "may_attach": attachments.may_attach(case, person, my_posts()),
        "may_remove": {each.id for each in files if attachments.may_remove(each, case, person)},
        "taken": kind_of(case).files,
    }


def buttons(case: Case, offers: list[Offer], tried: Tried) -> list[Button]:
    """The steps as buttons; the first that leads on is the one green action."""
    first = next((each for each in offers if not each.why_not and _leads_on(each.step, case)), None)
    found = []
    for offer in offers:
        tone = "p" if offer is first else {"danger": "d", "quiet": "q"}.get(offer.step.look, "")
        mine = tried.form if tried.refusal and tried.refusal.step == offer.step.name else None
        found.append(Button(offer.step, offer.why_not, tone, mine or _form_of(offer.step, case), _page_of(offer.step, case)))
    return found


def _leads_on(way: Step, case: Case) -> bool:
    """A step that asks for a note is none of these, unless it is asked for on a page of its own."""
    if way.note:
        return way.look == "primary" and bool(_page_of(way, case))
    return way.look in ("", "primary")


def _form_of(way: Step, case: Case) -> StepForm | None:
    if way.form is None or way.form not in STEP_FORMS:
        return None
    form: StepForm = STEP_FORMS[way.form](formdata=None, case=case)
    form.begin(case)
    return named_apart(form, way)


def _page_of(way: Step, case: Case) -> str:
    page = STEP_PAGES.get(way.form) if way.form else None
    return page % case.id if page else ""


def named_apart(form: StepForm, way: Step) -> StepForm:
    """Several forms stand on one page: their fields keep their names, but not their ids."""
    for field in form:
        field.id = field.label.field_id = f"{way.name}-{field.short_name}"
    return form


def field_labels(kind: Kind) -> dict[str, Words]:
    """What the fields of the kind's form are called, by their name."""
    common = {"amount": _("Amount"), "lines": _("Lines"), "department": _("Department"), "beneficiary": _("Beneficiary")}
    return common | {name: field.args[0] for name, field in _fields_of(kind) if field.args}


def _fields_of(kind: Kind) -> list[tuple[str, Any]]:
    return [(name, getattr(kind.form, name)) for name in dir(kind.form) if hasattr(getattr(kind.form, name), "field_class")]
