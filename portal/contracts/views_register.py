"""Pages of the register: a contract's own page, what the archivist writes there, and the code list of natures."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from flask import request

from portal import attachments, db
from portal.access import any_of, contract_archivist, everyone
from portal.contracts.forms_register import AmendmentForm, ContractForm, LinkForm, NatureForm, WithdrawForm
from portal.contracts.models import Contract, ContractLink, Nature, is_seen, may_open_scans
from portal.contracts.models_finding import scans_of
from portal.contracts.models_register import COLUMNS, around, in_full, natures, told
from portal.contracts.rules_links import link, unlink
from portal.contracts.rules_natures import add_nature, change_nature, retention_years
from portal.contracts.rules_register import amend, change, parties_of, register, withdraw
from portal.contracts.rules_scans import attach_scan, upload_scan_bytes
from portal.fields import form_key
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.web import Pages, filled, find, go, go_to, holds, me, my_posts, page, tell
from portal.words import Words, _

pages = Pages("contracts")
KEEPS = any_of(contract_archivist)
TONES = {"in_archive": "green", "flagged": "amber", "withdrawn": "", "destroyed": "red"}


class Part(NamedTuple):
    """What another part of the archive shows on a contract's page: a template with what it needs; at the top or further down."""

    template: str
    values: dict[str, Any]
    top: bool = False


class Button(NamedTuple):
    """A link at the head of a contract's page."""

    label: Words
    href: str
    icon: str
    tone: str = ""


PARTS: list[Callable[[Contract], Iterable[Part]]] = []
BUTTONS: list[Callable[[Contract], Iterable[Button]]] = []


def find_contract(text: str | int) -> Contract:
    """The contract of that id, if this person may know of it. Raises NotThere otherwise."""
    contract = find(Contract, text)
    if not is_seen(contract, my_posts()):
        raise NotThere()
    return contract


# ---- its page -------------------------------------------------------------------------------------------------------


@pages.get("/contracts/<contract_id>", may=everyone)
def contract(contract_id: str) -> Any:
    """Where the label of a contract leads."""
    return _page(find_contract(contract_id))


def _page(found: Contract, status: int = 200, wrong: str = "", form: Any = None, why: Words | None = None) -> Any:
    """The contract's page; `wrong` names the form in which something is to be corrected."""
    keeps = KEEPS.allows(my_posts())
    forms = {"amend": AmendmentForm, "link": LinkForm, "withdraw": WithdrawForm} if keeps else {}
    with db.remembering():
        shown = _shown(found)
    return page(
        "contracts/contract.html",
        status,
        contract=found,
        keeps=keeps,
        forms={name: form if name == wrong and form else made(formdata=None) for name, made in forms.items()},
        wrong=wrong,
        why=why,
        largest=upload_scan_bytes(),
        extensions=",".join(attachments.PURPOSES["scan"].extensions),
        **shown,
    )


def _shown(found: Contract) -> dict[str, Any]:
    """What the page says; what has nothing to say is not asked for."""
    posts, there = my_posts(), around(found.id)
    opens = may_open_scans(found, posts)
    full = in_full(posts, found)
    parts = [part for shown in PARTS for part in shown(found)]
    return {
        "row": full.row,
        "tone": TONES[full.row.state],
        "amendments": full.amendments,
        "links": full.links,
        "opens_scans": opens,
        "scans": scans_of(found.id) if opens and there.scans else [],
        "history": told(posts, "contract", found.id),
        "parts": parts,
        "buttons": [button for shown in BUTTONS for button in shown(found)],
        **{name: value for part in parts for name, value in part.values.items()},
    }


def _or_wrong(found: Contract, name: str, form: Any, take: Callable[[], Any], said: Words) -> Any:
    """Takes what was typed, or shows the contract again with what is to be corrected."""
    if form is None or form.validate():
        try:
            take()
            tell(said)
            return go("contracts.contract", contract_id=found.id)
        except NotYours:
            raise
        except Mistyped as refusal:
            if form is None:
                return _page(found, refusal.status, name, why=refusal.why)
            form.say(refusal.why, refusal.field)
        except Refused as refusal:
            if refusal.status != 409:
                raise
            return _page(Contract.get_by_id(found.id), 409, name, form, refusal.why)
    return _page(found, 422, name, form)


# ---- what the archivist writes --------------------------------------------------------------------------------------


@pages.form("/contracts/new", may=KEEPS)
def new_contract() -> Any:
    form, answer = filled(ContractForm), status()
    if request.method == "GET":
        form.token.data, form.responsible.data = secrets.token_urlsafe(18), me().id
    elif form.validate():
        try:
            values = form.values() | {"nature": form.chosen_nature()}
            made = register(me(), values, form.named(), form_key(form.token.data))
            tell(_("%(number)s was entered in the register.", number=made.number))
            return go("contracts.contract", contract_id=made.id)
        except NotYours:
            raise
        except Refused as refusal:
            form.say(refusal.why, getattr(refusal, "field", None))
            answer = refusal.status
    return page("contracts/contract_form.html", answer, form=form, contract=None)


