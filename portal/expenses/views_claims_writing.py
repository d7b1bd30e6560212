"""Writing a claim: its invoices are dropped on the page, read, and become lines that can be corrected (FIN-12, FIN-13)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from flask import request

from portal import access, attachments, clock, contents, db, languages, steps
from portal.access import everyone
from portal.budget.models import known
from portal.cases import Case
from portal.contents import Content
from portal.expenses.forms_claims import ClaimForm, prefilled
from portal.expenses.models_claims import earlier_of, lines_of_request, sums_of, twice
from portal.expenses.models_money import Own, own_requests
from portal.expenses.rules_claims import CHOOSE, CLAIM, beyond, claim_content, too_early
from portal.expenses.rules_invoices import MOST_FILES, Claimed, Taken, take_invoice
from portal.expenses.rules_settlement import covered
from portal.expenses.views_requests import pages
from portal.fields import form_key
from portal.flow import Act
from portal.kinds import Files
from portal.money import Money
from portal.offers import forecast
from portal.papers.rules import unsaved
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.timeline import role_label
from portal.web import filled, find_case, go, go_to, me, my_posts, page, tell, with_query
from portal.words import Words, _, _n

WRITE = "/expenses/claims/write"


def _what_is_read() -> Words:
    return _("E-invoices as PDF, OFD or XML, or photos of paper ones; %(most)s each", most=_most())


def _most() -> str:
    return languages.size(attachments.PURPOSES["invoice"].largest_bytes())


READ = Files(("invoice",), _what_is_read)


class Said(NamedTuple):
    """A file that was not taken: why, and the claim that has it already, where this person may read it."""

    why: Words
    earlier: Case | None = None


# ---- writing --------------------------------------------------------------------------------------------------------


@pages.form(WRITE, may=everyone)
def write_claim() -> Any:
    """A claim is written on one approved request: its invoices are dropped here, read, and become lines."""
    draft = _draft(request.args["paper"]) if "paper" in request.args else None
    requests = own_requests(me())
    chosen = _chosen(requests, draft)
    if chosen is None:
        found = [(each, sums_of(each.id, Money(0))) for each in requests]
        return page("expenses/claim_choose.html", requests=found)
    return Desk(draft, requests, chosen).sent() if request.method == "POST" else Desk(draft, requests, chosen).opened()


def _draft(paper: str) -> Case:
    case = find_case(paper)
    if case.kind != CLAIM.name:
        raise NotThere()
    if me().id not in (case.requester_id, case.preparer_id):
        raise NotYours()
    if not CLAIM.state_of(case).editable:
        raise Refused(_("It can no longer be changed: it is %(state)s.", state=CLAIM.state_of(case).label))
    return case


def _chosen(requests: list[Own], draft: Case | None) -> Case | None:
    """The request the claim is on: the one that was chosen, that of the draft or of the claim that is copied, or the only one."""
    asked = request.form.get("request") or request.args.get("request") or ""
    if "copy" in request.args:
        copied = find_case(request.args["copy"])
        asked = str(Act(copied, me()).paper.request_id) if copied.kind == CLAIM.name else ""
    found = next((each.id for each in requests if str(each.id) == asked), None)
    if found is None and draft:
        return Act(draft, me()).paper.request
    if found is None and len(requests) == 1:
        found = requests[0].id
    return Case.get_by_id(found) if found else None


class Desk:
    """The form of a claim on a request, with its draft once there is one."""

    def __init__(self, draft: Case | None, requests: list[Own], chosen: Case) -> None:
        self.draft, self.chosen = draft, chosen
        self.requests = [(each.id, _called(each)) for each in requests]
        if chosen.id not in dict(self.requests):
            self.requests.insert(0, (chosen.id, _("%(number)s %(title)s", number=chosen.number or "", title=chosen.title)))
        self.said: list[Said] = []
        self.saved = False
        self.form: ClaimForm = filled(ClaimForm)
        self._prepare()
        self.form.token.data = form_key(self.form.token.data)

    def _prepare(self) -> None:
        files = attachments.of("case", self.draft.id) if self.draft else []
        self.form.prepare_for(self.requests, budget_lines(self.chosen), files)
        self.form.request.data = self.chosen.id

    def opened(self) -> Any:
        if self.draft:
            act = Act(self.draft, me())
            self.form.fill(self.draft, act.paper, act.lines)
            self.form.version.data = str(self.draft.version)
            self._prepare()
        return self.page()

    def sent(self) -> Any:
        if "line_of" in request.form or "take_off" in request.form:
            return self._loose(request.form.get("line_of", ""), request.form.get("take_off", ""))
        files = [file for file in request.files.getlist("files") if file.filename]
        if not files and request.form.get("do") not in ("save", "submit", "read"):
            return self._changed()
        is_submitted = request.form.get("do") == "submit" and not files
        if not is_submitted:
            self.form.allow_gaps()
        if not self.form.validate():
            return self.page(422)
        try:
            self._keep()
            if files or request.form.get("do") == "read":
                return self._take(files)
            return self._submit() if is_submitted else self._kept()
        except NotYours:
            raise
        except Refused as refusal:
            return self._refused(refusal)

    def _changed(self) -> Any:
        """A line more or less, or another request; nothing is kept yet."""
        if "remove_line" in request.form:
            self.form.lines.remove(request.form["remove_line"])
            self._prepare()
        elif "add_line" in request.form:
            self.form.add_line()
        for entry in self.form.lines.entries:
            if entry.id.rpartition("-")[2] == request.form.get("free"):
                entry.form.file.data = ""
        return self.page()

    # ---- kept and sent ------------------------------------------------------------------------------------------------

    def content(self) -> Content:
        return claim_content(self.chosen, self.form.rows(), bool(self.form.is_last.data))

    def _keep(self) -> None:
        typed = self.form.version.data or ""
        version = int(typed) if re.fullmatch(r"[0-9]{1,9}", typed, re.ASCII) else -1
        if self.draft:
            self.draft = contents.edit(me(), self.draft.id, self.content(), version)
        else:
            self.draft = contents.create(CLAIM, me(), self.content(), self.form.token.data)
        self.form.version.data = str(self.draft.version)
        self.saved = True

    def _kept(self) -> Any:
        assert self.draft is not None
        tell(_("Draft saved"))
        return go("papers.show", case_id=self.draft.id)

    def _submit(self) -> Any:
        assert self.draft is not None
        moved = steps.take(me(), self.draft.id, "submit", (self.draft.state, self.draft.version))
        done = CLAIM.said("submit", me().called)
        tell(_("%(number)s %(title)s: %(what)s.", number=moved.number or "", title=moved.title, what=done))
        return go("papers.show", case_id=moved.id)

    def _refused(self, refusal: Refused) -> Any:
        self._prepare()
        self.form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
        return self.page(refusal.status)

    # ---- files --------------------------------------------------------------------------------------------------------

    def _take(self, chosen: list[Any]) -> Any:
        """Each file is kept, read, and becomes a line; what was claimed before is said at once."""
        if not chosen:
            raise Mistyped(_("Choose a file first."), "file")
        if len(chosen) > MOST_FILES:
            raise Mistyped(_("At most %(most)s files at once.", most=MOST_FILES))
        taken = [each for each in map(self._take_one, chosen) if each]
        self._lines_for(taken)
        if self.said:
            return self.page(422)
        tell(_n("%(n)s file was read: look at what it says.", "%(n)s files were read: look at what they say.", n=len(taken)))
        assert self.draft is not None
        return go_to(with_query(WRITE, {"paper": self.draft.id}) + "#lines")

    def _take_one(self, file: Any) -> Taken | None:
        assert self.draft is not None
        try:
            return take_invoice(self.draft, file.filename, file.stream, me())
        except NotYours:
            raise
        except Claimed as refusal:
            self.said.append(Said(refusal.why, refusal.earlier if may_read(refusal.earlier) else None))
        except Refused as refusal:
            self.said.append(Said(refusal.why))
        return None

    def _lines_for(self, taken: list[Taken]) -> None:
        assert self.draft is not None
        self.draft = find_case(self.draft.id)
        self._prepare()
        for each in taken:
            self.form.take(each.file, each.found, clock.today())
        self.form.version.data = str(self.draft.version)
        self._keep()

    def _loose(self, for_line: str, taken_off: str) -> Any:
        """A file that no line names becomes a line, or is taken off the claim."""
        file = next((each for each in self.form.loose_files() if str(each.id) in (for_line, taken_off)), None)
        if file is None:
            raise NotThere()
        if taken_off:
            attachments.remove(file, me())
            self._prepare()
        else:
            self.form.append(prefilled(file, self.form.known.get(file.id, ()), clock.today()))
        return self.page()

    # ---- shown --------------------------------------------------------------------------------------------------------

    def page(self, status: int = 200) -> Any:
        with db.remembering():
            return page("expenses/claim_write.html", status, desk=self, form=self.form, **self.beside())

    @property
    def address(self) -> str:
        return with_query(WRITE, {"paper": self.draft.id} if self.draft else {"request": self.chosen.id})

    def beside(self) -> dict[str, Any]:
        """What the page says beside the lines, and what stands beside the form."""
        besides, lines = self.draft.id if self.draft else 0, self.form.as_lines()
        return {
            "chosen": self.chosen,
            "is_provisional": self.chosen.state == "provisional",
            "sums": sums_of(self.chosen.id, self.form.amount(), besides),
            "notes": self.form.notes(),
            "earlier": [self._earlier(entry.form, besides) for entry in self.form.lines.entries],
            "same": twice(lines),
            "too_early": too_early(self.chosen.id, lines),
            "beyond": beyond(self.chosen.id, lines, besides),
            "has_choice": len(self.form.offered_lines) > 1,
            "taken": READ,
            "ahead": forecast(unsaved(CLAIM, me())),
            "role_of": role_label,
        }

    def _earlier(self, line: Any, besides: int) -> tuple[Case, bool] | None:
        """The claim that has the invoice of this line already, and whether one may read it."""
        note = self.form.note(line)
        found = earlier_of(note.line, note.read, besides)
        return (found, may_read(found)) if found else None


def may_read(case: Case) -> bool:
    return access.may_read(my_posts(), case)


def _called(each: Own) -> Words:
    return _("%(number)s: %(amount)s", number=each.called, amount=each.amount)


def budget_lines(case: Case) -> list[tuple[int, Words]]:
    """The budget lines a claim on the request falls on, its own first."""
    ids = [each.line_id for each in covered(case.id)] or sorted(lines_of_request(case.id))
    return [(each, known(each).called) for each in dict.fromkeys(ids)]


@pages.page("/expenses/claims/live", everyone, ("POST",), quiet=True)
def live_claim() -> Any:
    """What is approved, claimed and paid out, and what the files say, while one types."""
    draft = _draft(request.args["paper"]) if "paper" in request.args else None
    requests = own_requests(me())
    chosen = _chosen(requests, draft)
    if chosen is None:
        raise Mistyped(CHOOSE, "request")
    desk = Desk(draft, requests, chosen)
    return page("expenses/_claim_rail.html", desk=desk, form=desk.form, is_live=True, **desk.beside())
