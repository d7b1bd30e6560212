"""A contract becomes confidential after papers were written about it: from then on they name it to nobody who may not know of it,
and when all may know of it again they are as they were."""

from __future__ import annotations

import io
import secrets
from datetime import date, timedelta

import pytest

from portal import access, attachments, contents, db, history, notices, search, steps
from portal import clock as portal_clock
from portal.cases import Case, open_tasks
from portal.contracts.models import Contract, Loan
from portal.contracts.models_checks import every_line, progress
from portal.contracts.models_custody import handovers
from portal.contracts.models_loans import by_number, held_by
from portal.contracts.models_papers import Findings, TakeBack, Witnesses, handover_content, incident_content, loan_content
from portal.contracts.models_register import intake_content, told
from portal.contracts.rules_checks import CHECK, check_content
from portal.contracts.rules_copies import copy_of
from portal.contracts.rules_custody import HANDOVER
from portal.contracts.rules_imports import bring, preview
from portal.contracts.rules_incidents import INCIDENT
from portal.contracts.rules_intake import INTAKE, Registered
from portal.contracts.rules_links import link
from portal.contracts.rules_register import change
from portal.contracts.rules_register import verify as verify_register
from portal.contracts.rules_reminders import announce
from portal.inbox import models as inbox
from portal.people.models_audit import Trail
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, Refused, SomebodyWasFirst
from portal.timeline import changes
from portal.timeline import told as timeline
from tests import archive, lending, posts
from tests.crawling import pages
from tests.pdfs import pdf_of
from tests.test_contracts_imports import PLAIN, rows
from tests.test_contracts_retention import OLD, approved
from tests.test_spending_pages import everybody_reads_english  # noqa: F401

SECRET, NEUTRAL = "Quellwasser", "A confidential contract"
PURPOSE = f"to negotiate {SECRET}"


@pytest.fixture(autouse=True)
def files(tmp_path, clock, cast):
    """Of Bo's department Lin is the head."""
    attachments.keep_in(tmp_path / "data")
    clock.set("2026-03-02 09:00")
    posts.grant(cast.lin, "dept_manager", cast.department("IT"))


@pytest.fixture
def wen(cast):
    return archive.archivist(cast)


@pytest.fixture
def contract(cast):
    """Of Marketing, which Hao heads."""
    return archive.contract(cast, SECRET)


def becomes(contract, **changed):
    now = Contract.get_by_id(contract.id)
    return change(archive.archivist(None), now.id, now.events, **(changed or {"confidential": True}))


def asked(cast, contract, form="copy"):
    return lending.asked(cast.bo, contract, form, purpose=PURPOSE)


def approved_loan(cast, contract, form="copy"):
    return steps.take(cast.lin, asked(cast, contract, form).id, "approve")


def lent(cast, contract, form="copy"):
    case = approved_loan(cast, contract, form)
    if form == "original":
        steps.take(cast.mei, case.id, "approve")
    return steps.take(archive.archivist(cast), case.id, "hand_out", given=lending.HandOut(12))


def incident(cast, contract, department="IT"):
    wen = archive.archivist(cast)
    content = incident_content(contract, "damaged", cast.department(department), f"{SECRET} got wet")
    case = steps.take(wen, contents.create(INCIDENT, wen, content, secrets.token_hex(8)).id, "submit")
    return steps.take(wen, case.id, "hand_in", given=Findings(f"{SECRET} got wet", "dried", cast.bo, "keep it dry"))


def now(case):
    return Case.get_by_id(case.id)


def readers(cast, case):
    return {each.user for each in (cast.bo, cast.lin, cast.hao, cast.mei, archive.archivist(cast)) if reads(each, case)}


def reads(person, case):
    return access.may_read(access.posts_of(person), case)


def finds(person, text):
    return [thing for _document, thing in search.find(text, access.posts_of(person))]


def heard(person):
    return " ".join(str(each.words) for each in (*notices.unread(person, 100), *notices.read(person)))


# ---- a loan ---------------------------------------------------------------------------------------------------------


