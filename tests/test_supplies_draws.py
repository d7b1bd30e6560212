"""Draws: who files them, what they are decided on, and how they go on to the confirmed receipt."""

from __future__ import annotations

import secrets

import pytest
from peewee import IntegrityError

from portal import checks, contents, db, notices, steps
from portal.cases import Case, open_tasks
from portal.persons import Grant
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.stock.models import STOCK, levels
from portal.supplies import rules_issuing
from portal.supplies.models import Draw, DrawLine, SupplyMonth
from portal.supplies.models_catalogue import this_month
from portal.supplies.rules_draws import DRAW, Wanted, draw_content
from portal.supplies.rules_issuing import Declined
from tests import catalogue, draws, posts
from tests.draws import drawn, granted, granted_less, lines, pens, state


@pytest.fixture
def bo(cast):
    return draws.keeper(cast)


def refusal(deed, kind=Refused):
    with pytest.raises(kind) as refused:
        deed()
    assert type(refused.value) is kind
    return str(refused.value)


# ---- who files ------------------------------------------------------------------------------------------------------


def test_sup_16_only_the_custodian_files(cast):
    pen = pens(cast, department="Marketing")
    catalogue.custodian(cast.hao)

    why = refusal(lambda: drawn(cast.ann, {pen: 1}), NotYours)

    assert why == (
        "Only 郝 files draws for 市场部, as its custodian of supplies. Put what you need into your basket under "
        "Office supplies: 郝 takes it over from there."
    )
    assert Case.select().where(Case.kind == "draw").count() == 0


def test_sup_16_where_there_is_no_custodian_the_head_files(cast):
    pen = pens(cast, department="Marketing")

    case = drawn(cast.hao, {pen: 1})

    assert (state(case), Draw.get_by_id(case.id).in_place_of) == ("submitted", None)
    assert refusal(lambda: drawn(cast.ann, {pen: 1}), NotYours).startswith("Nobody manages the supplies of 市场部 yet")


def test_sup_16_while_the_custodian_is_away_the_head_files_and_the_paper_says_so(cast):
    pen = pens(cast, department="Marketing")
    catalogue.custodian(cast.ann)

    why = refusal(lambda: drawn(cast.hao, {pen: 1}), Mistyped)
    case = drawn(cast.hao, {pen: 1}, away="Ann is ill")

    assert why == "安妮 is the custodian: you file only while 安妮 is away. Say why."
    assert (Draw.get_by_id(case.id).in_place_of, Draw.get_by_id(case.id).away) == (cast.ann, "Ann is ill")
    (facts,) = db.rows("SELECT data FROM events WHERE thing = 'case' AND thing_id = ? AND action = 'submit'", case.id)
    assert '"away"' in facts[0]


def test_sup_16_who_is_custodian_no_more_does_not_submit(cast, bo):
    content = draw_content(bo, bo.department, [Wanted(pens(cast), 1)])
    case = contents.create(DRAW, bo, content, "a draft")
    posts.take_away(bo, "supplies_custodian")

    why = refusal(lambda: steps.take(bo, case.id, "submit"))

    assert why.startswith("Nobody manages the supplies of 信息部 yet")
    assert refusal(lambda: contents.edit(bo, case.id, content, 1), NotYours).startswith("Nobody manages")


def test_sup_16_a_custodian_files_for_the_own_department_only(cast, bo):
    pen = pens(cast)

    refusal(lambda: drawn(bo, {pen: 1}, department=cast.department("Finance")), NotYours)


# ---- figures --------------------------------------------------------------------------------------------------------


def test_sup_03_the_figures_are_frozen_as_they_stood_when_it_was_filed(cast, bo, clock):
    clock.set("2026-03-02 09:00")
    pen = pens(cast, on_hand=40, most=12)
    for month, quantity in {202509: 7, 202510: 10, 202602: 20, 202603: 99}.items():  # the last is this month's, by older papers
        catalogue.drawn(bo.department, pen, quantity, month)
    earlier = granted(cast.sam, drawn(bo, {pen: 2}))

    case = granted(cast.sam, drawn(bo, {pen: 3}))

    (line,) = lines(case)
    assert (line.stock, line.half_year, line.limit_left, line.suggested) == (38, 37, 10, 4)  # 37/6 is 6, less 2
    assert lines(earlier)[0].limit_left == 12


