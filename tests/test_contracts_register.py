"""The register of contracts: gapless numbers, what may change and by whom, ties, scans, and who is told of an end."""

from __future__ import annotations

import io
from contextlib import nullcontext
from datetime import date

import peewee
import pytest

from portal import access, attachments, checks, db, history, search, steps
from portal.attachments import Attachment
from portal.contracts.models import SEE_ALL, Contract, ScanText
from portal.contracts.models_register import in_full, listed, told
from portal.contracts.rules_register import amend, change, flag, register, unflag, withdraw
from portal.contracts.rules_scans import attach_scan
from portal.money import Money
from portal.persons import Department, Person
from portal.refused import Mistyped, NotThere, NotYours, Refused, SomebodyWasFirst
from tests import archive, lending, posts
from tests.at_once import at_once
from tests.pdfs import PDF, pdf_of, picture


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


def test_con_01_a_form_that_comes_back_with_other_contents_is_refused_and_not_lost_in_silence(cast):
    """Somebody goes back in the browser and writes the next contract over the last one."""
    wen, values = archive.archivist(cast), archive.described(cast, amount=Money(100), ends=date(2027, 1, 1))
    register(wen, values, ["Golden Fittings Ltd"], token="one key of a form")

    for other, parties in ((values | {"title": "Another"}, "Golden Fittings Ltd"), (values, "Silver Ltd")):
        with pytest.raises(Refused, match="sent before with other contents"):
            register(wen, other, [parties], token="one key of a form")

    assert register(wen, values, ["Golden Fittings Ltd"], token="one key of a form").number == "2026-PRJ-0001"
    assert numbers() == ["2026-PRJ-0001"]


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
        ({"title": "x" * 201}, "At most 200 characters; these are 201."),
        ({"signed_on": None}, "Say on which day it was signed."),
        ({"signed_on": date(1948, 1, 1)}, "Write a real day as year-month-day, such as 2026-11-30."),
        ({"starts": date(2026, 3, 1), "ends": date(2026, 2, 1)}, "It cannot end before it begins."),
        ({"originals": 101}, "Write a whole number from 0 to 100."),
        ({"language": "de"}, "Choose one of the list."),
    ],
)
def test_con_01_a_contract_that_lacks_something_is_refused(cast, wrong, why):
    values = archive.described(cast) | wrong

    with pytest.raises(Mistyped) as refusal:
        register(archive.archivist(cast), values, ["Golden Fittings Ltd"])

    assert str(refusal.value) == why and numbers() == []


@pytest.mark.parametrize(
    ("parties", "why"),
    [
        ([""], "Name at least one party."),
        (["x"] * 21, "At most 20 parties"),
        (["x" * 121], "At most 20 parties of 120 characters"),
    ],
)
def test_con_01_a_contract_has_parties_that_have_names(cast, parties, why):
    with pytest.raises(Mistyped, match=why):
        register(archive.archivist(cast), archive.described(cast), parties)


def test_con_01_a_number_that_is_kept_is_free_and_counts_from_one(cast):
    wen, values = archive.archivist(cast), archive.described(cast)
    register(wen, values, ["A Ltd"], seq=7)

    for seq in (7, 0):
        with pytest.raises(Mistyped, match="There is a contract"):
            register(wen, values, ["A Ltd"], seq=seq)
    assert register(wen, values, ["A Ltd"]).number == "2026-PRJ-0008"


def test_con_13_a_contract_is_not_changed_to_something_that_cannot_be(cast):
    one = archive.contract(cast)

    with pytest.raises(Mistyped, match="Say where it is kept"):
        change(archive.archivist(cast), one.id, one.events, room="")


def test_con_01_who_or_what_is_gone_is_not_named_anew_and_stays_where_it_was(cast):
    wen, one = archive.archivist(cast), archive.contract(cast)
    Person.update(active=False).where(Person.user == "hao").execute()
    Department.update(active=False).where(Department.name_en == "Marketing").execute()

    change(wen, one.id, one.events, note="still theirs")
    for gone, why in (({"responsible": cast.hao}, "has left"), ({"department": cast.department("Marketing")}, "is closed")):
        values = archive.described(cast, department="IT", responsible=cast.bo)
        with pytest.raises(Mistyped, match=why):
            register(wen, values | gone, ["A Ltd"])


def test_con_01_the_schema_itself_refuses_a_number_twice(cast):
    one, two = archive.contract(cast), archive.contract(cast)

    for wrong in (
        {"number": one.number},
        {"seq": one.seq},
        {"seq": 0},
        {"state": "gone"},
        {"room": ""},
    ):
        with pytest.raises(peewee.IntegrityError):
            Contract.update(**wrong).where(Contract.id == two.id).execute()