def test_con_07_a_loan_of_before_is_called_read_and_found_like_one_of_a_confidential_contract(cast, contract, wen):
    case = lent(cast, contract)
    steps.comment(cast.bo, case.id, f"Thanks for {SECRET}", [])
    assert (finds(cast.bo, SECRET), reads(cast.lin, case)) == ([case.id], True)

    becomes(contract)

    assert (now(case).title, now(case).state) == (NEUTRAL, "lent")
    assert readers(cast, case) == {"bo", "hao", "mei", "wen"}
    assert [finds(person, SECRET) for person in (cast.bo, cast.lin, cast.hao, wen)] == [[]] * 4
    assert [access.may_read_all(access.posts_of(person), case) for person in (cast.bo, wen)] == [False, True]
    assert [SECRET in str([each.note for each in timeline(case, is_withheld)]) for is_withheld in (False, True)] == [True, False]
    assert list(history.verify()) == []


def test_con_10_a_loan_that_is_out_goes_on_until_it_is_given_back_but_there_is_no_further_copy(cast, contract, wen):
    case = lent(cast, contract)
    becomes(contract)

    assert [(each.title, each.due_on) for each in held_by(cast.bo)] == [(NEUTRAL, portal_clock.today() + timedelta(days=7))]
    case = steps.take(cast.bo, case.id, "ask_longer", note="Still talking")
    assert (case.state, posts.waiting(case)) == ("extending_by_gm", [("gm", "gm", False)])
    steps.take(cast.mei, case.id, "extend")
    with pytest.raises(NotThere):
        copy_of(cast.bo, case.id)

    case = steps.take(wen, case.id, "take_back", given=TakeBack(12, "good", "returned"))

    assert (case.state, case.title) == ("returned", NEUTRAL)
    assert SECRET not in heard(cast.bo) and NEUTRAL in heard(cast.bo)


@pytest.mark.parametrize("state", ["submitted", "special", "approved"])
def test_con_07_a_loan_that_was_only_asked_for_is_called_off(cast, contract, state):
    form = "original" if state == "special" else "copy"
    case = asked(cast, contract, form) if state == "submitted" else approved_loan(cast, contract, form)
    assert case.state == state

    becomes(contract)

    assert (now(case).state, Loan.get_by_id(case.id).is_open, open_tasks(now(case))) == ("cancelled", False, [])
    assert "It is called off: the contract has become confidential" in heard(cast.bo)
    assert SECRET not in heard(cast.bo) + heard(cast.lin)
    assert not reads(cast.lin, case)


@pytest.mark.parametrize(
    ("state", "then"), [("submitted", "confidential"), ("special", "confidential"), ("approved", "approved")]
)
def test_con_09_of_who_may_know_of_it_the_general_manager_decides_the_loan(cast, contract, state, then):
    posts.grant(cast.lin, "exec_in_charge")
    case = lending.asked(cast.hao, contract, "original" if state == "special" else "copy")
    if state != "submitted":
        case = steps.take(cast.lin, case.id, "approve")
    assert case.state == state

    becomes(contract)

    assert (now(case).state, now(case).title) == (then, NEUTRAL)
    assert (reads(cast.lin, case), reads(cast.mei, case)) == (False, True)
    if then == "confidential":
        assert steps.take(cast.mei, case.id, "approve").state == "approved"


def test_con_09_more_days_are_the_general_managers_to_give_then(cast, contract):
    case = steps.take(cast.bo, lent(cast, contract).id, "ask_longer", note="Still talking")
    assert case.state == "extending"

    becomes(contract)

    assert (now(case).state, posts.waiting(now(case)), reads(cast.lin, case)) == ("extending_by_gm", [("gm", "gm", False)], False)
    assert steps.take(cast.mei, case.id, "extend").state == "lent"


def test_a_draft_keeps_its_writer_and_says_nothing_of_the_contract(cast, contract):
    case = lending.draft(cast.bo, contract, purpose=PURPOSE)

    becomes(contract)

    assert (now(case).title, now(case).number, readers(cast, case)) == (NEUTRAL, None, {"bo"})
    with pytest.raises(Refused, match="not lent to you"):
        steps.take(cast.bo, case.id, "submit")


def test_what_was_begun_before_is_not_written_under_its_title_afterwards(cast, contract, wen):
    becomes(contract)

    with pytest.raises(NotThere):
        lending.draft(cast.bo, contract)
    with pytest.raises(SomebodyWasFirst):
        lending.draft(cast.hao, contract)
    with pytest.raises(SomebodyWasFirst):
        contents.create(INCIDENT, wen, incident_content(contract, "damaged", cast.department("IT")), secrets.token_hex(8))


# ---- other papers ---------------------------------------------------------------------------------------------------


