"""Roles: who may hold which, for how long, and which wait for the general manager."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal import access, contents, history, steps
from portal import clock as portal_clock
from portal.access import ROLES
from portal.cases import Case, Task
from portal.contents import Content
from portal.people import rules_grants
from portal.people.models import GrantRequest, Terms
from portal.people.rules_grants import GRANT, give, revoke
from portal.persons import Grant, Person
from portal.refused import Mistyped, NotYours, Refused
from tests.administrator import granted, ida

WEIGHTY = ["gm", "exec_in_charge", "ecom_director", "dept_manager", "cashier", "chief_accountant", "it_head", "it_admin"]


def today():
    return portal_clock.today()


def confirm(person, case):
    return steps.take(person, case.id, "grant", (case.state, case.version))


def test_gen_03_a_role_is_of_the_company_or_of_a_department(cast):
    admin = ida()
    office = cast.department("Office")

    grant = give(admin, cast.sam, Terms("supplies_custodian", office))

    assert f"supplies_custodian@{office.id}" in access.posts_of(cast.sam)
    assert grant.granted_by_id == admin.id
    for terms in (Terms("supplies_custodian"), Terms("purchaser", office)):
        with pytest.raises(Mistyped) as refused:
            give(admin, cast.sam, terms)
        assert refused.value.field == "department"


def test_gen_03_one_person_holds_several_roles(cast):
    admin = ida()

    give(admin, cast.sam, Terms("purchaser"))
    give(admin, cast.sam, Terms("warehouse"))

    assert {"office_clerk", "purchaser", "warehouse"} <= set(access.posts_of(cast.sam))


@pytest.mark.parametrize(("user", "role"), [("cai", "chief_accountant"), ("lin", "cashier")])
def test_gen_04_cashier_and_chief_accountant_never_meet(cast, user, role):
    with pytest.raises(Mistyped, match="never keeps the books") as refused:
        give(ida(), Person.get(Person.user == user), Terms(role))

    assert refused.value.field == "role"


def test_gen_04_not_in_a_time_to_come_either(cast):
    admin = ida()
    later = today() + timedelta(days=30)
    Grant.create(person=cast.sam, role="cashier", starts=later, ends=later + timedelta(days=10))

    with pytest.raises(Mistyped, match="never keeps the books"):
        give(admin, cast.sam, Terms("chief_accountant"))

    before = give(admin, cast.sam, Terms("chief_accountant", ends=later - timedelta(days=1)))
    assert before.state == "asked"


def test_gen_04_two_requests_that_clash_are_not_both_confirmed(cast):
    admin = ida()
    first = give(admin, cast.sam, Terms("cashier"))
    second = give(admin, cast.sam, Terms("chief_accountant"))
    confirm(cast.mei, first)

    with pytest.raises(Refused, match="never keeps the books"):
        confirm(cast.mei, second)

    assert "chief_accountant" not in access.posts_of(cast.sam)


def test_gen_05_standing_in_has_an_end_and_a_reason(cast):
    admin = ida()
    office = cast.department("Office")

    for terms, field in ((Terms("supervisor", office, acting=True, reason="ill"), "ends"),
                         (Terms("supervisor", office, ends=today(), acting=True), "reason")):  # fmt: skip
        with pytest.raises(Mistyped) as refused:
            give(admin, cast.sam, terms)
        assert refused.value.field == field
    give(admin, cast.sam, Terms("supervisor", office, ends=today(), acting=True, reason="ill"))

    assert access.posts_of(cast.sam)[f"supervisor@{office.id}"] is True


def test_gen_05_standing_in_ends_by_the_clock(cast, clock):
    clock.set("2026-03-02 09:00")
    office = cast.department("Office")
    post = access.post("supplies_custodian", office.id)
    give(ida(), cast.sam, Terms("supplies_custodian", office, ends=date(2026, 3, 3), acting=True, reason="leave"))

    clock.set("2026-03-03 23:59")
    assert post in access.posts_of(cast.sam)

    clock.set("2026-03-04 00:00")
    assert post not in access.posts_of(cast.sam)


def test_a_role_begins_today_or_later_and_ends_after(cast):
    admin = ida()
    yesterday, tomorrow = today() - timedelta(days=1), today() + timedelta(days=1)

    for terms, field in (
        (Terms("purchaser", starts=yesterday), "starts"),
        (Terms("purchaser", starts=tomorrow, ends=today()), "ends"),
    ):
        with pytest.raises(Mistyped) as refused:
            give(admin, cast.sam, terms)
        assert refused.value.field == field


def test_one_period_is_not_given_twice(cast):
    admin = ida()
    give(admin, cast.sam, Terms("purchaser", ends=today() + timedelta(days=5)))

    with pytest.raises(Mistyped, match="already"):
        give(admin, cast.sam, Terms("purchaser", starts=today() + timedelta(days=5)))

    assert give(admin, cast.sam, Terms("purchaser", starts=today() + timedelta(days=6))).id


def test_dba_04_a_role_that_enters_data_needs_the_level(cast):
    with pytest.raises(Mistyped, match="needs the level Back-office user"):
        give(ida(), cast.ann, Terms("purchaser"))


def test_dba_02_the_administrator_needs_the_highest_level(cast):
    with pytest.raises(Mistyped, match="needs the level Database administrator"):
        give(ida(), cast.sam, Terms("it_admin"))


def test_the_manager_of_the_office_is_nobodys_grant(cast):
    with pytest.raises(Mistyped, match="marked as the office"):
        give(ida(), cast.sam, Terms("office_manager"))

    granted(cast.sam, "dept_manager", cast.department("Office"))
    assert "office_manager" in access.posts_of(cast.sam)


def test_dba_08_only_the_administrator_gives_and_takes_back(cast):
    grant = granted(cast.ann, "supervisor", cast.ann.department)

    for by in (cast.mei, cast.hao, cast.bo, cast.ann):
        with pytest.raises(NotYours):
            give(by, cast.sam, Terms("purchaser"))
        with pytest.raises(NotYours):
            revoke(by, grant)


def test_dba_08_nobody_touches_their_own_roles(cast):
    admin = ida()
    granted(cast.bo, "it_admin")
    own = Grant.get(Grant.person == admin)

    with pytest.raises(NotYours, match="own roles"):
        give(admin, admin, Terms("purchaser"))
    with pytest.raises(NotYours, match="own roles"):
        revoke(admin, own)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_weighty_roles_wait_for_the_general_manager_and_no_other(role):
    assert ROLES[role].needs_gm == (role in WEIGHTY)


def test_a_weighty_role_counts_only_once_it_is_confirmed(cast):
    case = give(ida(), cast.sam, Terms("chief_accountant", reason="succeeds"))

    assert (case.kind, case.state, case.number[:3]) == ("grant", "asked", "GR-")
    assert Task.get(Task.case == case, Task.closed.is_null()).post == "gm"
    assert "chief_accountant" not in access.posts_of(cast.sam)

    confirm(cast.mei, case)

    assert "chief_accountant" in access.posts_of(cast.sam)
    paper = GrantRequest.get_by_id(case.id)
    assert (paper.given.role, paper.given.reason) == ("chief_accountant", "succeeds")
    assert list(history.verify()) == []


def test_who_asked_and_who_is_concerned_do_not_confirm(cast):
    admin = ida()
    granted(admin, "gm")
    granted(cast.sam, "gm")
    case = give(admin, cast.sam, Terms("chief_accountant"))

    for person in (admin, cast.sam, cast.hao, cast.lin):
        with pytest.raises(NotYours):
            confirm(person, case)

    assert confirm(cast.mei, case).state == "granted"


def test_a_role_for_the_general_manager_waits_for_the_leader_in_charge(cast):
    granted(cast.hao, "exec_in_charge")

    case = give(ida(), cast.mei, Terms("ecom_director"))

    assert Task.get(Task.case == case, Task.closed.is_null()).post == "exec_in_charge"
    confirm(cast.hao, case)
    assert "ecom_director" in access.posts_of(cast.mei)


def test_the_general_manager_says_no_and_nothing_is_given(cast):
    case = give(ida(), cast.sam, Terms("cashier"))

    with pytest.raises(Mistyped):
        steps.take(cast.mei, case.id, "reject", (case.state, case.version))
    after = steps.take(cast.mei, case.id, "reject", (case.state, case.version), note="not yet")

    assert after.state == "rejected"
    assert Grant.select().where(Grant.person == cast.sam, Grant.role == "cashier").count() == 0


def test_the_administrator_withdraws_what_was_asked(cast):
    admin = ida()
    case = give(admin, cast.sam, Terms("cashier"))

    assert steps.take(admin, case.id, "withdraw", (case.state, case.version)).state == "withdrawn"


def test_a_level_lowered_meanwhile_stops_the_confirmation(cast):
    case = give(ida(), cast.sam, Terms("cashier"))
    Person.update(level="ordinary").where(Person.user == "sam").execute()

    with pytest.raises(Refused, match="needs the level"):
        confirm(cast.mei, case)


def test_a_confirmed_role_does_not_begin_in_the_past(cast, clock):
    clock.set("2026-03-02 09:00")
    case = give(ida(), cast.sam, Terms("cashier"))

    clock.set("2026-03-05 09:00")
    confirm(cast.mei, case)

    assert GrantRequest.get_by_id(case.id).given.starts == date(2026, 3, 5)


def test_a_form_sent_twice_is_one_request(cast):
    admin = ida()
    terms = Terms("cashier")

    first = give(admin, cast.sam, terms, "one-token")
    second = give(admin, cast.sam, terms, "one-token")

    assert first.id == second.id
    assert Case.select().where(Case.kind == "grant").count() == 1


def test_the_paper_cannot_be_made_around_the_rules(cast):
    detail = {"person": cast.bo, "role": "gm", "starts": today(), "ends": None, "acting": False, "reason": "", "scope": None}

    with pytest.raises(NotYours):
        contents.create(GRANT, cast.bo, Content("Me", detail, beneficiary=cast.bo), "token")


def test_confirming_the_one_who_could_decide_it_does_not_stumble(cast):
    granted(cast.hao, "exec_in_charge")
    Grant.update(revoked_at=portal_clock.now()).where(Grant.person == cast.mei).execute()
    case = give(ida(), cast.sam, Terms("gm"))
    assert Task.get(Task.case == case, Task.closed.is_null()).post == "exec_in_charge"

    assert confirm(cast.hao, case).state == "granted"
    assert access.holder_ids("gm") == [cast.sam.id]


def test_taking_a_role_back_counts_at_once_and_is_kept(cast):
    admin = ida()
    grant = give(admin, cast.sam, Terms("purchaser"))

    revoke(admin, grant, "no longer needed")

    assert "purchaser" not in access.posts_of(cast.sam)
    assert [event.action for event in history.history_of(grant)] == ["give", "revoke"]
    with pytest.raises(Refused, match="already"):
        revoke(admin, grant)


def test_the_last_general_manager_stays(cast):
    admin = ida()
    grant = Grant.get(Grant.role == "gm")

    with pytest.raises(Refused, match="is the only General manager"):
        revoke(admin, grant)

    granted(cast.hao, "gm")
    revoke(admin, grant)
    assert access.holder_ids("gm") == [cast.hao.id]


def test_who_is_concerned_is_told(cast):
    from portal.notices import Notice

    give(ida(), cast.sam, Terms("purchaser"))

    assert [str(each.words()) for each in Notice.select().where(Notice.person == cast.sam)] == ["You now hold the role Buyer."]


def test_every_role_has_a_label_for_its_grants(cast):
    assert str(rules_grants.post_called("dept_manager", cast.department("Office"))) == "Department manager of 办公室"