def test_con_01_a_number_that_does_not_fit_its_row_or_its_counter_is_found(cast):
    one, two = archive.contract(cast), archive.contract(cast)
    db.run("UPDATE contracts SET number = ? WHERE id = ?", "2026-PRJ-0009", one.id)
    db.run("UPDATE contract_numbers SET last = 1")

    found = [each for each in checks.findings() if each.startswith("contract")]

    assert found == [
        f"contract {one.id}: its number is not what its year, nature and place in the row say",
        f"contract {two.id}: the counter stands before its number",
    ]


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
    assert {str(label) for label, _before, _after in told(SEE_ALL, "contract", one.id)[0].changes} == {"Until", "Number of pages"}
    assert [thing for _document, thing in search.find("prolonged", ["everyone"], "contract")] == [one.id]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"subject": ""}, "subject"), ({"signed_on": date(2026, 1, 14)}, "signed_on"),
        ({"signed_on": date(2026, 3, 3)}, "signed_on"), ({"ends": date(2026, 1, 1)}, "ends"), ({"pages": 0}, "pages"),
    ],
)  # fmt: skip
def test_con_01_an_amendment_has_a_subject_days_and_pages_that_can_be(cast, wrong, field):
    one = archive.contract(cast)
    told = {"signed_on": date(2026, 2, 1), "subject": "More", "amount": None, "ends": None, "pages": 2} | wrong

    with pytest.raises(Mistyped) as refusal:
        amend(archive.archivist(cast), one.id, one.events, **told)

    assert refusal.value.field == field


def test_con_01_what_left_the_archive_is_not_amended_nor_withdrawn_again_and_what_is_destroyed_not_changed(cast):
    wen, one = archive.archivist(cast), archive.contract(cast)
    events = withdraw(wen, one.id, one.events, "given back").events

    with pytest.raises(Refused, match="Withdrawn from the archive"):
        amend(wen, one.id, events, date(2026, 2, 1), "More", None, None, 2)
    with pytest.raises(Refused, match="Withdrawn from the archive"):
        withdraw(wen, one.id, events, "once more")
    Contract.update(state="destroyed").where(Contract.id == one.id).execute()
    for write in (
        lambda: change(wen, one.id, events, room="B-2"),
        lambda: attach_scan(wen, one.id, "scan.pdf", io.BytesIO(PDF)),
    ):
        with pytest.raises(Refused, match="its record stays as it is"):
            write()
    with pytest.raises(NotYours):
        attachments.store("contract", one.id, "scan", "scan.pdf", io.BytesIO(PDF), wen)


def test_con_01_a_contract_is_withdrawn_for_a_reason_and_not_while_it_is_lent(cast):
    wen, one = archive.archivist(cast), archive.contract(cast)

    for reason in ("", "x" * 501):
        with pytest.raises(Mistyped, match="Say why"):
            withdraw(wen, one.id, one.events, reason)
    loan = lending.asked(cast.ann, one)
    with pytest.raises(Refused, match=f"is on loan with {loan.number}"):
        withdraw(wen, one.id, one.events, "given back")
    steps.take(cast.ann, loan.id, "withdraw")
    assert withdraw(wen, one.id, one.events, "given back").state == "withdrawn"


def test_con_03_flagged_until_the_investigation_is_closed(cast):
    wen, one = archive.archivist(cast), archive.contract(cast)

    flagged = flag(one, wen, "water")

    with pytest.raises(Refused, match="is under investigation"):
        withdraw(wen, one.id, flagged.events, "gone")
    assert unflag(flagged, wen, "dried").state == "in_archive"


# ---- who may know ---------------------------------------------------------------------------------------------------


def test_con_06_a_confidential_contract_is_not_there_for_others(cast):
    posts.grant(cast.bo, "dept_manager", cast.department("IT"))
    secret = archive.contract(cast, "Merger", confidential=True)

    def sees(person):
        return [row.number for row in listed(access.posts_of(person))]

    assert (sees(cast.ann), sees(cast.bo)) == ([], [])
    assert sees(cast.hao) == sees(cast.mei) == sees(archive.archivist(cast)) == [secret.number]
    assert [search.find("merger", [post], "contract") != [] for post in ("everyone", "gm")] == [False, True]
    with pytest.raises(AssertionError):
        in_full(access.posts_of(cast.ann), secret)
    with pytest.raises(NotThere):
        change(cast.ann, secret.id, secret.events, room="B")


# ---- scans ----------------------------------------------------------------------------------------------------------


