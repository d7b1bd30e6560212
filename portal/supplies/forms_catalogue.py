"""What people type into the catalogue: items, categories, suppliers, custodians, and the files it comes in."""

from __future__ import annotations

from wtforms import BooleanField, FileField

from portal.fields import Choice, PortalForm, Text, Whole
from portal.forms import ShownForm
from portal.supplies.models_catalogue import Entry, categories, first_of, this_month
from portal.supplies.models_papers import MOST_LEVEL, MOST_OF_A_PACK, Described, months_to_choose
from portal.words import _


class ItemForm(ShownForm):
    code = Text(
        _("Code"), most=40, description=_("Letters, digits, dots, dashes or slashes; files and labels know the item by it.")
    )
    name = Text(_("Name"), most=120)
    name_en = Text(_("English name"), most=120, needed=False)
    category = Choice(_("Category"), lambda: [(each.id, each.called) for each in categories()], coerce=int)
    specification = Text(_("Specification"), most=200, description=_("The one size, colour or make the company uses."))
    unit = Text(_("Unit"), most=20, description=_("In which it is counted and drawn: piece, box, ream."))
    place = Text(_("Place"), most=60, description=_("Where it is kept: room, shelf, box."))
    purchase_unit = Text(_("Purchase unit"), most=20, needed=False, description=_("Empty: it is bought as it is counted."))
    per_purchase = Whole(_("Units per purchase unit"), least=1, most=MOST_OF_A_PACK, needed=False)
    reorder_level = Whole(
        _("Reorder level"), least=0, most=MOST_LEVEL, needed=False, description=_("Empty: one month of average consumption.")
    )
    active = BooleanField(_("In use"), default=True)

    def show(self, entry: Entry) -> None:
        """The item as it is."""
        self.code.data, self.name.data, self.name_en.data = entry.code, entry.called.name, entry.called.name_en
        self.category.data, self.specification.data, self.active.data = entry.category_id, entry.specification, entry.active
        self.unit.data, self.place.data, self.reorder_level.data = entry.unit, entry.place, entry.reorder_level
        self.purchase_unit.data = entry.purchase_unit if entry.is_bought_in_packs else ""
        self.per_purchase.data = entry.per_purchase if entry.is_bought_in_packs else None
        self.events.data = str(entry.events)

    def described(self) -> Described:
        return Described(
            name=self.name.data or "", name_en=self.name_en.data or "", category=self.category.data or 0,
            specification=self.specification.data or "", unit=self.unit.data or "", place=self.place.data or "",
            purchase_unit=self.purchase_unit.data or "", per_purchase=self.per_purchase.data or 1,
            reorder_level=self.reorder_level.data, active=bool(self.active.data),
        )  # fmt: skip


class ItemCategoryForm(ShownForm):
    name = Text(_("Name"), most=60)
    name_en = Text(_("English name"), most=60, needed=False)
    active = BooleanField(_("In use"), default=True)


class CustodianForm(PortalForm):
    person = Choice(_("Custodian"), coerce=int)


class ImportForm(PortalForm):
    file = FileField(_("File"))


class LimitImportForm(ImportForm):
    since = Choice(_("From month"), lambda: [(each, f"{first_of(each):%Y-%m}") for each in months_to_choose()], coerce=int)

    def month(self) -> int:
        """The month chosen, this one where it is none of those offered."""
        return self.since.data if self.since.data in months_to_choose() else this_month()


class SupplierAccountForm(PortalForm):
    """Where a supplier is paid."""

    bank = Text(_("Bank"), most=80, needed=False, render_kw={"autocomplete": "off"})
    number = Text(_("Account number"), most=40, needed=False, render_kw={"autocomplete": "off", "class": "in id"})
    holder = Text(_("In whose name"), most=80, needed=False, render_kw={"autocomplete": "off"})