def test_con_03_an_incident_is_closed_by_the_general_manager_and_hidden_where_it_happened(cast, contract):
    case = incident(cast, contract)
    assert (case.state, readers(cast, case)) == ("closing", {"bo", "lin", "mei", "wen"})

    becomes(contract)

    assert (now(case).state, now(case).title, now(case).department.name_en) == ("closing_by_gm", NEUTRAL, "Marketing")
    assert readers(cast, case) == {"hao", "mei", "wen"}
    assert finds(cast.hao, SECRET) == finds(cast.bo, SECRET) == []
    before = len(notices.unread(cast.bo, 100))
    assert steps.take(cast.mei, case.id, "close").state == "closed"
    assert len(notices.unread(cast.bo, 100)) == before and SECRET not in heard(cast.bo)


def handed_over(person):
    content = intake_content(SECRET, f"{SECRET} Ltd", note=SECRET)
    case = contents.create(INTAKE, person, content, secrets.token_urlsafe(18))
    attachments.store("case", case.id, "paper", f"{SECRET}.pdf", io.BytesIO(pdf_of(SECRET)), person)
    return steps.take(person, case.id, "submit")


@pytest.mark.parametrize("is_from_the_start", [True, False], ids=["registered as such", "later"])
def test_con_15_papers_handed_over_say_nothing_of_it_to_who_handed_them_over(cast, wen, client, is_from_the_start):
    case = handed_over(cast.bo)
    values = archive.described(cast, SECRET, confidential=is_from_the_start)
    steps.take(wen, case.id, "register", given=Registered(values, [f"{SECRET} Ltd"]))
    if not is_from_the_start:
        becomes(Contract.get())

    (file,) = attachments.of("case", case.id)
    assert (now(case).title, readers(cast, case), finds(cast.bo, SECRET)) == (NEUTRAL, {"bo", "wen"}, [])
    assert [attachments.readable(file, access.posts_of(person)) for person in (cast.bo, wen)] == [False, True]
    assert SECRET not in heard(cast.bo)
    with pytest.raises(Mistyped, match="may not see this paper"):
        steps.comment(cast.bo, case.id, "What of my papers?", [])
    bo = client(cast.bo)
    assert [SECRET in bo.get(f"/papers/{case.id}{more}").text for more in ("", "/print", "?pane=1")] == [False] * 3
    assert bo.get(f"/papers/new/intake?copy={case.id}").status_code == 404

    becomes(Contract.get(), confidential=False)

    assert (now(case).title, finds(cast.bo, SECRET)) == (SECRET, [case.id])
    assert attachments.readable(file, access.posts_of(cast.bo))


def test_nobody_signs_for_the_destruction_of_what_they_may_not_know_of(cast, wen):
    old = archive.contract(cast, SECRET, **OLD)
    case = steps.take(wen, approved(cast, old).id, "call_witnesses", given=Witnesses(cast.bo, cast.sam))

    becomes(old)

    with pytest.raises(Refused, match="not yours to see any more") as refusal:
        steps.take(cast.bo, case.id, "witness")
    assert old.number not in str(refusal.value) and finds(cast.bo, "enough") == []
    case = steps.take(wen, case.id, "dismiss", note="Others may know of it")
    case = steps.take(wen, case.id, "call_witnesses", given=Witnesses(cast.hao, cast.mei))
    assert [steps.take(person, case.id, "witness").state for person in (cast.hao, cast.mei)] == ["witnessing", "destroyed"]


def test_a_check_says_to_who_keeps_the_archive_no_more_what_everybody_may_know(cast, contract, wen):
    archive.contract(cast, "Plain paper")
    case = steps.take(wen, contents.create(CHECK, wen, check_content(), secrets.token_hex(8)).id, "begin")
    becomes(contract)
    posts.grant(cast.cai, "contract_archivist")
    posts.take_away(wen, "contract_archivist")

    held = access.posts_of(wen)

    assert [line.title for line in every_line(case.id, posts=held)] == ["Plain paper"]
    assert (progress(case.id, held).whole, progress(case.id, access.posts_of(cast.cai)).whole) == (1, 2)
    assert access.withheld(held, [case]) == {case.id}


def test_how_long_a_list_of_custody_is_counts_what_one_may_know_of(cast, contract, wen):
    archive.contract(cast, "Plain paper")
    posts.grant(cast.cai, "contract_archivist")
    case = steps.take(wen, contents.create(HANDOVER, wen, handover_content(wen, cast.cai), secrets.token_hex(8)).id, "begin")
    becomes(contract)

    assert [handovers(access.posts_of(person))[0].contracts for person in (cast.bo, cast.hao)] == [1, 2]
    posts.take_away(wen, "contract_archivist")
    assert access.withheld(access.posts_of(wen), [now(case)]) == set()