def test_sup_03_the_suggestion_never_goes_beyond_the_limit_nor_below_zero(cast, bo):
    from portal.supplies.models_draws import Figures

    assert [Figures(9, 60, limit, drawn).suggested for limit, drawn in [(None, 0), (7, 0), (7, 3), (None, 20)]] == [10, 7, 4, 0]


def test_sup_02_what_others_ask_for_this_month_counts_against_the_limit_until_it_ends(cast, bo):
    pen = pens(cast, on_hand=100, most=10)
    first, second = drawn(bo, {pen: 4}), drawn(bo, {pen: 4})

    steps.take(cast.sam, first.id, "reject", note="Not now")
    granted_less(cast.sam, second, 1)
    third = drawn(bo, {pen: 9})

    assert (state(third), lines(third)[0].limit_left) == ("submitted", 9)


def test_sup_02_a_new_month_has_its_limit_anew(cast, bo, clock):
    clock.set("2026-03-30 09:00")
    pen = pens(cast, on_hand=100, most=10)
    drawn(bo, {pen: 10})

    clock.set("2026-04-01 00:10")

    assert lines(drawn(bo, {pen: 10}))[0].limit_left == 10


# ---- above the limit ------------------------------------------------------------------------------------------------


def test_sup_02_above_the_limit_only_with_a_reason_and_by_the_head(cast):
    catalogue.custodian(cast.ann)
    pen = pens(cast, on_hand=100, most=5, department="Marketing")

    why = refusal(lambda: drawn(cast.ann, {pen: 6}))
    case = drawn(cast.ann, {pen: 6}, reason="Trade fair")

    assert why == ("签字笔: the limit leaves 5 this month. Ask for less, or say why more is needed: then the head decides.")
    assert (case.state, case.mark, Draw.get_by_id(case.id).is_special) == ("special", "special", True)
    refusal(lambda: granted(cast.sam, case), NotYours)
    assert state(granted(cast.hao, case)) == "approved"


def test_sup_02_without_a_limit_the_head_decides_and_no_reason_is_needed(cast):
    catalogue.custodian(cast.ann)
    pen = pens(cast, most=None, department="Marketing")

    case = drawn(cast.ann, {pen: 1})

    assert (case.state, case.mark, lines(case)[0].limit_left) == ("special", "", None)


def test_gen_01_the_heads_own_special_request_goes_up(cast):
    pen = pens(cast, most=None, department="Marketing")

    case = drawn(cast.hao, {pen: 1})

    assert [task.post for task in open_tasks(case)] == ["gm"]
    refusal(lambda: granted(cast.hao, case), NotYours)


def test_gen_01_the_offices_own_draw_is_granted_by_its_manager(cast):
    catalogue.custodian(cast.sam)
    pen = pens(cast, department="Office")
    posts.grant(cast.cai, "dept_manager", cast.department("Office"))

    case = drawn(cast.sam, {pen: 1})

    assert [task.post for task in open_tasks(case)] == ["office_manager"]
    refusal(lambda: granted(cast.sam, case), NotYours)


# ---- granting, issuing, receiving -----------------------------------------------------------------------------------


def test_sup_12_from_draw_to_confirmed_receipt(cast, bo):
    pen = pens(cast, on_hand=10)
    case = granted(cast.sam, drawn(bo, {pen: 4}))
    assert levels([pen.id])[pen.id][1:] == (10, 4, 6)

    steps.take(cast.sam, case.id, "issue")
    steps.take(bo, case.id, "confirm")

    assert levels([pen.id])[pen.id][1:] == (6, 0, 6)
    assert [(each.month, each.quantity) for each in SupplyMonth.select()] == [(this_month(), 4)]
    assert state(case) == "received"
    assert checks.findings() == []


