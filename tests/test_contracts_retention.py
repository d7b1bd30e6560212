"""Retention: what was kept long enough is proposed, approved twice, witnessed by two, and its record stays."""

from datetime import date

import pytest

from portal import access, attachments, contents, search, steps
from portal.attachments import Attachment
from portal.contracts.models import Contract, Destruction, Nature
from portal.contracts.models_papers import Witnesses
from portal.contracts.models_retention import due, due_by_department, is_due
from portal.contracts.rules_checks import Result, write_down
from portal.contracts.rules_retention import DESTRUCTION, MOST_LINES, destruction_content
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from tests import archive, lending, posts
from tests.test_contracts_checks import begun

OLD = {"signed_on": date(2010, 5, 1), "ends": date(2012, 6, 30)}


@pytest.fixture
def wen(cast):
    return archive.archivist(cast)


@pytest.fixture
def old(cast):
    return archive.contract(cast, "Old", **OLD)


def proposed(cast, *contracts, reason="Kept long enough"):
    wen = archive.archivist(cast)
    content = destruction_content(contracts[0].department, contracts, reason)
    case = contents.create(DESTRUCTION, wen, content, f"destruction {Destruction.select().count()}")
    return steps.take(wen, case.id, "submit")


def approved(cast, *contracts):
    case = steps.take(cast.hao, proposed(cast, *contracts).id, "endorse")
    return steps.take(cast.mei, case.id, "approve")


def titles(person):
    return [each.title for each in due(access.posts_of(person))]


# ---- what is due ----------------------------------------------------------------------------------------------------


def test_the_years_count_from_the_end_or_from_the_day_it_was_signed(cast, wen, clock):
    ended = archive.contract(cast, "Ended", signed_on=date(2015, 1, 1), ends=date(2016, 3, 2))
    archive.contract(cast, "Without an end", signed_on=date(2016, 3, 3))

    clock.set("2026-03-01 09:00")
    assert (titles(wen), is_due(ended)) == ([], False)
    clock.set("2026-03-02 09:00")
    assert titles(wen) == ["Ended"]
    clock.set("2026-03-03 09:00")
    assert titles(wen) == ["Ended", "Without an end"]
    assert [n for _key, _name, n in due_by_department(access.posts_of(wen))] == [2]


def test_a_nature_kept_for_ever_is_never_due(cast, wen, old):
    Nature.update(years_kept=None).execute()

    assert titles(wen) == []
    assert not is_due(Contract.get_by_id(old.id))


def test_a_leap_day_ends_too(cast, wen, clock):
    contract = archive.contract(cast, "Leap", signed_on=date(2012, 2, 29))
    clock.set("2024-02-29 09:00")

    assert is_due(contract)


def test_what_is_flagged_lent_or_proposed_already_is_not_due(cast, wen, old):
    lent = archive.contract(cast, "Lent", **OLD)
    lending.lent(cast, lent)
    flagged = archive.contract(cast, "Flagged", **OLD)
    steps.take(wen, lending.lent(cast, flagged).id, "lose", note="Gone")
    proposed(cast, old)

    assert titles(wen) == []
    assert due_by_department(access.posts_of(wen)) == []


def test_what_one_may_not_know_of_is_on_no_list_of_what_is_due(cast, wen):
    archive.contract(cast, "Merger", confidential=True, **OLD)

    assert (titles(wen), titles(cast.ann)) == (["Merger"], [])
    assert due_by_department(access.posts_of(cast.ann)) == []


# ---- proposed -------------------------------------------------------------------------------------------------------


def test_a_contract_that_must_be_kept_longer_is_not_destroyed(cast, wen):
    young = archive.contract(cast)

    with pytest.raises(Mistyped, match="must be kept longer"):
        proposed(cast, young)


def test_one_paper_is_about_one_owner_department(cast, old):
    other = archive.contract(cast, "Of IT", "IT GmbH", department="IT", **OLD)

    with pytest.raises(Mistyped, match="belongs to another department"):
        proposed(cast, old, other)


def test_only_the_archivist_proposes_and_gives_a_reason(cast, old):
    with pytest.raises(NotYours):
        contents.create(DESTRUCTION, cast.hao, destruction_content(old.department, [old], "Why not"), "by Hao of all people")
    with pytest.raises(Mistyped, match="Say why"):
        proposed(cast, old, reason="")


@pytest.mark.parametrize("state", ["draft", "submitted", "endorsed", "witnessing"])
def test_what_is_borrowed_meanwhile_is_not_destroyed(cast, wen, old, state):
    content = destruction_content(old.department, [old], "Kept long enough")
    case = contents.create(DESTRUCTION, wen, content, "a destruction of the test")
    way = [
        (wen, "submit", None), (cast.hao, "endorse", None), (cast.mei, "approve", None),
        (wen, "call_witnesses", Witnesses(cast.lin, cast.sam)), (cast.lin, "witness", None),
    ]  # fmt: skip
    while case.state != state:
        person, name, given = way.pop(0)
        case = steps.take(person, case.id, name, given=given)
    lending.asked(cast.ann, old)

    person, name, given = way.pop(0)
    with pytest.raises(Refused, match="is on loan with"):
        steps.take(person, case.id, name, given=given)


def test_what_is_investigated_destroyed_or_in_another_paper_is_not_proposed(cast, wen, old):
    proposed(cast, old)
    with pytest.raises(Mistyped, match="stands in CD-2026-0001 already"):
        proposed(cast, old)

    for state, why in (("flagged", "under investigation"), ("destroyed", "was destroyed already")):
        Contract.update(state=state).where(Contract.id == old.id).execute()
        with pytest.raises(Mistyped, match=why):
            proposed(cast, Contract.get_by_id(old.id))