# ---- another owner, open again, by import ---------------------------------------------------------------------------


def test_con_07_with_another_owner_another_head_reads_the_papers(cast, contract):
    loan, hurt = lent(cast, contract), incident(cast, contract)
    meanwhile = lending.draft(cast.mei, becomes(contract))
    assert [now(case).department.name_en for case in (hurt, meanwhile)] == ["Marketing"] * 2

    becomes(contract, department=cast.department("Finance"))
    assert [readers(cast, case) for case in (loan, hurt)] == [{"bo", "mei", "wen"}, {"mei", "wen"}]
    assert [now(case).department.name_en for case in (hurt, meanwhile)] == ["Finance"] * 2
    becomes(contract, confidential=False)

    assert [now(case).department.name_en for case in (loan, hurt)] == ["IT", "IT"]
    assert reads(cast.lin, loan) and reads(cast.lin, hurt)


def test_when_all_may_know_of_it_again_its_papers_are_as_they_were(cast, contract, wen):
    """Only the owner's head goes on reading them."""
    loan, hurt = lent(cast, contract), incident(cast, contract)
    before = [(case.title, case.department, readers(cast, case) | {"hao"}) for case in map(now, (loan, hurt))]
    meanwhile = lending.draft(cast.hao, becomes(contract))

    becomes(contract, confidential=False)

    assert [(case.title, case.department, readers(cast, case)) for case in map(now, (loan, hurt))] == before
    assert now(meanwhile).title == f"{contract.number} {SECRET}"
    assert sorted(finds(cast.bo, SECRET)) == [loan.id, hurt.id]
    assert SECRET in heard(cast.bo)
    assert list(history.verify()) == []


def test_con_07_an_import_that_makes_it_confidential_does_the_same(cast, contract, wen):
    case = lent(cast, contract)
    row = PLAIN | {"number": contract.number, "title": SECRET, "signed_on": "2026-01-15", "confidential": "是"}

    bring(wen, rows(row))

    assert (now(case).title, readers(cast, case)) == (NEUTRAL, {"bo", "hao", "mei", "wen"})


def test_an_import_lends_nothing_confidential_to_who_may_not_know_of_it(cast, wen):
    archive.nature(cast)
    loan = {"confidential": "是", "borrower": "bo", "lent_on": "2026-02-20"}

    refused, taken = preview(wen, rows(loan)), preview(wen, rows(loan | {"borrower": "hao"}))

    assert [(error.row, error.field) for error in refused.errors] == [(2, "borrower")]
    assert (taken.errors, taken.loans) == ([], 1)


# ---- what was told --------------------------------------------------------------------------------------------------


def test_what_was_told_of_a_paper_is_told_by_the_title_it_has_now_and_leads_to_who_may_read_it(cast, contract):
    case = approved_loan(cast, contract)
    steps.comment(cast.bo, case.id, "Hurry", [cast.lin])
    before = [(each.case_id, SECRET in str(each.words)) for each in notices.latest(cast.bo, 1)]

    becomes(contract)

    assert before == [(case.id, True)]
    assert SECRET not in heard(cast.bo) + heard(cast.lin)
    assert {each.case_id for each in notices.unread(cast.bo)} == {case.id}
    assert {each.case_id for each in notices.unread(cast.lin)} == {None}
    assert inbox.decided(cast.lin, access.posts_of(cast.lin)) == []


def test_that_it_ends_is_told_to_nobody_who_may_not_know_of_it_any_more(cast, wen):
    contract = archive.contract(cast, SECRET, responsible=cast.bo, ends=date(2026, 3, 30))
    announce.work()
    assert SECRET in heard(cast.bo)

    becomes(contract)

    assert SECRET in heard(wen)
    assert SECRET not in heard(cast.bo) and contract.number not in heard(cast.bo)
    assert len(notices.unread(cast.bo)) == 1


def test_the_history_of_another_contract_tells_no_tie_to_it(cast, contract, wen):
    other = archive.contract(cast, "Plain paper")
    link(wen, other.id, other.events, contract.number)

    becomes(contract)

    sentences = {
        person.user: [str(each.sentence) for each in told(access.posts_of(person), "contract", other.id)]
        for person in (cast.bo, wen)
    }
    assert [len(each) for each in sentences.values()] == [1, 2]


