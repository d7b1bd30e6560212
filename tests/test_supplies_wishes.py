"""Wishes: what people ask for, how the custodian takes it over, and what becomes of it."""

from __future__ import annotations

import pytest

from portal import checks, db, notices, steps
from portal.cases import Case, open_tasks
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.supplies.models import Suggestion
from portal.supplies.models_draws import links_of_wish, open_wishes, shares
from portal.supplies.rules_issuing import Declined
from portal.supplies.rules_wishes import (
    add_to_basket,
    answer_suggestion,
    basket_of,
    from_last_time,
    in_basket,
    submit_wish,
    wish_content,
)
from tests import draws
from tests.draws import drawn, granted, granted_less, lines, pens, state, wished


@pytest.fixture
def bo(cast):
    return draws.keeper(cast)


@pytest.fixture
def pen(cast):
    return pens(cast, on_hand=100)


def refusal(deed, kind=Refused):
    with pytest.raises(kind) as refused:
        deed()
    assert type(refused.value) is kind
    return str(refused.value)


def line_of(wish, n=1):
    ((line,),) = db.rows("SELECT id FROM wish_lines WHERE case_id = ? AND version = ? AND n = ?", wish.id, wish.version, n)
    return line


def colleague(cast, user):
    person = getattr(cast, user)
    type(person).update(department=cast.department("IT")).where(type(person).id == person.id).execute()
    return getattr(cast, user)


def told(person):
    return [
        str(each.words()) for each in notices.Notice.select().where(notices.Notice.person == person).order_by(notices.Notice.id)
    ]


# ---- the basket -----------------------------------------------------------------------------------------------------


def test_sup_02_each_click_puts_one_more_into_the_basket(cast, pen):
    for _click in range(3):
        add_to_basket(cast.ann, {pen.id: 1})

    assert in_basket(basket_of(cast.ann)) == ({pen.id: 3}, [])
    assert basket_of(cast.ann).title == "Gel pen"
    assert basket_of(cast.bo) is None


def test_sup_02_what_was_asked_last_time_is_asked_again(cast, pen):
    paper, gone = pens(cast, code="PAPER"), pens(cast, code="CLIP")
    wished(cast.ann, {pen: 2, paper: 1, gone: 5})
    type(gone).update(active=False).where(type(gone).id == gone.id).execute()
    add_to_basket(cast.ann, {paper.id: 7})

    from_last_time(cast.ann)

    assert in_basket(basket_of(cast.ann)) == ({paper.id: 7, pen.id: 2}, [])
    assert refusal(lambda: from_last_time(cast.bo)) == "You have not asked for anything yet."


@pytest.mark.parametrize(
    ("items", "texts", "why"),
    [
        ({9999: 1}, [], "Choose from the catalogue; what it lacks is suggested in words."),
        ({"pen": 10_001}, [], "Write a whole number from 1 to 10000."),
        ({}, ["x" * 201], "That is too long: at most 200 characters."),
        ({}, list("abcdef"), "At most 5 suggestions in one wish."),
    ],
)
def test_sup_02_a_wish_names_items_of_the_catalogue(cast, pen, items, texts, why):
    content = lambda: wish_content(cast.ann, {pen.id if key == "pen" else key: n for key, n in items.items()}, texts)  # noqa: E731

    assert refusal(lambda: submit_wish(cast.ann, content()), Mistyped) == why
    assert Case.select().where(Case.kind == "wish").count() == 0


def test_sup_02_an_empty_basket_is_not_submitted(cast):
    assert refusal(lambda: wished(cast.ann, {})) == "Your basket is empty: put something into it first."


# ---- taken over -----------------------------------------------------------------------------------------------------


def test_sup_16_a_wish_waits_for_the_custodian_even_the_custodians_own(cast, bo, pen):
    wish = wished(bo, {pen: 1})

    assert [task.post for task in open_tasks(wish)] == [f"supplies_custodian@{bo.department_id}"]


def test_sup_16_where_nobody_is_custodian_it_waits_for_the_head(cast, pen):
    wish = wished(cast.ann, {pen: 1})

    assert [(task.post, task.stuck) for task in open_tasks(wish)] == [(f"dept_manager@{cast.ann.department_id}", 0)]


