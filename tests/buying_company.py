"""The model of a company that buys, with those who wait for its goods and those who buy nearby."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from portal import steps
from portal.cases import Case
from portal.refused import Refused
from tests import catalogue, draws, moneys, nearby
from tests.buying_model import Buying
from tests.catalogue import supply

HELD = ("signing", "approved", "bought", "objected", "reviewed")


@dataclass
class Drawn:
    """A draw of one item; those that wait are served in the order in which they were granted."""

    case: Case
    code: str
    quantity: int
    state: str
    granted: int = 0


@dataclass
class Near:
    """A purchase nearby, and the claim on it."""

    case: Case
    amount: int
    state: str
    claim: Case | None = None
    claimed: str = ""  # the state of the claim
    spent: int = 0


class BuyingCompany(Buying):
    def __init__(self, cast: Any, seed: int, allotted: int = 2500) -> None:
        super().__init__(cast, seed, allotted)
        self.draws: list[Drawn] = []
        self.near: list[Near] = []
        catalogue.custodian(cast.bo)
        for code in ("PEN", "INK"):
            catalogue.limit(cast.department("IT"), supply(cast, code), 10**6)

    def doings(self) -> list[Any]:
        more = [
            self.draw, self.draw, self.grant, self.grant, self.issue, self.issue, self.confirm, self.cancel_draw, self.buy_nearby,
            self.buy_nearby, self.buy_nearby, self.review, self.review, self.claim, self.claim, self.claim, self.give_up,
        ]  # fmt: skip
        return super().doings() + more

    # ---- what must be ----

    def besides(self, place: str) -> tuple[int, int]:
        mine = self.near if place == "Marketing" else []
        held = sum(each.amount for each in mine if each.state in HELD)
        return held, sum(each.spent for each in mine if each.claimed in ("paid", "posted"))

    def gone(self, code: str) -> int:
        return sum(each.quantity for each in self.draws if each.code == code and each.state in ("issued", "received"))

    def set_aside(self, code: str) -> int:
        return sum(each.quantity for each in self.draws if each.code == code and each.state == "approved")

    def repaid(self) -> int:
        return sum(each.spent for each in self.near if each.claimed in ("paid", "posted"))

    def agrees(self) -> None:
        super().agrees()
        for each in [*self.draws, *self.near]:
            assert Case.get_by_id(each.case.id).state == each.state, each.case.number

    # ---- draws ----

    def draw(self) -> None:
        if len([each for each in self.draws if each.state in ("submitted", "waiting")]) < 5:
            code, quantity = self.dice.choice(["PEN", "INK"]), self.dice.randint(1, 2)
            case = draws.drawn(self.cast.bo, {supply(self.cast, code): quantity})
            self.draws.append(Drawn(case, code, quantity, case.state))
            assert case.state == "submitted"

    def grant(self) -> None:
        if draw := self.one(self.draws, "submitted"):
            waits = any(each.state == "waiting" and each.code == draw.code for each in self.draws)
            there = self.came(draw.code) - self.gone(draw.code) - self.set_aside(draw.code)
            draws.granted(self.cast.sam, draw.case)
            draw.granted = max((each.granted for each in self.draws), default=0) + 1
            draw.state = "waiting" if waits or there < draw.quantity else "approved"

    def serve(self) -> None:
        """Who was granted first is served first, and nobody behind overtakes."""
        for code in ("PEN", "INK"):
            waiting = [each for each in self.draws if each.code == code and each.state == "waiting"]
            for draw in sorted(waiting, key=lambda each: each.granted):
                if self.came(code) - self.gone(code) - self.set_aside(code) < draw.quantity:
                    break
                draw.state = "approved"

    def receive(self) -> None:
        super().receive()
        self.serve()

    def issue(self) -> None:
        if draw := self.one(self.draws, "approved"):
            draw.case = steps.take(self.cast.sam, draw.case.id, "issue")
            draw.state = "issued"

    def confirm(self) -> None:
        if draw := self.one(self.draws, "issued"):
            steps.take(self.cast.bo, draw.case.id, "confirm")
            draw.state = "received"

    def cancel_draw(self) -> None:
        draw = self.one(self.draws, "waiting", "approved")
        if draw and self.dice.random() < 0.2:
            steps.take(self.cast.bo, draw.case.id, "cancel", note="Not needed")
            draw.state = "cancelled"
            self.serve()

    # ---- bought nearby ----

    def buy_nearby(self) -> None:
        """A step further with one of them, or a new one where the budget has room."""
        here = self.one(self.near, "submitted", "signing", "approved", "objected")
        if here is None:
            amount = self.dice.randint(1, 20) * 1000
            if self.free("Marketing") >= amount:
                case = nearby.filed(self.cast.ann, self.budget_lines["Marketing"], amount // 100)
                self.near.append(Near(case, amount, "submitted"))
            return
        self.go_on(here)

    def go_on(self, near: Near) -> None:
        if near.state == "submitted":
            fits = self.free("Marketing") >= near.amount
            steps.take(self.cast.hao, near.case.id, "approve" if fits else "reject", note="No room")
            near.state = "signing" if fits else "rejected"
        elif near.state == "signing":
            steps.take(self.cast.mei, near.case.id, "approve")
            near.state = "approved"
        elif near.state == "approved":
            nearby.bought(self.cast, case=near.case)
            near.state = "bought"
        else:
            steps.take(self.cast.ann, near.case.id, "answer", given=nearby.purchase(near.case), note="Two for each stall")
            near.state = "bought"

    def review(self) -> None:
        if near := self.one(self.near, "bought"):
            passes = self.dice.random() < 0.7
            steps.take(self.cast.sam, near.case.id, "pass" if passes else "object", note="" if passes else "Why so many?")
            near.state = "reviewed" if passes else "objected"

    def give_up(self) -> None:
        near = self.one(self.near, "objected")
        if near and near.claim is None and self.dice.random() < 0.5:
            steps.take(self.cast.ann, near.case.id, "give_up")
            near.state = "given_up"

    def claim(self) -> None:
        near = self.one(self.near, "bought", "objected", "reviewed", "closed")
        if near is None:
            return
        if near.claim is None:
            near.spent = self.dice.randint(1, near.amount // 100) * 100
            near.claim, near.claimed = moneys.claimed(self.cast.ann, near.case, near.spent // 100), "submitted"
        elif near.claimed == "paid":
            steps.take(self.cast.lin, near.claim.id, "post")
            near.claimed = "posted"
            self.booked += near.spent
        elif near.claimed != "posted":
            self.settle_claim(near)

    def settle_claim(self, near: Near) -> None:
        """Neither signed, checked nor paid while the office has not passed it."""
        assert near.claim is not None
        who, step, given, then = {
            "submitted": (self.cast.mei, "sign", moneys.Granted(), "signed"),
            "signed": (self.cast.cai, "check", moneys.LOOKED_AT, "payable"),
            "payable": (self.cast.cai, "pay", moneys.by_bank(), "paid"),
        }[near.claimed]
        if near.state != "reviewed":
            with pytest.raises(Refused):
                steps.take(who, near.claim.id, step, given=given)
            return
        steps.take(who, near.claim.id, step, given=given)
        near.claimed = then
        if then == "paid":
            near.state = "closed"
