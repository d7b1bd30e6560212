"""Contracts in the archive, as tests begin with them."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.access import holders
from portal.contracts.models import Contract, Nature
from portal.contracts.rules_natures import add_nature
from portal.contracts.rules_register import register
from portal.persons import Person
from tests import posts
from tests.cast import NEVER_OLD, Cast

NAMES = {"PRJ": ("工程项目", "Project"), "LEASE": ("租赁", "Lease")}


def archivist(cast: Cast) -> Person:
    """Wen keeps the archive; whoever keeps it already is answered where somebody does."""
    if held := holders("contract_archivist"):
        return Person.get_by_id(held[0].id)
    wen = Person.create(
        user="wen", name="文", name_en="Wen", department=cast.department("Office"), level="back_office", password_set_at=NEVER_OLD
    )
    posts.grant(wen, "contract_archivist")
    return wen


def nature(cast: Cast, code: str = "PRJ") -> Nature:
    """The nature of that code; the one made first is answered when it is asked for again."""
    return Nature.find("code = ?", code) or add_nature(archivist(cast), code, *NAMES.get(code, (code, code)), years_kept=10)


def described(cast: Cast, title: str = "Store fittings 2026", department: str = "Marketing", **more: Any) -> dict[str, Any]:
    """What the register asks of a contract, with what a test wants otherwise."""
    return {
        "title": title, "nature": nature(cast, more.pop("code", "PRJ")), "signed_on": date(2026, 1, 15), "pages": 12,
        "department": cast.department(department), "responsible": cast.hao, "room": "A-101", "cabinet": "3", "box": "7",
    } | more  # fmt: skip


def contract(
    cast: Cast, title: str = "Store fittings 2026", *parties: str, department: str = "Marketing", **more: Any
) -> Contract:
    """A contract of Marketing's in the archive, with one partner where none is named."""
    return register(archivist(cast), described(cast, title, department, **more), parties or ("Golden Fittings Ltd",))
