"""Nobody decides their own paper by any route; who cannot act gives way, and grants change who can."""

from datetime import date

import peewee
import pytest

from portal import access, db, history, tasks
from portal.cases import Case
from portal.history import history_of
from portal.notices import Notice
from portal.persons import Person
from portal.refused import NotYours
from tests.posts import buttons, cannot, grant, head, take_away, waiting

# ---- nobody decides their own paper ---------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["requester", "preparer", "beneficiary"])
@pytest.mark.parametrize("acting", [False, True], ids=["by right", "as stand-in"])
def test_nobody_decides_a_paper_they_have_a_part_in(cast, memos, part, acting):
    """Bo has a part in the paper and holds every post there is."""
    case = memos.draft(cast.bo if part == "requester" else cast.ann, department=cast.department("Marketing"))
    parts = {each: cast.bo if each == part else cast.ann for each in ("requester", "preparer", "beneficiary")}
    Case.update(**parts).where(Case.id == case.id).execute()
    told = {"acting": acting, "ends": date(2090, 1, 1)}
    for role in ("gm", "chief_accountant", "it_admin", "exec_in_charge"):
        grant(cast.bo, role, **told)
    grant(cast.bo, "dept_manager", cast.department("Marketing"), **told)
    case = memos.go(case, (cast.bo if part == "requester" else cast.ann, "submit"))

    cannot(cast.bo, case, "endorse")
    cannot(cast.bo, case, "reject", note="no")
    case = memos.go(case, (cast.hao, "endorse"))
    cannot(cast.bo, case, "check")


def test_a_role_takes_no_step_of_its_own_on_a_paper_of_its_own(cast, memos):
    case = memos.go(memos.draft(cast.ann, beneficiary=cast.mei), (cast.ann, "submit"), (cast.hao, "endorse"))

    cannot(cast.mei, case, "consent")
    grant(cast.bo, "gm")

    assert memos.go(case, (cast.bo, "consent")).state == "checked"


def test_an_administrator_decides_nothing_by_being_one(cast, memos, submitted):
    grant(cast.bo, "it_admin")

    cannot(cast.bo, submitted, "endorse")
    assert buttons(cast.bo, submitted) == []


def test_who_takes_office_after_submitting_still_decides_no_paper_of_their_own(cast, memos, submitted):
    grant(cast.ann, "dept_manager", cast.department("Marketing"))
    tasks.reroute()

    cannot(cast.ann, submitted, "endorse")
    (offer,) = [each for each in buttons(cast.ann, submitted) if each.step.name == "endorse"]
    assert str(offer.why_not) == "You had a part in this paper yourself, so somebody else decides it."


def test_the_schema_itself_refuses_a_barred_persons_signature(cast, memos, submitted):
    for column in ("closed_by_id", "on_behalf_of_id"):
        with pytest.raises(peewee.IntegrityError):
            db.run(f"UPDATE tasks SET closed = 1, {column} = ? WHERE state = 'submitted'", cast.ann.id)

    db.run("UPDATE tasks SET closed = 1, closed_by_id = ? WHERE state = 'submitted'", cast.hao.id)


def test_a_deciding_post_gives_way_to_its_superior_and_says_so(cast, memos):
    case = memos.go(memos.draft(cast.hao), (cast.hao, "submit"))

    assert waiting(case) == [(head(cast), "gm", False)]
    cannot(cast.hao, case, "endorse")
    assert {str(offer.why_not) for offer in buttons(cast.hao, case) if offer.step.name == "endorse"} == {
        "You had a part in this paper yourself, so somebody else decides it."
    }
    assert memos.go(case, (cast.mei, "endorse")).state == "endorsed"


def test_a_post_whose_decision_went_up_sees_who_decides(cast, memos):
    Person.update(active=False).where(Person.id == cast.hao.id).execute()
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    Person.update(active=True).where(Person.id == cast.hao.id).execute()

    (endorse, *_others) = buttons(cast.hao, case)

    assert (endorse.step.name, str(endorse.why_not)) == ("endorse", "General manager decides this one.")


def test_a_post_that_carries_out_gets_stuck_and_who_may_appoint_is_told(cast, memos, endorsed):
    grant(cast.bo, "it_admin")
    take_away(cast.cai, "cashier")

    case = memos.go(endorsed, (cast.mei, "check"), (cast.lin, "check"))

    assert waiting(case) == [("cashier", "cashier", True)]
    told = {notice.person.user: str(notice.words()) for notice in Notice.select().where(Notice.topic == "stuck")}
    assert told == dict.fromkeys(("mei", "bo"), f"{case.number} waits for Cashier, and nobody can act there.")
    with pytest.raises(NotYours):
        memos.go(case, (cast.mei, "carry_out"))


def test_who_carries_out_may_be_who_asked(cast, memos):
    case = memos.draft(cast.cai)

    case = memos.go(case, (cast.cai, "submit"), (cast.mei, "endorse"), (cast.mei, "check"), (cast.lin, "check"))

    assert memos.go(case, (cast.cai, "carry_out")).state == "done"


def test_a_step_stands_apart_from_those_it_names(cast, memos, checked):
    grant(cast.cai, "chief_accountant")
    grant(cast.hao, "chief_accountant")

    done = memos.go(checked, (cast.cai, "carry_out"))

    cannot(cast.cai, done, "book")
    cannot(cast.hao, done, "book")
    assert memos.go(done, (cast.lin, "book")).state == "closed"


# ---- when grants change ---------------------------------------------------------------------------------------------


def test_a_task_goes_to_the_superior_when_the_post_falls_vacant_and_back(cast, memos, submitted):
    take_away(cast.hao, "dept_manager")
    changed = tasks.reroute()
    up = waiting(submitted)

    grant(cast.bo, "dept_manager", cast.department("Marketing"))
    tasks.reroute()

    assert (changed, up) == (1, [(head(cast), "gm", False)])
    assert waiting(submitted) == [(head(cast), head(cast), False)]
    assert tasks.reroute() == 0
    assert memos.go(submitted, (cast.bo, "endorse")).state == "endorsed"
    assert [event.facts() for event in history_of(submitted) if event.action == "reroute"] == [
        {"from": head(cast), "to": "gm"},
        {"from": "gm", "to": head(cast)},
    ]
    assert list(history.verify()) == []


def test_who_a_paper_comes_to_by_rerouting_may_read_it(cast, memos, submitted):
    assert not access.may_read(access.posts_of(cast.mei), submitted)

    take_away(cast.hao, "dept_manager")
    tasks.reroute()

    assert access.may_read(access.posts_of(cast.mei), submitted)


def test_a_stuck_task_goes_on_with_a_stand_in(cast, memos, checked):
    take_away(cast.cai, "cashier")
    tasks.reroute()
    stuck = waiting(checked)

    grant(cast.bo, "cashier", acting=True, ends=date(2090, 1, 1))
    tasks.reroute()

    assert (stuck, waiting(checked)) == ([("cashier", "cashier", True)], [("cashier", "cashier", False)])
    assert memos.go(checked, (cast.bo, "carry_out")).state == "done"
    assert history_of(checked)[-1].facts()["acting"] is True


def test_a_grant_that_ends_by_the_clock_ends_the_right_at_once(cast, memos, submitted, clock):
    take_away(cast.hao, "dept_manager")
    grant(cast.bo, "dept_manager", cast.department("Marketing"), ends=date(2026, 3, 2), starts=date(2026, 3, 1))
    clock.set("2026-03-02 23:59")
    assert buttons(cast.bo, submitted)

    clock.set("2026-03-03 00:00")

    cannot(cast.bo, submitted, "endorse")