def test_con_07_scans_are_opened_by_archivist_owner_and_general_manager(cast):
    one = archive.contract(cast)

    kept = attach_scan(archive.archivist(cast), one.id, "合同\u202efdp.pdf", io.BytesIO(PDF))

    assert kept.name == "合同fdp.pdf" and ScanText.get_by_id(kept.id).state == "waiting"
    may = {user: attachments.readable(kept, access.posts_of(getattr(cast, user))) for user in ("ann", "bo", "lin", "hao", "mei")}
    assert may == {"ann": False, "bo": False, "lin": False, "hao": True, "mei": True}
    with pytest.raises(NotYours):
        attachments.remove(kept, cast.hao)


DAMAGED = "damaged and cannot be opened. Scan or save it again and attach it anew."
LOCKED = "locked with a password or against copying. Save it unlocked and attach it anew."
NO_NAME = "The name of %s has folders in it, or a sign that no name has. Rename it and attach it anew."
PATHS = {
    "../../": "scan.pdf", "C:\\papers\\": "scan.pdf", "C:papers": "C:papersscan.pdf", "\\\\server\\": "scan.pdf",
    "a\0": "ascan.pdf",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("scan.pdf", b"MZ not a pdf", "scan.pdf does not contain what its name says."),
        ("scan.pdf", PDF[:-8], "scan.pdf cannot be read to its end. Save it again and attach it anew."),
        ("scan.exe", PDF, "scan.exe is not a kind of file that can be attached; these can: PDF, JPG, JPEG, PNG."),
        ("scan.pdf", b"", "scan.pdf is empty."),
        ("scan.pdf", PDF + b" " * 2**20, "scan.pdf is 1.1 MB; at most 1 MB can be attached."),
        *[
            ("scan.pdf", wrong, "scan.pdf does not contain what its name says.")
            for wrong in (b"<!doctype html><p>%PDF-1.7", picture(), b"PK\x03\x04" + PDF, b"<!-- " + PDF)
        ],
        ("scan.png", PDF, "scan.png does not contain what its name says."),
        ("scan.pdf", PDF + b"<html>" * 400, "scan.pdf cannot be read to its end. Save it again and attach it anew."),
        ("scan.pdf", PDF.replace(b"/Kids[3 0 R]", b"/Kids[7 0 R]"), f"scan.pdf is {DAMAGED}"),
        ("scan.pdf", b"%PDF-1.7\n" + b"junk " * 50 + b"\nstartxref\n9\n%%EOF", f"scan.pdf is {DAMAGED}"),
        ("scan.pdf", pdf_of(), "scan.pdf has no pages. Scan or save it again and attach it anew."),
        ("scan.pdf", pdf_of("x", password="p"), f"scan.pdf is {LOCKED}"),
        *[(f"{before}scan.pdf", PDF, NO_NAME % after) for before, after in PATHS.items()],
    ],
)
def test_con_07_a_scan_that_is_none_is_refused_and_nothing_is_kept(cast, tmp_path, name, content, why):
    from portal import policies
    from portal.contracts.rules_scans import upload_scan_bytes

    one = archive.contract(cast)
    policies.change(None, upload_scan_bytes, 2**20)

    with pytest.raises(Mistyped) as refusal:
        attach_scan(archive.archivist(cast), one.id, name, io.BytesIO(content))

    assert str(refusal.value) == why
    assert refusal.value.field == "file"
    assert (Attachment.select().count(), ScanText.select().count(), list(tmp_path.glob("**/files/*/*"))) == (0, 0, [])
    assert Contract.get_by_id(one.id).events == one.events


def test_con_07_files_are_attached_and_removed_by_the_archivist_and_never_of_what_was_destroyed(cast):
    wen, one = archive.archivist(cast), archive.contract(cast)
    kept = attach_scan(wen, one.id, "scan.pdf", io.BytesIO(PDF))

    for person in (cast.hao, cast.mei):
        with pytest.raises(NotYours):
            attachments.store("contract", one.id, "scan", "mine.pdf", io.BytesIO(PDF), person)
    Contract.update(state="destroyed").where(Contract.id == one.id).execute()
    with pytest.raises(NotYours):
        attachments.remove(kept, wen)

    assert [file.id for file in attachments.of("contract", one.id)] == [kept.id]


def test_con_07_a_scan_taken_off_is_found_no_more(cast):
    wen, one = archive.archivist(cast), archive.contract(cast)
    kept = attach_scan(wen, one.id, "scan.pdf", io.BytesIO(PDF))
    ScanText.update(state="read", text="penalty clause").where(ScanText.attachment == kept).execute()
    change(wen, one.id, Contract.get_by_id(one.id).events, note="again")
    assert search.find("penalty", ["gm"], "scan") and not search.find("penalty", ["everyone"], "scan")

    attachments.remove(kept, wen)

    assert not search.find("penalty", ["gm"], "scan")
    assert not attachments.readable(Attachment.get_by_id(kept.id), ["gm"])