def test_sup_05_both_numbers_and_the_reason_stay(cast, bo):
    pen, paper = pens(cast), pens(cast, code="PAPER")
    case = drawn(bo, {pen: 4, paper: 2})

    granted_less(cast.sam, case, 1, 2)

    assert [(line.quantity, line.granted, line.cut_reason) for line in lines(case)] == [(4, 1, "Too many"), (2, 2, "")]
    assert lines(case)[0].cut_by == cast.sam


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ((5, "More"), "Write a whole number from 0 to 4."),
        ((-1, "Less"), "Write a whole number from 0 to 4."),
        ((3, ""), "Say why, so that the others can follow."),
        ((3, "x" * 201), "That is too long: at most 200 characters."),
        ((0, "None"), "Nothing would be granted: reject it instead, and say why."),
    ],
)
def test_sup_05_what_cannot_be_granted(cast, bo, given, why):
    case = drawn(bo, {pens(cast): 4})
    granting = {lines(case)[0].id: given}

    assert refusal(lambda: steps.take(cast.sam, case.id, "approve_less", given=draws.Granted(granting)), Mistyped) == why


def test_sup_18_nothing_is_issued_that_is_not_held_for_the_paper(cast, bo):
    pen = pens(cast)
    case = granted(cast.sam, drawn(bo, {pen: 4}))
    db.transaction(lambda: [STOCK.release(hold.id) for hold in STOCK.holds_of(case)])()

    why = refusal(lambda: steps.take(cast.sam, case.id, "issue"))

    assert why == "签字笔: what was granted is not set aside for this paper, so nothing is issued."
    assert [*rules_issuing.verify()] == [f"{case.number} is approved and holds 0 of item {pen.id}, where it was granted 4"]


def test_sup_18_the_schema_itself_refuses_to_issue_more_than_was_granted(cast, bo):
    case = granted(cast.sam, drawn(bo, {pens(cast): 4}))

    with pytest.raises(IntegrityError, match=r"(?i)check"):
        DrawLine.update(issued=5).where(DrawLine.case == case).execute()


def test_sup_12_who_issued_does_not_confirm(cast):
    catalogue.custodian(cast.sam)
    pen = pens(cast, department="Office")
    posts.grant(cast.cai, "dept_manager", cast.department("Office"))
    case = granted(cast.cai, drawn(cast.sam, {pen: 1}))

    steps.take(cast.sam, case.id, "issue")

    refusal(lambda: steps.take(cast.sam, case.id, "confirm"), NotYours)
    assert state(steps.take(cast.cai, case.id, "confirm")) == "received"


def test_sup_12_what_is_declined_lies_on_the_shelf_again(cast, bo):
    pen, paper = pens(cast), pens(cast, code="PAPER")
    case = steps.take(cast.sam, granted(cast.sam, drawn(bo, {pen: 4, paper: 2})).id, "issue")
    first, second = lines(case)

    given = Declined({first.id: (1, "Dried out"), second.id: (0, "")})
    steps.take(bo, case.id, "decline", given=given)

    assert state(case) == "received"
    assert [levels([each.id])[each.id].on_hand for each in (pen, paper)] == [7, 8]
    assert {each.item_id: each.quantity for each in SupplyMonth.select()} == {pen.id: 3, paper.id: 2}
    assert checks.findings() == []