@pages.form("/contracts/<contract_id>/edit", may=KEEPS)
def edit_contract(contract_id: str) -> Any:
    found = find_contract(contract_id)
    form = filled(ContractForm)
    form.for_contract(found)
    if request.method == "GET":
        form.show(found, parties_of(found.id))
    elif form.validate():
        try:
            change(me(), found.id, form.shown(), parties=form.named(), **form.values())
            tell(_("Saved."))
            return go("contracts.contract", contract_id=found.id)
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page("contracts/contract_form.html", status(), form=form, contract=found)


def status() -> int:
    return 422 if request.method == "POST" else 200


@pages.post("/contracts/<contract_id>/amend", may=KEEPS)
def amend_contract(contract_id: str) -> Any:
    found, form = find_contract(contract_id), filled(AmendmentForm)

    def take() -> None:
        amend(
            me(), found.id, form.shown(), form.signed_on.data, form.subject.data, form.amount.data, form.ends.data,
            form.pages.data,
        )  # fmt: skip

    return _or_wrong(found, "amend", form, take, _("The amendment was added."))


@pages.post("/contracts/<contract_id>/link", may=KEEPS)
def link_contract(contract_id: str) -> Any:
    found, form = find_contract(contract_id), filled(LinkForm)

    def take() -> None:
        link(me(), found.id, form.shown(), form.number.data, form.note.data or "")

    return _or_wrong(found, "link", form, take, _("Saved."))


@pages.post("/contracts/links/<link_id>/remove", may=KEEPS)
def unlink_contract(link_id: str) -> Any:
    """Takes a tie off, on the page of either end."""
    tie = find(ContractLink, link_id)
    found, form = find_contract(request.form.get("contract") or tie.contract_id), filled(LinkForm)
    unlink(me(), found.id, form.shown(), tie.id)
    tell(_("Saved."))
    return go("contracts.contract", contract_id=found.id)


@pages.post("/contracts/<contract_id>/withdraw", may=KEEPS)
def withdraw_contract(contract_id: str) -> Any:
    found, form = find_contract(contract_id), filled(WithdrawForm)
    said = _("%(number)s is withdrawn; its record stays.", number=found.number)
    return _or_wrong(found, "withdraw", form, lambda: withdraw(me(), found.id, form.shown(), form.reason.data), said)


@pages.post("/contracts/<contract_id>/scans", may=KEEPS)
def attach_scans(contract_id: str) -> Any:
    found = find_contract(contract_id)
    chosen = [file for file in request.files.getlist("files") if file.filename]

    def take() -> None:
        if not chosen:
            raise Mistyped(_("Choose a file first."), "file")
        for file in chosen:
            attach_scan(me(), found.id, file.filename or "", file.stream)  # type: ignore[arg-type]

    return _or_wrong(found, "scans", None, take, _("Saved."))


# ---- natures --------------------------------------------------------------------------------------------------------


@pages.get("/contracts/natures", may=everyone)
def nature_list() -> Any:
    """The code list, for everybody; the archivist adds to it."""
    form = NatureForm(formdata=None)
    form.years_kept.data = retention_years()
    return _natures(form)


@pages.post("/contracts/natures", may=KEEPS)
def new_nature() -> Any:
    form = filled(NatureForm)
    if form.validate():
        try:
            made = add_nature(me(), form.code.data, form.name.data, form.name_en.data or "", form.years_kept.data)
            tell(_("%(name)s was added.", name=made.called))
            return go_to("/contracts/natures")
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return _natures(form)


def _natures(form: NatureForm) -> Any:
    found = natures(only_active=False)
    return page("contracts/natures.html", status(), form=form, natures=found, keeps=holds(contract_archivist))


_OF_A_NATURE = {
    "name": _("Name"), "name_en": _("English name"), "years_kept": _("Years kept after the end"), "active": _("In use"),
}  # fmt: skip
_SAID_OF_A_NATURE = {"add": _("%(who)s added it"), "change": _("%(who)s changed its entry")}


@pages.form("/contracts/natures/<nature_id>", may=KEEPS)
def nature(nature_id: str) -> Any:
    found = find(Nature, nature_id)
    form = filled(NatureForm)
    if request.method == "GET":
        for name in ("name", "name_en", "years_kept", "active"):
            form._fields[name].process_data(getattr(found, name))
        form.events.data = str(found.events)
    form.code.data = found.code
    if request.method == "POST" and form.validate():
        changed = {name: form._fields[name].data for name in ("name", "years_kept", "active")}
        try:
            change_nature(me(), found.id, form.shown(), name_en=form.name_en.data or "", **changed)
            tell(_("Saved."))
            return go_to("/contracts/natures")
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    history = told(my_posts(), "nature", found.id, _SAID_OF_A_NATURE, COLUMNS | _OF_A_NATURE)
    return page("contracts/nature.html", status(), form=form, nature=found, history=history)
