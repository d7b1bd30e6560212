"""The register of contracts: gapless numbers, what may change and by whom, ties, scans, and who is told of an end."""

from __future__ import annotations

import io
from contextlib import nullcontext
from datetime import date

import pytest

from portal import access, attachments, checks, db, history, notices, search
from portal.attachments import Attachment
from portal.contracts.models import Contract, ScanText
from portal.contracts.models_register import linked, listed, told
from portal.contracts.rules_links import link, unlink
from portal.contracts.rules_natures import add_nature, change_nature
from portal.contracts.rules_register import amend, change, flag, register, unflag, withdraw
from portal.contracts.rules_reminders import announce
from portal.contracts.rules_scans import attach_scan
from portal.money import Money
from portal.refused import Mistyped, NotThere, NotYours, Refused, SomebodyWasFirst
from tests import archive, posts
from tests.at_once import at_once
from tests.memo import build, draft
from tests.test_attachments import PDF


@pytest.fixture(autouse=True)
def files(tmp_path, clock):
    attachments.keep_in(tmp_path)
    clock.set("2026-03-02 09:00")


@pytest.fixture(params=["queue", "no queue"])
def queue(request, monkeypatch):
    """The process's own queue hides a missing lock of the database."""
    if request.param == "no queue":
        monkeypatch.setattr(db, "queue", nullcontext())


def numbers():
    return [number for (number,) in db.rows("SELECT number FROM contracts ORDER BY number")]


# ---- numbers --------------------------------------------------------------------------------------------------------


def test_con_01_a_number_is_year_nature_and_place_in_the_row(cast):
    archive.contract(cast)
    archive.contract(cast)
    archive.contract(cast, code="LEASE")
    archive.contract(cast, signed_on=date(2025, 12, 31))

    assert numbers() == ["2025-PRJ-0001", "2026-LEASE-0001", "2026-PRJ-0001", "2026-PRJ-0002"]


def test_con_01_fifty_who_register_at_once_leave_no_gap(cast, queue):
    wen, values = archive.archivist(cast), archive.described(cast)

    answers = at_once(*[lambda: register(wen, dict(values), ["Golden Fittings Ltd"]) for _each in range(50)])

    assert [answer for answer in answers if not isinstance(answer, Contract)] == []
    assert numbers() == [f"2026-PRJ-{n:04d}" for n in range(1, 51)]
    assert checks.findings() == []


def test_con_01_what_is_refused_takes_no_number(cast):
    wen, values = archive.archivist(cast), archive.described(cast)

    with pytest.raises(Mistyped, match="Name at least one party"):
        register(wen, values, [])
    register(wen, values, ["Golden Fittings Ltd"])

    assert numbers() == ["2026-PRJ-0001"]


def test_con_01_a_form_sent_twice_registers_once(cast):
    wen, values = archive.archivist(cast), archive.described(cast)

    first, again = (register(wen, values, ["Golden Fittings Ltd"], token="one key of a form") for _each in range(2))

    assert first.id == again.id and numbers() == ["2026-PRJ-0001"]


def test_con_01_the_number_of_a_withdrawn_contract_is_never_given_again(cast):
    one = archive.contract(cast)

    gone = withdraw(archive.archivist(cast), one.id, one.events, "given back to the partner")
    archive.contract(cast)

    assert gone.state == "withdrawn" and numbers() == ["2026-PRJ-0001", "2026-PRJ-0002"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"title": ""}, "Give it a title."),
        ({"room": ""}, "Say where it is kept."),
        ({"signed_on": date(2026, 3, 3)}, "It cannot have been signed on a day to come."),
        ({"ends": date(2026, 1, 14)}, "It cannot end before it begins."),
        ({"pages": 0}, "Write a whole number from 1 to 100000."),
        ({"amount": Money(-1)}, "That is more than the portal can count."),
        ({"responsible": None}, "Choose the responsible person."),
        ({"department": None}, "Choose the owner department."),
        ({"nature": None}, "Choose the nature of the project."),
    ],
)
def test_con_01_a_contract_that_lacks_something_is_refused(cast, wrong, why):
    values = archive.described(cast) | wrong

    with pytest.raises(Mistyped) as refusal:
        register(archive.archivist(cast), values, ["Golden Fittings Ltd"])

    assert str(refusal.value) == why and numbers() == []


# ---- what changes ---------------------------------------------------------------------------------------------------


def test_con_13_only_the_archivist_changes_place_pages_and_state(cast):
    one = archive.contract(cast)

    for person in (cast.ann, cast.hao, cast.mei):
        with pytest.raises(NotYours):
            change(person, one.id, one.events, room="B-2")
        with pytest.raises(NotYours):
            withdraw(person, one.id, one.events, "away with it")
        with pytest.raises(NotYours):
            amend(person, one.id, one.events, date(2026, 2, 1), "More", None, None, 2)
        with pytest.raises(NotYours):
            attach_scan(person, one.id, "scan.pdf", io.BytesIO(PDF))
        with pytest.raises(NotYours):
            register(person, archive.described(cast), ["Golden Fittings Ltd"])

    assert Contract.get_by_id(one.id).events == one.events