def test_sup_12_what_is_declined_wholly_was_never_drawn(cast, bo):
    pen = pens(cast, most=4)
    case = steps.take(cast.sam, granted(cast.sam, drawn(bo, {pen: 4})).id, "issue")

    steps.take(bo, case.id, "decline", given=Declined({lines(case)[0].id: (4, "Wrong colour")}))

    assert state(case) == "declined"
    assert lines(drawn(bo, {pen: 4}))[0].limit_left == 4
    assert checks.findings() == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ((5, "Broken"), "Write a whole number from 0 to 4."),
        ((1, ""), "Say why, so that the others can follow."),
        ((0, ""), "Nothing is declined: confirm the receipt instead."),
    ],
)
def test_sup_12_what_cannot_be_declined(cast, bo, given, why):
    case = steps.take(cast.sam, granted(cast.sam, drawn(bo, {pens(cast): 4})).id, "issue")

    assert refusal(lambda: steps.take(bo, case.id, "decline", given=Declined({lines(case)[0].id: given})), Mistyped) == why


def test_sup_12_a_receipt_nobody_confirms_is_reminded_of_after_two_working_days(cast, bo, clock):
    clock.set("2026-03-05 10:00")  # a Thursday
    case = steps.take(cast.sam, granted(cast.sam, drawn(bo, {pens(cast): 4})).id, "issue")
    told = lambda: [str(each.words()) for each in notices.Notice.select() if each.topic == "receipt"]  # noqa: E731

    clock.set("2026-03-09 08:00")
    assert rules_issuing.remind() == 0
    clock.set("2026-03-10 08:00")
    assert (rules_issuing.remind(), rules_issuing.remind()) == (1, 0)

    assert told() == [f"{case.number} was issued: confirm that it came, or decline what is wrong."]
    clock.set("2026-03-11 08:00")
    assert rules_issuing.remind() == 0
    clock.set("2026-03-12 08:00")
    assert rules_issuing.remind() == 1


def test_cancelling_needs_a_note_and_gives_the_goods_free(cast, bo):
    pen = pens(cast)
    case = granted(cast.sam, drawn(bo, {pen: 4}))

    refusal(lambda: steps.take(bo, case.id, "cancel"), Mistyped)
    steps.take(bo, case.id, "cancel", note="We found some")

    assert (state(case), levels([pen.id])[pen.id].free) == ("cancelled", 10)
    refusal(lambda: steps.take(cast.sam, case.id, "issue"), SomebodyWasFirst)


def test_sup_16_who_is_in_office_now_cancels_for_a_custodian_who_left(cast, bo):
    """Neither the office, which grants, nor another department's custodian does."""
    pen = pens(cast, on_hand=5)
    case, waits = (granted(cast.sam, drawn(bo, {pen: 4})) for _each in range(2))
    posts.take_away(bo, "supplies_custodian")
    catalogue.custodian(cast.ann, cast.department("IT"))
    catalogue.custodian(cast.cai)
    posts.grant(cast.hao, "dept_manager", cast.department("IT"))

    for other in (cast.sam, cast.cai):
        refusal(lambda other=other: steps.take(other, case.id, "cancel", note="Not needed"), NotYours)
    refusal(lambda: steps.take(cast.ann, case.id, "cancel"), Mistyped)
    steps.take(cast.ann, case.id, "cancel", note="Bo has left")
    assert (state(case), state(waits)) == ("cancelled", "approved")
    steps.take(cast.hao, waits.id, "cancel", note="Bo has left")

    assert (state(waits), levels([pen.id])[pen.id].free) == ("cancelled", 5)


# ---- waiting for goods ----------------------------------------------------------------------------------------------


def test_sup_18_short_stock_waits_and_the_oldest_approval_is_served_first(cast, bo):
    pen = pens(cast, on_hand=2)
    first = granted(cast.sam, drawn(bo, {pen: 5}))
    younger = granted(cast.sam, drawn(bo, {pen: 2}))
    assert (state(first), state(younger)) == ("waiting", "waiting")  # nobody overtakes

    came(pen, 1)
    assert (state(first), state(younger)) == ("waiting", "waiting")
    came(pen, 3)
    assert (state(first), state(younger)) == ("approved", "waiting")
    came(pen, 1)

    assert state(younger) == "approved"
    assert levels([pen.id])[pen.id].free == 0
    assert checks.findings() == []
    assert any(
        "Everything is there now" in str(each.words()) for each in notices.Notice.select().where(notices.Notice.person == bo)
    )


