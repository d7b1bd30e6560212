"""What people type into the register: contracts, amendments, ties, natures, and the papers handed over to be registered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms import BooleanField, FileField, HiddenField

from portal.contents import Content
from portal.contracts.models import Contract, Nature
from portal.contracts.models_register import intake_content, natures
from portal.fields import Amount, Choice, Day, LongText, PaperForm, PortalForm, Text, Whole, clean
from portal.forms import ShownForm
from portal.persons import LANGUAGES, Department, Person
from portal.words import Name, _

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class OldDay(Day):
    """A day as far back as contracts go."""

    render_kw: Any

    def __init__(self, label: Any, needed: bool = True, **more: Any) -> None:
        super().__init__(label, needed, **more)
        self.render_kw = self.render_kw | {"min": "1949-01-01"}

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = clean(valuelist[0] if valuelist else "")[:20]
        self.data = None
        if _DAY.fullmatch(self.typed):
            try:
                day = date.fromisoformat(self.typed)
            except ValueError:
                return
            self.data = day if 1949 <= day.year <= 2100 else None


def departments() -> list[tuple[int, Any]]:
    return [(each.id, each.called) for each in Department.where("active AND kind = 'department' ORDER BY id")]


def coded(nature: Nature) -> Name:
    """As it is chosen: with the code that will stand in the number."""
    return Name(f"{nature.code} {nature.name}", f"{nature.code} {nature.name_en or nature.name}")


def people() -> list[tuple[int, Any]]:
    found = Person.select(Person.id, Person.name, Person.name_en).where(Person.active).order_by(Person.name)
    return [(each.id, each.called) for each in found]


class ContractForm(ShownForm):
    """A contract of the register. Its nature is chosen once: the number carries it."""

    token = HiddenField(default="")
    nature = Choice(_("Project nature"), lambda: [(each.id, coded(each)) for each in natures()], coerce=int)
    title = Text(_("Contract title"), most=200)
    parties = LongText(_("Parties"), most=2500, needed=True, rows=2, description=_("One on each line."))
    amount = Amount(_("Amount"), needed=False, least=0)
    signed_on = OldDay(_("Signed on"))
    starts = OldDay(_("From"), needed=False)
    ends = OldDay(_("Until"), needed=False)
    department = Choice(_("Owner department"), departments, coerce=int)
    responsible = Choice(_("Responsible person"), people, coerce=int)
    room = Text(_("Room"), most=40)
    cabinet = Text(_("Cabinet"), most=40, needed=False)
    box = Text(_("Box"), most=40, needed=False)
    fire_proof = BooleanField(_("Fire-proof"))
    damp_proof = BooleanField(_("Damp-proof"))
    originals = Whole(_("Originals"), least=0, most=100, default=1)
    pages = Whole(_("Number of pages"), least=1, most=100_000)
    keywords = Text(_("Keywords"), most=200, needed=False)
    confidential = BooleanField(
        _("Confidential"), description=_("Only the archivist, the owner department's head and the general manager know of it.")
    )
    language = Choice(_("Language"), list(LANGUAGES.items()), default="zh-Hans")
    group_file = Text(_("Group file"), most=60, needed=False)
    former_number = Text(_("Former number"), most=60, needed=False)
    note = LongText(_("Note"), most=500, rows=2)

    _plain = (
        "title", "amount", "signed_on", "starts", "ends", "room", "cabinet", "box", "fire_proof", "damp_proof", "originals",
        "pages", "keywords", "confidential", "language", "group_file", "former_number", "note",
    )  # fmt: skip

    def show(self, contract: Contract, parties: Iterable[str]) -> None:
        """The contract as it is."""
        for name in self._plain:
            self._fields[name].process_data(getattr(contract, name))
        self.nature.data, self.events.data = contract.nature_id, str(contract.events)
        self.department.data, self.responsible.data = contract.department_id, contract.responsible_id
        self.parties.data = "\n".join(parties)
        self._also_offer(contract)

    def _also_offer(self, contract: Contract) -> None:
        """What the contract names stays to be chosen, though it is not in use any more."""
        for field, offered, now in (
            (self.department, departments, contract.department),
            (self.responsible, people, contract.responsible),
        ):
            there = offered()
            field.choices = there if any(key == now.id for key, _called in there) else [*there, (now.id, now.called)]

    def for_contract(self, contract: Contract) -> None:
        self._also_offer(contract)
        self.nature.data = contract.nature_id

    def values(self) -> dict[str, Any]:
        """The fields by name, rows for what was chosen."""
        found = {name: getattr(self, name).data for name in self._plain}
        for name in ("room", "cabinet", "box", "keywords", "group_file", "former_number", "note", "title"):
            found[name] = found[name] or ""
        return found | {
            "department": Department.get_or_none(Department.id == (self.department.data or 0)),
            "responsible": Person.get_or_none(Person.id == (self.responsible.data or 0)),
        }

    def chosen_nature(self) -> Nature | None:
        return Nature.get_or_none(Nature.id == (self.nature.data or 0))

    def named(self) -> list[str]:
        """The parties, one on each line."""
        return [clean(line) for line in (self.parties.data or "").split("\n") if clean(line)]


class AmendmentForm(ShownForm):
    subject = Text(_("What it changes"), most=200)
    signed_on = OldDay(_("Signed on"))
    amount = Amount(_("Amount"), needed=False, least=0)
    ends = OldDay(_("New end"), needed=False, description=_("Empty: the end stays as it is."))
    pages = Whole(_("Number of pages"), least=1, most=100_000)


class LinkForm(ShownForm):
    number = Text(_("Number of a contract or a paper"), most=60)
    note = Text(_("Note"), most=120, needed=False)


class WithdrawForm(ShownForm):
    reason = LongText(_("Reason"), most=500, needed=True, rows=2)


class NatureForm(ShownForm):
    code = Text(_("Code"), most=8, description=_("2 to 8 capital letters and digits; it stands in the number and stays."))
    name = Text(_("Name"), most=60)
    name_en = Text(_("English name"), most=60, needed=False)
    years_kept = Whole(_("Years kept after the end"), least=1, most=100, needed=False, description=_("Empty: kept for ever."))
    active = BooleanField(_("In use"), default=True)


class ImportForm(PortalForm):
    file = FileField(_("File"))


class IntakeForm(PaperForm):
    title = Text(_("Contract title"), most=120)
    partner = Text(_("Partner"), most=120, description=_("With whom the contract is."))
    group_file = Text(_("Group file"), most=60, needed=False)
    note = LongText(_("Note"), most=500, rows=3)

    def content(self, person: Any) -> Content:
        return intake_content(self.title.data or "", self.partner.data or "", self.group_file.data or "", self.note.data or "")