def test_a_paper_does_not_tell_which_contract_it_was_about_before(cast, contract):
    case = lending.draft(cast.bo, contract)
    contents.edit(cast.bo, case.id, loan_content(archive.contract(cast, "Plain paper"), purpose="Other work"), 1)

    said = [str(each) for event in timeline(now(case)) for each in changes(event, {})]

    assert said and SECRET not in str(said)


def test_con_06_a_former_number_of_an_open_contract_is_not_hidden_by_a_confidential_one(cast, contract, wen):
    one = archive.contract(cast, "Plain paper", former_number="HT-7")
    becomes(contract, former_number="HT-7")
    assert by_number("HT-7", access.posts_of(cast.bo)) is None

    becomes(contract)

    assert by_number("HT-7", access.posts_of(cast.bo)) == one
    assert by_number("HT-7", access.posts_of(wen)) is None


def test_the_audit_trail_names_files_and_notes_to_who_may_read_the_paper(cast, contract, wen):
    posts.grant(cast.bo, "it_admin")
    posts.grant(cast.cai, "it_head")
    case = asked(cast, contract)
    attachments.store("case", case.id, "paper", f"{SECRET}.pdf", io.BytesIO(pdf_of("x")), cast.bo)
    steps.comment(cast.bo, case.id, f"See {SECRET}", [])
    trail = {person.user: str([(str(each.sentence), each.note) for each in Trail("case").page(None, access.posts_of(person))])
             for person in (cast.bo, cast.cai)}  # fmt: skip
    assert [SECRET in said for said in trail.values()] == [True, False]

    becomes(contract)

    told_now = str([(str(each.sentence), each.note) for each in Trail("case").page(None, access.posts_of(cast.bo))])
    assert SECRET not in told_now and "attached a file" in told_now


def test_a_fault_in_the_register_is_told_to_the_administrator_without_its_number(cast, contract):
    becomes(contract)
    db.run("UPDATE contracts SET year = 1999 WHERE id = ?", contract.id)

    found = list(verify_register())

    assert found and not [each for each in found if contract.number in each or SECRET in each]


# ---- in the browser -------------------------------------------------------------------------------------------------


def test_the_borrower_sees_on_the_paper_what_is_due_when_and_no_link_leads_nowhere(cast, contract, wen, client):
    case = lent(cast, contract)
    attachments.store("case", case.id, "paper", f"{SECRET}.pdf", io.BytesIO(pdf_of("x")), wen)
    attachments.store("contract", contract.id, "scan", "scan.pdf", io.BytesIO(pdf_of(SECRET)), wen)
    becomes(contract)
    bo = client(cast.bo)

    shown = bo.get(f"/papers/{case.id}").text

    assert all(said in shown for said in (case.number, NEUTRAL, "9 Mar 2026", "ask_longer"))
    assert SECRET not in shown and contract.number not in shown
    found = {
        path: SECRET in str(page) or contract.number in str(page) for path, page in pages(bo.application, bo, "/inbox?tab=mine")
    }
    assert f"/papers/{case.id}" in found and not any(found.values())
    gone = (
        f"/contracts/{contract.id}",
        f"/contracts/loans/{case.id}/copy.pdf",
        f"/papers/new/loan?copy={case.id}",
        f"/papers/{case.id}/edit",
    )
    assert [bo.get(path).status_code for path in gone] == [404] * 4
    assert client(cast.lin).get(f"/papers/{case.id}").status_code == 404
    assert SECRET in client(wen).get(f"/papers/{case.id}").text


def test_who_may_not_read_what_it_says_adds_nothing_to_it(cast, contract):
    case = lent(cast, contract)
    becomes(contract)

    with pytest.raises(NotYours):
        attachments.store("case", case.id, "paper", "x.pdf", io.BytesIO(pdf_of("x")), Person.get_by_id(cast.bo.id))


def test_no_list_goes_on_behind_a_paper_that_one_may_not_read(cast, contract, client):
    """Which of one's own come next would tell its amount, or when it is due."""
    hidden, own = lending.lent(cast, contract), lent(cast, contract)
    lists = ("/papers?sort=amount", "/papers?sort=deadline", "/papers/export/csv?sort=amount", "/contracts/loans?tab=overdue")

    bo = client(cast.bo)
    answers = [
        (bo.get(f"{path}&before={hidden.id}").status_code, bo.get(f"{path}&before={own.id}").status_code) for path in lists
    ]

    assert answers == [(404, 200)] * 4
