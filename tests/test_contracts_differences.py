"""What a check finds otherwise than the register says: taken over or put back, once, by the archivist (CON-02, CON-13)."""

import importlib
import io

import pytest

from portal import contents, db, history, steps
from portal.contracts.models import SEE_ALL, Contract, Place
from portal.contracts.models_checks import differing, line_of, lines, progress, seen_as
from portal.contracts.models_papers import check_content
from portal.contracts.models_register import told
from portal.contracts.rules_checks import CHECK, Result, scan, write_down
from portal.contracts.rules_differences import settle
from portal.contracts.rules_register import change, withdraw
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from tests import archive
from tests.test_spending_pages import post, text_of

THERE = Place("B-2", "1")


@pytest.fixture
def wen(cast):
    return archive.archivist(cast)


@pytest.fixture
def check(cast, wen):
    """Three contracts: the first in another place, the second without its fire-proof door, the third where it belongs."""
    for n in (1, 2, 3):
        archive.contract(cast, f"Contract {n}", box=str(n), fire_proof=True)
    case = contents.create(CHECK, wen, check_content(), "an archive check")
    case = steps.take(wen, case.id, "begin")
    results = (Result("wrong_place", THERE), Result("present", fire_proof=False), Result("present", fire_proof=True))
    for each, result in zip(contracts(), results, strict=True):
        write_down(wen, case.id, each.id, result)
    return case


def contracts():
    return Contract.where("1 = 1 ORDER BY id")


def kept(contract):
    return (contract.room, contract.cabinet, contract.box), bool(contract.fire_proof), contract.events


def all_over(person, check, how="taken_over"):
    return settle(person, check.id, how, seen_as(differing(check.id)))


def test_con_02_what_was_found_is_taken_over_into_the_register_in_one_change_of_each(wen, check):
    before = contracts()

    assert all_over(wen, check) == 2

    first, second, third = contracts()
    assert kept(first) == (("B-2", "1", ""), True, before[0].events + 1)
    assert kept(second) == (("A-101", "3", "2"), False, before[1].events + 1)
    assert kept(third) == kept(before[2])
    event = history.history_of(first)[-1]
    assert (event.action, event.by, event.facts()["check"]) == ("take_over", wen, check.number)
    assert event.facts()["before"] == {"room": "A-101", "cabinet": "3", "box": "1"}
    assert check.number in str(told(SEE_ALL, "contract", first.id)[0].sentence.values)
    assert differing(check.id) == []


def test_con_02_what_is_put_back_leaves_the_register_as_it_is(wen, check):
    before = [kept(each) for each in contracts()]
    line = differing(check.id)[0]

    settle(wen, check.id, "put_back", line.seen_as, line.id)

    assert [kept(each) for each in contracts()] == before
    line = line_of(check.id, line.contract)
    assert (line.settled, line.found, str(line.settled_who)) == ("put_back", THERE, "文")
    assert [each.title for each in differing(check.id)] == ["Contract 2"]
    assert scan(wen, check.id, line.number).result == "again"


def test_con_02_only_the_archivist_takes_over_and_only_while_it_is_counted(cast, wen, check):
    seen = seen_as(differing(check.id))

    with pytest.raises(NotYours):
        settle(cast.mei, check.id, "taken_over", seen)
    with pytest.raises(Mistyped):
        settle(wen, check.id, "thrown_away", seen)
    steps.take(wen, check.id, "close")
    with pytest.raises(Refused, match="Nothing is counted here any more"):
        settle(wen, check.id, "taken_over", seen)


@pytest.mark.parametrize("moved", ["counted anew", "changed in the register", "dealt with"])
def test_con_02_what_changed_since_it_was_shown_is_not_taken_over(wen, check, moved):
    seen, line = seen_as(differing(check.id)), differing(check.id)[0]
    if moved == "counted anew":
        db.run("UPDATE check_lines SET at = at + 1, found_box = '9' WHERE id = ?", line.id)
    elif moved == "changed in the register":
        change(wen, line.contract, line.events, room="C-3")
    else:
        settle(wen, check.id, "put_back", line.seen_as, line.id)

    with pytest.raises(SomebodyWasFirst):
        settle(wen, check.id, "taken_over", seen)
    with pytest.raises(SomebodyWasFirst):
        settle(wen, check.id, "taken_over", line.seen_as, line.id)


