"""A kind of paper that exists only in tests: asked for, endorsed, checked by two, carried out in parts, and booked by another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import CharField, IntegerField

from portal import contents, db, ledger, steps
from portal.access import cashier, chief_accountant, dept_manager, gm, preparer, requester, system
from portal.cases import Case, Detail, Line
from portal.contents import Content
from portal.flow import REJECT, RETURN, WITHDRAW, Act, Either, Flow, during, state, step
from portal.ledger import Ledger
from portal.money import Money, MoneyField
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import Words, _

TABLES = """
CREATE TABLE memos (case_id bigint PRIMARY KEY REFERENCES cases(id), account_id bigint, wish varchar(200) NOT NULL DEFAULT '');
CREATE TABLE memo_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    item varchar(80) NOT NULL, price bigint NOT NULL, UNIQUE (case_id, version, n))
"""
chest = Ledger("memo")


class Memo(Detail):
    account_id = IntegerField(null=True)
    wish = CharField(max_length=200, default="")

    class Meta:
        table_name = "memos"


class MemoLine(Line):
    item = CharField(max_length=80)
    price = MoneyField()

    class Meta:
        table_name = "memo_lines"


@dataclass(frozen=True)
class Part:
    """What is carried out at once."""

    pieces: int

    def why_not(self, act: Act) -> None:
        if self.pieces <= 0:
            raise Mistyped(_("Carry out at least one."), "pieces")


def nothing_wished(act: Act) -> Words | None:
    return None if act.paper.wish else _("Say what you wish.")


def is_urgent(act: Act) -> bool:
    return act.paper.wish == "at once"


def hold_amount(act: Act) -> None:
    if act.paper.account_id:
        chest.hold(act.paper.account_id, act.case.amount, act.case, act.person)


def release_amount(act: Act) -> None:
    for hold in chest.holds_of(act.case):
        chest.release(hold.id, act.person)


def take_amount(act: Act) -> None:
    for hold in chest.holds_of(act.case):
        chest.take(hold.id, hold.amount, act.person)


def is_all(act: Act) -> bool:
    return act.given.pieces >= 10


def said(text: str) -> Words:
    return Words("%(who)s " + text)


flow = Flow(
    "memo",
    state(
        "draft",
        requester,
        step("submit", "submitted", unless=[nothing_wished]),
        step("cancel", "cancelled", who=preparer),
        editable=True,
    ),
    state("submitted", dept_manager, step("endorse", "endorsed"), RETURN, REJECT, WITHDRAW),
    state(
        "endorsed",
        gm,
        chief_accountant,
        step("check", "checked", each=True, label=Words("Check"), said=said("checked it")),
        step("consent", "checked", who=gm, label=Words("Consent by phone"), said=said("consented by phone")),
        RETURN,
        REJECT,
        WITHDRAW,
        label=Words("Endorsed"),
    ),
    state(
        "checked",
        cashier,
        step("carry_out", Either(is_all, "done", "checked"), form=Part, label=Words("Carry out"), said=said("carried it out")),
        RETURN,
        step("cancel", "cancelled", who=requester),
        step("lapse", "lapsed", who=system),
        step("hurry", "done", who=requester, when=[is_urgent], label=Words("Hurry"), said=said("hurried it")),
        carries_out=True,
        label=Words("Checked"),
    ),
    state(
        "done",
        chief_accountant,
        step(
            "book", "closed", apart_from=["endorse", "carry_out"], then=[take_amount], label=Words("Book"), said=said("booked it")
        ),
        RETURN,
        carries_out=True,
    ),
    state("closed"),
    state("rejected"),
    state("cancelled"),
    state("lapsed"),
    prefix="ME",
    label=Words("Memo"),
    detail=Memo,
    lines=MemoLine,
    during=(during("submitted endorsed checked done", hold_amount, release_amount),),
)


def build() -> None:
    """Adds the memo's tables to the migrated database."""
    db.build(db.db.obj, TABLES)


def content(wish: str = "a lamp", fen: int = 1000, account_id: int | None = None, **more: Any) -> Content:
    detail = {"wish": wish, "account_id": account_id}
    lines = [{"item": wish or "nothing", "price": Money(fen)}]
    return Content(title="A lamp for the hall", detail=detail, lines=lines, amount=fen, **more)


def draft(person: Person, token: str = "t1", **told: Any) -> Case:
    return contents.create(flow, person, content(**told), token)


@db.transaction
def account(fen: int) -> int:
    """A chest with that much in it."""
    made = chest.open()
    if fen:
        chest.put(made.id, fen)
    return made.id


def totals(account_id: int) -> tuple[int, int, int]:
    chest_account = ledger.Account.get_by_id(account_id)
    return chest_account.put, chest_account.held, chest_account.taken


def go(case: Case, *taken: tuple[Person, str], **told: Any) -> Case:
    """Takes these steps one after the other; the last one with what is told."""
    for n, (person, name) in enumerate(taken, 1):
        given = Part(10) if name == "carry_out" else None
        last = told if n == len(taken) else {}
        case = steps.take(person, case.id, name, **({"given": given} | last))
    return case
