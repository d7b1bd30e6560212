"""Contracts and what is kept of them: parties, amendments, loans, readings, checks, incidents, custody (CON-01 to CON-16)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from peewee import BooleanField, CharField, CompositeKey, DateField, ForeignKeyField, IntegerField, TextField

from portal import db
from portal.access import departments_headed, split_post
from portal.attachments import Attachment
from portal.cases import Case, Detail, Line
from portal.db import MomentField, Table, Thing
from portal.money import MoneyField
from portal.persons import Department, Person
from portal.words import Name, Words, _

EVERYONE = "everyone"  # the reader of what all staff may find
SEE_ALL = {"contract_archivist", "gm"}

STATES: dict[str, Words] = {
    "in_archive": _("In the archive"),
    "flagged": _("Under investigation"),
    "withdrawn": _("Withdrawn from the archive"),
    "destroyed": _("Destroyed"),
}
FORMS: dict[str, Words] = {"copy": _("Photocopy"), "original": _("Original")}


class Place(NamedTuple):
    """Where a contract is kept or was found."""

    room: str = ""
    cabinet: str = ""
    box: str = ""

    def __str__(self) -> str:
        return " / ".join(part for part in self if part)


NOWHERE = Place()


class Nature(Thing):
    """The nature of a project; its code stands in the number. `years_kept` after the end, empty: for ever."""

    code = CharField(max_length=8, unique=True)
    name = CharField(max_length=60, unique=True)
    name_en = CharField(max_length=60, default="")
    years_kept = IntegerField(null=True, default=10)
    active = BooleanField(default=True)

    class Meta:
        table_name = "natures"

    @property
    def called(self) -> Name:
        return Name(self.name, self.name_en)


class Contract(Thing):
    """A contract in the archive. On loan or not is told by its loans, never typed."""

    number = CharField(max_length=24, unique=True)
    year = IntegerField()
    nature = ForeignKeyField(Nature)
    seq = IntegerField()
    former_number = CharField(max_length=60, default="")
    title = CharField(max_length=200)
    amount = MoneyField(null=True)
    signed_on = DateField()
    starts = DateField(null=True)
    ends = DateField(null=True)
    department = ForeignKeyField(Department)  # the owner
    responsible = ForeignKeyField(Person)
    room = CharField(max_length=40)
    cabinet = CharField(max_length=40, default="")
    box = CharField(max_length=40, default="")
    fire_proof = BooleanField(default=False)
    damp_proof = BooleanField(default=False)
    originals = IntegerField(default=1)
    pages = IntegerField()
    keywords = CharField(max_length=200, default="")
    confidential = BooleanField(default=False)
    language = CharField(max_length=8, default="zh-Hans")
    group_file = CharField(max_length=60, default="")
    note = CharField(max_length=500, default="")
    state = CharField(max_length=12, default="in_archive")
    copies = IntegerField(default=0)  # how many copies were ever numbered
    reminded_for = DateField(null=True)
    checked_at = MomentField(null=True)
    token = CharField(max_length=40, null=True, unique=True)  # of the form it was registered by: taken once
    created_at = MomentField()

    class Meta:
        table_name = "contracts"

    @property
    def place(self) -> str:
        return str(Place(self.room, self.cabinet, self.box))


class Party(Table):
    contract = ForeignKeyField(Contract)
    n = IntegerField()
    name = CharField(max_length=120)

    class Meta:
        table_name = "contract_parties"


class Amendment(Table):
    contract = ForeignKeyField(Contract)
    n = IntegerField()
    signed_on = DateField()
    subject = CharField(max_length=200)
    amount = MoneyField(null=True)
    ends = DateField(null=True)
    pages = IntegerField()
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "amendments"


class ContractLink(Table):
    """Another contract or a paper that belongs to it."""

    contract = ForeignKeyField(Contract)
    other = ForeignKeyField(Contract, null=True)
    case = ForeignKeyField(Case, null=True)
    note = CharField(max_length=120, default="")

    class Meta:
        table_name = "contract_links"


class Reading(Table):
    """Somebody read it at the archive (CON-07)."""

    contract = ForeignKeyField(Contract)
    person = ForeignKeyField(Person)
    by = ForeignKeyField(Person)
    at = MomentField()
    note = CharField(max_length=200, default="")

    class Meta:
        table_name = "readings"


class SavedSearch(Table):
    person = ForeignKeyField(Person)
    name = CharField(max_length=60)
    query = CharField(max_length=500)

    class Meta:
        table_name = "saved_searches"


class ScanText(Table):
    """What could be read out of a scan."""

    attachment = ForeignKeyField(Attachment, primary_key=True)
    state = CharField(max_length=10, default="waiting")  # waiting, read, empty, failed
    text = TextField(default="")
    pages = IntegerField(null=True)
    at = MomentField(null=True)

    class Meta:
        table_name = "scan_texts"


# ---- papers ---------------------------------------------------------------------------------------------------------


class Loan(Detail):
    """A photocopy, or in special circumstances the original (CON-08 to CON-12). `is_open`: nobody else may have the original."""

    contract = ForeignKeyField(Contract)
    form = CharField(max_length=10, default="copy")  # copy, original
    purpose = CharField(max_length=500, default="")
    reason = CharField(max_length=500, default="")
    is_open = BooleanField(default=False)
    copy_number = IntegerField(null=True)
    pages_out = IntegerField(null=True)
    lent_at = MomentField(null=True)
    due_on = DateField(null=True)
    is_extended = BooleanField(default=False)
    returned_at = MomentField(null=True)
    pages_back = IntegerField(null=True)
    condition = CharField(max_length=10, default="")  # good, damaged
    fate = CharField(max_length=10, default="")  # returned, destroyed, lost
    reminded_for = DateField(null=True)  # the due day for which the borrower was reminded
    escalated_for = DateField(null=True)  # and for which the head was told

    class Meta:
        table_name = "loans"


class ArchiveCheck(Detail):
    """The half-yearly check (CON-02); `half` is the one it was opened for by the clock: 2026-2."""

    half = CharField(max_length=8, default="")
    opened_on = DateField()
    due_on = DateField()
    alarmed = BooleanField(default=False)  # it was told once that the day has passed
    closed_at = MomentField(null=True)

    class Meta:
        table_name = "archive_checks"


class CheckLine(Table):
    """A contract of the frozen list, and how it was found."""

    case = ForeignKeyField(Case)
    contract = ForeignKeyField(Contract)
    expected = CharField(max_length=10)  # here, lent
    result = CharField(max_length=12, default="")  # present, missing, damaged, wrong_place, on_loan, found (though on loan)
    found_room = CharField(max_length=130, default="")  # longer than a room's name only in checks of long ago
    found_cabinet = CharField(max_length=40, default="")
    found_box = CharField(max_length=40, default="")
    fire_proof = BooleanField(null=True)
    damp_proof = BooleanField(null=True)
    recorded_place = CharField(max_length=130, default="")  # what the register said when the list was frozen
    recorded_fire = BooleanField(default=False)
    recorded_damp = BooleanField(default=False)
    note = CharField(max_length=200, default="")
    by = ForeignKeyField(Person, null=True)
    at = MomentField(null=True)
    incident = ForeignKeyField(Case, null=True)
    settled = CharField(max_length=12, default="")  # of what differs: taken_over, put_back, left (as it was, when it was closed)
    settled_by = ForeignKeyField(Person, null=True)
    settled_at = MomentField(null=True)

    class Meta:
        table_name = "check_lines"


class CheckScan(Table):
    """Each code as it was scanned or typed, also those that are nothing of ours."""

    case = ForeignKeyField(Case)
    contract = ForeignKeyField(Contract, null=True)
    code = CharField(max_length=200)
    result = CharField(max_length=12)
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "check_scans"


class Incident(Detail):
    """Loss or damage, and how it was dealt with (CON-03); the department of the case is the one where it happened."""

    contract = ForeignKeyField(Contract)
    kind = CharField(max_length=10)  # lost, missing, damaged, pages
    source = ForeignKeyField(Case, null=True)
    cause = CharField(max_length=1000, default="")
    handling = CharField(max_length=1000, default="")
    responsible = ForeignKeyField(Person, null=True)
    decision = CharField(max_length=1000, default="")
    replacement = CharField(max_length=500, default="")
    outcome = CharField(max_length=10, default="")  # kept, gone (lost for good)
    closed_at = MomentField(null=True)

    class Meta:
        table_name = "incidents"


class Intake(Detail):
    """Papers handed over by a department to be registered (CON-15)."""

    partner = CharField(max_length=120)
    group_file = CharField(max_length=60, default="")
    note = CharField(max_length=500, default="")
    contract = ForeignKeyField(Contract, null=True)

    class Meta:
        table_name = "intakes"


class Handover(Detail):
    """All that is held passes from one archivist to another; both sign (CON-14)."""

    outgoing = ForeignKeyField(Person)
    incoming = ForeignKeyField(Person)
    signed_out_at = MomentField(null=True)
    signed_in_at = MomentField(null=True)

    class Meta:
        table_name = "handovers"


class HandoverLine(Table):
    case = ForeignKeyField(Case)
    contract = ForeignKeyField(Contract)
    place = CharField(max_length=130)
    state = CharField(max_length=12)

    class Meta:
        table_name = "handover_lines"
        primary_key = CompositeKey("case", "contract")


class Destruction(Detail):
    reason = CharField(max_length=500)
    first_witness = ForeignKeyField(Person, null=True)
    second_witness = ForeignKeyField(Person, null=True)
    destroyed_at = MomentField(null=True)

    class Meta:
        table_name = "destructions"


class DestructionLine(Line):
    contract = ForeignKeyField(Contract)

    class Meta:
        table_name = "destruction_lines"


# ---- who may see what -----------------------------------------------------------------------------------------------


def readers_of(contract: Contract) -> list[str]:
    """The posts that may find it: all staff, or of a confidential one its archivist, its owner's head and the general manager."""
    return holders_of(contract) if contract.confidential else [EVERYONE]


def holders_of(contract: Contract) -> list[str]:
    """The posts that may open its scans."""
    return [*sorted(SEE_ALL), f"dept_manager@{contract.department_id}"]


def is_seen(contract: Contract, posts: Iterable[str]) -> bool:
    return not contract.confidential or may_open_scans(contract, posts)


def may_open_scans(contract: Contract, posts: Iterable[str]) -> bool:
    return not set(holders_of(contract)).isdisjoint(posts)


def sees_all(posts: Iterable[str]) -> bool:
    return any(split_post(post)[0] in SEE_ALL for post in posts)


def seen_by(posts: Iterable[str], alias: str = "c") -> tuple[str, list[Any]]:
    """The condition on contracts that these posts may know of them: every list, count, export and search asks by it."""
    posts = list(posts)
    if sees_all(posts):
        return "1 = 1", []
    headed = departments_headed(posts)
    if not headed:
        return f"NOT {alias}.confidential", []
    return f"(NOT {alias}.confidential OR {alias}.department_id IN ({db.marks(headed)}))", list(headed)