def test_con_02_nothing_is_taken_over_of_what_left_the_archive(wen, check):
    first = contracts()[0]
    withdraw(wen, first.id, first.events, "Sold")

    assert [each.title for each in differing(check.id)] == ["Contract 2"]


def test_con_02_what_was_not_dealt_with_does_not_keep_the_check_open_and_stays_in_its_report(wen, check):
    first = contracts()[0]

    steps.take(wen, check.id, "close")
    change(wen, first.id, first.events, room="B-2", cabinet="1", box="")

    found = [(line.title, line.settled, line.recorded_place, line.found_place) for line in lines(check.id, "settled")]
    assert found == [("Contract 1", "left", "A-101 / 3 / 1", "B-2 / 1"), ("Contract 2", "left", "A-101 / 3 / 2", "")]


def test_con_02_what_was_corrected_by_hand_meanwhile_counts_as_taken_over(wen, check):
    first = contracts()[0]
    change(wen, first.id, first.events, **THERE._asdict())

    assert [each.title for each in differing(check.id)] == ["Contract 2"]
    steps.take(wen, check.id, "close")

    assert [(line.title, line.settled) for line in lines(check.id, "settled")] == [
        ("Contract 1", "taken_over"), ("Contract 2", "left"),
    ]  # fmt: skip


def test_con_02_a_line_counted_anew_is_open_again(wen, check):
    first = contracts()[0]
    all_over(wen, check, "put_back")

    write_down(wen, check.id, first.id, Result("wrong_place", Place("C-3")))

    assert [(each.title, each.found_place) for each in differing(check.id)] == [("Contract 1", "C-3")]


def test_con_02_the_place_of_the_register_is_no_wrong_place(wen, check):
    with pytest.raises(Mistyped, match="where the register says"):
        write_down(wen, check.id, contracts()[2].id, Result("wrong_place", Place("A-101", "3", "3")))


def test_con_13_nobody_saw_the_shelf_of_what_is_missing(wen, check):
    write_down(wen, check.id, contracts()[1].id, Result("missing", fire_proof=False))

    assert [each.title for each in differing(check.id)] == ["Contract 1"]


def test_con_02_it_is_dealt_with_on_the_checks_page(cast, client, wen, check):
    type(wen).update(language="en").execute()
    keeper = client(wen)
    page = keeper.get(f"/papers/{check.id}")
    assert page.text.count('value="taken_over"') == 3 and "B-2 / 1" in page.text
    assert 'value="taken_over"' not in client(cast.mei).get(f"/papers/{check.id}").text

    path, line = f"/contracts/checks/{check.id}/settle", differing(check.id)[0]
    one = post(keeper, path, {"line": line.id, "seen": line.seen_as, "how": "taken_over"})
    late = post(keeper, path, {"line": line.id, "seen": line.seen_as, "how": "taken_over"})
    rest = post(keeper, path, {"seen": seen_as(differing(check.id)), "how": "put_back"})

    assert (one.status_code, late.status_code, rest.status_code) == (303, 409, 303)
    report = text_of(keeper.get(f"/contracts/checks/{check.id}/report"))
    assert "Register corrected" in report and "Put right" in report
    assert "Contract 3" not in report
    exported = keeper.get(f"/contracts/checks/{check.id}/report?export=csv").data.decode("utf-8-sig")
    assert [row.split(",")[-1] for row in io.StringIO(exported).read().splitlines()[1:]] == [
        "Register corrected", "Put right", "",
    ]  # fmt: skip
    assert progress(check.id).left == 0


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("A-101 / 3 / 7", ["A-101", "3", "7"]), ("A-101/3", ["A-101", "3", ""]), ("behind the door", ["behind the door", "", ""]),
        ("1/F / 3", ["1/F", "3", ""]), ("a / b / c / d", ["a / b / c / d", "", ""]), ("x" * 60, ["x" * 60, "", ""]),
    ],
)  # fmt: skip
def test_places_typed_as_one_text_are_taken_apart(typed, parts):
    assert importlib.import_module("migrations.0017_found_places").parts(typed) == parts
