"""Limits: proposed by the office, approved by its manager, in force from a month on (SUP-02, SUP-13)."""

from __future__ import annotations

import secrets

import pytest

from portal import access, contents, steps
from portal.cases import Case
from portal.imports import Row
from portal.refused import Mistyped, NotYours, Refused
from portal.supplies.models import LimitLine, SupplyLimit
from portal.supplies.models_catalogue import limit_of, limits_in, month_after, this_month
from portal.supplies.rules_imports import bring_limits, preview_limits
from portal.supplies.rules_limits import LIMITS, Wanted, limits_content
from tests.catalogue import custodian, limit, supply
from tests.posts import cannot, grant


@pytest.fixture
def manager(cast):
    grant(cast.bo, "dept_manager", cast.department("Office"))
    return cast.bo


def submitted(cast, quantity, department="Marketing", since=None, by=None, item=None):
    wanted = [Wanted(cast.department(department), item or supply(cast), quantity)]
    content = limits_content("Pens", since or this_month(), wanted)
    return steps.take(by or cast.sam, contents.create(LIMITS, by or cast.sam, content, secrets.token_hex(8)).id, "submit")


def held(cast, month=None, department="Marketing"):
    pen = supply(cast)
    return limit_of(cast.department(department).id, [pen.id], month or this_month())[pen.id]


def test_sup_02_a_limit_holds_from_its_month_once_the_manager_approved_it(cast, manager):
    case = submitted(cast, 10, since=month_after(this_month()))
    before = held(cast, month_after(this_month(), 2))

    steps.take(manager, case.id, "approve")

    assert before is None
    assert [held(cast, month_after(this_month(), ahead)) for ahead in (0, 1, 5)] == [None, 10, 10]
    assert held(cast, month_after(this_month(), 1), "IT") is None


def test_sup_02_a_later_limit_follows_and_an_empty_one_takes_it_away(cast, manager):
    for quantity, ahead in ((10, 0), (4, 2), (None, 3)):
        steps.take(manager, submitted(cast, quantity, since=month_after(this_month(), ahead)).id, "approve")

    assert [held(cast, month_after(this_month(), ahead)) for ahead in range(5)] == [10, 10, 4, None, None]


def test_a_second_paper_of_the_same_month_changes_the_limit(cast, manager):
    steps.take(manager, submitted(cast, 10).id, "approve")
    second = submitted(cast, 7)

    steps.take(manager, second.id, "approve")

    assert held(cast) == 7
    assert [(row.quantity, row.case_id) for row in SupplyLimit.select()] == [(7, second.id)]


def test_a_limit_changed_meanwhile_is_looked_at_again(cast, manager):
    first, second = submitted(cast, 10), submitted(cast, 12)
    steps.take(manager, first.id, "approve")

    with pytest.raises(Refused, match="was changed meanwhile"):
        steps.take(manager, second.id, "approve")

    assert held(cast) == 10


def test_a_month_that_is_past_cannot_get_a_limit(cast, manager, clock):
    clock.set("2026-03-30 09:00")
    case = submitted(cast, 10)
    clock.set("2026-04-01 09:00")

    with pytest.raises(Refused, match="2026-03 is past"):
        steps.take(manager, case.id, "approve")
    with pytest.raises(Mistyped, match="this month or in one of the next twelve"):
        submitted(cast, 10, since=202603)


def test_who_proposed_it_never_approves_it_and_nobody_else_proposes(cast, manager):
    grant(cast.sam, "dept_manager", cast.department("Office"))

    cannot(cast.sam, submitted(cast, 10), "approve")
    with pytest.raises(NotYours, match="Only the office proposes limits"):
        submitted(cast, 10, by=cast.hao)


def test_the_department_concerned_may_read_it(cast):
    custodian(cast.ann)

    case = submitted(cast, 10)

    assert [access.may_read(access.posts_of(who), case) for who in (cast.ann, cast.hao, cast.cai)] == [True, True, False]


@pytest.mark.parametrize("quantity", [-1, 10**7])
def test_a_limit_is_a_number_that_can_be(cast, quantity):
    with pytest.raises(Mistyped):
        submitted(cast, quantity)


def test_limits_are_read_for_many_at_once(cast):
    pen, clip = supply(cast, "PEN"), supply(cast, "CLIP")
    marketing, it = cast.department("Marketing"), cast.department("IT")
    limit(marketing, pen, 5, since=202601)
    limit(marketing, pen, 6, since=202603)
    limit(it, clip, 0)

    assert limits_in([marketing.id, it.id], [pen.id, clip.id], 202602) == {(marketing.id, pen.id): 5}
    assert limits_in([marketing.id, it.id], [pen.id, clip.id], 202612) == {(marketing.id, pen.id): 6, (it.id, clip.id): 0}


# ---- brought as a table ---------------------------------------------------------------------------------------------


def row(number, department="Marketing", code="PEN", quantity="5"):
    return Row(number, {"department": department, "code": code, "limit": quantity})


def test_a_table_of_limits_shows_what_it_would_change(cast):
    pen, clip = supply(cast, "PEN"), supply(cast, "CLIP")
    limit(cast.department("Marketing"), pen, 5)
    limit(cast.department("IT"), clip, 9)

    found = preview_limits([row(2), row(3, "信息部", "CLIP", ""), row(4, "it", "PEN", "2")], this_month())

    assert [(each.row, each.old, each.new) for each in found.differences] == [(3, 9, None), (4, None, 2)]
    assert (found.unchanged, found.errors, Case.select().where(Case.kind == "limits", Case.state == "draft").count()) == (
        1,
        [],
        0,
    )


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("department", {"department": "Marketin"}),
        ("department", {"department": ""}),
        ("code", {"code": "NONE"}),
        ("code", {"code": ""}),
        ("limit", {"quantity": "-1"}),
        ("limit", {"quantity": "2.5"}),
        ("limit", {"quantity": "99999999"}),
    ],
)
def test_every_rows_error_is_listed_with_its_number(cast, field, typed):
    supply(cast)

    found = preview_limits([row(2, "IT"), row(3, **typed)], this_month())

    assert [(error.row, error.field) for error in found.errors] == [(3, field)]


def test_a_table_becomes_one_paper_sent_to_the_manager(cast, manager):
    supply(cast, "PEN"), supply(cast, "CLIP")
    rows = [row(2), row(3, "IT", "CLIP", "2")]

    case = bring_limits(cast.sam, "Limits", rows, this_month(), "a token of this file")
    again = bring_limits(cast.sam, "Limits", rows, this_month(), "a token of this file")

    assert (case.state, again.id, LimitLine.select().count()) == ("submitted", case.id, 2)
    steps.take(manager, case.id, "approve")
    with pytest.raises(Refused, match="changes nothing"):
        bring_limits(cast.sam, "Limits", rows, this_month(), "another token")
