"""Custody: somebody always answers for the archive, and who leaves hands it over (CON-14)."""

from dataclasses import replace
from datetime import date

import pytest

from portal import contents, notices, steps
from portal.access import holder_ids
from portal.cases import Case
from portal.contracts.models import Contract, Handover
from portal.contracts.models_custody import count_held, held_in, responsible_now
from portal.contracts.models_papers import handover_content
from portal.contracts.rules_custody import HANDOVER, open_handovers
from portal.jobs import JOBS
from portal.people import rules, rules_grants
from portal.people.models import Terms
from portal.persons import Grant, Person
from portal.refused import Mistyped, NotYours, Refused
from tests import archive, lending, posts
from tests.cast import NEVER_OLD


@pytest.fixture
def wen(cast):
    wen = archive.archivist(cast)
    archive.contract(cast)
    return wen


@pytest.fixture
def yan(cast, wen):
    """Becomes an archivist too."""
    yan = Person.create(
        user="yan", name="燕", name_en="Yan", department=cast.department("Office"), level="back_office", password_set_at=NEVER_OLD
    )
    posts.grant(yan, "contract_archivist")
    return yan


def grant_of(person):
    return Grant.get(Grant.person == person, Grant.role == "contract_archivist", Grant.revoked_at.is_null())


def responsible():
    return {str(each.called): each.leaving for each in responsible_now()}


def handover():
    return Case.get(Case.kind == "handover")


def test_con_14_the_list_is_of_everything_held_and_of_nothing_else(cast, wen, yan):
    gone = archive.contract(cast, "Gone")
    Contract.update(state="withdrawn").where(Contract.id == gone.id).execute()

    assert [each.title for each in held_in(begun(wen, yan).id, None)] == ["Store fittings 2026"]


def test_con_14_the_last_archivist_is_neither_revoked_nor_disabled(cast, wen):
    with pytest.raises(Refused, match="文 is the only"):
        rules_grants.revoke(None, grant_of(wen), "Leaves")
    with pytest.raises(Refused, match="文 is the only"):
        rules.disable(None, wen, "Leaves")

    assert holder_ids("contract_archivist") == [wen.id]


def test_con_14_the_last_archivist_without_a_last_day_is_kept_too(cast, wen, clock):
    clock.set("2026-03-02 09:00")
    posts.grant(cast.sam, "contract_archivist", ends=date(2026, 6, 30))

    for leave in (lambda: rules_grants.revoke(None, grant_of(wen)), lambda: rules.disable(None, wen)):
        with pytest.raises(Refused, match="from 2026-07-01 on"):
            leave()

    rules_grants.give(None, cast.lin, Terms("contract_archivist", starts=date(2026, 7, 1)))
    rules_grants.revoke(None, grant_of(wen), "Another post")
    with pytest.raises(Refused, match="from 2026-07-01 on"):
        rules_grants.revoke(None, grant_of(cast.lin), "Not before it begins either")
    assert holder_ids("contract_archivist") == [cast.sam.id]


def test_con_14_nobody_becomes_the_only_archivist_for_a_time(cast, clock):
    clock.set("2026-03-02 09:00")
    Person.update(level="back_office").execute()
    for_a_time = Terms("contract_archivist", ends=date(2026, 6, 30))

    with pytest.raises(Mistyped, match="from 2026-07-01 on") as refusal:
        rules_grants.give(None, cast.sam, for_a_time)
    assert refusal.value.field == "ends"
    with pytest.raises(Mistyped, match="from 2026-07-01 on"):
        rules_grants.give(None, cast.sam, replace(for_a_time, acting=True, reason="There is nobody yet"))

    rules_grants.give(None, cast.lin, Terms("contract_archivist", starts=date(2026, 7, 1)))
    rules_grants.give(None, cast.sam, for_a_time)
    assert holder_ids("contract_archivist") == [cast.sam.id]


