"""Counting: the list is frozen, counted blind, verified by somebody else, approved, and only then posted (SUP-18)."""

from __future__ import annotations

from datetime import timedelta

import peewee
import pytest

from portal import checks, contents, db, steps
from portal.access import posts_of
from portal.cases import Case
from portal.clock import today
from portal.contents import edit
from portal.offers import offered
from portal.refused import Mistyped, NotYours, Refused
from portal.stock.models import STOCK, CountLine, Item, Tally
from portal.stock.models_counts import lines_of
from portal.stock.rules import COUNT, WHEN_STOCK_COMES, count_content, hidden_from, refuse_back_dated, tally
from portal.stock.rules_counts import Recount
from tests import shelf, stocktakes
from tests.stocktakes import begun, count, findings, handed_in, verified


@pytest.fixture
def office(cast):
    return stocktakes.office(cast)


def entries() -> int:
    return db.row("SELECT COUNT(*) FROM entries")[0]


# ---- the way of a count ---------------------------------------------------------------------------------------------


def test_sup_18_a_difference_is_posted_with_its_reason_once_it_is_approved(office):
    pens, paper = shelf.item("PEN", 10), shelf.item("PAPER", 5)

    case = verified(office, PEN=7, PAPER=6)
    assert (case.state, shelf.level(pens).on_hand) == ("verified", 10)
    case = steps.take(office.bo, case.id, "approve")

    assert (case.state, case.number) == ("closed", f"ST-{today().year}-0001")
    assert [shelf.level(each).on_hand for each in (pens, paper)] == [7, 6]
    assert ["Lost" in why for (why,) in db.rows("SELECT why FROM entries WHERE case_id = ?", case.id)] == [True, True]
    assert checks.findings() == []


def test_a_count_without_differences_is_closed_by_who_verifies_it(office):
    pens = shelf.item("PEN", 10)
    before = entries()

    case = verified(office, PEN=10)

    assert (case.state, entries()) == ("closed", before)
    assert Item.get_by_id(pens.id).counted_at > 0


def test_sup_18_what_was_not_counted_is_not_zero(office):
    shelf.item("PEN", 10), shelf.item("PAPER", 5)
    case = begun(office.sam, office.ann)
    count(case, PEN=10)

    with pytest.raises(Refused, match=r"1 item is not counted yet: .* Not counted is not zero\."):
        steps.take(office.ann, case.id, "hand_in")


def test_what_could_not_be_counted_is_not_posted_and_goes_to_the_manager(office):
    paper = shelf.item("PAPER", 5)

    case = verified(office, PAPER="The cupboard is locked")
    assert case.state == "verified"
    steps.take(office.bo, case.id, "approve")

    assert shelf.level(paper).on_hand == 5
    assert Item.get_by_id(paper.id).counted_at == 0


def test_zero_is_a_number(office):
    pens = shelf.item("PEN", 10)

    case = verified(office, PEN=0)
    steps.take(office.bo, case.id, "approve")

    assert shelf.level(pens).on_hand == 0


def test_every_difference_needs_a_reason(office):
    shelf.item("PEN", 10)
    case = handed_in(office, PEN=7)

    with pytest.raises(Mistyped, match=r"Say why .* differs") as refusal:
        steps.take(office.hao, case.id, "verify", given=findings(case, ""))

    assert refusal.value.field == f"reason-{lines_of(case.id)[0].id}"


def test_the_last_number_counts_and_all_are_kept(office):
    shelf.item("PEN", 10)
    case = begun(office.sam, office.ann)

    count(case, PEN=3)
    count(case, PEN="Who knows")
    count(case, PEN=10)

    (line,) = lines_of(case.id)
    assert (line.counted, line.missing) == (10, "")
    assert [(each.counted, each.missing) for each in Tally.select().order_by(Tally.id)] == [
        (3, ""),
        (None, "Who knows"),
        (10, ""),
    ]


# ---- who ------------------------------------------------------------------------------------------------------------


def test_only_the_office_or_the_warehouse_starts_a_count(office):
    shelf.item("PEN")

    with pytest.raises(NotYours, match="The office or the warehouse starts a count"):
        begun(office.ann, office.ann)


def test_only_the_counter_counts(office):
    shelf.item("PEN")
    case = begun(office.sam, office.ann)

    for other in (office.sam, office.bo, office.hao):
        with pytest.raises(NotYours):
            tally(other, case.id, lines_of(case.id)[0].id, 10)


def test_sup_18_counter_and_verifier_differ(office):
    """Hao counts, though a clerk; who asked for the count does not verify it either."""
    shelf.item("PEN")
    case = begun(office.sam, office.hao)
    count(case, PEN=10)
    steps.take(office.hao, case.id, "hand_in")

    for barred in (office.hao, office.sam):
        with pytest.raises(NotYours, match="You had a part in this paper yourself"):
            steps.take(barred, case.id, "verify", given=findings(case))
    assert steps.take(office.bo, case.id, "verify", given=findings(case)).state == "closed"