@pytest.mark.parametrize("count", [0, MOST_LINES + 1])
def test_a_paper_is_about_a_few_contracts(cast, wen, old, count):
    content = destruction_content(old.department, [old] * count, "Kept long enough")

    with pytest.raises(Mistyped, match="Choose from 1 to 200 contracts"):
        contents.create(DESTRUCTION, wen, content, "a destruction of the test")


def test_a_proposal_that_was_rejected_may_be_made_again(cast, wen, old):
    steps.take(cast.hao, proposed(cast, old).id, "reject", note="Not yet")

    assert titles(wen) == ["Old"]
    assert proposed(cast, old).state == "submitted"


# ---- approved and witnessed -----------------------------------------------------------------------------------------


def test_owners_head_then_general_manager_then_two_witnesses(cast, wen, old):
    case = proposed(cast, old)
    assert posts.waiting(case) == [(posts.head(cast), posts.head(cast), False)]
    case = steps.take(cast.hao, case.id, "endorse")
    assert posts.waiting(case) == [("gm", "gm", False)]
    case = steps.take(cast.mei, case.id, "approve")
    case = steps.take(wen, case.id, "call_witnesses", given=Witnesses(cast.lin, cast.sam))

    case = steps.take(cast.lin, case.id, "witness")
    assert (case.state, Contract.get_by_id(old.id).state) == ("witnessing", "in_archive")
    posts.cannot(wen, case, "witness")
    case = steps.take(cast.sam, case.id, "witness")

    assert (case.state, Contract.get_by_id(old.id).state) == ("destroyed", "destroyed")
    assert Destruction.get().destroyed_at is not None


def test_gen_01_who_endorsed_for_the_head_does_not_approve_as_general_manager_too(cast, wen, old):
    """Nobody heads the department: Mei endorses in that place, and another than she approves."""
    posts.take_away(cast.hao, "dept_manager")
    case = steps.take(cast.mei, proposed(cast, old).id, "endorse")

    assert posts.waiting(case) == [("gm", "gm", True)]
    posts.cannot(cast.mei, case, "approve")


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("lin", "lin", "somebody else"),
        ("wen", "sam", "other than the archivist"),
        ("cai", "sam", "other than the archivist"),
        ("lin", None, "Choose who sees it"),
        ("lin", "bo", "Choose who sees it"),
    ],
)
def test_the_witnesses_are_two_people_here_other_than_the_archivist(cast, wen, old, first, second, why):
    """Wen proposed it and keeps the archive no more; Cai keeps it as well; Bo has left."""
    case = approved(cast, old)
    posts.grant(cast.cai, "contract_archivist")
    Person.update(active=False).where(Person.id == cast.bo.id).execute()
    if first == "wen":
        posts.take_away(wen, "contract_archivist")
    people = {"lin": cast.lin, "sam": cast.sam, "cai": cast.cai, "bo": cast.bo, "wen": wen, None: None}

    with pytest.raises(Mistyped, match=why):
        steps.take(archive.archivist(cast), case.id, "call_witnesses", given=Witnesses(people[first], people[second]))


def test_a_witness_of_a_confidential_contract_may_know_of_it(cast, wen):
    secret = archive.contract(cast, "Merger", confidential=True, **OLD)
    case = approved(cast, secret)

    with pytest.raises(Mistyped, match="may not know of a contract on this list"):
        steps.take(wen, case.id, "call_witnesses", given=Witnesses(cast.hao, cast.lin))

    assert steps.take(wen, case.id, "call_witnesses", given=Witnesses(cast.hao, cast.mei)).state == "witnessing"


def test_a_witness_who_does_not_come_is_replaced_and_both_sign_anew(cast, wen, old):
    case = steps.take(wen, approved(cast, old).id, "call_witnesses", given=Witnesses(cast.lin, cast.sam))
    steps.take(cast.lin, case.id, "witness")

    case = steps.take(wen, case.id, "dismiss", note="Sam is ill")
    case = steps.take(wen, case.id, "call_witnesses", given=Witnesses(cast.lin, cast.cai))

    assert {wanted for wanted, _post, _stuck in posts.waiting(case)} == {f"#{cast.lin.id}", f"#{cast.cai.id}"}
    posts.cannot(cast.sam, case, "witness")


def test_the_record_stays_and_its_scans_are_off_the_page(cast, wen, old, tmp_path):
    attachments.keep_in(tmp_path)
    Attachment.create(
        thing="contract", thing_id=old.id, purpose="scan", sha256="0" * 64, name="old.pdf", type="application/pdf", size_bytes=1,
        by=wen, at=old.created_at,
    )  # fmt: skip
    case = steps.take(wen, approved(cast, old).id, "call_witnesses", given=Witnesses(cast.lin, cast.sam))
    for person in (cast.lin, cast.sam):
        steps.take(person, case.id, "witness")

    assert Attachment.get().removed_at is not None
    assert [thing for _doc, thing in search.find(old.number, ["everyone"], thing="contract")] == [old.id]
    assert titles(wen) == []


def test_con_02_nothing_is_destroyed_uncounted_while_the_archive_is_being_checked(cast, wen, old):
    """The check could not be closed any more: what is destroyed has no incident."""
    case = steps.take(wen, approved(cast, old).id, "call_witnesses", given=Witnesses(cast.ann, cast.bo))
    check = begun(wen)

    with pytest.raises(Refused, match=f"{old.number} is on the list of {check.number}: count it there first"):
        steps.take(cast.ann, case.id, "witness")
    write_down(wen, check.id, old.id, Result("present"))
    for person in (cast.ann, cast.bo):
        case = steps.take(person, case.id, "witness")

    assert case.state == "destroyed"
    assert steps.take(wen, check.id, "close").state == "closed"