def test_sup_16_from_wish_to_desk(cast, bo, pen):
    ann, hao = colleague(cast, "ann"), colleague(cast, "hao")
    first, second = wished(ann, {pen: 3}), wished(hao, {pen: 4})
    assert [(each.by.name, each.quantity) for each in open_wishes(bo.department_id)] == [("安妮", 3), ("郝", 4)]

    case = drawn(bo, {pen: 6}, taken={line_of(first): (3, ""), line_of(second): (2, "Two are enough")})
    assert (state(first), state(second), open_wishes(bo.department_id)) == ("filed", "filed", [])
    granted_less(cast.sam, case, 4)
    steps.take(cast.sam, case.id, "issue")
    steps.take(bo, case.id, "confirm")

    assert (state(first), state(second)) == ("arrived", "arrived")
    (one, two) = links_of_wish(first.id)
    assert shares([one, two], one.granted) == {line_of(first): 3, line_of(second): 1}
    assert told(ann) == [
        "SW-2026-0001 Gel pen: It was taken over into a draw.",
        "SW-2026-0001 Gel pen: It is there: fetch it from the custodian.",
    ]
    assert checks.findings() == []


@pytest.mark.parametrize(("by", "step"), [("sam", "reject"), ("sam", "return"), ("bo", "withdraw"), ("bo", "cancel")])
def test_sup_16_when_its_draw_ends_a_wish_waits_for_the_custodian_again(cast, bo, pen, by, step):
    wish = wished(colleague(cast, "ann"), {pen: 3})
    case = drawn(bo, {pen: 3}, taken={line_of(wish): (3, "")})
    if step == "cancel":
        granted(cast.sam, case)

    steps.take(getattr(cast, by), case.id, step, note="Not now", given="draft" if step == "return" else None)

    assert state(wish) == "submitted"
    assert [each.line for each in open_wishes(bo.department_id)] == [line_of(wish)]


def test_a_returned_draw_is_filed_again_with_what_it_took_over(cast, bo, pen):
    wish = wished(colleague(cast, "ann"), {pen: 3})
    case = drawn(bo, {pen: 3}, taken={line_of(wish): (3, "")})
    case = steps.take(cast.sam, case.id, "return", given="draft", note="More, please")

    drawn(bo, {pen: 5}, taken={line_of(wish): (3, "")}, case=case, version=1)

    assert (state(wish), state(case)) == ("filed", "submitted")


def test_a_wish_in_two_draws_arrives_with_the_last(cast, bo, pen):
    paper = pens(cast, code="PAPER")
    wish = wished(colleague(cast, "ann"), {pen: 3, paper: 1})
    first = drawn(bo, {pen: 3}, taken={line_of(wish): (3, "")})
    assert state(wish) == "submitted"
    second = drawn(bo, {paper: 1}, taken={line_of(wish, 2): (1, "")})
    assert state(wish) == "filed"

    for case in (first, second):
        steps.take(cast.sam, granted(cast.sam, case).id, "issue")
    steps.take(bo, first.id, "confirm")
    assert state(wish) == "filed"
    steps.take(bo, second.id, "confirm")

    assert state(wish) == "arrived"


def test_a_wish_of_which_nothing_came_says_so(cast, bo, pen):
    wish = wished(colleague(cast, "ann"), {pen: 3})
    case = drawn(bo, {pen: 1}, taken={line_of(wish): (0, "There are pens in the drawer")})

    steps.take(bo, steps.take(cast.sam, granted(cast.sam, case).id, "issue").id, "confirm")

    assert state(wish) == "unmet"


def test_a_wish_whose_goods_were_sent_back_waits_again(cast, bo, pen):
    wish = wished(colleague(cast, "ann"), {pen: 3})
    case = steps.take(cast.sam, granted(cast.sam, drawn(bo, {pen: 3}, taken={line_of(wish): (3, "")})).id, "issue")

    steps.take(bo, case.id, "decline", given=Declined({lines(case)[0].id: (3, "Dry")}))

    assert state(wish) == "submitted"


@pytest.mark.parametrize(
    ("taken", "why"),
    [
        ((4, ""), "Write a whole number from 0 to 3."),
        ((2, ""), "Say why, so that the others can follow."),
        ((2, "x" * 201), "That is too long: at most 200 characters."),
    ],
)
def test_sup_16_what_cannot_be_taken_over(cast, bo, pen, taken, why):
    wish = wished(colleague(cast, "ann"), {pen: 3})

    assert refusal(lambda: drawn(bo, {pen: 9}, taken={line_of(wish): taken}), Mistyped) == why


