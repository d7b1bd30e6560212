"""What stands around a contract: the code list of natures, what belongs to it, and who is told of its end."""

from __future__ import annotations

from datetime import date

import pytest

from portal import access, db, notices
from portal.contracts.models import Contract
from portal.contracts.models_register import linked
from portal.contracts.rules_links import link, unlink
from portal.contracts.rules_natures import add_nature, change_nature
from portal.contracts.rules_register import change, register, withdraw
from portal.contracts.rules_reminders import announce
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, SomebodyWasFirst
from tests import archive
from tests.memo import build, draft


@pytest.fixture(autouse=True)
def today(clock):
    clock.set("2026-03-02 09:00")


# ---- natures --------------------------------------------------------------------------------------------------------


def test_con_01_natures_are_kept_by_the_archivist_and_their_codes_stay(cast):
    wen = archive.archivist(cast)
    made = add_nature(wen, "TRAVEL", "旅游", "Travel", None)

    with pytest.raises(NotYours):
        add_nature(cast.ann, "OTHER", "其他")
    with pytest.raises(Mistyped, match="There is a nature TRAVEL"):
        add_nature(wen, "TRAVEL", "旅行")
    with pytest.raises(Mistyped, match="A code is 2 to 8 capital letters"):
        add_nature(wen, "no good", "旅行")
    changed = change_nature(wen, made.id, made.events, years_kept=30, active=False)
    with pytest.raises(SomebodyWasFirst):
        change_nature(wen, made.id, made.events, years_kept=5)

    assert (made.years_kept, changed.years_kept, changed.active) == (None, 30, False)
    with pytest.raises(Mistyped, match="Choose the nature"):
        register(wen, archive.described(cast) | {"nature": changed}, ["A Ltd"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": ""}, "name"), ({"name": "x" * 61}, "name"), ({"name_en": "x" * 61}, "name_en"), ({"name": "租赁"}, "name"),
     ({"years_kept": 0}, "years_kept"), ({"years_kept": 101}, "years_kept")],
)  # fmt: skip
def test_con_01_a_nature_has_a_name_of_its_own_and_years_that_can_be(cast, wrong, field):
    wen, one = archive.archivist(cast), archive.nature(cast, "PRJ")
    archive.nature(cast, "LEASE")

    for write in (
        lambda: add_nature(wen, "OTHER", **({"name": "其他", "years_kept": 10} | wrong)),
        lambda: change_nature(wen, one.id, one.events, **wrong),
    ):
        with pytest.raises(Mistyped) as refusal:
            write()
        assert refusal.value.field == field


def test_con_01_nobody_else_changes_a_nature_and_none_is_changed_that_is_not_there(cast):
    one = archive.nature(cast)

    with pytest.raises(NotYours):
        change_nature(cast.mei, one.id, one.events, years_kept=5)
    with pytest.raises(NotThere):
        change_nature(archive.archivist(cast), 987654, 1, years_kept=5)


# ---- ties -----------------------------------------------------------------------------------------------------------


def test_con_16_what_belongs_to_a_contract_is_shown_to_whoever_may_know_of_it(cast):
    wen, one, secret = archive.archivist(cast), archive.contract(cast), archive.contract(cast, "Merger", confidential=True)
    build()
    paper = draft(wen)
    db.run("UPDATE cases SET number = 'ME-2026-0001' WHERE id = ?", paper.id)
    for number in (secret.number, "ME-2026-0001"):
        link(wen, one.id, Contract.get_by_id(one.id).events, number, "see")

    assert [each.number for each in linked(one.id, access.posts_of(wen))] == [secret.number, "ME-2026-0001"]
    assert linked(one.id, access.posts_of(cast.ann)) == []
    assert [each.number for each in linked(secret.id, access.posts_of(cast.mei))] == [one.number]
    with pytest.raises(Mistyped, match="belongs to it already"):
        link(wen, secret.id, secret.events, one.number)
    unlink(wen, one.id, Contract.get_by_id(one.id).events, linked(one.id, access.posts_of(wen))[0].link)
    assert linked(secret.id, access.posts_of(wen)) == []


def test_con_16_only_what_the_archivist_may_see_is_tied_and_to_something_else(cast):
    wen, one = archive.archivist(cast), archive.contract(cast)
    build()
    db.run("UPDATE cases SET number = 'ME-2026-0001' WHERE id = ?", draft(cast.ann).id)
    for n in (1, 2):
        archive.contract(cast, f"Contract {n}", former_number="old/1")

    for number, why in (
        (one.number, "this contract itself"), ("ME-2026-0001", "that you may see"), ("2026-PRJ-9999", "that you may see"),
        ("old/1", "that you may see"),
    ):  # fmt: skip
        with pytest.raises(Mistyped, match=why):
            link(wen, one.id, one.events, number)
    with pytest.raises(Mistyped, match="At most 120 characters"):
        link(wen, one.id, one.events, "2026-PRJ-0002", "x" * 121)
    with pytest.raises(NotYours):
        link(cast.hao, one.id, one.events, "2026-PRJ-0002")


def test_con_16_a_tie_is_taken_off_from_one_of_its_ends(cast):
    wen, one, two, other = archive.archivist(cast), *(archive.contract(cast, f"Contract {n}") for n in (1, 2, 3))
    tie = link(wen, one.id, one.events, two.number)

    with pytest.raises(NotThere):
        unlink(wen, other.id, other.events, tie.id)
    unlink(wen, two.id, two.events, tie.id)

    assert linked(one.id, access.posts_of(wen)) == []


# ---- what ends ------------------------------------------------------------------------------------------------------


def told_to(person):
    return [str(each.words()) for each in notices.Notice.select().where(notices.Notice.person == person)]


def test_con_14_an_end_is_announced_once_for_each_day_it_falls_on(cast, clock):
    wen = archive.archivist(cast)
    one = archive.contract(cast, ends=date(2026, 6, 30))
    announce.work()
    assert told_to(wen) == []

    clock.set("2026-05-10 07:00")
    announce.work()
    announce.work()

    said = "2026-PRJ-0001 Store fittings 2026 ends on 2026-06-30: prolong it, or say that it ends."
    assert told_to(wen) == told_to(cast.hao) == [said]
    change(wen, one.id, Contract.get_by_id(one.id).events, ends=date(2026, 7, 1))
    announce.work()
    assert len(told_to(wen)) == 2


def test_con_14_nobody_hears_of_an_end_who_may_not_know_of_the_contract(cast, clock):
    archive.contract(cast, "Merger", confidential=True, ends=date(2026, 3, 30), responsible=cast.ann)

    announce.work()

    assert told_to(cast.ann) == [] and len(told_to(archive.archivist(cast))) == 1


def test_con_14_no_end_is_announced_of_what_left_the_archive_or_to_who_left(cast, clock):
    wen, ends = archive.archivist(cast), {"ends": date(2026, 3, 30)}
    gone, _one = archive.contract(cast, "Gone", **ends), archive.contract(cast, "There", **ends)
    withdraw(wen, gone.id, gone.events, "given back")
    Person.update(active=False).where(Person.user == "hao").execute()

    announce.work()

    assert (["There" in text for text in told_to(wen)], told_to(cast.hao)) == ([True], [])