def test_who_verified_does_not_approve(office):
    """Both clerks had a part, so the manager verifies; the approval goes up."""
    shelf.item("PEN")
    case = begun(office.sam, office.hao)
    count(case, PEN=9)
    steps.take(office.hao, case.id, "hand_in")
    steps.take(office.bo, case.id, "verify", given=findings(case))

    with pytest.raises(NotYours):
        steps.take(office.bo, case.id, "approve")
    assert steps.take(office.mei, case.id, "approve").state == "closed"


def test_the_counter_may_be_changed_while_it_is_a_draft(office):
    shelf.item("PEN")
    case = contents.create(COUNT, office.sam, count_content("Shelf A", office.ann, "supply"), "a count of pens")

    edit(office.sam, case.id, count_content("Shelf A", office.bo, "supply"), 1)

    assert steps.take(office.sam, case.id, "begin").preparer_id == office.bo.id
    assert offered(Case.get_by_id(case.id), office.bo, posts_of(office.bo))[0].step.name == "hand_in"


# ---- the list -------------------------------------------------------------------------------------------------------


def test_a_count_is_of_a_category_or_a_place(office):
    ink = shelf.category("墨盒", "Ink")
    shelf.item("PEN"), shelf.item("PAPER", place="B2"), shelf.item("INK", in_category=ink)

    assert [line.code for line in lines_of(begun(office.sam, office.ann, category=ink).id)] == ["INK"]
    assert [line.code for line in lines_of(begun(office.sam, office.ann, place="B2").id)] == ["PAPER"]


def test_what_is_counted_is_not_counted_twice(office):
    shelf.item("PEN"), shelf.item("PAPER", place="B2")
    first = begun(office.sam, office.ann, place="B2")

    with pytest.raises(Refused, match=f"is being counted in {first.number} already"):
        begun(office.sam, office.hao)
    steps.take(office.sam, first.id, "cancel", note="Too early")
    assert begun(office.sam, office.hao).state == "counting"


def test_an_empty_list_is_refused(office):
    with pytest.raises(Refused, match="There is no item like that"):
        begun(office.sam, office.ann, place="Z9")


# ---- what moves meanwhile -------------------------------------------------------------------------------------------


def test_what_moved_before_the_tally_stands_in_its_number(office, clock):
    clock.set("2026-03-02 09:00")
    pens, paper = shelf.item("PEN", 10), shelf.item("PAPER", 10)
    case = begun(office.sam, office.ann)
    clock.forward(hours=1)
    shelf.taken(pens, 3)
    clock.forward(hours=1)
    count(case, PEN=7, PAPER=10)
    clock.forward(hours=1)
    shelf.taken(paper, 2)
    steps.take(office.ann, case.id, "hand_in")

    case = steps.take(office.hao, case.id, "verify", given=findings(case))

    assert case.state == "closed"
    assert {line.code: line.moved for line in lines_of(case.id)} == {"PEN": -3, "PAPER": 0}
    assert [shelf.level(each).on_hand for each in (pens, paper)] == [7, 8]


def test_the_verifier_says_which_movements_stand_in_the_number(office):
    pens = shelf.item("PEN", 10)
    case = begun(office.sam, office.ann)
    shelf.put(pens, 5)
    count(case, PEN=10)
    case = steps.take(office.ann, case.id, "hand_in")

    case = steps.take(office.hao, case.id, "verify", given=findings(case, included=frozenset()))

    assert (case.state, shelf.level(pens).on_hand) == ("closed", 15)


def test_what_moves_while_one_verifies_is_looked_at_first(office):
    pens = shelf.item("PEN", 10)
    case = handed_in(office, PEN=10)
    seen = findings(case)
    shelf.put(pens, 5)

    with pytest.raises(Refused, match="moved meanwhile: say whether that stands in its number"):
        steps.take(office.hao, case.id, "verify", given=seen)


def test_lines_are_counted_again_and_the_others_stay(office):
    shelf.item("PEN", 10), shelf.item("PAPER", 5)
    case = handed_in(office, PEN=3, PAPER=5)
    (pen,) = [line for line in lines_of(case.id) if line.code == "PEN"]

    with pytest.raises(Mistyped, match="Mark the items that shall be counted again"):
        steps.take(office.hao, case.id, "return", given=Recount(), note="Again")
    case = steps.take(office.hao, case.id, "return", given=Recount(frozenset({pen.id})), note="Again")

    assert (case.state, {line.code: line.counted for line in lines_of(case.id)}) == ("counting", {"PEN": None, "PAPER": 5})
    assert Tally.select().where(Tally.line == pen.id).count() == 1
    with pytest.raises(Refused, match="1 item is not counted yet"):
        steps.take(office.ann, case.id, "hand_in")


