"""What the page of one paper shows to whom: its steps as buttons, its way, its timeline, its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from portal import attachments, clock, kinds
from portal.cases import Case, open_tasks
from portal.flow import BACK, Act, Step
from portal.kinds import STEP_FORMS, Kind, StepForm
from portal.money import in_capitals
from portal.offers import Offer, forecast, offered
from portal.papers.models import changes, linked, people_of, told, way_of
from portal.refused import NotThere
from portal.steps import been_in, longest_note
from portal.web import Pages, absolute, me, my_posts
from portal.words import Words, _

pages = Pages("papers")

ICONS = {
    "submit": "send", "approve": "check", "endorse": "check", "compile": "check", "confirm": "check", "return": "corner-up-left",
    "reject": "x", "withdraw": "undo-2", "cancel": "ban", "approve_over_budget": "triangle-alert",
}  # fmt: skip
KEYS = {"return": "r", "reject": "x"}
ENDING = {"reject", "cancel"}  # asked once more before they are sent
EVENT_ICONS = {
    "create": "plus", "edit": "pencil", "comment": "message-square", "attach": "paperclip", "detach": "trash-2", "reroute": "users",
}  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """A step that was refused just now: what stood in its note, and why."""

    step: str
    why: Words
    field: str | None = None
    note: str = ""


@dataclass
class Button:
    """A step as the page shows it: `form` where more is asked than a note."""

    step: Step
    why_not: Words | None
    tone: str
    form: StepForm | None = None

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


def case_values(case: Case) -> dict[str, Any]:
    """What the body of a paper and its print need."""
    kind = kind_of(case)
    act = Act(case, me())
    values = {"case": case, "kind": kind, "flow": kind.flow, "state": kind.flow.state_of(case), "people": people_of(case)}
    values |= {"paper": act.paper, "lines": act.lines, "mark": kind.flow.marks.get(case.mark)}
    values["capitals"] = in_capitals(case.amount) if case.amount is not None else ""
    return values | (kind.extra(case, me()) if kind.extra else {})


def paper_values(
    case: Case, refusal: Refusal | None = None, form: StepForm | None = None, done: Words | None = None
) -> dict[str, Any]:
    """What the page of a paper and the reading pane need; `refusal`, `form` and `done` tell of the step just tried."""
    values = case_values(case)
    events, tasks, offers = told(case), open_tasks(case), offered(case, me(), my_posts())
    due = next((task.due for task in tasks), None)
    return (
        values
        | {
            "events": events,
            "stages": way_of(case, events, tasks, forecast(case)),
            "buttons": buttons(offers, form if refusal else None, refusal),
            "acting": any(each.acting for each in offers),
            "return_to": [values["flow"].states[name] for name in been_in(case)]
            if any(_goes_back(each) for each in offers)
            else [],
            "refusal": refusal,
            "done": done,
            "may_edit": values["state"].editable and me().id in (case.requester_id, case.preparer_id),
            "files": attachments.of("case", case.id),
            "links": linked(case, my_posts()),
            "longest_note": longest_note(),
            "changes": lambda event: changes(event, field_labels(values["kind"])),
            "event_icons": EVENT_ICONS,
            "is_pane": "pane" in request.values,
            "due": due,
            "is_late": due is not None and due < clock.now(),
            "may_copy": values["kind"].may_start.allows(my_posts()),
            "link": absolute(f"/papers/{case.id}"),
        }
        | _files(case)
    )


def _files(case: Case) -> dict[str, Any]:
    """Who may attach and take off files here."""
    person = me()
    may_remove = {
        each.id: attachments.may_remove(each, case, person) for each in attachments.of("case", case.id) if each.by_id == person.id
    }
    purpose = attachments.PURPOSES["paper"]
    return {
        "may_attach": attachments.may_attach(case, person, my_posts()),
        "may_remove": may_remove,
        "largest": purpose.largest_bytes(),
        "extensions": ",".join(purpose.extensions),
    }


def _goes_back(offer: Offer) -> bool:
    return offer.step.to == BACK and offer.why_not is None


def buttons(offers: list[Offer], form: StepForm | None, refusal: Refusal | None) -> list[Button]:
    """The steps as buttons; the first that leads on is the one green action."""
    first = next((each for each in offers if not each.why_not and not each.step.note and each.step.look in ("", "primary")), None)
    found = []
    for offer in offers:
        tone = "p" if offer is first else {"danger": "d", "quiet": "q"}.get(offer.step.look, "")
        mine = form if refusal and refusal.step == offer.step.name else None
        found.append(Button(offer.step, offer.why_not, tone, mine or _form_of(offer.step)))
    return found


def _form_of(way: Step) -> StepForm | None:
    if way.form is None or way.form not in STEP_FORMS:
        return None
    return named_apart(STEP_FORMS[way.form](formdata=None), way)


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