@db.transaction
def came(item, quantity):
    from portal.stock.rules import stock_comes

    STOCK.put(item.account_id, quantity)
    stock_comes([item.id])


def test_sup_18_a_draw_holds_what_is_there_while_it_waits_for_the_rest(cast, bo):
    pen, paper = pens(cast, on_hand=5), pens(cast, on_hand=0, code="PAPER")

    case = granted(cast.sam, drawn(bo, {pen: 5, paper: 1}))
    other = granted(cast.sam, drawn(bo, {pen: 1}))

    assert (state(case), state(other), levels([pen.id])[pen.id].free) == ("waiting", "waiting", 0)
    steps.take(bo, case.id, "cancel", note="Not needed")
    assert state(other) == "approved"


def test_sup_18_the_office_may_issue_what_is_there(cast, bo):
    pen, paper = pens(cast, on_hand=3), pens(cast, on_hand=5, code="PAPER")
    case = granted(cast.sam, drawn(bo, {pen: 5, paper: 1}))
    younger = granted(cast.sam, drawn(bo, {pen: 1}))

    steps.take(cast.sam, case.id, "go_without", note="The rest is not made any more")

    assert [(line.granted, line.cut_reason) for line in lines(case)] == [(3, "The rest is not made any more"), (1, "")]
    assert (state(case), state(younger)) == ("approved", "waiting")
    steps.take(cast.sam, case.id, "issue")
    assert checks.findings() == []


def test_sup_18_who_goes_without_lets_the_next_go_on(cast, bo):
    pen, paper = pens(cast, on_hand=0), pens(cast, on_hand=5, code="PAPER")
    granted(cast.sam, drawn(bo, {pen: 9}))
    case = granted(cast.sam, drawn(bo, {pen: 5, paper: 1}))

    steps.take(cast.sam, case.id, "go_without", note="Paper at least")

    assert ([line.granted for line in lines(case)], state(case)) == ([0, 1], "approved")


def test_sup_18_nothing_is_issued_where_nothing_is_there(cast, bo):
    case = granted(cast.sam, drawn(bo, {pens(cast, on_hand=0): 5}))

    why = refusal(lambda: steps.take(cast.sam, case.id, "go_without", note="Hurry"))

    assert why == "Nothing of it is there yet: wait for it, or let the applicant cancel it."
    assert state(case) == "waiting"


def test_declined_goods_serve_who_waits(cast, bo):
    pen = pens(cast, on_hand=4)
    case = steps.take(cast.sam, granted(cast.sam, drawn(bo, {pen: 4})).id, "issue")
    waiting = granted(cast.sam, drawn(bo, {pen: 2}))

    steps.take(bo, case.id, "decline", given=Declined({lines(case)[0].id: (2, "Too many")}))

    assert state(waiting) == "approved"


# ---- books ----------------------------------------------------------------------------------------------------------


def test_sup_18_a_balance_typed_past_the_books_is_found(cast, bo):
    pen = pens(cast)
    steps.take(cast.sam, granted(cast.sam, drawn(bo, {pen: 4})).id, "issue")

    db.run("UPDATE accounts SET put = put + 5 WHERE id = ?", pen.account_id)
    db.run("UPDATE supply_months SET quantity = quantity + 1")

    found = checks.findings()
    assert found == [
        f"stock account {pen.account_id}: totals [15, 0, 4], entries [10, 0, 4]",
        f"item {pen.id} in {this_month()}: department {bo.department_id} was issued 4, its months say 5",
    ]


def test_a_draw_sent_twice_is_one(cast, bo):
    pen, token = pens(cast), secrets.token_hex(8)

    first, again = drawn(bo, {pen: 1}, token=token), drawn(bo, {pen: 1}, token=token)

    assert first.id == again.id
    assert Grant.select().where(Grant.role == "supplies_custodian").count() == 1