def test_sup_16_a_draw_asks_for_what_it_takes_over_of_its_own_department(cast, bo, pen):
    theirs, ours = wished(cast.ann, {pen: 3}), wished(colleague(cast, "hao"), {pen: 3})

    why = refusal(lambda: drawn(bo, {pen: 3}, taken={line_of(theirs): (3, "")}), Mistyped)

    assert why == "Only wishes of the department are taken over."
    why = refusal(lambda: drawn(bo, {pen: 2}, taken={line_of(ours): (3, "")}), Mistyped)
    assert why == "The draw asks for less than it takes over of the wishes."


def test_sup_16_a_wish_taken_back_meanwhile_is_not_taken_over(cast, bo, pen):
    ann = colleague(cast, "ann")
    wish = wished(ann, {pen: 3})
    steps.take(ann, wish.id, "withdraw")

    why = refusal(lambda: drawn(bo, {pen: 3}, taken={line_of(wish): (3, "")}))

    assert why == "SW-2026-0001 was taken back or taken over meanwhile: look at the wishes again."


def test_what_is_taken_over_in_part_is_neither_withdrawn_nor_rejected(cast, bo, pen):
    ann, paper = colleague(cast, "ann"), pens(cast, code="PAPER")
    wish = wished(ann, {pen: 3, paper: 1})
    drawn(bo, {pen: 3}, taken={line_of(wish): (3, "")})

    assert refusal(lambda: steps.take(ann, wish.id, "withdraw")) == "SD-2026-0001 took over part of it already."
    refusal(lambda: steps.take(bo, wish.id, "reject", note="No"))


# ---- suggestions ----------------------------------------------------------------------------------------------------


def test_sup_02_what_the_catalogue_lacks_goes_to_the_office_and_is_answered(cast):
    wish = wished(cast.ann, {}, "A label printer")
    assert (wish.state, [task.post for task in open_tasks(wish)]) == ("suggested", ["office_clerk"])
    (suggestion,) = Suggestion.select()

    answer_suggestion(cast.sam, suggestion.id, suggestion.events, "declined", "One stands in the office")

    assert state(wish) == "answered"
    assert told(cast.ann)[0] == "Your suggestion “A label printer” was declined: One stands in the office"
    refusal(lambda: answer_suggestion(cast.sam, suggestion.id, 2, "declined", "Again"), SomebodyWasFirst)


def test_sup_02_a_suggestion_beside_other_wishes_holds_them_up_for_nobody(cast, bo, pen):
    ann = colleague(cast, "ann")
    wish = wished(ann, {pen: 1}, "A label printer")
    case = drawn(bo, {pen: 1}, taken={line_of(wish): (1, "")})
    steps.take(bo, steps.take(cast.sam, granted(cast.sam, case).id, "issue").id, "confirm")
    (suggestion,) = Suggestion.select()

    answer_suggestion(cast.sam, suggestion.id, suggestion.events, "added", item=pen)

    assert state(wish) == "arrived"
    assert "Your suggestion “A label printer” is in the catalogue now: 签字笔." in told(ann)


@pytest.mark.parametrize(
    ("answer", "note", "why"),
    [
        ("perhaps", "", "Choose one of the list."),
        ("declined", "", "Say why, so that the others can follow."),
        ("added", "", "Name the item of the catalogue that was added."),
    ],
)
def test_sup_02_how_a_suggestion_is_answered(cast, answer, note, why):
    wished(cast.ann, {}, "A label printer")
    (suggestion,) = Suggestion.select()

    assert refusal(lambda: answer_suggestion(cast.sam, suggestion.id, suggestion.events, answer, note), Mistyped) == why
    refusal(lambda: answer_suggestion(cast.bo, suggestion.id, suggestion.events, "declined", "No"), NotYours)


def test_a_suggestion_of_a_wish_taken_back_is_not_answered(cast):
    wish = wished(cast.ann, {}, "A label printer")
    (suggestion,) = Suggestion.select()

    steps.take(cast.ann, wish.id, "withdraw")

    refusal(lambda: answer_suggestion(cast.sam, suggestion.id, suggestion.events, "declined", "No"), SomebodyWasFirst)