def test_con_13_a_change_keeps_before_and_after(cast):
    wen, one = archive.archivist(cast), archive.contract(cast)

    change(wen, one.id, one.events, room="B-2", pages=14, department=cast.department("Finance"), parties=["A Ltd", "B Ltd"])

    shown = {
        str(label): (str(before), str(after))
        for label, before, after in told(access.posts_of(wen), "contract", one.id)[0].changes
    }
    assert shown["Room"] == ("A-101", "B-2") and shown["Number of pages"] == ("12", "14")
    assert shown["Owner department"] == ("市场部", "财务部")
    assert shown["Parties"] == ("Golden Fittings Ltd", "A Ltd；B Ltd")
    assert list(history.verify()) == []


def test_con_13_what_changed_meanwhile_is_not_overwritten(cast):
    wen, one = archive.archivist(cast), archive.contract(cast)
    change(wen, one.id, one.events, room="B-2")

    with pytest.raises(SomebodyWasFirst):
        change(wen, one.id, one.events, room="C-3")
    with pytest.raises(Mistyped, match="Its number says it was signed in 2026"):
        change(wen, one.id, Contract.get_by_id(one.id).events, signed_on=date(2025, 5, 5))

    assert Contract.get_by_id(one.id).room == "B-2"


def test_con_01_an_amendment_moves_the_end_and_adds_its_pages(cast):
    wen, one = archive.archivist(cast), archive.contract(cast, ends=date(2026, 12, 31))

    amend(wen, one.id, one.events, date(2026, 2, 1), "Prolonged", Money(100), date(2027, 12, 31), 3)

    after = Contract.get_by_id(one.id)
    assert (after.ends, after.pages) == (date(2027, 12, 31), 15)
    assert [thing for _document, thing in search.find("prolonged", ["everyone"], "contract")] == [one.id]


def test_con_03_flagged_until_the_investigation_is_closed(cast):
    wen, one = archive.archivist(cast), archive.contract(cast)

    flagged = flag(one, wen, "water")

    with pytest.raises(Refused, match="is under investigation"):
        withdraw(wen, one.id, flagged.events, "gone")
    assert unflag(flagged, wen, "dried").state == "in_archive"


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


def test_con_06_a_confidential_contract_is_not_there_for_others(cast):
    posts.grant(cast.bo, "dept_manager", cast.department("IT"))
    secret = archive.contract(cast, "Merger", confidential=True)

    def sees(person):
        return [row.number for row in listed(access.posts_of(person))]

    assert (sees(cast.ann), sees(cast.bo)) == ([], [])
    assert sees(cast.hao) == sees(cast.mei) == sees(archive.archivist(cast)) == [secret.number]
    with pytest.raises(NotThere):
        change(cast.ann, secret.id, secret.events, room="B")


# ---- scans ----------------------------------------------------------------------------------------------------------


def test_con_07_scans_are_opened_by_archivist_owner_and_general_manager(cast):
    one = archive.contract(cast)

    kept = attach_scan(archive.archivist(cast), one.id, "../../etc/合同.pdf", io.BytesIO(PDF))

    assert kept.name == "合同.pdf" and ScanText.get_by_id(kept.id).state == "waiting"
    may = {user: attachments.readable(kept, access.posts_of(getattr(cast, user))) for user in ("ann", "bo", "lin", "hao", "mei")}
    assert may == {"ann": False, "bo": False, "lin": False, "hao": True, "mei": True}
    with pytest.raises(NotYours):
        attachments.remove(kept, cast.hao)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("scan.pdf", b"MZ not a pdf", "scan.pdf does not contain what its name says."),
        ("scan.pdf", PDF[:-8], "scan.pdf cannot be read to its end. Save it again and attach it anew."),
        ("scan.exe", PDF, "scan.exe is not a kind of file that can be attached; these can: PDF, JPG, JPEG, PNG."),
        ("scan.pdf", b"", "scan.pdf is empty."),
        ("scan.pdf", PDF + b" " * 2**20, "scan.pdf is 1.1 MB; at most 1 MB can be attached."),
    ],
)
def test_con_07_a_scan_that_is_none_is_refused_and_nothing_is_kept(cast, tmp_path, name, content, why):
    from portal import policies
    from portal.contracts.rules_scans import upload_scan_bytes

    one = archive.contract(cast)
    policies.change(None, upload_scan_bytes, 2**20)

    with pytest.raises(Refused) as refusal:
        attach_scan(archive.archivist(cast), one.id, name, io.BytesIO(content))

    assert str(refusal.value) == why
    assert attachments.of("contract", one.id) == [] and not list(tmp_path.glob("files/*/*"))
    assert Contract.get_by_id(one.id).events == one.events


def test_con_07_a_scan_taken_off_is_found_no_more(cast):
    wen, one = archive.archivist(cast), archive.contract(cast)
    kept = attach_scan(wen, one.id, "scan.pdf", io.BytesIO(PDF))
    ScanText.update(state="read", text="penalty clause").where(ScanText.attachment == kept).execute()
    change(wen, one.id, Contract.get_by_id(one.id).events, note="again")
    assert search.find("penalty", ["gm"], "scan") and not search.find("penalty", ["everyone"], "scan")

    attachments.remove(kept, wen)

    assert not search.find("penalty", ["gm"], "scan")
    assert not attachments.readable(Attachment.get_by_id(kept.id), ["gm"])


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