def test_con_14_beside_an_archivist_somebody_helps_or_stands_in_for_a_time(cast, wen, clock):
    clock.set("2026-03-02 09:00")
    Person.update(level="back_office").execute()
    terms = Terms("contract_archivist", ends=date(2026, 3, 31))

    rules_grants.give(None, cast.sam, terms)
    rules_grants.give(None, cast.mei, replace(terms, acting=True, reason="Wen is on leave"))

    assert set(holder_ids("contract_archivist")) == {wen.id, cast.sam.id, cast.mei.id}


def test_con_14_a_role_that_ends_and_is_not_followed_is_told_ahead_and_once(cast, wen, clock):
    Grant.update(ends=date(2026, 3, 31)).where(Grant.id == grant_of(wen).id).execute()
    told = []
    for day in ("2026-03-17", "2026-03-18", "2026-03-19"):
        clock.set(f"{day} 09:00")
        JOBS["contract_custody"].work()
        told.append(sorted(each.person.user for each in notices.Notice.select() if "nobody keeps" in str(each.words())))

    assert told == [[], ["mei", "wen"], ["mei", "wen"]]
    posts.grant(cast.sam, "contract_archivist", ends=date(2026, 4, 5))
    clock.set("2026-03-25 09:00")
    JOBS["contract_custody"].work()
    assert len(notices.Notice.select().where(notices.Notice.person == cast.sam)) == 1


@pytest.mark.parametrize("how", ["revoked", "disabled"])
def test_con_14_who_stops_hands_over_and_both_are_responsible_until_both_have_signed(cast, wen, yan, how):
    lending.lent(cast, archive.contract(cast, "Out"), "original")
    if how == "revoked":
        rules_grants.revoke(None, grant_of(wen), "Another post")
    else:
        rules.disable(None, wen, "Leaves")

    case = handover()
    assert (case.state, case.requester, Handover.get().incoming) == ("outgoing", wen, yan)
    assert [(each.title, each.state) for each in held_in(case.id, None)] == [
        ("Store fittings 2026", "in_archive"),
        ("Out", "on_loan"),
    ]
    assert responsible() == {"燕": False, "文": True}

    if how == "revoked":
        case = steps.take(wen, case.id, "sign_out")
    else:
        case = steps.take(cast.mei, case.id, "vouch", note="Counted with Yan")
    assert responsible() == {"燕": False, "文": True}
    case = steps.take(yan, case.id, "sign_in")

    assert (case.state, responsible()) == ("closed", {"燕": False})
    assert open_handovers() == 0


def test_con_14_nobody_signs_for_who_can_sign(cast, wen, yan):
    rules_grants.revoke(None, grant_of(wen), "Another post")

    with pytest.raises(Refused, match="文 can sign in"):
        steps.take(cast.mei, handover().id, "vouch", note="Quicker")
    posts.cannot(yan, handover(), "sign_out")
    with pytest.raises(Refused, match="signed, not cancelled"):
        steps.take(wen, handover().id, "cancel", note="No")


def test_con_14_a_role_that_ran_out_is_handed_over_too(cast, wen, yan, clock):
    clock.set("2026-03-02 09:00")
    Grant.update(ends="2026-03-05").where(Grant.id == grant_of(wen).id).execute()
    assert open_handovers() == 0

    clock.set("2026-03-06 09:00")
    assert (open_handovers(), open_handovers()) == (1, 0)
    assert handover().requester == wen


def test_a_list_that_does_not_fit_is_written_anew(cast, wen, yan):
    case = contents.create(HANDOVER, wen, handover_content(wen, yan), "handed over by hand")
    case = steps.take(wen, case.id, "begin")
    steps.take(wen, case.id, "sign_out")
    archive.contract(cast, "Forgotten")

    case = steps.take(yan, case.id, "return", note="One is missing on it")

    assert (case.state, count_held(case.id), Handover.get().signed_out_at) == ("outgoing", 2, None)


