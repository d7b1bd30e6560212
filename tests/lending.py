"""Loans of contracts as tests take them: asked for, consented to, handed out."""

from __future__ import annotations

import secrets
from typing import Any

from portal import contents, steps
from portal.cases import Case
from portal.contracts.models import Contract
from portal.contracts.models_papers import HandOut, TakeBack, loan_content
from portal.contracts.rules_loans import LOAN
from portal.persons import Person
from tests import archive
from tests.cast import Cast

REASON = "The court wants to see the seal"


def draft(person: Person, contract: Contract, form: str = "copy", **more: Any) -> Case:
    typed = {"purpose": "to negotiate the next one", "reason": REASON if form == "original" else ""} | more
    return contents.create(LOAN, person, loan_content(contract, form, **typed), secrets.token_hex(8))


def asked(person: Person, contract: Contract, form: str = "copy", **more: Any) -> Case:
    return steps.take(person, draft(person, contract, form, **more).id, "submit")


def approved(cast: Cast, contract: Contract, form: str = "copy") -> Case:
    case = steps.take(cast.hao, asked(cast.ann, contract, form).id, "approve")
    return steps.take(cast.mei, case.id, "approve") if form == "original" else case


def lent(cast: Cast, contract: Contract, form: str = "copy", pages: int = 12) -> Case:
    return steps.take(archive.archivist(cast), approved(cast, contract, form).id, "hand_out", given=HandOut(pages))


def back(cast: Cast, case: Case, pages: int = 12, condition: str = "good", fate: str = "returned") -> Case:
    return steps.take(archive.archivist(cast), case.id, "take_back", given=TakeBack(pages, condition, fate))