def test_the_manager_gives_a_count_back_to_the_verifier(office):
    shelf.item("PEN", 10)
    case = verified(office, PEN=8)

    case = steps.take(office.bo, case.id, "return", note="Is that so?")

    assert case.state == "verifying"
    assert steps.take(office.hao, case.id, "verify", given=findings(case)).state == "verified"


# ---- the books ------------------------------------------------------------------------------------------------------


def test_a_shortage_of_what_papers_hold_is_refused_with_their_numbers(office):
    pens = shelf.item("PEN", 10)
    holder = begun(office.sam, office.ann, place="A1")
    steps.take(office.sam, holder.id, "cancel", note="Only its number is needed")
    db.transaction(lambda: STOCK.hold(pens.account_id, 8, Case.get_by_id(holder.id)))()
    case = verified(office, PEN=5)

    with pytest.raises(Refused, match=rf"5 of .* are missing, but only 2 are free: {holder.number} hold the rest"):
        steps.take(office.bo, case.id, "approve")

    assert (shelf.level(pens).on_hand, Case.get_by_id(case.id).state) == (10, "verified")


def test_those_who_wait_are_told_of_a_surplus(office, monkeypatch):
    pens, told = shelf.item("PEN", 10), []
    monkeypatch.setattr("portal.stock.rules_items.WHEN_STOCK_COMES", [told.append])
    assert WHEN_STOCK_COMES is not told

    steps.take(office.bo, verified(office, PEN=12).id, "approve")

    assert told == [[pens.id]]


def test_sup_18_nothing_is_entered_before_a_closed_count(office, clock):
    clock.set("2026-03-02 09:00")
    pens = shelf.item("PEN", 10)
    verified(office, PEN=10)
    clock.forward(days=3)
    day = today() - timedelta(days=3)

    refuse_back_dated([pens.id], day)
    with pytest.raises(Mistyped, match=r"was counted on .*: what came before stands in that count") as refusal:
        refuse_back_dated([pens.id], day - timedelta(days=1))

    assert refusal.value.field == "received_on"


def test_sup_18_the_database_itself_refuses_an_entry_before_a_closed_count(office, clock):
    clock.set("2026-03-02 09:00")
    pens = shelf.item("PEN", 10)
    verified(office, PEN=10)
    clock.set("2026-03-01 09:00")

    with pytest.raises(peewee.PeeweeException, match="before a closed count"):
        shelf.put(pens, 5)


def test_a_count_is_cancelled_only_by_who_asked_and_before_it_is_posted(office):
    pens = shelf.item("PEN", 10)
    case = verified(office, PEN=5)

    with pytest.raises(NotYours):
        steps.take(office.ann, case.id, "cancel", note="No")
    steps.take(office.sam, case.id, "cancel", note="Counted in the wrong room")

    assert (shelf.level(pens).on_hand, checks.findings()) == (10, [])


def test_nobody_is_shown_what_he_counts_until_it_is_closed(office):
    pens = shelf.item("PEN", 10)
    case = begun(office.sam, office.ann)
    assert (hidden_from(office.ann), hidden_from(office.sam)) == ({pens.id}, set())

    count(case, PEN=9)
    steps.take(office.ann, case.id, "hand_in")
    assert hidden_from(office.ann) == {pens.id}

    steps.take(office.hao, case.id, "verify", given=findings(case))
    steps.take(office.bo, case.id, "approve")
    assert hidden_from(office.ann) == set()


# ---- the check ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("UPDATE accounts SET put = put + 5 WHERE book = 'stock'", "stock account"),
        ("UPDATE count_lines SET counted = 5", "PEN differs by -5, but -3 was posted"),
        ("UPDATE count_lines SET entry_id = NULL", "stands on none of its lines"),
        ("UPDATE count_lines SET counted = 9, book = 12", "line 1 is not what was last written down"),
        ("INSERT INTO accounts (book) VALUES ('stock')", "belongs to no item"),
    ],
)
def test_sup_18_a_typed_balance_or_count_is_found(office, wrong, sentence):
    shelf.item("PEN", 10)
    steps.take(office.bo, verified(office, PEN=7).id, "approve")
    assert checks.findings() == []

    db.run(wrong)

    assert any(sentence in each for each in checks.findings())


def test_tallies_are_append_only(office):
    shelf.item("PEN")
    count(begun(office.sam, office.ann), PEN=3)

    with pytest.raises(peewee.PeeweeException, match="tallies is append-only"):
        db.run("UPDATE tallies SET counted = 4")


def test_a_tally_of_another_count_is_refused(office):
    shelf.item("PEN"), shelf.item("PAPER", place="B2")
    here, there = begun(office.sam, office.ann, place="A1"), begun(office.sam, office.ann, place="B2")

    with pytest.raises(Refused, match="There is nothing here"):
        tally(office.ann, here.id, lines_of(there.id)[0].id, 3)
    assert CountLine.select().where(CountLine.counted.is_null(False)).count() == 0