def test_who_handed_over_before_leaving_does_not_do_so_again(cast, wen, yan):
    case = contents.create(HANDOVER, wen, handover_content(wen, yan), "handed over by hand")
    for person, name in ((wen, "begin"), (wen, "sign_out"), (yan, "sign_in")):
        case = steps.take(person, case.id, name)

    rules_grants.revoke(None, grant_of(wen), "Another post")

    assert Case.select().where(Case.kind == "handover").count() == 1


def test_the_archive_is_handed_over_by_its_keeper_to_a_keeper(cast, wen):
    with pytest.raises(Mistyped, match="the role is given first"):
        contents.create(HANDOVER, wen, handover_content(wen, cast.ann), "to Ann who keeps nothing")
    with pytest.raises(NotYours):
        contents.create(HANDOVER, cast.ann, handover_content(cast.ann, wen), "by Ann who keeps nothing")


def test_confidential_contracts_stand_on_the_list_for_those_who_may_know_of_them(cast, wen, yan):
    archive.contract(cast, "Merger", confidential=True)
    case = contents.create(HANDOVER, wen, handover_content(wen, yan), "handed over by hand")
    case = steps.take(wen, case.id, "begin")

    assert [each.title for each in held_in(case.id, [f"#{cast.ann.id}"])] == ["Store fittings 2026"]
    assert len(held_in(case.id, ["gm"])) == 2


def begun(wen, yan):
    case = contents.create(HANDOVER, wen, handover_content(wen, yan), f"hand-over {Case.select().count()} of the test")
    return steps.take(wen, case.id, "begin")


def test_con_14_who_hands_over_by_hand_is_named_once_as_leaving(cast, wen, yan):
    begun(wen, yan)

    assert [(str(each.called), each.leaving) for each in responsible_now()] == [("燕", False), ("文", True)]


def test_con_14_nobody_hands_over_what_another_keeps_or_to_themselves(cast, wen, yan):
    with pytest.raises(NotYours):
        contents.create(HANDOVER, wen, handover_content(yan, wen), "in the name of Yan")
    with pytest.raises(Mistyped):
        contents.create(HANDOVER, wen, handover_content(wen, wen), "to nobody but Wen")


def test_con_14_who_does_not_keep_the_archive_any_more_still_hands_it_over(cast, wen, yan):
    Contract.update(state="withdrawn").execute()
    rules_grants.revoke(None, grant_of(wen), "Another post")
    Contract.update(state="in_archive").execute()

    assert begun(wen, yan).state == "outgoing"


def test_con_14_nothing_is_handed_over_twice_or_where_nothing_is_held(cast, wen, yan):
    begun(wen, yan)
    with pytest.raises(Refused, match="is not signed yet"):
        begun(wen, yan)
    second = contents.create(HANDOVER, wen, handover_content(wen, yan), "opened by the portal")
    with pytest.raises(Refused, match="is not signed yet"):
        steps.take(None, second.id, "open")

    Contract.update(state="withdrawn").execute()
    for person, name in ((yan, "begin"), (None, "open")):
        case = contents.create(HANDOVER, yan, handover_content(yan, wen), f"nothing to {name}")
        with pytest.raises(Refused, match="no contract in the archive"):
            steps.take(person, case.id, name)


def test_con_14_an_empty_archive_needs_no_handing_over_and_one_without_successor_waits(cast, wen, yan):
    Contract.update(state="withdrawn").execute()
    rules_grants.revoke(None, grant_of(wen), "Another post")
    assert Case.select().where(Case.kind == "handover").count() == 0

    Contract.update(state="in_archive").execute()
    posts.take_away(yan, "contract_archivist")
    assert open_handovers() == 0


def test_con_14_a_hand_over_that_was_cancelled_is_none(cast, wen, yan):
    steps.take(wen, begun(wen, yan).id, "cancel", note="Stays after all")

    rules_grants.revoke(None, grant_of(wen), "Another post")

    states = [case.state for case in Case.select().where(Case.kind == "handover").order_by(Case.id)]
    assert states == ["cancelled", "outgoing"]
