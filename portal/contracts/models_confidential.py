"""Which papers are about a contract, and from whom it is withheld what they say: from those who may not know of the contract."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from portal import access, db, notices
from portal.access import split_post
from portal.cases import Case
from portal.contracts.models import seen_by, sees_all

ONE = {"loan": "loans", "incident": "incidents", "intake": "intakes"}  # papers about one contract: kind and its table
MANY = {"archive_check": "check_lines", "handover": "handover_lines", "destruction": "destruction_lines"}
SAYING = (*ONE.values(), MANY["destruction"])  # what is written in the paper itself may be about the contract
_ABOUT = " UNION ".join(f"SELECT case_id FROM {table} WHERE contract_id = ?" for table in SAYING)


def papers_about(contract_id: int) -> list[Case]:
    """The papers that say something of the contract, in the order they were written; checks and hand-overs only list it."""
    return Case.where(f"id IN ({_ABOUT}) ORDER BY id", *[contract_id] * len(SAYING))


def known(posts: Iterable[str], contract_ids: Iterable[int]) -> set[int]:
    """Of these contracts those that the posts may know of."""
    posts, ids = list(posts), list(contract_ids)
    if sees_all(posts):
        return set(ids)
    sees, seen = seen_by(posts)
    found = db.rows(f"SELECT c.id FROM contracts c WHERE c.id IN ({db.marks(ids)}) AND {sees}", *ids, *seen)
    return {key for (key,) in found}


def _withheld(table: str, posts: list[str], case_ids: list[int]) -> set[int]:
    """Those of the papers with a contract on them that these posts may not know of."""
    if sees_all(posts):
        return set()
    sees, seen = seen_by(posts)
    sql = f"""SELECT DISTINCT x.case_id FROM {table} x JOIN contracts c ON c.id = x.contract_id
              WHERE x.case_id IN ({db.marks(case_ids)}) AND NOT ({sees})"""
    return {case for (case,) in db.rows(sql, *case_ids, *seen)}


def _withheld_handovers(posts: list[str], case_ids: list[int]) -> set[int]:
    """The two who sign for the whole of it read the whole of it, until both have signed."""
    return _withheld(MANY["handover"], posts, case_ids) - signing(posts, case_ids)


def signing(posts: Iterable[str], case_ids: Iterable[int]) -> set[int]:
    """Of these hand-overs those that wait for a signature and name the person with these posts."""
    me, ids = [key for role, key in map(split_post, posts) if role == "#"], list(case_ids)
    sql = f"""SELECT k.id FROM cases k WHERE k.id IN ({db.marks(ids)}) AND k.closed_at IS NULL
              AND (k.requester_id IN ({db.marks(me) or "NULL"}) OR k.beneficiary_id IN ({db.marks(me) or "NULL"}))"""
    return {case for (case,) in db.rows(sql, *ids, *me, *me)}


access.WITHHELD |= {kind: partial(_withheld, table) for kind, table in (ONE | MANY).items()} | {"handover": _withheld_handovers}
notices.KNOWN["contract"] = known
