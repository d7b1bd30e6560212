"""Contracts that end soon: archivist and responsible person are told once for each end date."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from portal import access, clock, db, notices, policies
from portal.contracts.models import Contract, is_seen
from portal.jobs import job
from portal.persons import Person
from portal.words import Words, _, _n

expiry_days = policies.declare(
    "contract_expiry_days", 60, "contract_archivist", _("The end of a contract is announced"), unit=_("days before"), minimum=1,
    maximum=730,
)  # fmt: skip


@job("contract_expiry", every=timedelta(days=1), at=time(7), about=_("Announces the contracts that end soon"))
def announce() -> Words:
    found = Contract.select(Contract.id).where(_ends_soon()).order_by(Contract.ends, Contract.id)
    told = sum(_announce(each.id) for each in list(found))
    return _n("%(n)s contract that ends soon was announced.", "%(n)s contracts that end soon were announced.", told)


def _ends_soon() -> Any:
    """The condition on contracts that are there, end in the days of the policy, and were not announced for that end."""
    today = clock.today()
    is_soon = Contract.ends.between(today, today + timedelta(days=expiry_days()))
    is_new = Contract.reminded_for.is_null() | (Contract.reminded_for != Contract.ends)
    return is_soon & is_new & Contract.state.in_(["in_archive", "flagged"])


@db.transaction
def _announce(contract_id: int) -> bool:
    """Tells those who may know of it; once, however often it runs."""
    contract = Contract.get_or_none(_ends_soon() & (Contract.id == contract_id))
    if contract is None:
        return False
    text = _(
        "%(number)s %(title)s ends on %(day)s: prolong it, or say that it ends.",
        number=contract.number, title=contract.title, day=contract.ends, contract=contract.id,
    )  # fmt: skip
    told = [*access.holders("contract_archivist"), contract.responsible]
    notices.tell({person.id for person in told if _may_know(person, contract)}, "contract ends", text)
    Contract.update(reminded_for=contract.ends).where(Contract.id == contract.id).execute()
    return True


def _may_know(person: Person, contract: Contract) -> bool:
    return person.active and is_seen(contract, access.posts_of(person))
